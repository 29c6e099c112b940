package dev.caravan.camel.broker;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.caravan.auth.Account;
import dev.caravan.auth.LoginGuard;
import dev.caravan.auth.Users;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.Subject;
import org.apache.activemq.artemis.core.security.CheckType;
import org.apache.activemq.artemis.core.security.Role;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;
import org.apache.activemq.artemis.spi.core.security.ActiveMQSecurityManager5;
import org.apache.activemq.artemis.spi.core.security.jaas.NoCacheLoginException;
import org.apache.activemq.artemis.spi.core.security.jaas.RolePrincipal;
import org.apache.activemq.artemis.spi.core.security.jaas.UserPrincipal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may use the embedded broker: a fixed set of users, each with one role; and the users who may
 * log in to send mail, each with the rights of {@link ApplicationRights}. Nobody else.
 */
final class BrokerSecurity implements ActiveMQSecurityManager5 {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerSecurity.class);

  /** The role of those whose rights depend on their name. */
  private static final String NAMED = "named";

  private final Map<Credentials, String> roles;
  private volatile Optional<Users> users = Optional.empty();
  private volatile Optional<LoginGuard> guard = Optional.empty();

  /**
   * Connections that have logged in, and who. The broker asks again and again for them; what others
   * at their address do wrong is not their fault.
   */
  private final Cache<RemotingConnection, String> known =
      Caffeine.newBuilder().executor(Runnable::run).weakKeys().build();

  BrokerSecurity(Map<Credentials, String> roles) {
    this.roles = Map.copyOf(roles);
  }

  /** From now on these may log in too, except under a name of the fixed ones. */
  void users(Users more) {
    users = Optional.of(more);
  }

  /** From now on an address that fails too often may not try. */
  void guard(LoginGuard guard) {
    this.guard = Optional.of(guard);
  }

  /**
   * Nobody waits here for a slow answer, because a thread of the broker's serves many connections.
   * The fixed ones have passwords that can't be guessed, so they are never blocked.
   */
  @Override
  public @Nullable Subject authenticate(
      @Nullable String user,
      @Nullable String password,
      @Nullable RemotingConnection connection,
      @Nullable String securityDomain)
      throws NoCacheLoginException {
    for (Map.Entry<Credentials, String> fixed : roles.entrySet()) {
      if (matches(fixed.getKey(), user, password)) {
        return subject(fixed.getKey().user(), fixed.getValue());
      }
    }
    if (user == null || password == null) {
      return null;
    }
    Optional<InetAddress> address = connection == null ? Optional.empty() : address(connection);
    boolean again = connection != null && user.equals(known.getIfPresent(connection));
    if (!again
        && address.isPresent()
        && guard.filter(g -> g.isBlocked(address.get())).isPresent()) {
      LOG.info("{}: too many failed logins at the broker", address.get().getHostAddress());
      // The broker would remember the answer for everybody who comes with this name.
      throw new NoCacheLoginException("too many failed logins");
    }
    boolean isUser = isUser(user, password);
    if (!again) {
      address.ifPresent(at -> count(at, isUser));
    }
    if (!isUser) {
      return null;
    }
    if (connection != null) {
      known.put(connection, user);
    }
    return subject(user, NAMED);
  }

  private void count(InetAddress address, boolean succeeded) {
    if (succeeded) {
      guard.ifPresent(g -> g.succeeded(address));
    } else {
      LOG.info("{}: a login at the broker failed", address.getHostAddress());
      guard.ifPresent(g -> g.failed(address));
    }
  }

  /** Of a client that came over the network. */
  private static Optional<InetAddress> address(RemotingConnection connection) {
    String text = String.valueOf(connection.getRemoteAddress());
    int colon = text.lastIndexOf(':');
    if (colon < 0 || text.startsWith("invm")) {
      return Optional.empty();
    }
    String host = text.substring(text.indexOf('/') + 1, colon).replaceAll("[\\[\\]]", "");
    try {
      return Optional.of(InetAddress.ofLiteral(host));
    } catch (IllegalArgumentException e) {
      LOG.warn("a connection without an address: {}", text);
      return Optional.empty();
    }
  }

  private static Subject subject(String user, String role) {
    Subject subject = new Subject();
    subject.getPrincipals().add(new UserPrincipal(user));
    subject.getPrincipals().add(new RolePrincipal(role));
    return subject;
  }

  private boolean isUser(String user, String password) throws NoCacheLoginException {
    boolean fixed = roles.keySet().stream().anyMatch(one -> one.user().equals(user));
    Optional<Users> others = fixed ? Optional.empty() : users;
    try {
      return others.isPresent()
          && others.get().find(user).filter(Account::enabled).isPresent()
          && others.get().verify(user, password);
    } catch (Users.UsersUnavailableException e) {
      LOG.warn("{} can't log in to the broker now: {}", user, e.getMessage());
      throw new NoCacheLoginException("nobody can log in now");
    }
  }

  private static boolean matches(
      Credentials known, @Nullable String user, @Nullable String password) {
    return user != null
        && password != null
        && known.user().equals(user)
        && MessageDigest.isEqual(
            known.password().getBytes(StandardCharsets.UTF_8),
            password.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public boolean authorize(
      Subject subject, Set<Role> allowed, CheckType checkType, String address) {
    if (subject.getPrincipals().contains(new RolePrincipal(NAMED))) {
      return subject.getPrincipals(UserPrincipal.class).stream()
          .anyMatch(user -> ApplicationRights.may(user.getName(), checkType, address));
    }
    if (checkType == CheckType.DELETE_ADDRESS && ApplicationRights.isTemporary(address)) {
      return true;
    }
    return subject.getPrincipals(RolePrincipal.class).stream()
        .anyMatch(
            p ->
                allowed.stream()
                    .anyMatch(r -> checkType.hasRole(r) && r.getName().equals(p.getName())));
  }

  @Override
  public boolean validateUser(@Nullable String user, @Nullable String password) {
    return quietly(user, password) != null;
  }

  @Override
  public boolean validateUserAndRole(
      @Nullable String user, @Nullable String password, Set<Role> allowed, CheckType checkType) {
    Subject subject = quietly(user, password);
    return subject != null && authorize(subject, allowed, checkType, "");
  }

  private @Nullable Subject quietly(@Nullable String user, @Nullable String password) {
    try {
      return authenticate(user, password, null, null);
    } catch (NoCacheLoginException e) {
      return null;
    }
  }
}
