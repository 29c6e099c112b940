package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.camel.broker.Broker;
import dev.caravan.queue.QueueNames;
import dev.caravan.settings.SettingsReader;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A queue is gone: who sends mail for it is told to come again, never 250. */
final class LostQueueTest {
  @TempDir Path temp = Path.of("");

  @Test
  void aMailForAQueueThatIsGoneIsNotAccepted() throws Exception {
    Path routes = Files.createDirectories(temp.resolve("routes"));
    try (Stream<Path> shipped = Files.list(Path.of("routes"))) {
      for (Path file : shipped.toList()) {
        String from = "uri=\"direct:message\"/>";
        String rule = "<bean ref=\"hold\" method=\"with('all of it')\"/>";
        Files.writeString(
            routes.resolve(file.getFileName()),
            file.endsWith("policy.xml")
                ? Files.readString(file).replace(from, from + rule)
                : Files.readString(file));
      }
    }
    Map<String, String> options =
        Map.of(
            "caravan.routes-dir", routes.toString(),
            "caravan.data-dir", temp.resolve("data").toString(),
            "caravan.hostname", "relay.example",
            "caravan.smtp.port", "0",
            "caravan.broker.port", "-1",
            "caravan.http.port", "-1",
            "caravan.broker.disk-max", "100");
    try (Gateway gateway =
        Gateway.start(
            new SettingsReader(Path.of("").toAbsolutePath(), options, Map.of(), Map.of()).read())) {
      assertThat(send(gateway)).startsWith("250 2.0.0 ");
      Broker broker = gateway.context().getRegistry().lookupByNameAndType("broker", Broker.class);
      try (ClientSessionFactory connection = broker.connect();
          ClientSession session = broker.session(connection, false)) {
        session.deleteQueue(QueueNames.HELD);
      }
      assertThat(send(gateway)).startsWith("451 4.3.0 ");
      assertThat(send(gateway)).startsWith("451 4.3.0 ");
      broker.declare(QueueNames.all());
      assertThat(send(gateway)).startsWith("250 2.0.0 ");
    }
  }

  /** The reply to the final dot of one mail. */
  private static String send(Gateway gateway) throws Exception {
    String address = gateway.ports().getOrDefault("smtp", ":0");
    int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
      OutputStream out = socket.getOutputStream();
      String last = in.readLine();
      for (String line :
          new String[] {
            "HELO client.example",
            "MAIL FROM:<a@sender.example>",
            "RCPT TO:<b@dest.example>",
            "DATA",
            "Subject: test\r\n\r\nhello\r\n."
          }) {
        out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        last = in.readLine();
      }
      return String.valueOf(last);
    }
  }
}
