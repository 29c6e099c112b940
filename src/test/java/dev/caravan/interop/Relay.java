package dev.caravan.interop;

import dev.caravan.camel.Gateway;
import dev.caravan.ops.Commands;
import dev.caravan.settings.Settings;
import dev.caravan.settings.SettingsReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/**
 * A gateway on the project's own routes, on free ports, that hands everything to smtp-sink. Clients
 * of this machine are strangers to it: they may write to {@code ours.example} only, unless the
 * options say otherwise.
 */
final class Relay implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Sink sink;
  private final Path data;
  private final Gateway gateway;
  private boolean open = true;

  private Relay(Sink sink, Path data, Gateway gateway) {
    this.sink = sink;
    this.data = data;
    this.gateway = gateway;
  }

  /** Strangers' view: {@code ours.example} is accepted, every other domain refused. */
  static Relay forStrangers(Path folder) throws Exception {
    return start(
        folder,
        Map.of(
            "caravan.relay.networks", "192.0.2.0/24",
            "caravan.relay.domains", "ours.example",
            "caravan.spf.fail", "ignore"));
  }

  /** Local clients may relay to everybody. */
  static Relay forUsers(Path folder) throws Exception {
    return start(folder, Map.of());
  }

  /** With these options over those of a relay on this machine. */
  static Relay start(Path folder, Map<String, String> options) throws Exception {
    Sink sink = Sink.start(folder);
    try {
      Path data = folder.resolve("data");
      Map<String, String> all = new HashMap<>();
      all.put("caravan.data-dir", data.toString());
      all.put("caravan.dkim.keys-dir", keys(folder).toString());
      all.put("caravan.hostname", "relay.example");
      all.put("caravan.smtp.port", "0");
      all.put("caravan.broker.port", "0");
      all.put("caravan.http.port", "0");
      all.put("caravan.broker.disk-max", "100");
      all.put("caravan.delivery.mode", "smarthost");
      all.put("caravan.smarthost.host", "127.0.0.1");
      all.put("caravan.smarthost.port", Integer.toString(sink.port()));
      // A name server that is not there: no test may ask the machine's own.
      all.put("caravan.dns.servers", "127.0.0.1:9");
      all.putAll(options);
      Settings settings =
          new SettingsReader(Path.of("").toAbsolutePath(), all, Map.of(), Map.of()).read();
      return new Relay(sink, data, Gateway.start(settings));
    } catch (Exception | Error e) {
      sink.close();
      throw e;
    }
  }

  private static Path keys(Path folder) {
    return folder.resolve("config/dkim");
  }

  /**
   * Makes a key with {@code caravan dkim keygen}, for gateways in this folder.
   *
   * @return the record as it prints it: name, {@code TXT}, value
   */
  static List<String> keygen(Path folder, String domain, String selector) {
    StringWriter out = new StringWriter();
    CommandLine line =
        Commands.line(
            (settings, check) -> {
              throw new AssertionError("keygen starts no gateway");
            });
    line.setOut(new PrintWriter(out)).setErr(new PrintWriter(new StringWriter()));
    int exit =
        line.execute(
            "dkim", "keygen", domain, selector, "-P", "caravan.dkim.keys-dir=" + keys(folder));
    if (exit != 0) {
      throw new AssertionError("dkim keygen: " + exit);
    }
    return List.of(out.toString().strip().split(" ", 3));
  }

  /** Host and port as clients want them. */
  String smtp() {
    return "127.0.0.1:" + port("smtp");
  }

  int port(String listener) {
    String address = gateway.ports().getOrDefault(listener, ":0");
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  /** User and password of the broker. */
  List<String> credentials() throws Exception {
    return Files.readAllLines(data.resolve("broker.credentials")).stream()
        .map(line -> line.substring(line.indexOf('=') + 1))
        .toList();
  }

  /** Waits until this many messages have come out, stops, and gives all that came. */
  List<Dump> delivered(int messages) throws Exception {
    return delivered(messages, PATIENCE);
  }

  List<Dump> delivered(int messages, Duration patience) throws Exception {
    sink.await(messages, patience);
    stop();
    return sink.messages();
  }

  private void stop() {
    if (open) {
      open = false;
      gateway.close();
    }
  }

  @Override
  public void close() throws InterruptedException {
    try {
      stop();
    } finally {
      sink.close();
    }
  }
}
