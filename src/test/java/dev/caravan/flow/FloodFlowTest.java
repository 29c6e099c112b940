package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.auth.Account;
import dev.caravan.auth.UsersFile;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Clients that only want to hold us: each is cut off, an event tells it, and a well-behaved client
 * is served meanwhile. The PROXY protocol gives every client an address of its own.
 */
final class FloodFlowTest {
  private static final String FRIEND = "192.0.2.7";
  private static final String MESSAGE = "Subject: x\r\n\r\nx\r\n";
  private static final int CONNECTIONS_MAX = 8;
  private static final int CONNECTIONS_PER_ADDRESS_MAX = 3;
  private static final int FAILURES_MAX = 3;
  private static final int OFFENCES_MAX = 2;

  /** Far more than fit into any buffer with the replies to them. */
  private static final int IDLE_COMMANDS_MAX = 100_000;

  /** How often an attacker sends a little at most; far more than it takes. */
  private static final int STEPS_MAX = 1200;

  private static final long STEP_MILLIS = 50;

  @TempDir static Path data;
  private static Remote remote;
  private static TestGateway gateway;
  private static SSLContext trusting;

  @BeforeAll
  static void start() throws Exception {
    Certificates certificates = Certificates.of("relay.example", Optional.empty());
    certificates.write(data, "server");
    trusting = certificates.trusting();
    new UsersFile(data.resolve("users"))
        .add(new Account("joe", true, List.of(), 0, 0), "pencil", false);
    remote = new Remote();
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.smtp.proxy-networks", "loopback");
    options.put("caravan.relay.networks", FRIEND);
    options.put("caravan.relay.domains", "dest.example");
    options.put("caravan.smtp.command-timeout", "3s");
    options.put("caravan.smtp.data-rate-grace", "1s");
    options.put("caravan.smtp.idle-commands-max", Integer.toString(IDLE_COMMANDS_MAX));
    options.put(
        "caravan.smtp.connections-per-address-max", Integer.toString(CONNECTIONS_PER_ADDRESS_MAX));
    options.put("caravan.smtp.connections-max", Integer.toString(CONNECTIONS_MAX));
    options.put("caravan.tls.certificate", data.resolve("server.crt").toString());
    options.put("caravan.tls.key", data.resolve("server.key").toString());
    options.put("caravan.tls.handshake-timeout", "1s");
    options.put("caravan.users-file", data.resolve("users").toString());
    options.put("caravan.auth.failures-max", Integer.toString(FAILURES_MAX));
    options.put("caravan.auth.delay", "0s");
    options.put("caravan.smtp.errors-max", "5");
    options.put("caravan.smtp.offences-max", Integer.toString(OFFENCES_MAX));
    options.put("caravan.smtp.offender-delay", "100ms");
    options.put("caravan.spf.fail", "ignore");
    options.put("caravan.dns.timeout", "100ms");
    options.put("caravan.dns.servers", "127.0.0.1:1");
    gateway = TestGateway.start(data, options);
  }

  @AfterAll
  static void stop() {
    gateway.close();
    remote.close();
  }

  /** An attack from an address; ends when it was cut off. */
  private interface Attack {
    void from(String address) throws Exception;
  }

  /** From an address each: the same from the same address is told once a minute. */
  static Stream<Arguments> attacks() {
    return Stream.of(
        attack("silence", 1, FloodFlowTest::silence, "Waited too long"),
        attack("a command that never ends", 2, FloodFlowTest::slowCommand, "Waited too long"),
        attack("a message octet by octet", 3, FloodFlowTest::slowMessage, "comes too slowly"),
        attack("a chunk octet by octet", 4, FloodFlowTest::slowChunk, "comes too slowly"),
        attack("a handshake that never comes", 5, FloodFlowTest::noHandshake, "TLS handshake"),
        attack("connections from one address", 6, FloodFlowTest::same, "Too many connections"),
        attack("connections from many", 7, FloodFlowTest::many, "Too many connections"),
        attack("passwords guessed", 8, FloodFlowTest::guesses, "Too many failed logins"),
        attack("nonsense", 9, FloodFlowTest::nonsense, "Too many errors"),
        attack("commands that bring no mail", 10, FloodFlowTest::noMail, "Too many errors"),
        attack("replies that nobody reads", 11, FloodFlowTest::neverReads, "Waited too long"),
        attack("once more and once more", 12, FloodFlowTest::comesBack, "cut off too often"));
  }

