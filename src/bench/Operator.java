import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.client.ActiveMQClient;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.api.core.client.ServerLocator;

/** Times the operator's commands beside a gateway with much waiting mail; see operator.sh. */
final class Operator {
  private static final String QUEUE = "mail.retry.4h";
  private static final int SITES = 200;
  private static final int SENDERS = 10;

  private final String caravan;
  private final Path data;
  private final long pid;

  private Operator(String caravan, Path data, long pid) {
    this.caravan = caravan;
    this.data = data;
    this.pid = pid;
  }

  public static void main(String[] arguments) throws Exception {
    int mails = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 200_000;
    String caravan =
        System.getProperty("caravan.command", System.getProperty("caravan.home") + "/caravan");
    Path data = Files.createTempDirectory("caravan-operator-");
    Process gateway =
        new ProcessBuilder(
                command(
                    caravan,
                    data,
                    "run",
                    "-P",
                    "caravan.smtp.port=0",
                    "-P",
                    "caravan.http.port=0",
                    "-P",
                    "caravan.broker.port=0",
                    "-P",
                    "caravan.broker.disk-max=100"))
            .redirectError(data.resolve("log").toFile())
            .start();
    try {
      BufferedReader out =
          new BufferedReader(
              new InputStreamReader(gateway.getInputStream(), StandardCharsets.UTF_8));
      String ready = out.readLine();
      if (ready == null) {
        throw new IOException(Files.readString(data.resolve("log")));
      }
      Matcher broker = Pattern.compile(" broker=(\\S+)").matcher(ready);
      broker.find();
      long start = System.nanoTime();
      fill(broker.group(1), data, mails);
      System.out.printf(
          "%,d mails of 5 KB in %s after %.1f s%n",
          mails, QUEUE, (System.nanoTime() - start) / 1e9);
      new Operator(caravan, data, gateway.pid()).commands();
    } finally {
      gateway.destroy();
      gateway.waitFor();
      BenchFiles.delete(data);
    }
  }

  private static List<String> command(String caravan, Path data, String... arguments) {
    List<String> all = new ArrayList<>(List.of(caravan));
    all.addAll(List.of(arguments));
    all.addAll(List.of("-P", "caravan.data-dir=" + data));
    return all;
  }

  /** As mail that was deferred: with the properties of the contract. */
  private static void fill(String broker, Path data, int mails) throws Exception {
    List<String> credentials =
        Files.readAllLines(data.resolve("broker.credentials")).stream()
            .map(line -> line.substring(line.indexOf('=') + 1))
            .toList();
    byte[] body = ("x".repeat(76) + "\r\n").repeat(64).getBytes(StandardCharsets.US_ASCII);
    long now = System.currentTimeMillis();
    try (ServerLocator locator = ActiveMQClient.createServerLocator("tcp://" + broker)) {
      locator.setBlockOnDurableSend(false);
      locator.setProducerWindowSize(1 << 20);
      try (ClientSessionFactory connection = locator.createSessionFactory();
          ClientSession session =
              connection.createSession(
                  credentials.get(0), credentials.get(1), false, false, true, false, 1);
          ClientProducer producer = session.createProducer(QUEUE)) {
        for (int i = 0; i < mails; i++) {
          ClientMessage message = session.createMessage(Message.BYTES_TYPE, true);
          message.putStringProperty("mailId", String.format("BENCH%08d", i));
          message.putStringProperty("mailFrom", "news" + i % SENDERS + "@sender.example");
          message.putStringProperty("rcptTo", "user" + i + "@d" + i % SITES + ".example");
          message.putStringProperty("site", "d" + i % SITES + ".example");
          message.putIntProperty("attempts", 4);
          message.putLongProperty("queuedAt", now - 3_600_000);
          message.putStringProperty("lastReply", "450 4.2.0 Not now");
          message.putStringProperty("source", "smtp");
          message.putLongProperty("size", body.length);
          message.putLongProperty("retryAt", now + 4 * 3_600_000L);
          String header =
              "From: news@sender.example\r\nSubject: invoice " + i + "\r\nX-Campaign: c" + i % 50;
          message.getBodyBuffer().writeBytes((header + "\r\n\r\n").getBytes("US-ASCII"));
          message.getBodyBuffer().writeBytes(body);
          producer.send(message);
          if (i % 1_000 == 999) {
            session.commit();
          }
        }
        session.commit();
      }
    }
  }

  private void commands() throws Exception {
    figures();
    time("queue", "list");
    time("queue", "list", "--queue", QUEUE);
    time("queue", "list", "--to", "@d7.example", "--limit", "1000");
    time("queue", "list", "--header", "X-Campaign: c7", "--limit", "5000");
    time("queue", "list", "--all", "--limit", "1000000", "--json");
    time("queue", "show", "BENCH00150000");
    time("site", "show", "d7.example");
    figures();
    time("queue", "hold", "BENCH00150000");
    time("queue", "hold", "--site", "d7.example", "--yes");
    time("queue", "hold", "--header", "X-Campaign: c8", "--yes");
    time("queue", "release", "--to", "@d7.example", "--yes");
    time("queue", "retry", "--site", "d9.example", "--yes");
    time("queue", "reroute", "--site", "d10.example", "--via", "127.0.0.1:9", "--yes");
    time("queue", "bounce", "--from", "news1@sender.example", "--yes");
    time("queue", "delete", "--from", "news2@sender.example", "--yes");
    figures();
    time("queue", "hold", "--all", "--yes");
    figures();
    time("queue", "reroute", "--all", "--via", "127.0.0.1:9", "--yes");
    time("queue", "delete", "--all", "--yes");
    figures();
  }

  private void time(String... arguments) throws Exception {
    Path out = data.resolve("out");
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command(caravan, data, arguments))
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    int status = process.waitFor();
    double seconds = (System.nanoTime() - start) / 1e9;
    List<String> lines;
    try (Stream<String> all = Files.lines(out)) {
      lines = all.toList();
    }
    String said = lines.size() == 1 ? lines.getFirst() : lines.size() + " lines";
    System.out.printf(
        "%7.1f s  %-75s %s%s%n",
        seconds,
        "caravan " + String.join(" ", arguments),
        said.length() > 100 ? said.substring(0, 100) + "…" : said,
        status == 0 ? "" : " (status " + status + ")");
  }

  private void figures() throws IOException {
    System.out.printf(
        "           RSS of the gateway %d MB, at most %d MB%n",
        Peer.status(pid, "VmRSS") / 1024, Peer.status(pid, "VmHWM") / 1024);
  }
}
