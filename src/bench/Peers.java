import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Relays side by side; see peers.sh. */
final class Peers {
  /** Deliveries to the sink at the same time, of each. */
  private static final int DELIVERIES = 50;

  private static final int CLIENTS = 20;
  private static final int CLOCK_TICKS = 100;

  /** A relay that takes mail from us and hands it to the sink. */
  private interface Peer extends AutoCloseable {
    String name();

    int port();

    /** Processor time of all its processes until now, in seconds. */
    double cpu() throws IOException;
  }

  /**
   * A kind of load.
   *
   * @param signed whether the relays sign with DKIM (RSA-2048)
   */
  private record Case(String name, int octets, int perConnection, boolean signed) {}

  private static final Map<String, Case> CASES = new LinkedHashMap<>();

  static {
    for (Case each :
        List.of(
            new Case("5KB", 5 << 10, Integer.MAX_VALUE, false),
            new Case("5KB-fresh", 5 << 10, 1, false),
            new Case("5KB-signed", 5 << 10, Integer.MAX_VALUE, true),
            new Case("100KB", 100 << 10, Integer.MAX_VALUE, false))) {
      CASES.put(each.name(), each);
    }
  }

  public static void main(String[] arguments) throws Exception {
    List<Case> cases = new ArrayList<>();
    int rounds = 5;
    int mails = 5_000;
    int warmUp = 40_000;
    for (String argument : arguments) {
      String[] option = argument.split("=", 2);
      switch (option[0]) {
        case "rounds" -> rounds = Integer.parseInt(option[1]);
        case "mails" -> mails = Integer.parseInt(option[1]);
        case "warm-up" -> warmUp = Integer.parseInt(option[1]);
        case "case" ->
            Arrays.stream(option[1].split(",")).forEach(name -> cases.add(CASES.get(name)));
        default -> usage();
      }
    }
    if (cases.contains(null)) {
      usage();
    }
    for (Case each : cases.isEmpty() ? List.copyOf(CASES.values()) : cases) {
      measure(each, rounds, each.octets() > 50_000 ? Math.max(1, mails / 5) : mails, warmUp);
    }
  }

  private static void usage() {
    System.err.println(
        "usage: peers.sh [case=" + String.join(",", CASES.keySet()) + "] [rounds=5] [mails=5000]");
    System.exit(2);
  }

