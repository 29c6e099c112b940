package dev.caravan.camel.broker.wire;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.security.auth.Subject;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTInterceptor;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;
import org.apache.activemq.artemis.spi.core.security.jaas.RolePrincipal;
import org.apache.activemq.artemis.spi.core.security.jaas.UserPrincipal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets an MQTT client subscribe to its own answers only, before the broker looks at it. When the
 * broker refuses a subscription to a queue it deletes that queue, with everything in it: {@code
 * mail/out} would be enough. It does so too when a session comes back under another name; hence a
 * client id belongs to the user who has subscribed with it.
 */
public final class MqttGate implements MQTTInterceptor {
  private static final Logger LOG = LoggerFactory.getLogger(MqttGate.class);
  private static final long CLIENTS_MAX = 100_000;
  private static final String REPLIES = "mail/reply/";
  private static final String EVENTS = "mail/events";

  /** The role of those whose rights depend on their name. */
  private static final RolePrincipal NAMED = new RolePrincipal("named");

  /** A subscription's queue is named after the client, and must be none of ours. */
  private static final Pattern RESERVED =
      Pattern.compile("(mail|activemq|\\$|_AMQ|BRIDGE).*", Pattern.DOTALL);

  private static final Pattern NAME = Pattern.compile("[^/+#:$]+");

  private final Cache<String, String> owners =
      Caffeine.newBuilder().executor(Runnable::run).maximumSize(CLIENTS_MAX).build();

  @Override
  public boolean intercept(MqttMessage packet, RemotingConnection connection) {
    Optional<String> wrong =
        switch (packet) {
          case MqttConnectMessage connect -> connecting(connect);
          case MqttSubscribeMessage subscribe -> subscribing(subscribe, connection);
          default -> Optional.empty();
        };
    if (wrong.isPresent()) {
      LOG.info("{}: {}", connection.getRemoteAddress(), wrong.get());
      connection.destroy();
    }
    return wrong.isEmpty();
  }

  private Optional<String> connecting(MqttConnectMessage connect) {
    String id = connect.payload().clientIdentifier();
    if (id == null || id.isEmpty()) {
      return Optional.empty();
    }
    if (RESERVED.matcher(id).matches()) {
      return Optional.of("an MQTT client id must not begin like a queue of ours");
    }
    String owner = owners.getIfPresent(id);
    return owner == null || owner.equals(connect.payload().userName())
        ? Optional.empty()
        : Optional.of("an MQTT client id that is another user's");
  }

  private Optional<String> subscribing(
      MqttSubscribeMessage subscribe, RemotingConnection connection) {
    Subject subject = connection.getSubject();
    String user =
        subject == null
            ? ""
            : subject.getPrincipals(UserPrincipal.class).stream()
                .findFirst()
                .map(UserPrincipal::getName)
                .orElse("");
    if (user.isEmpty()) {
      return Optional.of("an MQTT subscription of nobody");
    }
    boolean named = subject != null && subject.getPrincipals().contains(NAMED);
    boolean may =
        subscribe.payload().topicSubscriptions().stream()
            .allMatch(
                topic -> may(named ? Optional.of(user) : Optional.empty(), topic.topicName()));
    if (!may) {
      return Optional.of(user + " may not subscribe to such a topic");
    }
    if (connection.getClientID() != null) {
      owners.put(connection.getClientID(), user);
    }
    return Optional.empty();
  }

  /**
   * @param application empty = an operator
   */
  private static boolean may(Optional<String> application, String topic) {
    if (application.isPresent()) {
      return topic.equals(REPLIES + application.get()) && NAME.matcher(application.get()).matches();
    }
    return topic.equals(EVENTS)
        || topic.startsWith(REPLIES) && NAME.matcher(topic.substring(REPLIES.length())).matches();
  }
}
