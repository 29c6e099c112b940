import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Protocols and formats beside SMTP; see jms.sh. */
final class Jms {
  private static final int CLIENTS = 20;
  private static final String TEXT = ("x".repeat(78) + "\r\n").repeat(25);
  private static final String RAW =
      "From: a@client.example\r\nTo: b@s1.example\r\nSubject: load\r\n\r\n" + TEXT;
  private static final String JSON =
      "{\"from\":\"a@client.example\",\"to\":\"b@s1.example\",\"subject\":\"load\",\"text\":\""
          + TEXT.replace("\r\n", "\\r\\n")
          + "\"}";
  private static final Map<String, String> DRAFT =
      Map.of("from", "a@client.example", "to", "b@s1.example", "subject", "load");
  private static final Map<String, String> ENVELOPE =
      Map.of("mailFrom", "a@client.example", "rcptTo", "b@s1.example");

  /** A connection; each mail is on the broker's disk when this returns. */
  private interface Client extends AutoCloseable {
    void send() throws Exception;
  }

  /** Opens one that sends mails of a format. */
  private interface Way {
    Client open(String format) throws Exception;
  }

  /** A protocol with a format; without one it is SMTP. */
  private record Case(String protocol, String format) {
    @Override
    public String toString() {
      return (protocol + " " + format).strip();
    }
  }

  private record Figures(double rate, double cpu) {}

  private Jms() {}

  public static void main(String[] arguments) throws Exception {
    int rounds = 5;
    int mails = 15_000;
    int warmUp = 15_000;
    List<String> only = List.of("core", "amqp", "openwire", "stomp", "mqtt", "http");
    List<String> formats = List.of("raw", "text", "map", "json");
    for (String argument : arguments) {
      String[] option = argument.split("=", 2);
      switch (option[0]) {
        case "rounds" -> rounds = Integer.parseInt(option[1]);
        case "mails" -> mails = Integer.parseInt(option[1]);
        case "warm-up" -> warmUp = Integer.parseInt(option[1]);
        case "only" -> only = List.of(option[1].split(","));
        case "formats" -> formats = List.of(option[1].split(","));
        default -> {
          System.err.println(
              "usage: jms.sh [rounds=5] [mails=15000] [warm-up=15000] [only=core,amqp,openwire,...]"
                  + " [formats=raw,text,map,json]");
          System.exit(2);
        }
      }
    }
    Path folder = Files.createTempDirectory("caravan-jms");
    Path users = folder.resolve("users");
    BenchUsers.command(users, "secret", "add", "bench");
    String token = BenchUsers.command(users, "", "token", "bench").strip();
    int broker = Peer.freePort();
    Map<String, String> keys = new LinkedHashMap<>();
    try (BenchSink sink = new BenchSink(1, 0);
        BenchDns dns = new BenchDns()) {
      keys.put("delivery.mode", "smarthost");
      keys.put("smarthost.host", BenchDns.address(1).getHostAddress());
      keys.put("smarthost.port", Integer.toString(sink.port()));
      keys.put("smarthost.tls", "none");
      keys.put("broker.port", Integer.toString(broker));
      keys.put("users-file", users.toString());
      try (BenchGateway gateway = BenchGateway.start(dns, sink.port(), keys)) {
        Map<String, Way> ways = new LinkedHashMap<>();
        ways.put("core", format -> jms(core(broker), format));
        ways.put("amqp", format -> jms(amqp(broker), format));
        ways.put("openwire", format -> new OpenWire(broker, format));
        ways.put("stomp", format -> new Stomp(broker, format));
        ways.put("mqtt", format -> new Mqtt(broker, format));
        ways.put("http", format -> new Http(gateway.httpPort(), token));
        ways.keySet().retainAll(only);
        if (!isThere("org.apache.qpid.jms.JmsConnectionFactory") && ways.remove("amqp") != null) {
          System.out.println("without AMQP: Qpid JMS is not in the Maven repository");
        }
        List<Case> cases = new ArrayList<>(List.of(new Case("SMTP", "")));
        for (String protocol : ways.keySet()) {
          for (String format :
              switch (protocol) {
                case "http" -> List.of("json");
                case "mqtt" -> List.of("raw", "json");
                case "stomp" -> List.of("raw", "text", "json");
                default -> List.of("raw", "text", "map", "json");
              }) {
            if (formats.contains(format)) {
              cases.add(new Case(protocol, format));
            }
          }
        }
        measure(cases, ways, gateway, sink, rounds, mails, warmUp);
      }
    } finally {
      BenchFiles.delete(folder);
    }
  }

