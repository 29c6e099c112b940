package dev.caravan.camel.broker;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Set;
import javax.security.auth.Subject;
import org.apache.activemq.artemis.core.security.CheckType;
import org.apache.activemq.artemis.core.security.Role;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;
import org.apache.activemq.artemis.spi.core.security.ActiveMQSecurityManager5;
import org.apache.activemq.artemis.spi.core.security.jaas.RolePrincipal;
import org.apache.activemq.artemis.spi.core.security.jaas.UserPrincipal;
import org.jspecify.annotations.Nullable;

/** Who may use the embedded broker: a fixed set of users, each with one role; nobody else. */
final class BrokerSecurity implements ActiveMQSecurityManager5 {
  private final Map<Credentials, String> roles;

  BrokerSecurity(Map<Credentials, String> roles) {
    this.roles = Map.copyOf(roles);
  }

  @Override
  public @Nullable Subject authenticate(
      @Nullable String user,
      @Nullable String password,
      @Nullable RemotingConnection connection,
      @Nullable String securityDomain) {
    for (Map.Entry<Credentials, String> known : roles.entrySet()) {
      if (matches(known.getKey(), user, password)) {
        Subject subject = new Subject();
        subject.getPrincipals().add(new UserPrincipal(known.getKey().user()));
        subject.getPrincipals().add(new RolePrincipal(known.getValue()));
        return subject;
      }
    }
    return null;
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
