package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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

  /** How often an attacker sends a little at most; far more than it takes. */
  private static final int STEPS_MAX = 1200;

  private static final long STEP_MILLIS = 50;

  @TempDir static Path data;
  private static Remote remote;
  private static TestGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    remote = new Remote();
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.smtp.proxy-networks", "loopback");
    options.put("caravan.relay.networks", FRIEND);
    options.put("caravan.relay.domains", "dest.example");
    options.put("caravan.smtp.command-timeout", "3s");
    options.put("caravan.smtp.data-rate-grace", "1s");
    options.put("caravan.smtp.idle-commands-max", "1000000");
    options.put("caravan.smtp.connections-per-address-max", "3");
    options.put("caravan.smtp.connections-max", "8");
    options.put("caravan.smtp.errors-max", "5");
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

  static Stream<Arguments> attacks() {
    return Stream.of(
        attack("a command that never ends", FloodFlowTest::slowCommand, "Waited too long"),
        attack("a message octet by octet", FloodFlowTest::slowMessage, "comes too slowly"),
        attack("connections from one address", FloodFlowTest::oneAddress, "Too many connections"),
        attack("connections from many addresses", FloodFlowTest::many, "Too many connections"),
        attack("nonsense", FloodFlowTest::nonsense, "Too many errors"),
        attack("replies that nobody reads", FloodFlowTest::neverReads, "Waited too long"));
  }

  private static Arguments attack(String name, Attack attack, String told) {
    return Arguments.of(name, attack, told);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("attacks")
  void isCutOffAndToldWhileOthersAreServed(String name, Attack attack, String told)
      throws Exception {
    // An address for each row: the same from the same address is told once a minute.
    String address = "203.0.113." + Math.floorMod(name.hashCode(), 200);
    CountDownLatch over = new CountDownLatch(1);
    try (Connection connection = broker()) {
      MessageConsumer events = events(connection);
      CompletableFuture<Integer> served = serve(over);
      try {
        attack.from(address);
      } finally {
        over.countDown();
      }
      assertThat(event(events, told)).contains("\"type\":\"rejected\"").contains("203.0.113.");
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

  private static void oneAddress(String address) throws Exception {
    flood(Stream.generate(() -> address).limit(4).toList());
  }

  private static void many(String address) throws Exception {
    flood(Stream.iterate(1, n -> n + 1).limit(8).map(n -> "203.0.113.2" + (10 + n)).toList());
  }

  /** All but the last are let in. */
  private static void flood(List<String> addresses) throws Exception {
    List<Client> clients = new ArrayList<>();
    try {
      for (String address : addresses.subList(0, addresses.size() - 1)) {
        clients.add(client(address));
      }
      Client last = greeted(addresses.getLast());
      clients.add(last);
      assertThat(last.reply()).startsWith("421 4.7.0 Too many connections");
      assertThat(last.reply()).isEmpty();
    } finally {
      for (Client client : clients) {
        client.close();
      }
    }
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

  /** The server stops to read, and then to wait. */
  private static void neverReads(String address) throws Exception {
    String commands = "NOOP\r\n".repeat(1000);
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

  private static String event(MessageConsumer events, String told) throws JMSException {
    while (events.receive(60_000) instanceof TextMessage message) {
      if (message.getText().contains(told)) {
        return message.getText();
      }
    }
    throw new AssertionError("no event told: " + told);
  }
}
