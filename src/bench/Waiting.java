import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.ReversePath;
import dev.caravan.queue.MailCodec;
import dev.caravan.queue.QueuedMail;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
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

/** Very many deferred mails wait on one rung of a gateway; see waiting.sh. */
final class Waiting {
  private static final int BODY = 5 << 10;
  private static final int FILLERS = 4;
  private static final int BATCH = 500;
  private static final int CLIENTS = 20;
  private static final int ROUNDS = 5;
  private static final String RUNG = "mail.retry.1h";
  private static final Random RANDOM = new Random();

  public static void main(String[] arguments) throws Exception {
    int mails = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
    int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 60 + mails / 2_000;
    int normal = Math.clamp(mails / 10, 500, 10_000);
    int warmUp = 6 * normal;
    Path data = Files.createTempDirectory("caravan-waiting");
    try (Sink sink = new Sink(mails)) {
      double alone;
      long due;
      try (Gateway gateway = new Gateway(data, sink.port())) {
        System.out.printf("started with an empty queue: ready after %.1f s%n", gateway.ready);
        traffic(gateway, sink, warmUp, "warming up");
        alone = rounds(gateway, sink, normal, "while none waits");
        gateway.figures("none waits");
        due = System.currentTimeMillis() + seconds * 1000L;
        fill(gateway, data, sink.port(), mails, due);
        gateway.figures(mails + " wait");
        settle();
        traffic(gateway, sink, warmUp, "warming up");
        beside(rounds(gateway, sink, normal, "while they wait"), alone);
        gateway.asked("/api/queues");
        gateway.asked("/metrics");
        gateway.asked("/health/ready");
        gateway.figures("after that");
        long stop = System.nanoTime();
        gateway.close();
        System.out.printf("stopped in %.1f s%n", (System.nanoTime() - stop) / 1e9);
      }
      try (Gateway gateway = new Gateway(data, sink.port())) {
        System.out.printf("started with all of them: ready after %.1f s%n", gateway.ready);
        gateway.figures("after the start");
        traffic(gateway, sink, warmUp, "warming up");
        beside(rounds(gateway, sink, normal, "while they wait"), alone);
        comeBack(gateway, sink, mails, due);
        gateway.figures("all delivered");
      }
    } finally {
      BenchFiles.delete(data);
    }
  }

  /** Until what the filling wrote is on the disk: it is the waiting that is to be measured. */
  private static void settle() throws Exception {
    long start = System.nanoTime();
    int status = new ProcessBuilder("sync").inheritIO().start().waitFor();
    System.out.printf(
        "what was written meanwhile is on the disk: %.1f s, sync ended with %d%n",
        (System.nanoTime() - start) / 1e9, status);
  }

  /** Median rate of delivery of several rounds. */
  private static double rounds(Gateway gateway, Sink sink, int mails, String when)
      throws Exception {
    List<Double> rates = new ArrayList<>();
    for (int round = 1; round <= ROUNDS; round++) {
      rates.add(traffic(gateway, sink, mails, "mail " + when + ", round " + round));
    }
    rates.sort(null);
    double median = rates.get(ROUNDS / 2);
    System.out.printf(
        "mail %s: median %.0f/s (%.0f to %.0f)%n", when, median, rates.getFirst(), rates.getLast());
    return median;
  }

  private static void beside(double rate, double alone) {
    System.out.printf("  that is %.2f of the rate while none waits%n", rate / alone);
  }

