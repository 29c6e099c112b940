package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.auth.Account;
import dev.caravan.auth.UsersFile;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** MQTT, the encrypted listener, and what keeps strangers from the broker. */
final class BrokerProtocolsFlowTest {
  private static final String JSON =
      "{\"from\":\"a@shop.example\",\"to\":\"b@dest.example\",\"subject\":\"Größe\",\"text\":\"ja\"}";
  private static final int NOT_AUTHORIZED = 0x87;

  private final Remote remote = new Remote();
  private final Map<String, String> options = new HashMap<>();
  private final List<MqttClient> clients = new ArrayList<>();
  private Optional<TestGateway> gateway = Optional.empty();
  @TempDir Path folder;

  @BeforeEach
  void users() throws Exception {
    Path file = folder.resolve("users");
    UsersFile users = new UsersFile(file);
    users.add(new Account("shop", true, List.of("shop.example"), 0, 0), "secret", false);
    users.add(new Account("other", true, List.of(), 0, 0), "other", false);
    options.putAll(TestGateway.smarthost(remote));
    options.put("caravan.users-file", file.toString());
  }

  @AfterEach
  void stop() throws Exception {
    for (MqttClient client : clients) {
      if (client.isConnected()) {
        client.disconnectForcibly(0, 1_000, false);
      }
      client.close(true);
    }
    if (gateway.isPresent()) {
      gateway.get().close();
    }
    remote.close();
  }

  private TestGateway start() throws Exception {
    TestGateway started = TestGateway.start(folder.resolve("data"), options);
    gateway = Optional.of(started);
    return started;
  }

  private MqttClient mqtt(String id, MqttConnectionOptions login) throws Exception {
    MqttClient client =
        new MqttClient(
            "tcp://127.0.0.1:" + gateway.orElseThrow().brokerPort(), id, new MemoryPersistence());
    client.setTimeToWait(60_000);
    clients.add(client);
    client.connect(login);
    return client;
  }

  private static MqttConnectionOptions login(String user, String password) {
    MqttConnectionOptions login = new MqttConnectionOptions();
    login.setUserName(user);
    login.setPassword(password.getBytes(StandardCharsets.UTF_8));
    return login;
  }

  private static MqttMessage message(String text) {
    MqttMessage message = new MqttMessage(text.getBytes(StandardCharsets.UTF_8));
    message.setQos(1);
    message.setProperties(new MqttProperties());
    return message;
  }

  /** Paho keeps a message for us in a listener of its own that has to be made for each topic. */
  private static BlockingQueue<MqttMessage> subscribe(MqttClient client, String topic)
      throws MqttException {
    BlockingQueue<MqttMessage> answers = new LinkedBlockingQueue<>();
    IMqttToken token =
        client.subscribe(
            new MqttSubscription[] {new MqttSubscription(topic, 1)},
            new org.eclipse.paho.mqttv5.client.IMqttMessageListener[] {(t, m) -> answers.add(m)});
    int[] codes = token.getReasonCodes();
    if (codes != null && codes.length > 0 && codes[0] >= 0x80) {
      throw new MqttException(codes[0]);
    }
    return answers;
  }

  @Test
  void aPublishIsAMailAndIsAnswered() throws Exception {
    start();
    MqttClient client = mqtt("c1", login("shop", "secret"));
    BlockingQueue<MqttMessage> answers = subscribe(client, "mail/reply/shop");
    for (byte[] correlation : List.of("order-1".getBytes(StandardCharsets.UTF_8), bytes(-1, 0))) {
      MqttMessage mail = message(JSON);
      mail.getProperties().setResponseTopic("mail/reply/shop");
      mail.getProperties().setCorrelationData(correlation);
      client.publish("mail/submit", mail);

      assertThat(remote.take().text()).contains("\r\nSubject: =?UTF-8?");
      MqttMessage answer = answers.poll(60, TimeUnit.SECONDS);
      assertThat(answer).isNotNull();
      assertThat(answer.getProperties().getCorrelationData()).isEqualTo(correlation);
      assertThat(properties(answer)).containsEntry("status", "accepted").containsKey("mailId");
      assertThat(new String(answer.getPayload(), StandardCharsets.UTF_8)).contains("accepted");
    }
  }

