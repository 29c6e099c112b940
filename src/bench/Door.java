import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Loads the SMTP door of a gateway in a process of its own, and prints figures; see door.sh. */
final class Door {
  private static final int LINE = 78;

  public static void main(String[] arguments) throws Exception {
    String load = arguments.length == 0 ? "" : arguments[0];
    int count = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 0;
    switch (load) {
      case "idle" -> run(gateway -> idle(gateway, count == 0 ? 10_000 : count, 500, 20_000));
      case "flood" -> run(gateway -> floods(gateway, count == 0 ? 40 : count));
      case "big" -> run(gateway -> big(gateway, count == 0 ? 200 : count, 20 << 20));
      case "begun" -> {
        int clients = count == 0 ? 1_000 : count;
        run(gateway -> begun(gateway, clients, 50 << 10));
        run(gateway -> begun(gateway, clients, 10 << 20));
      }
      default -> {
        System.err.println("usage: door.sh idle|big|begun|flood [CLIENTS]");
        System.exit(2);
      }
    }
  }

  private interface Load {
    void put(Gateway gateway) throws Exception;
  }

  private static void run(Load load) throws Exception {
    try (Gateway gateway = Gateway.start()) {
      gateway.figures("started");
      load.put(gateway);
      gateway.peak();
    }
  }

  /** Many that say nothing; some that send; one that is timed. */
  private static void idle(Gateway gateway, int idle, int active, int mails) throws Exception {
    needFiles(idle + active);
    List<Client> waiting = new ArrayList<>();
    for (int i = 0; i < idle; i++) {
      waiting.add(new Client(gateway.port));
    }
    gateway.figures(idle + " idle connections");
    AtomicInteger left = new AtomicInteger(mails);
    ConcurrentLinkedQueue<Long> latencies = new ConcurrentLinkedQueue<>();
    CountDownLatch done = new CountDownLatch(active);
    long start = System.nanoTime();
    for (int i = 0; i < active; i++) {
      Thread.startVirtualThread(
          () -> {
            try (Client client = new Client(gateway.port)) {
              while (left.getAndDecrement() > 0) {
                client.send(5 << 10);
              }
            } catch (IOException e) {
              System.err.println("a client failed: " + e);
            } finally {
              done.countDown();
            }
          });
    }
    try (Client timed = new Client(gateway.port)) {
      while (done.getCount() > 0) {
        long begun = System.nanoTime();
        timed.send(5 << 10);
        latencies.add(System.nanoTime() - begun);
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "%d active: %d mails of 5 KB in %.1f s, %.0f/s; one mail of a client beside them takes"
            + " %s%n",
        active, mails, seconds, mails / seconds, percentiles(latencies));
    gateway.figures("after " + mails + " mails, " + idle + " still idle");
    int served = 0;
    for (Client client : waiting) {
      served += client.say("NOOP").startsWith("250") ? 1 : 0;
      client.close();
    }
    System.out.printf("%d of %d idle connections still answer%n", served, idle);
  }

  /** All begin at once, and end. */
  private static void big(Gateway gateway, int clients, int octets) throws Exception {
    needFiles(clients);
    ConcurrentLinkedQueue<Long> latencies = new ConcurrentLinkedQueue<>();
    AtomicInteger accepted = new AtomicInteger();
    long start = System.nanoTime();
    CountDownLatch done = new CountDownLatch(clients);
    for (int i = 0; i < clients; i++) {
      Thread.startVirtualThread(
          () -> {
            try (Client client = new Client(gateway.port)) {
              client.send(octets);
              accepted.incrementAndGet();
            } catch (IOException e) {
              System.err.println("a client failed: " + e.getMessage());
            } finally {
              done.countDown();
            }
          });
    }
    try (Client timed = new Client(gateway.port)) {
      while (done.getCount() > 0) {
        long begun = System.nanoTime();
        timed.send(5 << 10);
        latencies.add(System.nanoTime() - begun);
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "%d of %d messages of %d MB accepted in %.1f s, %.0f MB/s; a mail of 5 KB beside them takes"
            + " %s%n",
        accepted.get(),
        clients,
        octets >> 20,
        seconds,
        accepted.get() * (octets / 1e6) / seconds,
        percentiles(latencies));
    gateway.figures("after them");
  }

  private static final int ROUND_MAILS = 1_000;

  private interface Attacker {
    /** Once; again as soon as it returns. */
    void attack(Client client) throws IOException;
  }

  /** What a client feels while others, from an address of their own, do harm all the time. */
  private static void floods(Gateway gateway, int attackers) throws Exception {
    flood(gateway, 0, "nobody (warming up)", client -> {});
    flood(gateway, 0, "nobody", client -> {});
    flood(gateway, attackers, "connections that come and go", client -> {});
    flood(
        gateway,
        attackers,
        "errors",
        client -> {
          for (String reply = "500"; reply.startsWith("500"); ) {
            reply = client.say("NONSENSE");
          }
        });
    flood(
        gateway,
        attackers,
        "passwords guessed",
        client -> {
          for (String reply = "535"; reply.startsWith("535"); ) {
            reply = client.say("AUTH PLAIN AGpvZQBndWVzcw==");
          }
        });
    flood(
        gateway,
        attackers,
        "messages, octet by octet",
        client -> {
          client.expect("MAIL FROM:<a@client.example>");
          client.expect("RCPT TO:<b@ours.example>");
          client.expect("DATA");
          client.trickle();
        });
    flood(gateway, attackers, "commands, octet by octet", Client::trickle);
  }

  private static void flood(Gateway gateway, int attackers, String name, Attacker attacker)
      throws Exception {
    AtomicInteger attacks = new AtomicInteger();
    CountDownLatch over = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < attackers; i++) {
      threads.add(
          Thread.startVirtualThread(
              () -> {
                while (over.getCount() > 0) {
                  attacks.incrementAndGet();
                  try (Client client = new Client(gateway.port, "127.0.0.2")) {
                    attacker.attack(client);
                  } catch (IOException e) {
                    // cut off
                  }
                }
              }));
    }
    ConcurrentLinkedQueue<Long> latencies = new ConcurrentLinkedQueue<>();
    try (Client timed = new Client(gateway.port)) {
      for (int i = 0; i < ROUND_MAILS; i++) {
        long begun = System.nanoTime();
        timed.send(5 << 10);
        latencies.add(System.nanoTime() - begun);
      }
    }
    over.countDown();
    threads.forEach(Thread::interrupt);
    System.out.printf(
        "beside %-32s %8d attacks; a mail of 5 KB takes %s%n",
        name + ":", attacks.get(), percentiles(latencies));
  }

  /** All have sent so much of a message and wait: the most that they can hold at once. */
  private static void begun(Gateway gateway, int clients, int octets) throws Exception {
    needFiles(clients);
    List<Client> all = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      all.add(new Client(gateway.port));
    }
    AtomicInteger begun = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(clients);
    for (Client client : all) {
      Thread.startVirtualThread(
          () -> {
            try {
              client.begin();
              client.text(octets);
              begun.incrementAndGet();
            } catch (IOException e) {
              System.err.println("a client failed: " + e.getMessage());
            } finally {
              done.countDown();
            }
          });
    }
    done.await();
    gateway.figures(begun + " clients within a message, " + (octets >> 10) + " KB of each sent");
    for (Client client : all) {
      client.close();
    }
  }

