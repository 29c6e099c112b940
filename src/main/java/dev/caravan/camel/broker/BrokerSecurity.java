package dev.caravan.camel.broker;

import dev.caravan.auth.Account;
import dev.caravan.auth.Users;
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

  BrokerSecurity(Map<Credentials, String> roles) {
    this.roles = Map.copyOf(roles);
  }

  /** From now on these may log in too, except under a name of the fixed ones. */
  void users(Users more) {
    users = Optional.of(more);
  }

  @Override
  public @Nullable Subject authenticate(
      @Nullable String user,
      @Nullable String password,
      @Nullable RemotingConnection connection,
      @Nullable String securityDomain) {
    for (Map.Entry<Credentials, String> known : roles.entrySet()) {
      if (matches(known.getKey(), user, password)) {
        return subject(known.getKey().user(), known.getValue());
      }
    }
    return user != null && password != null && isUser(user, password) ? subject(user, NAMED) : null;
  }

  private static Subject subject(String user, String role) {
    Subject subject = new Subject();
    subject.getPrincipals().add(new UserPrincipal(user));
    subject.getPrincipals().add(new RolePrincipal(role));
    return subject;
  }

  private boolean isUser(String user, String password) {
    boolean fixed = roles.keySet().stream().anyMatch(known -> known.user().equals(user));
    Optional<Users> known = fixed ? Optional.empty() : users;
    try {
      return known.isPresent()
          && known.get().find(user).filter(Account::enabled).isPresent()
          && known.get().verify(user, password);
    } catch (Users.UsersUnavailableException e) {
      LOG.warn("{} can't log in to the broker now: {}", user, e.getMessage());
      return false;
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
    return authenticate(user, password, null, null) != null;
  }

  @Override
  public boolean validateUserAndRole(
      @Nullable String user, @Nullable String password, Set<Role> allowed, CheckType checkType) {
    Subject subject = authenticate(user, password, null, null);
    return subject != null && authorize(subject, allowed, checkType, "");
  }
}