  private static void measure(Case load, int rounds, int mails, int warmUp) throws Exception {
    Path folder = Files.createTempDirectory("caravan-peers");
    try (BenchSink sink = new BenchSink(1, 0);
        BenchDns dns = new BenchDns();
        Peer postfix = Postfix.start(folder, sink.port(), load.signed());
        Peer caravan = Caravan.start(folder, dns, sink.port(), load.signed())) {
      System.out.printf(
          "%s: %d bytes, %d sessions, %s, %d rounds of %d mails%n",
          load.name(),
          load.octets(),
          CLIENTS,
          load.perConnection() == 1 ? "a connection for each mail" : "kept connections",
          rounds,
          mails);
      round(load, caravan, sink, warmUp);
      round(load, postfix, sink, Math.min(warmUp, 1_000));
      List<double[]> ours = new ArrayList<>();
      List<double[]> theirs = new ArrayList<>();
      for (int round = 1; round <= rounds; round++) {
        double[] theirFigures = round(load, postfix, sink, mails);
        double[] ourFigures = round(load, caravan, sink, mails);
        theirs.add(theirFigures);
        ours.add(ourFigures);
        System.out.printf(
            "  round %d: %s %.0f/s %.2f CPU-ms, %s %.0f/s %.2f CPU-ms: %.2f times, %.2f of the"
                + " CPU%n",
            round,
            postfix.name(),
            theirFigures[0],
            theirFigures[1],
            caravan.name(),
            ourFigures[0],
            ourFigures[1],
            ourFigures[0] / theirFigures[0],
            ourFigures[1] / theirFigures[1]);
      }
      System.out.printf(
          "  times as many a second: %s; CPU for a mail, of theirs: %s%n",
          ratios(ours, theirs, 0), ratios(ours, theirs, 1));
    } finally {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(each);
        }
      }
    }
  }

  private static String ratios(List<double[]> ours, List<double[]> theirs, int figure) {
    double[] sorted = new double[ours.size()];
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] = ours.get(i)[figure] / theirs.get(i)[figure];
    }
    Arrays.sort(sorted);
    return "median %.2f (least %.2f, most %.2f)"
        .formatted(sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]);
  }

  /** Mails a second, from the first that is sent until the last is at the sink; CPU-ms a mail. */
  private static double[] round(Case load, Peer peer, BenchSink sink, int mails) throws Exception {
    int before = sink.messages.get();
    double cpu = peer.cpu();
    long start = System.nanoTime();
    BenchLoad.send(peer.port(), mails, CLIENTS, n -> 1, load.octets(), load.perConnection());
    while (sink.messages.get() < before + mails) {
      Thread.sleep(2);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    // What it still tidies up counts, too.
    Thread.sleep(250);
    sink.times.clear();
    return new double[] {mails / seconds, (peer.cpu() - cpu) * 1e3 / mails};
  }

  /** The product, in a process of its own. */
  private record Caravan(BenchGateway gateway) implements Peer {
    static Caravan start(Path folder, BenchDns dns, int sinkPort, boolean signed) throws Exception {
      Map<String, String> keys = new LinkedHashMap<>();
      keys.put("delivery.mode", "smarthost");
      keys.put("smarthost.host", BenchDns.address(1).getHostAddress());
      keys.put("smarthost.port", Integer.toString(sinkPort));
      keys.put("smarthost.tls", "none");
      // As many deliveries at a time as the other one may make.
      keys.put("site.concurrency", Integer.toString(DELIVERIES));
      Path dkim = Files.createDirectories(folder.resolve("dkim/client.example"));
      keys.put("dkim.keys-dir", dkim.getParent().toString());
      if (signed) {
        Files.writeString(dkim.resolve("bench.pem"), rsa());
      }
      return new Caravan(BenchGateway.start(dns, sinkPort, keys));
    }

    @Override
    public String name() {
      return "Caravan";
    }

    @Override
    public int port() {
      return gateway.smtpPort();
    }

    @Override
    public double cpu() throws IOException {
      return ticks(gateway.process().pid(), false) / CLOCK_TICKS;
    }

    @Override
    public void close() throws Exception {
      gateway.close();
    }
  }

  private static String rsa() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'})
            .encodeToString(generator.generateKeyPair().getPrivate().getEncoded())
        + "\n-----END PRIVATE KEY-----\n";
  }

  /**
   * A Postfix of its own; with OpenDKIM before its queue where mail is to be signed.
   *
   * @param milter OpenDKIM's process
   */
  private record Postfix(Path conf, int port, long master, List<Process> milter) implements Peer {
    static Postfix start(Path folder, int sinkPort, boolean signed) throws Exception {
      int port = freePort();
      Path conf = Files.createDirectory(folder.resolve("postfix"));
      Path data = Files.createDirectory(folder.resolve("postfix-data"));
      Files.createDirectory(folder.resolve("postfix-queue"));
      Files.setOwner(
          data,
          data.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postfix"));
      run("chmod", "755", folder.toString());
      List<Process> milter = new ArrayList<>();
      String milters = "";
      if (signed) {
        int milterPort = freePort();
        milter.add(openDkim(folder, milterPort));
        milters =
            "smtpd_milters = inet:127.0.0.1:%d%nmilter_default_action = tempfail%n"
                .formatted(milterPort);
      }
      Files.writeString(
          conf.resolve("main.cf"),
          """
          compatibility_level = 3.6
          queue_directory = FOLDER/postfix-queue
          data_directory = FOLDER/postfix-data
          command_directory = /usr/sbin
          daemon_directory = /usr/lib/postfix/sbin
          mail_owner = postfix
          setgid_group = postdrop
          myhostname = relay.example
          mydestination =
          local_recipient_maps =
          alias_maps =
          alias_database =
          mynetworks = 127.0.0.0/8
          smtpd_relay_restrictions = permit_mynetworks, reject
          inet_interfaces = 127.0.0.1
          inet_protocols = ipv4
          relayhost = [SINK]:PORT
          disable_dns_lookups = yes
          smtpd_peername_lookup = no
          default_process_limit = 200
          default_destination_concurrency_limit = DELIVERIES
          initial_destination_concurrency = 20
          qmgr_message_active_limit = 40000
          qmgr_message_recipient_limit = 40000
          smtpd_client_connection_count_limit = 0
          in_flow_delay = 0
          message_size_limit = 52428800
          maillog_file = FOLDER/postfix.log
          maillog_file_prefixes = FOLDER
          """
                  .replace("DELIVERIES", Integer.toString(DELIVERIES))
                  .replace("FOLDER", folder.toString())
                  .replace("SINK", BenchDns.address(1).getHostAddress())
                  .replace("PORT", Integer.toString(sinkPort))
              + milters);
      Files.writeString(
          conf.resolve("master.cf"),
          "127.0.0.1:"
              + port
              + " inet n - n - - smtpd\n"
              + """
              pickup unix n - n 60 1 pickup
              cleanup unix n - n - 0 cleanup
              qmgr unix n - n 300 1 qmgr
              tlsmgr unix - - n 1000? 1 tlsmgr
              rewrite unix - - n - - trivial-rewrite
              bounce unix - - n - 0 bounce
              defer unix - - n - 0 bounce
              trace unix - - n - 0 bounce
              verify unix - - n - 1 verify
              flush unix n - n 1000? 0 flush
              proxymap unix - - n - - proxymap
              smtp unix - - n - - smtp
              relay unix - - n - - smtp
              error unix - - n - - error
              retry unix - - n - - error
              discard unix - - n - - discard
              anvil unix - - n - 1 anvil
              scache unix - - n - 1 scache
              postlog unix-dgram n - n - 1 postlogd
              """);
      run("postfix", "-c", conf.toString(), "start");
      await(port);
      long master =
          Long.parseLong(Files.readString(folder.resolve("postfix-queue/pid/master.pid")).strip());
      return new Postfix(conf, port, master, milter);
    }

    private static Process openDkim(Path folder, int port) throws Exception {
      Path key = folder.resolve("opendkim.pem");
      Files.writeString(key, rsa());
      run("chmod", "600", key.toString());
      Path conf = folder.resolve("opendkim.conf");
      Files.writeString(
          conf,
          """
          Mode s
          Domain client.example
          Selector bench
          KeyFile KEY
          SignatureAlgorithm rsa-sha256
          Canonicalization relaxed/relaxed
          OversignHeaders From
          Socket inet:PORT@127.0.0.1
          Syslog no
          InternalHosts 127.0.0.1
          RequireSafeKeys no
          Background no
          """
              .replace("KEY", key.toString())
              .replace("PORT", Integer.toString(port)));
      Process process =
          new ProcessBuilder("opendkim", "-f", "-x", conf.toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("opendkim.log").toFile())
              .start();
      await(port);
      return process;
    }

    @Override
    public String name() {
      return milter.isEmpty() ? "Postfix" : "Postfix and OpenDKIM";
    }

    /** The master knows what its children took that have ended. */
    @Override
    public double cpu() throws IOException {
      double all = ticks(master, true);
      List<ProcessHandle> children =
          ProcessHandle.of(master).map(p -> p.descendants().toList()).orElse(List.of());
      for (ProcessHandle child : children) {
        all += ticks(child.pid(), false);
      }
      for (Process process : milter) {
        all += ticks(process.pid(), false);
      }
      return all / CLOCK_TICKS;
    }

    @Override
    public void close() throws Exception {
      run("postfix", "-c", conf.toString(), "stop");
      for (Process process : milter) {
        process.destroy();
        process.waitFor(10, TimeUnit.SECONDS);
      }
    }
  }

  /** Processor time of a process, of its ended children too if wanted; 0 when it is gone. */
  private static double ticks(long pid, boolean withEnded) throws IOException {
    Path stat = Path.of("/proc/" + pid + "/stat");
    if (!Files.exists(stat)) {
      return 0;
    }
    String line;
    try {
      line = Files.readString(stat);
    } catch (IOException e) {
      return 0;
    }
    String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
    double own = Double.parseDouble(fields[11]) + Double.parseDouble(fields[12]);
    return withEnded ? own + Double.parseDouble(fields[13]) + Double.parseDouble(fields[14]) : own;
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private static void await(int port) throws Exception {
    for (int i = 0; i < 600; i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return;
      } catch (IOException e) {
        Thread.sleep(50);
      }
    }
    throw new IOException("nothing listens at port " + port);
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + said);
    }
  }
}
