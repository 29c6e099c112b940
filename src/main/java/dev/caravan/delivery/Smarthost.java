package dev.caravan.delivery;

import dev.caravan.delivery.auth.Credentials;
import dev.caravan.delivery.auth.OAuth;
import dev.caravan.delivery.auth.PasswordCredentials;
import dev.caravan.delivery.auth.Secret;
import dev.caravan.delivery.auth.SelfCheck;
import dev.caravan.delivery.auth.TokenCredentials;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One line of the table of smarthosts: servers that take our mail for others, who we are there, and
 * how much of the mail they get. A bean; its properties are set in XML.
 */
public final class Smarthost implements SelfCheck {
  /** Not to be taken for {@code HOST:PORT} or for a domain of mode mx. */
  static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,59}");

  /** A rule that names it leaves the mail to the delivery mode. */
  static final String DEFAULT = "default";

  private static final int SUBMISSION_PORT = 587;
  private static final int IMPLICIT_PORT = 465;
  private static final int PORT_MAX = 65535;
  private static final int HOSTS_MAX = 20;
  private static final int WEIGHT_MAX = 10_000;
  private static final int CONCURRENCY_MAX = 100_000;

  private String name = "";
  private List<String> hosts = List.of();
  private int port = SUBMISSION_PORT;
  private Optional<TlsMode> tls = Optional.empty();
  private String user = "";
  private Optional<Secret> password = Optional.empty();
  private Optional<OAuth> token = Optional.empty();
  private List<String> mechanisms = List.of();
  private boolean clearTextPasswords;
  private int weight = 1;
  private int priority = 10;
  private int concurrency;
  private Set<String> groups = Set.of();

  /** What rules call it: letters, digits, {@code _} and {@code -}. */
  public void setName(String name) {
    this.name = name(name);
  }

  /** Where it listens, with commas between: {@code HOST} or {@code HOST:PORT}, tried in order. */
  public void setHosts(String list) {
    List<String> all = list(list);
    if (all.isEmpty() || all.size() > HOSTS_MAX) {
      throw new IllegalArgumentException("a smarthost has 1 to " + HOSTS_MAX + " hosts");
    }
    all.forEach(host -> NamedServer.of(host, SUBMISSION_PORT));
    hosts = all;
  }

  /** Of hosts that are written without one; 587 when it is not set. */
  public void setPort(int port) {
    this.port = within("port", port, 1, PORT_MAX);
  }

  /**
   * One of {@link TlsMode}. When it is not set: {@code implicit} on port 465, {@code verified} with
   * a login, else {@code opportunistic}.
   */
  public void setTls(String mode) {
    try {
      tls = Optional.of(TlsMode.of(mode));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "tls is one of "
              + String.join(
                  ", ",
                  Arrays.stream(TlsMode.values())
                      .map(m -> m.name().toLowerCase(Locale.ROOT))
                      .toList())
              + ", not "
              + mode,
          e);
    }
  }

  /** Who we are there; empty = no AUTH. */
  public void setUser(String user) {
    this.user = user;
  }

  /** {@code file:PATH}, {@code env:NAME}, or the password itself; see {@link Secret}. */
  public void setPassword(String source) {
    password = Optional.of(Secret.of(source));
  }

  /** Access tokens instead of a password. */
  public void setToken(OAuth tokens) {
    token = Optional.of(tokens);
  }

  /** That may be used, in this order, with commas between; not set = the best that is offered. */
  public void setMechanisms(String list) {
    mechanisms = list(list);
  }

  /**
   * Whether the password may be sent over a connection that is not encrypted, to other machines.
   */
  public void setClearTextPasswords(boolean allowed) {
    clearTextPasswords = allowed;
  }

  /** Its share of the mail among those of a group with the same priority; at least 1. */
  public void setWeight(int weight) {
    this.weight = within("weight", weight, 1, WEIGHT_MAX);
  }

  /** In a group those with the lowest are tried first; 10 when it is not set. */
  public void setPriority(int priority) {
    this.priority = within("priority", priority, 0, PORT_MAX);
  }

  /** Deliveries at the same time, at most; not set = as for any site. */
  public void setConcurrency(int max) {
    concurrency = within("concurrency", max, 1, CONCURRENCY_MAX);
  }

  /** The groups that it belongs to, with commas between. */
  public void setGroups(String list) {
    Set<String> all = new LinkedHashSet<>();
    list(list).forEach(group -> all.add(name(group)));
    groups = all;
  }

  private static String name(String text) {
    if (!NAME.matcher(text).matches() || text.equals(DEFAULT)) {
      throw new IllegalArgumentException(
          "a name has letters, digits, '_' and '-', and is not '" + DEFAULT + "': " + text);
    }
    return text;
  }

  private static int within(String what, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          what + " is from " + min + " to " + max + ", not " + value);
    }
    return value;
  }

  static List<String> list(String text) {
    return Arrays.stream(text.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList();
  }

  @Override
  public Optional<String> problem() {
    if (name.isEmpty() || hosts.isEmpty()) {
      return Optional.of("a smarthost needs a name and hosts");
    }
    if (user.isEmpty() && (password.isPresent() || token.isPresent())) {
      return Optional.of("smarthost " + name + " has a secret, but no user");
    }
    if (!user.isEmpty() && password.isPresent() == token.isPresent()) {
      return Optional.of("smarthost " + name + " needs a password or a token for its user");
    }
    try {
      Optional<Credentials> possible = credentials();
      assert possible.isPresent() || user.isEmpty();
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of("smarthost " + name + ": " + e.getMessage());
    }
  }

  private Optional<Credentials> credentials() {
    if (user.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        token.isPresent()
            ? new TokenCredentials(user, token.get(), mechanisms, clearTextPasswords)
            : new PasswordCredentials(
                user, password.orElseThrow(), mechanisms, clearTextPasswords));
  }

  /**
   * As it is set up now.
   *
   * @throws IllegalArgumentException with the {@link #problem}
   */
  Relay relay() {
    problem()
        .ifPresent(
            p -> {
              throw new IllegalArgumentException(p);
            });
    Optional<Credentials> login = credentials();
    List<NamedServer> servers =
        hosts.stream()
            .map(host -> NamedServer.of(host, port))
            .map(s -> new NamedServer(s.host(), s.port(), tls(s.port(), login), login))
            .toList();
    return new Relay(name, servers, weight, priority, concurrency, groups);
  }

  private TlsMode tls(int atPort, Optional<Credentials> login) {
    return tls.orElse(
        atPort == IMPLICIT_PORT
            ? TlsMode.IMPLICIT
            : login.isPresent() ? TlsMode.VERIFIED : TlsMode.OPPORTUNISTIC);
  }

  /** By name or by group; upper and lower case are one. */
  boolean isCalled(String other) {
    return name.equalsIgnoreCase(other) || groups.stream().anyMatch(other::equalsIgnoreCase);
  }

  @Override
  public String toString() {
    return "Smarthost[" + name + "]";
  }
}
