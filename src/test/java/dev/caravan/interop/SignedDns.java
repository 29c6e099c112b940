package dev.caravan.interop;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/**
 * Zones on a Knot DNS of its own, {@code signed.example} and {@code bogus.example} signed by it,
 * {@code plain.example} not; and an Unbound that validates: it has the right key of the first and a
 * wrong one of the second.
 */
final class SignedDns implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  private final List<Process> processes = new ArrayList<>();
  private int port;

  /**
   * Starts both.
   *
   * @param signed records of the signed zone, in the form of zone files, relative to its name
   * @param plain the same of the other
   */
  static SignedDns start(Path folder, String signed, String plain) throws Exception {
    String knotd = Tools.need("knotd", "knot");
    String unbound = Tools.need("unbound", "unbound");
    SignedDns dns = new SignedDns();
    try {
      dns.run(folder, knotd, unbound, signed, plain);
      return dns;
    } catch (Exception | Error e) {
      dns.close();
      throw e;
    }
  }

  private void run(Path folder, String knotd, String unbound, String signed, String plain)
      throws Exception {
    int knot = freePort();
    Path zones = Files.createDirectory(folder.resolve("zones"));
    Files.createDirectory(folder.resolve("knot-run"));
    Files.createDirectory(folder.resolve("knot-db"));
    zone(zones, "signed.example", signed);
    zone(zones, "bogus.example", "@ MX 10 mx\nmx A 127.0.0.1\n");
    zone(zones, "plain.example", plain);
    Path knotConf = folder.resolve("knot.conf");
    Files.writeString(
        knotConf,
        """
        server:
            rundir: "FOLDER/knot-run"
            listen: 127.0.0.1@PORT
            user: USER
        log:
          - target: stderr
            any: info
        database:
            storage: "FOLDER/knot-db"
        policy:
          - id: here
            algorithm: ecdsap256sha256
            single-type-signing: on
        template:
          - id: default
            storage: "FOLDER/zones"
            file: "%s.zone"
            journal-content: none
          - id: signed
            storage: "FOLDER/zones"
            file: "%s.zone"
            journal-content: none
            dnssec-signing: on
            dnssec-policy: here
            zonefile-sync: -1
            zonefile-load: whole
        zone:
          - domain: signed.example
            template: signed
          - domain: bogus.example
            template: signed
          - domain: plain.example
        """
            .replace("FOLDER", folder.toString())
            .replace("USER", System.getProperty("user.name", "root"))
            .replace("PORT", Integer.toString(knot)));
    start(folder.resolve("knot.out"), knotd, "-c", knotConf.toString());
    String key = await(knot, "signed.example.", Type.DNSKEY, folder.resolve("knot.out"));
    await(knot, "bogus.example.", Type.DNSKEY, folder.resolve("knot.out"));
    Files.writeString(
        folder.resolve("anchors"), key + "\n" + key.replace("signed.example", "bogus.example"));
    port = freePort();
    StringBuilder conf = new StringBuilder();
    conf.append(
        """
        server:
          interface: 127.0.0.1
          port: %d
          do-daemonize: no
          username: ""
          chroot: ""
          directory: "%s"
          pidfile: ""
          use-syslog: no
          do-not-query-localhost: no
          do-ip6: no
          module-config: "validator iterator"
          trust-anchor-file: "%s/anchors"
        remote-control:
          control-enable: no
        """
            .formatted(port, folder, folder));
    for (String name : List.of("signed", "bogus", "plain")) {
      conf.append(
          "stub-zone:%n  name: %s.example%n  stub-addr: 127.0.0.1@%d%n".formatted(name, knot));
    }
    Path unboundConf = folder.resolve("unbound.conf");
    Files.writeString(unboundConf, conf);
    start(folder.resolve("unbound.out"), unbound, "-d", "-c", unboundConf.toString());
    await(port, "signed.example.", Type.SOA, folder.resolve("unbound.out"));
  }

  private static void zone(Path zones, String name, String records) throws IOException {
    Files.writeString(
        zones.resolve(name + ".zone"),
        "$ORIGIN %s.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n%s\n"
            .formatted(name, records));
  }

  private void start(Path output, String... command) throws IOException {
    processes.add(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start());
  }

  /** Asks until there is an answer; gives the first record. */
  private static String await(int port, String name, int type, Path output) throws Exception {
    SimpleResolver resolver = new SimpleResolver(new InetSocketAddress(LOOPBACK, port));
    resolver.setTimeout(Duration.ofSeconds(1));
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      try {
        Message answer =
            resolver.send(
                Message.newQuery(Record.newRecord(Name.fromString(name), type, DClass.IN)));
        List<Record> records = answer.getSection(Section.ANSWER);
        if (!records.isEmpty()) {
          return records.getFirst().toString();
        }
      } catch (IOException e) {
        // it is just starting
      }
      Thread.sleep(100);
    }
    throw new AssertionError("no answer about " + name + ": " + Files.readString(output));
  }

  private static int freePort() throws IOException {
    while (true) {
      try (ServerSocket tcp = new ServerSocket(0, 1, LOOPBACK);
          DatagramSocket udp = new DatagramSocket(tcp.getLocalPort(), LOOPBACK)) {
        return udp.getLocalPort();
      } catch (java.net.BindException e) {
        // taken for UDP
      }
    }
  }

  /** {@code host:port} of the resolver. */
  String address() {
    return "127.0.0.1:" + port;
  }

  @Override
  public void close() throws InterruptedException {
    processes.forEach(Process::destroy);
    for (Process process : processes) {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }
}
