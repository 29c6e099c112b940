package dev.caravan.flow;

import dev.caravan.camel.Gateway;
import dev.caravan.settings.Settings;
import dev.caravan.settings.SettingsReader;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/** A gateway on the project's own routes, with a data folder of its own and free ports. */
final class TestGateway implements AutoCloseable {
  private final Gateway gateway;
  private final Path data;

  private TestGateway(Gateway gateway, Path data) {
    this.gateway = gateway;
    this.data = data;
  }

  static TestGateway start(Path data, Map<String, String> options) throws Exception {
    return new TestGateway(Gateway.start(settings(data, options)), data);
  }

  static Settings settings(Path data, Map<String, String> options) throws Exception {
    Map<String, String> all = new HashMap<>();
    all.put("caravan.data-dir", data.toString());
    all.put("caravan.hostname", "relay.example");
    all.put("caravan.smtp.port", "0");
    all.put("caravan.submission.port", "0");
    all.put("caravan.submissions.port", "0");
    all.put("caravan.broker.port", "0");
    all.put("caravan.http.port", "0");
    all.put("caravan.broker.disk-max", "100");
    all.put("caravan.delivery.workers", "5");
    all.put("caravan.jms.receive-timeout", "100ms");
    all.putAll(options);
    return new SettingsReader(Path.of("").toAbsolutePath(), all, Map.of(), Map.of()).read();
  }

  /** Copies the shipped routes into this folder, which is made, over what is there. */
  static Path copyRoutes(Path folder) throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> shipped = Files.list(Path.of("routes"))) {
      for (Path file : shipped.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return folder;
  }

  /** Options for delivery to this server, with short retries. */
  static Map<String, String> smarthost(Remote remote) {
    return Map.of(
        "caravan.delivery.mode", "smarthost",
        "caravan.smarthost.host", "127.0.0.1",
        "caravan.smarthost.port", Integer.toString(remote.port()),
        "caravan.retry.schedule", "1s");
  }

  int smtpPort() {
    return port("smtp");
  }

  int brokerPort() {
    return port("broker");
  }

  int httpPort() {
    return port("http");
  }

  /** Of a listener; 0 when it is off. */
  int port(String name) {
    String address = gateway.ports().getOrDefault(name, ":0");
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  /** Mails in a queue, as the metrics tell. */
  long count(String queue) throws Exception {
    URI metrics = URI.create("http://127.0.0.1:" + httpPort() + "/metrics");
    try (HttpClient http = HttpClient.newHttpClient()) {
      String all =
          http.send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString()).body();
      String name = "caravan_queue_messages{queue=\"" + queue + "\"} ";
      return all.lines()
          .filter(line -> line.startsWith(name))
          .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length())))
          .findFirst()
          .orElse(0);
    }
  }

  /** Waits until a queue holds so many, within a generous time; how many it holds then. */
  long awaitCount(String queue, long wanted) throws Exception {
    Instant end = Instant.now().plusSeconds(60);
    long count = count(queue);
    while (count != wanted && Instant.now().isBefore(end)) {
      Thread.sleep(20);
      count = count(queue);
    }
    return count;
  }

  /** The files of messages, after waiting a generous time until none is left. */
  List<Path> spoolWhenEmpty() throws Exception {
    Instant end = Instant.now().plusSeconds(60);
    List<Path> files = spool();
    while (!files.isEmpty() && Instant.now().isBefore(end)) {
      Thread.sleep(20);
      files = spool();
    }
    return files;
  }

  private List<Path> spool() throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("spool"))) {
      return files.toList();
    }
  }

  /** A started connection of the user that applications have when nothing is configured. */
  Connection application() throws Exception {
    List<String> user = credentials();
    return application(user.get(0), user.get(1));
  }

  /** A started connection of this user. */
  Connection application(String user, String password) throws JMSException {
    Connection connection =
        new ActiveMQConnectionFactory("tcp://127.0.0.1:" + brokerPort(), user, password)
            .createConnection();
    connection.start();
    return connection;
  }

  /**
   * The numbers of the mails that wait in a queue, in their order there, by their group.
   *
   * @param mail finds in a message its group and its number
   */
  Map<String, List<Integer>> orders(String queue, Pattern mail) throws Exception {
    Map<String, List<Integer>> orders = new HashMap<>();
    try (Connection connection = application();
        Session session = connection.createSession();
        QueueBrowser browser = session.createBrowser(session.createQueue(queue))) {
      for (Object message : Collections.list(browser.getEnumeration())) {
        BytesMessage bytes = (BytesMessage) message;
        byte[] octets = new byte[(int) bytes.getBodyLength()];
        bytes.readBytes(octets);
        Matcher found = mail.matcher(new String(octets, StandardCharsets.UTF_8));
        if (!found.find()) {
          throw new AssertionError("a mail of another kind is in " + queue);
        }
        orders
            .computeIfAbsent(found.group(1), group -> new ArrayList<>())
            .add(Integer.valueOf(found.group(2)));
      }
    }
    return orders;
  }

  /** Waits until it knows that its disk is full. */
  void awaitFull() throws Exception {
    URI health = URI.create("http://127.0.0.1:" + httpPort() + "/health/ready");
    Instant end = Instant.now().plusSeconds(60);
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(health).build();
      while (!http.send(request, BodyHandlers.ofString()).body().contains("disk")) {
        if (Instant.now().isAfter(end)) {
          throw new AssertionError("the disk is not full");
        }
        Thread.sleep(20);
      }
    }
  }

  /** User and password of the broker's listener. */
  List<String> credentials() throws Exception {
    return Files.readAllLines(data.resolve("broker.credentials")).stream()
        .map(line -> line.substring(line.indexOf('=') + 1))
        .toList();
  }

  @Override
  public void close() {
    gateway.close();
  }
}