  private static String percentiles(ConcurrentLinkedQueue<Long> nanos) {
    long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
    if (sorted.length == 0) {
      return "(none was sent)";
    }
    return "median %.1f ms, p99 %.1f ms (%d mails)"
        .formatted(
            sorted[sorted.length / 2] / 1e6, sorted[sorted.length * 99 / 100] / 1e6, sorted.length);
  }

  /** Each connection is a file, here and there. */
  private static void needFiles(int connections) throws IOException {
    int need = 2 * connections + 500;
    Matcher limit =
        Pattern.compile("Max open files +(\\d+)")
            .matcher(Files.readString(Path.of("/proc/self/limits")));
    if (limit.find() && Long.parseLong(limit.group(1)) < connections + 500) {
      System.err.printf(
          "%d connections need more open files than ulimit -n allows (%s): try ulimit -n %d%n",
          connections, limit.group(1), need);
      System.exit(1);
    }
  }

  private static final class Client implements AutoCloseable {
    private final Socket socket = new Socket();

    Client(int port) throws IOException {
      this(port, "127.0.0.1");
    }

    Client(int port, String from) throws IOException {
      socket.bind(new InetSocketAddress(from, 0));
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 60_000);
      socket.setTcpNoDelay(true);
      expect(reply(), "220");
      expect(say("EHLO client.example"), "250");
    }

    void send(int octets) throws IOException {
      begin();
      text(octets);
      expect(say("."), "250");
    }

    void begin() throws IOException {
      expect(say("MAIL FROM:<a@client.example>"), "250");
      expect(say("RCPT TO:<b@dest.example>"), "250");
      expect(say("DATA"), "354");
    }