  private static void measure(
      List<Case> cases,
      Map<String, Way> ways,
      BenchGateway gateway,
      BenchSink sink,
      int rounds,
      int mails,
      int warmUp)
      throws Exception {
    System.out.printf(
        "%d octets, %d connections, each waits for every mail; %d rounds of %d mails%n",
        TEXT.length(), CLIENTS, rounds, mails);
    for (Case each : cases) {
      round(each, ways, gateway, sink, warmUp);
    }
    Map<Case, List<Figures>> all = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (Case each : cases) {
        all.computeIfAbsent(each, c -> new ArrayList<>())
            .add(round(each, ways, gateway, sink, mails));
      }
    }
    List<Figures> smtp = all.get(cases.getFirst());
    System.out.printf(
        "%-14s %8s %9s %12s %12s%n", "", "mails/s", "CPU-ms", "rate x SMTP", "CPU x SMTP");
    all.forEach(
        (each, figures) ->
            System.out.printf(
                "%-14s %8.0f %9.2f %12.2f %12.2f%n",
                each,
                median(figures, smtp, (own, reference) -> own.rate()),
                median(figures, smtp, (own, reference) -> own.cpu()),
                median(figures, smtp, (own, reference) -> own.rate() / reference.rate()),
                median(figures, smtp, (own, reference) -> own.cpu() / reference.cpu())));
  }

  private interface Figure {
    double of(Figures own, Figures reference);
  }

  private static double median(List<Figures> own, List<Figures> reference, Figure figure) {
    double[] sorted = new double[own.size()];
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] = figure.of(own.get(i), reference.get(i));
    }
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static Figures round(
      Case each, Map<String, Way> ways, BenchGateway gateway, BenchSink sink, int mails)
      throws Exception {
    int before = sink.messages.get();
    double cpu = Peer.seconds(gateway.process().pid(), false);
    long start = System.nanoTime();
    if (each.format().isEmpty()) {
      BenchLoad.send(gateway.smtpPort(), mails, CLIENTS, n -> 1);
    } else {
      send(ways.get(each.protocol()), each.format(), mails);
    }
    while (sink.messages.get() < before + mails) {
      Thread.sleep(2);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    // What it still tidies up counts, too.
    Thread.sleep(250);
    sink.times.clear();
    return new Figures(
        mails / seconds, (Peer.seconds(gateway.process().pid(), false) - cpu) * 1e3 / mails);
  }

  private static void send(Way way, String format, int mails) throws Exception {
    AtomicInteger next = new AtomicInteger();
    List<Exception> failures = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try (Client client = way.open(format)) {
                      while (next.getAndIncrement() < mails) {
                        client.send();
                      }
                    } catch (Exception e) {
                      failures.add(e);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    if (!failures.isEmpty()) {
      throw failures.getFirst();
    }
  }

  private static boolean isThere(String type) {
    try {
      Class.forName(type);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static jakarta.jms.ConnectionFactory core(int port) {
    return new org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory(
        "tcp://127.0.0.1:" + port, "bench", "secret");
  }

  /** By its name: whoever has not built this has no Qpid. */
  private static jakarta.jms.ConnectionFactory amqp(int port) throws Exception {
    return (jakarta.jms.ConnectionFactory)
        Class.forName("org.apache.qpid.jms.JmsConnectionFactory")
            .getConstructor(String.class, String.class, String.class)
            .newInstance("bench", "secret", "amqp://127.0.0.1:" + port);
  }

  private static Client jms(jakarta.jms.ConnectionFactory factory, String format) throws Exception {
    jakarta.jms.Connection connection = factory.createConnection();
    jakarta.jms.Session session = connection.createSession();
    jakarta.jms.MessageProducer producer =
        session.createProducer(session.createQueue("mail.submit"));
    return new Client() {
      @Override
      public void send() throws Exception {
        producer.send(message());
      }

      private jakarta.jms.Message message() throws Exception {
        return switch (format) {
          case "raw" -> {
            jakarta.jms.BytesMessage raw = session.createBytesMessage();
            raw.writeBytes(RAW.getBytes(StandardCharsets.US_ASCII));
            yield with(raw, ENVELOPE);
          }
          case "text" -> with(session.createTextMessage(TEXT), DRAFT);
          case "map" -> {
            jakarta.jms.MapMessage map = session.createMapMessage();
            map.setString("text", TEXT);
            for (Map.Entry<String, String> field : DRAFT.entrySet()) {
              map.setString(field.getKey(), field.getValue());
            }
            yield map;
          }
          default -> with(session.createTextMessage(JSON), Map.of("format", "json"));
        };
      }

      private jakarta.jms.Message with(jakarta.jms.Message message, Map<String, String> properties)
          throws Exception {
        for (Map.Entry<String, String> property : properties.entrySet()) {
          message.setStringProperty(property.getKey(), property.getValue());
        }
        return message;
      }

      @Override
      public void close() throws Exception {
        connection.close();
      }
    };
  }

  /** The client of ActiveMQ Classic, which knows javax.jms. */
  private static final class OpenWire implements Client {
    private final javax.jms.Connection connection;
    private final javax.jms.Session session;
    private final javax.jms.MessageProducer producer;
    private final String format;

    OpenWire(int port, String format) throws Exception {
      this.format = format;
      this.connection =
          new org.apache.activemq.ActiveMQConnectionFactory(
                  "bench", "secret", "tcp://127.0.0.1:" + port)
              .createConnection();
      connection.start();
      this.session = connection.createSession(false, javax.jms.Session.AUTO_ACKNOWLEDGE);
      this.producer = session.createProducer(session.createQueue("mail.submit"));
    }

    @Override
    public void send() throws Exception {
      producer.send(message());
    }

    private javax.jms.Message message() throws Exception {
      return switch (format) {
        case "raw" -> {
          javax.jms.BytesMessage raw = session.createBytesMessage();
          raw.writeBytes(RAW.getBytes(StandardCharsets.US_ASCII));
          yield with(raw, ENVELOPE);
        }
        case "text" -> with(session.createTextMessage(TEXT), DRAFT);
        case "map" -> {
          javax.jms.MapMessage map = session.createMapMessage();
          map.setString("text", TEXT);
          for (Map.Entry<String, String> field : DRAFT.entrySet()) {
            map.setString(field.getKey(), field.getValue());
          }
          yield map;
        }
        default -> with(session.createTextMessage(JSON), Map.of("format", "json"));
      };
    }

    private static javax.jms.Message with(javax.jms.Message message, Map<String, String> properties)
        throws Exception {
      for (Map.Entry<String, String> property : properties.entrySet()) {
        message.setStringProperty(property.getKey(), property.getValue());
      }
      return message;
    }

    @Override
    public void close() throws Exception {
      connection.close();
    }
  }

  /** Frames by hand; each waits for its receipt. */
  private static final class Stomp implements Client {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final byte[] frame;

    Stomp(int port, String format) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream());
      out = socket.getOutputStream();
      StringBuilder text =
          new StringBuilder("SEND\ndestination:mail.submit\nreceipt:1\npersistent:true\n");
      String body =
          switch (format) {
            case "raw" -> {
              ENVELOPE.forEach((name, value) -> text.append(name + ":" + value + "\n"));
              text.append("content-length:" + RAW.length() + "\n");
              yield RAW;
            }
            case "text" -> {
              DRAFT.forEach((name, value) -> text.append(name + ":" + value + "\n"));
              yield TEXT;
            }
            default -> {
              text.append("format:json\n");
              yield JSON;
            }
          };
      frame = (text + "\n" + body + "\0").getBytes(StandardCharsets.UTF_8);
      String connect =
          "CONNECT\naccept-version:1.2\nhost:localhost\nlogin:bench\npasscode:secret\n\n\0";
      out.write(connect.getBytes(StandardCharsets.UTF_8));
      expect("CONNECTED");
    }

    @Override
    public void send() throws IOException {
      out.write(frame);
      expect("RECEIPT");
    }

    private void expect(String command) throws IOException {
      StringBuilder said = new StringBuilder();
      for (int c = in.read(); c > 0; c = in.read()) {
        said.append((char) c);
      }
      if (!said.toString().strip().startsWith(command)) {
        throw new IOException("instead of " + command + ": " + said);
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** Packets of MQTT 5 by hand; each mail waits for its PUBACK. */
  private static final class Mqtt implements Client {
    private static final int CONNECT = 0x10;
    private static final int CONNACK = 0x20;
    private static final int PUBLISH_AT_LEAST_ONCE = 0x32;
    private static final int PUBACK = 0x40;
    private static final int USER_PROPERTY = 0x26;
    private static final AtomicInteger CLIENT = new AtomicInteger();

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final byte[] publish;

    Mqtt(int port, String format) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      out = socket.getOutputStream();
      ByteArrayOutputStream connect = new ByteArrayOutputStream();
      DataOutputStream login = new DataOutputStream(connect);
      login.writeUTF("MQTT");
      login.write(new byte[] {5, (byte) 0xC2, 0, 60, 0}); // a clean start, name and password
      login.writeUTF("bench-" + CLIENT.incrementAndGet());
      login.writeUTF("bench");
      login.writeUTF("secret");
      out.write(packet(CONNECT, connect.toByteArray()));
      expect(CONNACK, 1);

      ByteArrayOutputStream properties = new ByteArrayOutputStream();
      if (format.equals("raw")) {
        for (Map.Entry<String, String> property : ENVELOPE.entrySet()) {
          DataOutputStream each = new DataOutputStream(properties);
          each.write(USER_PROPERTY);
          each.writeUTF(property.getKey());
          each.writeUTF(property.getValue());
        }
      }
      ByteArrayOutputStream mail = new ByteArrayOutputStream();
      DataOutputStream message = new DataOutputStream(mail);
      message.writeUTF("mail/submit");
      message.writeShort(1);
      message.write(length(properties.size()));
      message.write(properties.toByteArray());
      message.write((format.equals("raw") ? RAW : JSON).getBytes(StandardCharsets.UTF_8));
      publish = packet(PUBLISH_AT_LEAST_ONCE, mail.toByteArray());
    }

    private static byte[] packet(int type, byte[] rest) {
      ByteArrayOutputStream packet = new ByteArrayOutputStream();
      packet.write(type);
      packet.writeBytes(length(rest.length));
      packet.writeBytes(rest);
      return packet.toByteArray();
    }

    /** A variable byte integer. */
    private static byte[] length(int number) {
      ByteArrayOutputStream octets = new ByteArrayOutputStream();
      int left = number;
      do {
        octets.write(left >= 128 ? left % 128 | 128 : left);
        left /= 128;
      } while (left > 0);
      return octets.toByteArray();
    }

    @Override
    public void send() throws IOException {
      out.write(publish);
      expect(PUBACK, 2);
    }

    /** A short packet whose reason is good. */
    private void expect(int type, int reasonAt) throws IOException {
      int got = in.readUnsignedByte();
      byte[] rest = new byte[in.readUnsignedByte()];
      in.readFully(rest);
      if (got != type || rest.length > reasonAt && (rest[reasonAt] & 0xFF) >= 0x80) {
        throw new IOException("the broker refused: " + got + " " + Arrays.toString(rest));
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static final class Http implements Client {
    private final HttpClient http =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final HttpRequest request;

    Http(int port, String token) {
      request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/messages"))
              .header("Content-Type", "application/json")
              .header("Authorization", "Bearer " + token)
              .POST(HttpRequest.BodyPublishers.ofString(JSON))
              .build();
    }

    @Override
    public void send() throws Exception {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 202) {
        throw new IOException(answer.statusCode() + ": " + answer.body());
      }
    }

    @Override
    public void close() {
      http.close();
    }
  }
}