  private static Arguments attack(String name, int host, Attack attack, String told) {
    return Arguments.of(name, "203.0.113." + host, attack, told);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("attacks")
  void isCutOffAndToldWhileOthersAreServed(String name, String address, Attack attack, String told)
      throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (Connection connection = broker()) {
      MessageConsumer events = events(connection);
      CompletableFuture<Integer> served = serve(over);
      try {
        attack.from(address);
      } finally {
        over.countDown();
      }
      assertThat(event(events, address, told)).startsWith("{\"type\":\"rejected\"");
      int mails = served.get(60, TimeUnit.SECONDS);
      assertThat(mails).isPositive();
      for (int i = 0; i < mails; i++) {
        assertThat(remote.take().from()).isEqualTo("friend@client.example");
      }
    }
  }

  /** A client that sends mail on one connection until the attack is over; gives their number. */
  private static CompletableFuture<Integer> serve(CountDownLatch over) throws Exception {
    Client friend = client(FRIEND);
    CompletableFuture<Integer> served = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          try (friend) {
            int mails = 0;
            do {
              assertThat(friend.send("friend@client.example", List.of("b@dest.example"), MESSAGE))
                  .startsWith("250 ");
              mails++;
            } while (!over.await(STEP_MILLIS, TimeUnit.MILLISECONDS));
            served.complete(mails);
          } catch (Throwable e) {
            served.completeExceptionally(e);
          }
        });
    return served;
  }

  private static Client client(String address) throws IOException {
    Client client = greeted(address);
    assertThat(client.reply()).startsWith("220 ");
    assertThat(client.say("EHLO client.example")).startsWith("250 ");
    return client;
  }

  private static Client greeted(String address) throws IOException {
    return Client.beginning(
        gateway.smtpPort(), "PROXY TCP4 " + address + " 192.0.2.250 4711 25\r\n");
  }

  private static void silence(String address) throws Exception {
    try (Client client = client(address)) {
      assertThat(client.reply()).startsWith("421 4.4.2 Waited too long");
      assertThat(client.reply()).isEmpty();
    }
  }

  private static void slowCommand(String address) throws Exception {
    try (Client client = client(address)) {
      trickle(client);
    }
  }

  private static void slowMessage(String address) throws Exception {
    try (Client client = client(address)) {
      assertThat(client.say("MAIL FROM:<a@sender.example>")).startsWith("250 ");
      assertThat(client.say("RCPT TO:<b@dest.example>")).startsWith("250 ");
      assertThat(client.say("DATA")).startsWith("354 ");
      trickle(client);
    }
  }

  private static void slowChunk(String address) throws Exception {
    try (Client client = client(address)) {
      assertThat(client.say("MAIL FROM:<a@sender.example>")).startsWith("250 ");
      assertThat(client.say("RCPT TO:<b@dest.example>")).startsWith("250 ");
      client.raw("BDAT 10000000 LAST\r\n");
      trickle(client);
    }
  }

  private static void noHandshake(String address) throws Exception {
    try (Client client = client(address)) {
      assertThat(client.say("STARTTLS")).startsWith("220 ");
      // An alert at most, which is no line.
      assertThat(client.reply()).doesNotContain("\n").hasSizeLessThan(16);
      assertThat(client.reply()).isEmpty();
    }
  }

  /** Sends a little now and then until it is told to go. */
  private static void trickle(Client client) throws Exception {
    CompletableFuture<String> reply = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          try {
            reply.complete(client.reply());
          } catch (IOException e) {
            reply.complete(e.toString());
          }
        });
    for (int i = 0; !reply.isDone(); i++) {
      assertThat(i).as("steps until it was cut off").isLessThan(STEPS_MAX);
      Thread.sleep(STEP_MILLIS);
      try {
        client.raw("x");
      } catch (IOException e) {
        break;
      }
    }
    assertThat(reply.get(60, TimeUnit.SECONDS)).startsWith("421 4.4.2");
  }

  private static void same(String address) throws Exception {
    flood(Stream.generate(() -> address).limit(CONNECTIONS_PER_ADDRESS_MAX + 1));
  }

  /** Of as many networks as there are connections; the last is turned away at the latest. */
  private static void many(String address) throws Exception {
    flood(
        Stream.concat(
            Stream.iterate(1, n -> n + 1).limit(CONNECTIONS_MAX - 1).map(n -> "198.51.100." + n),
            Stream.of(address)));
  }

  /** The last is turned away; those before are let in, unless others are still about to leave. */
  private static void flood(Stream<String> addresses) throws Exception {
    List<Client> clients = new ArrayList<>();
    String reply = "";
    try {
      for (String address : addresses.toList()) {
        Client client = greeted(address);
        clients.add(client);
        reply = client.reply();
      }
      assertThat(reply).startsWith("421 4.7.0 Too many connections");
      assertThat(clients.getLast().reply()).isEmpty();
    } finally {
      for (Client client : clients) {
        client.close();
      }
    }
  }

  /** The address is blocked, also on another connection and with the right password. */
  private static void guesses(String address) throws Exception {
    try (Client client = encrypted(address)) {
      for (int i = 0; i < FAILURES_MAX; i++) {
        assertThat(client.say(plain("guess" + i))).startsWith("535 5.7.8");
      }
      assertThat(client.say(plain("pencil"))).startsWith("454 4.7.0 Too many failed logins");
    }
    try (Client again = encrypted(address);
        Client owner = encrypted("192.0.2.8")) {
      assertThat(again.say(plain("pencil"))).startsWith("454 4.7.0 Too many failed logins");
      assertThat(owner.say(plain("pencil"))).startsWith("235 ");
    }
  }

  private static Client encrypted(String address) throws IOException {
    Client client = client(address);
    assertThat(client.say("STARTTLS")).startsWith("220 ");
    assertThat(client.encrypt(trusting)).startsWith("TLSv1.3 ");
    assertThat(client.say("EHLO client.example")).startsWith("250 ");
    return client;
  }

  private static String plain(String password) {
    byte[] octets = ("\0joe\0" + password).getBytes(StandardCharsets.UTF_8);
    return "AUTH PLAIN " + Base64.getEncoder().encodeToString(octets);
  }

  private static void nonsense(String address) throws Exception {
    try (Client client = client(address)) {
      String reply = "";
      for (int i = 0; i < 10 && !reply.startsWith("421"); i++) {
        reply = client.say("NONSENSE");
      }
      assertThat(reply).startsWith("421 4.7.0 Too many errors");
      assertThat(client.reply()).isEmpty();
    }
  }

  private static void comesBack(String address) throws Exception {
    for (int i = 0; i <= OFFENCES_MAX; i++) {
      nonsense(address);
    }
    try (Client client = greeted(address)) {
      assertThat(client.reply()).startsWith("421 4.7.0 Your address was cut off too often");
      assertThat(client.reply()).isEmpty();
    }
  }

  private static void noMail(String address) throws Exception {
    try (Client client = client(address)) {
      CompletableFuture<Void> said = new CompletableFuture<>();
      Thread.startVirtualThread(
          () -> {
            try {
              client.raw("NOOP\r\n".repeat(IDLE_COMMANDS_MAX + 1));
              said.complete(null);
            } catch (IOException e) {
              said.completeExceptionally(e);
            }
          });
      String reply = client.reply();
      for (int i = 0; i < IDLE_COMMANDS_MAX && reply.startsWith("250"); i++) {
        reply = client.reply();
      }
      assertThat(reply).startsWith("421 4.7.0 Too many errors");
      said.get(60, TimeUnit.SECONDS);
    }
  }

  /** The server stops to read, and then to wait. */
  private static void neverReads(String address) throws Exception {
    String commands = "EHLO client.example\r\n".repeat(1000);
    try (Client client = client(address)) {
      boolean open = true;
      while (open) {
        try {
          client.raw(commands);
        } catch (IOException e) {
          open = false;
        }
      }
    }
  }

  private static Connection broker() throws Exception {
    List<String> credentials = gateway.credentials();
    Connection connection =
        new ActiveMQConnectionFactory(
                "tcp://127.0.0.1:" + gateway.brokerPort(), credentials.get(0), credentials.get(1))
            .createConnection();
    connection.start();
    return connection;
  }

  private static MessageConsumer events(Connection connection) throws JMSException {
    Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    return session.createConsumer(session.createTopic("mail.events"));
  }

  private static String event(MessageConsumer events, String address, String told)
      throws JMSException {
    while (events.receive(60_000) instanceof TextMessage message) {
      String text = message.getText();
      if (text.contains(told) && text.contains("\"peer\":\"" + address + ":")) {
        return text;
      }
    }
    throw new AssertionError("no event told of " + address + ": " + told);
  }
}