    void text(int octets) throws IOException {
      OutputStream out = socket.getOutputStream();
      out.write(
          "From: a@client.example\r\nSubject: load\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      byte[] lines = new byte[800 * (LINE + 2)];
      Arrays.fill(lines, (byte) 'x');
      for (int i = LINE; i < lines.length; i += LINE + 2) {
        lines[i] = '\r';
        lines[i + 1] = '\n';
      }
      int left = Math.max(1, octets / (LINE + 2)) * (LINE + 2);
      while (left > 0) {
        int count = Math.min(left, lines.length);
        out.write(lines, 0, count);
        left -= count;
      }
    }

    void expect(String line) throws IOException {
      String reply = say(line);
      if (reply.compareTo("4") >= 0) {
        throw new IOException(reply);
      }
    }

    /** An octet now and then, until the other end has enough. */
    void trickle() throws IOException {
      while (!Thread.currentThread().isInterrupted()) {
        socket.getOutputStream().write('x');
        try {
          Thread.sleep(50);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }

    String say(String line) throws IOException {
      socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
      return reply();
    }

    /** The last line. No buffer: there are many clients. */
    private String reply() throws IOException {
      byte[] buffer = new byte[2048];
      int filled = 0;
      while (true) {
        int count = socket.getInputStream().read(buffer, filled, buffer.length - filled);
        if (count < 0) {
          return "";
        }
        filled += count;
        String text = new String(buffer, 0, filled, StandardCharsets.US_ASCII);
        String last = text.substring(text.lastIndexOf('\n', text.length() - 2) + 1);
        if (last.endsWith("\n") && last.length() > 4 && last.charAt(3) == ' ') {
          return last.strip();
        }
      }
    }

    private static void expect(String reply, String code) throws IOException {
      if (!reply.startsWith(code)) {
        throw new IOException("expected " + code + ", got '" + reply + "'");
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** A gateway of its own, with a folder that is deleted afterwards. */
  private record Gateway(Process process, Path folder, int port) implements AutoCloseable {
    static Gateway start() throws Exception {
      Path folder = Files.createTempDirectory("caravan-bench");
      List<String> command =
          new ArrayList<>(List.of(System.getProperty("caravan.home") + "/caravan", "run"));
      List<String> keys =
          List.of(
              "smtp.port=0",
              "submission.port=-1",
              "submissions.port=-1",
              "broker.port=-1",
              "http.port=-1",
              "smtp.connections-max=20000",
              "relay.networks=127.0.0.1",
              "relay.domains=ours.example",
              "spf.fail=ignore",
              "log.level=warn",
              "sandbox.files-max=10",
              "broker.disk-max=99",
              "data-dir=" + folder.resolve("data"));
      keys.forEach(key -> command.addAll(List.of("-P", "caravan." + key)));
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.redirectError(folder.resolve("log").toFile());
      builder
          .environment()
          .merge(
              "CARAVAN_JAVA_OPTS",
              "-Xlog:gc:file=" + folder.resolve("gc.log"),
              (a, b) -> a + " " + b);
      Process process = builder.start();
      BufferedReader out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      String line = out.readLine();
      Matcher ready =
          Pattern.compile("caravan ready .*?smtp=\\S*?:(\\d+)").matcher(line == null ? "" : line);
      if (!ready.find()) {
        process.destroy();
        throw new IOException("the gateway did not start: " + line);
      }
      return new Gateway(process, folder, Integer.parseInt(ready.group(1)));
    }

    /** What is left after a collection, and what the process has of the machine. */
    void figures(String when) throws Exception {
      long pid = process.pid();
      System.out.printf(
          "%-55s RSS %d MB (peak %d MB), %d threads",
          when + ":",
          Peer.status(pid, "VmRSS") / 1024,
          Peer.status(pid, "VmHWM") / 1024,
          Peer.status(pid, "Threads"));
      ask("GC.run");
      List<Long> after = collections("->(\\d+)M");
      System.out.printf(", heap after GC %s MB%n", after.isEmpty() ? "?" : after.getLast());
    }

    void peak() throws IOException {
      List<Long> after = collections("->(\\d+)M");
      List<Long> before = collections("(\\d+)M->");
      System.out.printf(
          "largest heap: %d MB before a collection, %d MB after one; %d collections%n",
          before.stream().max(Comparator.naturalOrder()).orElse(0L),
          after.stream().max(Comparator.naturalOrder()).orElse(0L),
          after.size());
    }

    private List<Long> collections(String pattern) throws IOException {
      return Pattern.compile(pattern)
          .matcher(Files.readString(folder.resolve("gc.log")))
          .results()
          .map(found -> Long.valueOf(found.group(1)))
          .toList();
    }

    private void ask(String command) throws Exception {
      Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
      new ProcessBuilder(jcmd.toString(), Long.toString(process.pid()), command)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    }

    @Override
    public void close() throws Exception {
      process.destroy();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      BenchFiles.delete(folder);
    }
  }
}