  /** Rate of delivery of so many mails from clients that send at the same time. */
  private static double traffic(Gateway gateway, Sink sink, int mails, String what)
      throws Exception {
    AtomicInteger left = new AtomicInteger(mails);
    long before = sink.fresh.get();
    CountDownLatch done = new CountDownLatch(CLIENTS);
    long start = System.nanoTime();
    for (int i = 0; i < CLIENTS; i++) {
      Thread.startVirtualThread(
          () -> {
            try (Client client = new Client(gateway.smtp)) {
              while (left.getAndDecrement() > 0) {
                client.send("X-Fresh: " + System.nanoTime());
              }
            } catch (IOException e) {
              System.err.println("a client failed: " + e);
            } finally {
              done.countDown();
            }
          });
    }
    done.await();
    double accepted = (System.nanoTime() - start) / 1e9;
    while (sink.fresh.get() - before < mails) {
      Thread.sleep(5);
    }
    double delivered = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "%s: %d mails of 5 KB, accepted %.0f/s, delivered %.0f/s%n",
        what, mails, mails / accepted, mails / delivered);
    return mails / delivered;
  }

  /** As the gateway writes them, over the broker's listener for applications. */
  private static void fill(Gateway gateway, Path data, int sinkPort, int mails, long due)
      throws Exception {
    List<String> credentials =
        Files.readAllLines(data.resolve("broker.credentials")).stream()
            .map(line -> line.substring(line.indexOf('=') + 1))
            .toList();
    AtomicInteger next = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(FILLERS);
    long start = System.nanoTime();
    ServerLocator locator = ActiveMQClient.createServerLocator("tcp://" + gateway.broker);
    locator.setBlockOnDurableSend(false);
    for (int i = 0; i < FILLERS; i++) {
      Thread.ofPlatform()
          .start(
              () -> {
                try (ClientSessionFactory connection = locator.createSessionFactory();
                    ClientSession session =
                        connection.createSession(
                            credentials.get(0), credentials.get(1), false, false, false, false, 0);
                    ClientProducer producer = session.createProducer(RUNG)) {
                  int uncommitted = 0;
                  for (int n = next.getAndIncrement(); n < mails; n = next.getAndIncrement()) {
                    producer.send(message(session, n, sinkPort, due));
                    if (++uncommitted % BATCH == 0) {
                      session.commit();
                    }
                  }
                  session.commit();
                } catch (Exception e) {
                  System.err.println("filling failed: " + e);
                } finally {
                  done.countDown();
                }
              });
    }
    done.await();
    locator.close();
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "%d mails to %s over the broker's listener: %.0f s, %.0f/s%n",
        mails, RUNG, seconds, mails / seconds);
  }

  private static ClientMessage message(ClientSession session, int n, int sinkPort, long due) {
    byte[] text = text("X-Waited: " + n);
    QueuedMail mail =
        new QueuedMail(
            MailId.next(Clock.systemUTC(), RANDOM),
            new Envelope(
                ReversePath.parse("news@sender.example"),
                List.of(EmailAddress.parse("reader" + n + "@dest.example"))),
            Content.of(text),
            "127.0.0.1:" + sinkPort,
            4,
            Instant.now(),
            "450 4.2.1 Not now",
            Origin.Source.SMTP,
            false);
    ClientMessage message = session.createMessage(Message.BYTES_TYPE, true);
    new MailCodec().properties(mail).forEach(message::putObjectProperty);
    message.putLongProperty("retryAt", due);
    message.getBodyBuffer().writeBytes(text);
    return message;
  }

  private static byte[] text(String field) {
    String header = field + "\r\nFrom: a@sender.example\r\nSubject: waiting\r\n\r\n";
    String line = "x".repeat(70) + "\r\n";
    return (header + line.repeat((BODY - header.length()) / line.length()))
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** They come back; how long does a fresh mail take meanwhile? */
  private static void comeBack(Gateway gateway, Sink sink, int mails, long due) throws Exception {
    int early = sink.waited();
    if (early > 0) {
      System.out.printf("%d came back before the other figures were taken%n", early);
    }
    while (System.currentTimeMillis() < due) {
      Thread.sleep(10);
    }
    long start = System.nanoTime();
    sink.latencies.clear();
    int peak = 0;
    int fresh = 0;
    try (Client client = new Client(gateway.smtp)) {
      for (int i = 0; sink.waited() < mails; i++) {
        client.send("X-Fresh: " + System.nanoTime());
        fresh++;
        Thread.sleep(100);
        if (i % 20 == 0) {
          peak = Math.max(peak, gateway.count("mail.out"));
        }
        if (System.nanoTime() - start > TimeUnit.HOURS.toNanos(1)) {
          break;
        }
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    int came = sink.waited();
    System.out.printf(
        "they come back: %d in %.0f s, %.0f/s; doubles %d, lost %d; most in mail.out %d%n",
        came - early, seconds, (came - early) / seconds, sink.doubles.get(), mails - came, peak);
    System.out.printf(
        "  a fresh mail meanwhile, from its client to the sink: %s (%d mails)%n",
        percentiles(sink.latencies), fresh);
  }

  private static String percentiles(ConcurrentLinkedQueue<Long> nanos) {
    List<Long> sorted = nanos.stream().sorted().toList();
    if (sorted.isEmpty()) {
      return "none";
    }
    return String.format(
        "median %.0f ms, p99 %.0f ms, longest %.0f ms",
        sorted.get(sorted.size() / 2) / 1e6,
        sorted.get((int) (sorted.size() * 0.99)) / 1e6,
        sorted.getLast() / 1e6);
  }

  private static long octets(Path dir) throws IOException {
    try (Stream<Path> files = Files.walk(dir)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  /** A gateway in a process of its own, which delivers all to the sink. */
  private static final class Gateway implements AutoCloseable {
    private final Path data;
    private final Process process;
    private final int smtp;
    private final String broker;
    private final String http;
    private final double ready;

    Gateway(Path data, int sinkPort) throws Exception {
      this.data = data;
      List<String> command = new ArrayList<>();
      command.add(System.getProperty("caravan.home") + "/caravan");
      command.add("run");
      for (String option :
          List.of(
              "data-dir=" + data,
              "hostname=relay.example",
              "smtp.port=0",
              "submission.port=0",
              "submissions.port=0",
              "broker.port=0",
              "http.port=0",
              "delivery.mode=smarthost",
              "smarthost.host=127.0.0.1",
              "smarthost.port=" + sinkPort,
              "smarthost.tls=none",
              "log.level=warn")) {
        command.add("-P");
        command.add("caravan." + option);
      }
      long start = System.nanoTime();
      Path log = data.resolve("bench.log");
      process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      BufferedReader out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      String line = out.readLine();
      while (line != null && !line.startsWith("caravan ready")) {
        line = out.readLine();
      }
      if (line == null) {
        throw new IOException("the gateway did not start:\n" + Files.readString(log));
      }
      ready = (System.nanoTime() - start) / 1e9;
      String smtpAddress = address(line, "smtp");
      smtp = Integer.parseInt(smtpAddress.substring(smtpAddress.lastIndexOf(':') + 1));
      broker = address(line, "broker");
      http = address(line, "http");
    }

    private static String address(String line, String name) {
      Matcher m = Pattern.compile("\\b" + name + "=(\\S+)").matcher(line);
      if (!m.find()) {
        throw new IllegalStateException(line);
      }
      return m.group(1);
    }

    /** Heap after a collection, memory of the process, disk. */
    void figures(String when) throws Exception {
      String pid = Long.toString(process.pid());
      run("jcmd", pid, "GC.run");
      Matcher heap =
          Pattern.compile("total (\\d+)K, used (\\d+)K").matcher(run("jcmd", pid, "GC.heap_info"));
      long used = 0;
      while (heap.find()) {
        used += Long.parseLong(heap.group(2));
      }
      System.out.printf(
          "%s: heap %d MB after a collection, RSS %d MB, data %d MB%n",
          when, used / 1024, Peer.status(process.pid(), "VmRSS") / 1024, octets(data) >> 20);
    }

    private static String run(String... command) throws Exception {
      String java = Path.of(System.getProperty("java.home"), "bin", command[0]).toString();
      command[0] = java;
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return text;
    }

    private String get(String path) throws Exception {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://" + http + path))
              .header(
                  "Authorization",
                  "Bearer " + Files.readString(data.resolve("admin.token")).strip())
              .build();
      try (HttpClient client = HttpClient.newHttpClient()) {
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
      }
    }

    void asked(String path) throws Exception {
      long start = System.nanoTime();
      int length = get(path).length();
      System.out.printf(
          "%s: %d octets in %.0f ms%n", path, length, (System.nanoTime() - start) / 1e6);
    }

    int count(String queue) throws Exception {
      Matcher m =
          Pattern.compile(Pattern.quote("queue=\"" + queue + "\"} ") + "(\\d+)")
              .matcher(get("/metrics"));
      return m.find() ? Integer.parseInt(m.group(1)) : 0;
    }

    @Override
    public void close() throws Exception {
      process.destroy();
      if (!process.waitFor(2, TimeUnit.MINUTES)) {
        process.destroyForcibly();
      }
    }
  }

  /** A client that sends a mail in two writes. */
  private static final class Client implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;
    private final OutputStream out;

    Client(int port) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      out = socket.getOutputStream();
      reply();
      say("EHLO client.example\r\n");
      reply();
    }

    private void say(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private String reply() throws IOException {
      while (true) {
        String line = in.readLine();
        if (line == null) {
          throw new IOException("closed");
        }
        if (line.charAt(3) == ' ') {
          return line;
        }
      }
    }

    void send(String field) throws IOException {
      say("MAIL FROM:<a@sender.example>\r\nRCPT TO:<b@dest.example>\r\nDATA\r\n");
      reply();
      reply();
      reply();
      out.write(text(field));
      say(".\r\n");
      String reply = reply();
      if (!reply.startsWith("250")) {
        throw new IOException(reply);
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** Takes everything, and knows what it has got. */
  private static final class Sink implements AutoCloseable {
    private final ServerSocket server;
    private final BitSet got;
    private final AtomicInteger doubles = new AtomicInteger();
    private final AtomicLong fresh = new AtomicLong();
    private final ConcurrentLinkedQueue<Long> latencies = new ConcurrentLinkedQueue<>();
    private volatile int waited;

    Sink(int mails) throws IOException {
      got = new BitSet(mails);
      server = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
      Thread.startVirtualThread(
          () -> {
            while (!server.isClosed()) {
              try {
                Socket socket = server.accept();
                Thread.startVirtualThread(() -> serve(socket));
              } catch (IOException e) {
                return;
              }
            }
          });
    }

    int port() {
      return server.getLocalPort();
    }

    int waited() {
      return waited;
    }

    private void serve(Socket socket) {
      try (socket) {
        socket.setTcpNoDelay(true);
        InputStream in = new BufferedInputStream(socket.getInputStream(), 16 << 10);
        OutputStream out = socket.getOutputStream();
        say(out, "220 sink\r\n");
        for (String line = BenchWire.line(in); ; line = BenchWire.line(in)) {
          if (line.startsWith("EHLO")) {
            say(out, "250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n");
          } else if (line.startsWith("DATA")) {
            say(out, "354 Go on\r\n");
            data(in);
            say(out, "250 2.0.0 Ok\r\n");
          } else if (line.startsWith("QUIT")) {
            say(out, "221 2.0.0 Bye\r\n");
            return;
          } else {
            say(out, "250 2.0.0 Ok\r\n");
          }
        }
      } catch (IOException e) {
        // it has gone
      }
    }

    private void data(InputStream in) throws IOException {
      for (String line = BenchWire.line(in); !line.equals("."); line = BenchWire.line(in)) {
        if (line.startsWith("X-Waited: ")) {
          count(Integer.parseInt(line.substring(10)));
        } else if (line.startsWith("X-Fresh: ")) {
          latencies.add(System.nanoTime() - Long.parseLong(line.substring(9)));
          fresh.incrementAndGet();
        }
      }
    }

    private synchronized void count(int mail) {
      if (got.get(mail)) {
        doubles.incrementAndGet();
      } else {
        got.set(mail);
        waited++;
      }
    }

    private static void say(OutputStream out, String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }
}