  private static byte[] bytes(int... octets) {
    byte[] all = new byte[octets.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) octets[i];
    }
    return all;
  }

  private static Map<String, String> properties(MqttMessage message) {
    return message.getProperties().getUserProperties().stream()
        .collect(Collectors.toMap(UserProperty::getKey, UserProperty::getValue));
  }

  /** Also who sent it is not theirs to say. */
  @Test
  void userPropertiesArePropertiesOfTheMail() throws Exception {
    start();
    MqttClient client = mqtt("c1", login("shop", "secret"));
    MqttMessage mail = message("Subject: raw\r\n\r\nline\r\n");
    mail.getProperties()
        .setUserProperties(
            List.of(
                new UserProperty("mailFrom", "a@shop.example"),
                new UserProperty("rcptTo", "b@dest.example,c@dest.example"),
                new UserProperty("submittedBy", "other"),
                new UserProperty("JMSXUserID", "other"),
                new UserProperty("_AMQ_VALIDATED_USER", "other"),
                new UserProperty("no name", "x")));
    client.publish("mail/submit", mail);
    Remote.Received got = remote.take();
    assertThat(got.to()).containsExactly("b@dest.example", "c@dest.example");
    assertThat(got.text()).contains("Subject: raw\r\n").doesNotContain("other");
  }

  @Test
  void whatMayNotBeIsNotTaken() throws Exception {
    TestGateway started = start();
    MqttClient client = mqtt("c1", login("shop", "secret"));
    MqttMessage retained = message(JSON);
    retained.setRetained(true);
    assertRefused(client, "mail/submit", retained);
    assertRefused(client, "mail/out", message(JSON));
    assertRefused(client, "mail/reply/other", message(JSON));
    // The broker itself would delete a queue that it refuses to a subscriber.
    List<String> topics =
        List.of(
            "#",
            "mail/#",
            "mail/reply/+",
            "mail/reply/other",
            "mail/events",
            "mail/submit",
            "mail/out",
            "mail.out::mail.out",
            "mail/out::mail/out",
            "$share/x/mail/out");
    for (String topic : topics) {
      MqttClient curious = mqtt("curious", login("shop", "secret"));
      assertThatThrownBy(() -> subscribe(curious, topic))
          .as(topic)
          .isInstanceOf(MqttException.class);
    }
    // Nor with a name by which the subscription's queue would be a lane.
    assertThatThrownBy(() -> mqtt("mail.out", login("shop", "secret")))
        .isInstanceOf(MqttException.class);
    subscribe(mqtt("own", login("other", "other")), "mail/reply/other");
    assertThatThrownBy(() -> mqtt("own", login("shop", "secret")))
        .isInstanceOf(MqttException.class);
    // The last will of a connection that breaks is a publish like another.
    MqttConnectionOptions login = login("shop", "secret");
    login.setWill("mail/out", message(JSON));
    MqttClient dying = mqtt("c2", login);
    dying.disconnectForcibly(0, 0, false);
    assertThat(client.isConnected()).isTrue();
    client.publish("mail/submit", message(JSON));
    remote.take();
    assertThat(remote.received()).isEmpty();
    assertThat(started.count("mail.out")).isZero();
  }

  private static void assertRefused(MqttClient client, String topic, MqttMessage message)
      throws MqttException {
    IMqttToken token = client.getTopic(topic).publish(message);
    token.waitForCompletion(60_000);
    assertThat(token.getReasonCodes()).as(topic).containsExactly(NOT_AUTHORIZED);
  }

  @Test
  void nobodyComesInWithoutAPassword() throws Exception {
    start();
    assertThatThrownBy(() -> mqtt("c1", new MqttConnectionOptions()))
        .isInstanceOf(MqttException.class);
    assertThatThrownBy(() -> mqtt("c2", login("shop", "wrong"))).isInstanceOf(MqttException.class);
  }

  @Test
  void theEncryptedListenerShowsTheCertificateThatIsThere() throws Exception {
    Certificates first = Certificates.of("relay.example", Optional.empty());
    first.write(folder, "relay");
    options.put("caravan.tls.certificate", folder.resolve("relay.crt").toString());
    options.put("caravan.tls.key", folder.resolve("relay.key").toString());
    options.put("caravan.broker.tls-port", "0");
    int port = start().port("brokers");

    assertThat(stomp(first.trusting(), port)).startsWith("CONNECTED");

    Certificates second = Certificates.of("relay.example", Optional.empty());
    second.write(folder, "relay");
    Files.setLastModifiedTime(
        folder.resolve("relay.crt"), FileTime.from(Instant.now().plusSeconds(5)));
    Instant end = Instant.now().plusSeconds(60);
    String greeting = "";
    while (!greeting.startsWith("CONNECTED")) {
      assertThat(Instant.now()).isBefore(end);
      try {
        greeting = stomp(second.trusting(), port);
      } catch (SSLException e) {
        Thread.sleep(50);
      }
    }
    assertThatThrownBy(() -> stomp(first.trusting(), port)).isInstanceOf(SSLException.class);
    try (Socket plain = new Socket("127.0.0.1", port)) {
      plain.setSoTimeout(60_000);
      plain.getOutputStream().write("CONNECT\n\n\0".getBytes(StandardCharsets.US_ASCII));
      assertThat(plain.getInputStream().readAllBytes()).asString().doesNotContain("CONNECTED");
    }
  }

  private static String stomp(SSLContext context, int port) throws IOException {
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
      socket.setSoTimeout(60_000);
      socket.startHandshake();
      assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
      socket
          .getOutputStream()
          .write(
              "CONNECT\naccept-version:1.2\nhost:x\nlogin:shop\npasscode:secret\n\n\0"
                  .getBytes(StandardCharsets.US_ASCII));
      byte[] begin = socket.getInputStream().readNBytes(9);
      return new String(begin, StandardCharsets.US_ASCII);
    }
  }

  @Test
  void whoFailsTooOftenIsBlockedAndNobodyElse() throws Exception {
    options.put("caravan.auth.failures-max", "3");
    options.put("caravan.auth.block", "1h");
    TestGateway started = start();
    try (Connection before = factory(started, "shop", "secret").createConnection();
        Session session = before.createSession()) {
      for (int i = 0; i < 3; i++) {
        String wrong = "wrong-" + i;
        assertThatThrownBy(() -> factory(started, "other", wrong).createConnection())
            .isInstanceOf(JMSException.class);
      }
      assertThatThrownBy(() -> factory(started, "other", "other").createConnection())
          .isInstanceOf(JMSException.class);
      assertThatThrownBy(() -> mqtt("c1", login("other", "other")))
          .isInstanceOf(MqttException.class);
      // Who is in stays in, and the operator's own credentials can't be guessed.
      session.createProducer(session.createQueue("mail.submit")).send(session.createMessage());
      List<String> own = started.credentials();
      factory(started, own.get(0), own.get(1)).createConnection().close();
    }
  }

  private static ActiveMQConnectionFactory factory(TestGateway gateway, String user, String word) {
    return new ActiveMQConnectionFactory("tcp://127.0.0.1:" + gateway.brokerPort(), user, word);
  }

  @Test
  void connectionsHaveALimit() throws Exception {
    options.put("caravan.broker.connections-max", "2");
    TestGateway started = start();
    MqttClient first = mqtt("c1", login("shop", "secret"));
    mqtt("c2", login("shop", "secret"));
    assertThatThrownBy(() -> mqtt("c3", login("shop", "secret"))).isInstanceOf(Exception.class);
    first.publish("mail/submit", message(JSON));
    remote.take();
    assertThat(started.count("mail.submit")).isZero();
  }
}
