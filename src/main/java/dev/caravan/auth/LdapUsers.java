package dev.caravan.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.caravan.mail.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Optional;
import javax.naming.AuthenticationException;
import javax.naming.Context;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;
import javax.naming.directory.SearchControls;
import javax.naming.directory.SearchResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Users in a directory (RFC 4511): an account of ours searches for the name's entry, and whoever
 * can bind as that entry is the user. A directory gives no hashes away, so only mechanisms that
 * bring the password itself can work: PLAIN and LOGIN.
 */
public final class LdapUsers implements Users {
  private static final Logger LOG = LoggerFactory.getLogger(LdapUsers.class);
  private static final int REMEMBERED_MAX = 10_000;
  private static final int SENDERS_MAX = 1000;
  private static final String TIMEOUT_MILLIS = Long.toString(Duration.ofSeconds(10).toMillis());

  private final String url;
  private final String bindName;
  private final String bindPassword;
  private final String base;
  private final String filter;
  private final String senders;
  private final Cache<String, Optional<Entry>> known;

  /** Who was found under a name. */
  private record Entry(String distinguishedName, Account account) {}

  /**
   * @param url {@code ldaps://ldap.example}; plain {@code ldap:} sends passwords in the clear
   * @param bindName distinguished name of the account that searches; empty = nobody's
   * @param base where users are, such as {@code ou=people,dc=example,dc=com}
   * @param filter with <code>{0}</code> for the name: <code>(uid={0})</code>
   * @param senders the attribute with the addresses a user may send as, such as {@code mail}; empty
   *     = any
   * @param remembered how long what was found counts
   */
  public LdapUsers(
      String url,
      String bindName,
      String bindPassword,
      String base,
      String filter,
      String senders,
      String remembered) {
    this.url = url;
    this.bindName = bindName;
    this.bindPassword = bindPassword;
    this.base = base;
    this.filter = filter;
    this.senders = senders;
    this.known =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumSize(REMEMBERED_MAX)
            .expireAfterWrite(Durations.parse(remembered))
            .build();
  }

  private InitialDirContext connect(String name, String password) throws NamingException {
    // What JNDI demands; nothing here is shared.
    @SuppressWarnings("JdkObsolete")
    Hashtable<String, String> environment = new Hashtable<>();
    environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.ldap.LdapCtxFactory");
    environment.put(Context.PROVIDER_URL, url);
    environment.put(Context.REFERRAL, "ignore");
    environment.put("com.sun.jndi.ldap.connect.timeout", TIMEOUT_MILLIS);
    environment.put("com.sun.jndi.ldap.read.timeout", TIMEOUT_MILLIS);
    environment.put("com.sun.jndi.ldap.object.trustSerialData", "false");
    environment.put(Context.SECURITY_AUTHENTICATION, name.isEmpty() ? "none" : "simple");
    if (!name.isEmpty()) {
      environment.put(Context.SECURITY_PRINCIPAL, name);
      environment.put(Context.SECURITY_CREDENTIALS, password);
    }
    return new InitialDirContext(environment);
  }

  private Optional<Entry> entry(String name) {
    Optional<Entry> before = known.getIfPresent(name);
    if (before != null) {
      return before;
    }
    Optional<Entry> found = UserLine.isName(name) ? search(name) : Optional.empty();
    known.put(name, found);
    return found;
  }

  /** Reads attributes that are text; objects that an entry might hold are never made. */
  @SuppressWarnings("BanJNDI")
  private Optional<Entry> search(String name) {
    SearchControls controls = new SearchControls();
    controls.setReturningObjFlag(false);
    controls.setSearchScope(SearchControls.SUBTREE_SCOPE);
    controls.setCountLimit(2);
    controls.setReturningAttributes(senders.isEmpty() ? new String[0] : new String[] {senders});
    InitialDirContext directory = null;
    try {
      directory = connect(bindName, bindPassword);
      // The name is an argument and not part of the filter: its characters mean nothing (RFC 4515).
      NamingEnumeration<SearchResult> results =
          directory.search(base, filter, new Object[] {name}, controls);
      if (!results.hasMore()) {
        return Optional.empty();
      }
      SearchResult only = results.next();
      if (results.hasMore()) {
        LOG.error("{} is more than one entry below {}: nobody", name, base);
        return Optional.empty();
      }
      return Optional.of(
          new Entry(only.getNameInNamespace(), new Account(name, true, addresses(only), 0, 0)));
    } catch (NamingException e) {
      throw new UsersUnavailableException("the directory can't be asked now", e);
    } finally {
      close(directory);
    }
  }

  private List<String> addresses(SearchResult entry) throws NamingException {
    if (senders.isEmpty()) {
      return List.of();
    }
    Attribute values = entry.getAttributes().get(senders);
    List<String> addresses = new ArrayList<>();
    for (int i = 0; values != null && i < Math.min(values.size(), SENDERS_MAX); i++) {
      if (values.get(i) instanceof String address) {
        addresses.add(address);
      }
    }
    // Whoever has no address may send as nobody, and not as anybody.
    return addresses.isEmpty() ? List.of("nobody@invalid") : addresses;
  }

  @Override
  public Optional<Account> find(String name) {
    return entry(name).map(Entry::account);
  }

  @Override
  public boolean verify(String name, String password) {
    // Without a password a directory lets anybody in, as nobody (RFC 4513, 5.1.2).
    if (password.isEmpty()) {
      return false;
    }
    Optional<Entry> entry = entry(name);
    // Who does not exist is tried too: it must take as long.
    String distinguishedName = entry.map(Entry::distinguishedName).orElse("cn=nobody," + base);
    InitialDirContext bound = null;
    try {
      bound = connect(distinguishedName, password);
      return entry.isPresent();
    } catch (AuthenticationException e) {
      return false;
    } catch (NamingException e) {
      throw new UsersUnavailableException("the directory can't be asked now", e);
    } finally {
      close(bound);
    }
  }

  private static void close(@org.jspecify.annotations.Nullable InitialDirContext directory) {
    if (directory != null) {
      try {
        directory.close();
      } catch (NamingException e) {
        LOG.debug("closing", e);
      }
    }
  }

  @Override
  public Optional<ScramKeys> scram(String name) {
    return Optional.empty();
  }

  @Override
  public Optional<String> secret(String name) {
    return Optional.empty();
  }

  @Override
  public boolean keepsKeys() {
    return false;
  }

  /** Whoever names a directory has users; it is not asked, because this must not block. */
  @Override
  public boolean isEmpty() {
    return false;
  }
}
