package dev.caravan.ops.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.sign.NewDkimKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code caravan bench}. */
@Command(
    name = "bench",
    sortOptions = false,
    description = {
      "Measures how fast mail goes through: starts a gateway with a data folder of its own, sends"
          + " mails",
      "to it over SMTP, and takes them at a sink, all on this machine. With --server it measures a",
      "server that runs already and delivers to the sink at --sink-port.",
    })
public final class BenchCommand implements Callable<Integer> {
  @Option(
      names = "--mails",
      paramLabel = "N",
      description = "Of a round. Default: ${DEFAULT-VALUE}.")
  private int mails = 20_000;

  @Option(names = "--rounds", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private int rounds = 5;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description =
          "Mails before the first round: Java is slow at first. Default: ${DEFAULT-VALUE}.")
  private int warmUp = 60_000;

  @Option(
      names = "--size",
      paramLabel = "MIX",
      description = "Size, or sizes with shares: 5KB:80,100KB:20. Default: ${DEFAULT-VALUE}.")
  private String size = "5KB";

  @Option(
      names = "--sessions",
      paramLabel = "N",
      description = "Clients at the same time. Default: ${DEFAULT-VALUE}.")
  private int sessions = 20;

  @Option(
      names = "--per-connection",
      paramLabel = "N",
      description = "Mails of one connection; 0 = any number. Default: ${DEFAULT-VALUE}.")
  private int perConnection = 0;

  @Option(
      names = "--recipients",
      paramLabel = "N",
      description = "Of each mail. Default: ${DEFAULT-VALUE}.")
  private int recipients = 1;

  @Option(
      names = "--sites",
      paramLabel = "N",
      description =
          "Sinks that mails go to in turn, at 127.0.0.1, 127.0.0.2 ... Default: ${DEFAULT-VALUE}.")
  private int sites = 1;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Mails offered in a second. Default: as fast as they are answered.")
  private @Nullable Double rate;

  @Option(names = "--pipelining", description = "Clients send the envelope at once.")
  private boolean pipelining;

  @Option(names = "--tls", description = "STARTTLS on both ways.")
  private boolean tls;

  @Option(names = "--sign", description = "DKIM signatures with RSA-2048.")
  private boolean sign;

  @Option(
      names = "--details",
      description = "Records syncs and allocation as well; the gateway takes some 20 MB more.")
  private boolean details;

  @Option(
      names = "--profile",
      paramLabel = "FILE",
      description = "Writes a profile of the gateway, to be opened with JDK Mission Control.")
  private @Nullable Path profile;

  @Option(names = "--server", paramLabel = "HOST:PORT", description = "Measures this server.")
  private @Nullable String server;

  @Option(
      names = "--sink-port",
      paramLabel = "PORT",
      description = "Where the sink listens. Default: a free port.")
  private int sinkPort = 0;

  @Option(names = "--json", description = "Prints the result as one JSON object.")
  private boolean json;

  @Option(
      names = "-P",
      paramLabel = "KEY=VALUE",
      description = "A key of the configuration of the gateway that is started. May be repeated.")
  private final Map<String, String> keys = new LinkedHashMap<>();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help.")
  private boolean help;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    Plan plan = plan();
    Path folder = Files.createTempDirectory("caravan-bench");
    Thread end = Thread.ofPlatform().name("end").unstarted(() -> endEarly(folder));
    Runtime.getRuntime().addShutdownHook(end);
    try {
      Optional<Identity> identity = tls ? Optional.of(Identity.fresh()) : Optional.empty();
      try (Benchmark benchmark =
          new Benchmark(
              plan,
              sinkPort,
              tls ? Optional.of(identity.orElseThrow().context()) : Optional.empty())) {
        report(
            plan,
            server == null
                ? ofOurOwn(plan, benchmark, folder, identity)
                : of(plan, benchmark, address(server)));
      }
    } finally {
      if (unhook(end)) {
        Gateway.delete(folder);
      }
    }
    return 0;
  }

  /** Whoever stops us in the middle stops the gateway, too, and leaves no folder. */
  private static void endEarly(Path folder) {
    try {
      Gateway.endAll();
      Gateway.delete(folder);
    } catch (IOException | UncheckedIOException e) {
      System.err.println("caravan: " + folder + " is left: " + e.getMessage());
    }
  }

  /** Whether nobody has stopped us. */
  private static boolean unhook(Thread end) {
    try {
      return Runtime.getRuntime().removeShutdownHook(end);
    } catch (IllegalStateException e) {
      return false;
    }
  }

  /** All rounds, and what the flight recording has said of them. */
  private record Result(
      List<Round> rounds, Optional<Duration> ready, Optional<Recording> recording) {}

  private Plan plan() {
    if (mails < 1 || rounds < 1 || sessions < 1 || recipients < 1 || sites < 1 || sites > 10_000) {
      throw wrong(
          "--mails, --rounds, --sessions, --recipients and --sites (to 10000) are at least 1");
    }
    if (rate != null && rate <= 0) {
      throw wrong("--rate is more than 0");
    }
    if (server != null && (sites > 1 || sign || details || profile != null || !keys.isEmpty())) {
      throw wrong("--server is as it is: no --sites, --sign, --details, --profile, -P");
    }
    try {
      return new Plan(
          mails,
          Math.max(0, warmUp),
          rounds,
          sessions,
          Math.max(0, perConnection),
          recipients,
          sites,
          SizeMix.parse(size),
          Optional.ofNullable(rate),
          pipelining,
          tls,
          sign,
          Duration.ofMinutes(1));
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage() == null ? "wrong usage" : e.getMessage());
    }
  }

  private ParameterException wrong(String sentence) {
    return new ParameterException(spec.commandLine(), "caravan bench: " + sentence);
  }

  private InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1 || !text.substring(colon + 1).matches("\\d{1,5}")) {
      throw wrong("--server is HOST:PORT, not " + text);
    }
    return new InetSocketAddress(
        text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
  }

  private Result of(Plan plan, Benchmark benchmark, InetSocketAddress address)
      throws IOException, InterruptedException {
    say("the sink listens on 127.0.0.1:" + benchmark.sinkPort());
    return new Result(
        rounds(plan, benchmark, address, Optional.empty()), Optional.empty(), Optional.empty());
  }

  private Result ofOurOwn(Plan plan, Benchmark benchmark, Path folder, Optional<Identity> identity)
      throws Exception {
    Path home = Path.of(System.getProperty("caravan.home", "")).toAbsolutePath();
    Path recording = profile == null ? folder.resolve("recording.jfr") : profile.toAbsolutePath();
    String options =
        profile != null
            ? "-XX:StartFlightRecording:settings=profile,filename=" + recording
            : details ? Recording.options(recording) : "";
    List<Round> measured;
    Duration ready;
    try (Gateway gateway =
        Gateway.start(home, folder, configuration(plan, benchmark, folder, identity), options)) {
      ready = gateway.readyAfter();
      say("the gateway was ready after %.1f s".formatted(ready.toMillis() / 1000.0));
      measured = rounds(plan, benchmark, gateway.smtp(), Optional.of(gateway.process().toHandle()));
    }
    return new Result(
        measured,
        Optional.of(ready),
        details && profile == null ? Optional.of(Recording.read(recording)) : Optional.empty());
  }

  private List<Round> rounds(
      Plan plan, Benchmark benchmark, InetSocketAddress address, Optional<ProcessHandle> process)
      throws IOException, InterruptedException {
    if (plan.warmUp() > 0) {
      say("warming up with %d mails".formatted(plan.warmUp()));
      benchmark.warmUp(address);
    }
    List<Round> measured = new ArrayList<>();
    for (int i = 1; i <= plan.rounds(); i++) {
      Round round = benchmark.round(address, process);
      measured.add(round);
      say(round.line(i));
    }
    return measured;
  }

  private Map<String, String> configuration(
      Plan plan, Benchmark benchmark, Path folder, Optional<Identity> identity)
      throws IOException, GeneralSecurityException {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("caravan.data-dir", folder.resolve("data").toString());
    all.put("caravan.hostname", "relay." + Plan.DOMAIN);
    all.put("caravan.smtp.host", InetAddress.getLoopbackAddress().getHostAddress());
    all.put("caravan.smtp.port", "0");
    all.put("caravan.submission.port", "-1");
    all.put("caravan.submissions.port", "-1");
    all.put("caravan.broker.port", "-1");
    all.put("caravan.http.port", "0");
    all.put("caravan.relay.networks", "loopback");
    all.put("caravan.log.level", "warn");
    if (plan.sites() == 1) {
      all.put("caravan.delivery.mode", "smarthost");
      all.put("caravan.smarthost.host", "127.0.0.1");
      all.put("caravan.smarthost.port", Integer.toString(benchmark.sinkPort()));
      all.put("caravan.smarthost.tls", plan.tls() ? "required" : "none");
    } else {
      all.put("caravan.delivery.mode", "mx");
      all.put("caravan.mx.port", Integer.toString(benchmark.sinkPort()));
      all.put("caravan.mx.refuse-networks", "192.0.2.0/24");
    }
    if (identity.isPresent()) {
      identity.get().write(folder);
      all.put("caravan.tls.certificate", folder.resolve("certificate.pem").toString());
      all.put("caravan.tls.key", folder.resolve("key.pem").toString());
    }
    Path keysDir = Files.createDirectories(folder.resolve("dkim"));
    all.put("caravan.dkim.keys-dir", keysDir.toString());
    if (plan.sign()) {
      NewDkimKey.rsa(2048).write(keysDir.resolve(Plan.DOMAIN).resolve("bench.pem"));
    }
    all.putAll(keys);
    return all;
  }

  private void report(Plan plan, Result result) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(plan, result));
    } else {
      out.println(
          "%s, %d processors, Java %s: %s; %d rounds of %d mails"
              .formatted(
                  LocalDate.now(ZoneOffset.UTC),
                  Runtime.getRuntime().availableProcessors(),
                  Runtime.version(),
                  plan.words(),
                  plan.rounds(),
                  plan.mails()));
      figures().forEach((name, figure) -> out.println(line(name, result.rounds(), figure)));
      result
          .recording()
          .ifPresent(
              recording -> {
                out.println(line("syncs/mail", result.rounds(), syncs(recording)));
                out.println(line("KB allocated/mail", result.rounds(), allocated(recording)));
              });
    }
    out.flush();
  }

  private Map<String, ToDoubleFunction<Round>> figures() {
    Map<String, ToDoubleFunction<Round>> all = new LinkedHashMap<>();
    all.put("accepted/s", Round::acceptedRate);
    all.put("delivered/s", Round::deliveredRate);
    if (server == null) {
      all.put("CPU-ms/mail", Round::cpuMillis);
      all.put("RSS MB", Round::residentMegabytes);
    }
    all.put("ms, median", Round::p50);
    all.put("ms, p95", Round::p95);
    all.put("ms, p99", Round::p99);
    return all;
  }

  private ToDoubleFunction<Round> syncs(Recording recording) {
    return round -> recording.syncs(round.from(), round.to()) / (double) mails;
  }

  private ToDoubleFunction<Round> allocated(Recording recording) {
    return round -> recording.allocated(round.from(), round.to()) / 1024.0 / mails;
  }

  private static String line(String name, List<Round> rounds, ToDoubleFunction<Round> figure) {
    return "%-18s median %10.2f   least %10.2f   most %10.2f"
        .formatted(
            name,
            Round.median(rounds, figure),
            Round.least(rounds, figure),
            Round.most(rounds, figure));
  }

  private String json(Plan plan, Result result) {
    ObjectNode all = new ObjectMapper().createObjectNode();
    all.put("date", LocalDate.now(ZoneOffset.UTC).toString());
    all.put("processors", Runtime.getRuntime().availableProcessors());
    all.put("java", Runtime.version().toString());
    all.put("what", plan.words());
    all.put("rounds", plan.rounds());
    all.put("mails", plan.mails());
    result.ready().ifPresent(ready -> all.put("readySeconds", ready.toMillis() / 1000.0));
    Map<String, ToDoubleFunction<Round>> figures = figures();
    result
        .recording()
        .ifPresent(
            recording -> {
              figures.put("syncs/mail", syncs(recording));
              figures.put("KB allocated/mail", allocated(recording));
            });
    figures.forEach(
        (name, figure) -> {
          ObjectNode one = all.putObject(name);
          one.put("median", Round.median(result.rounds(), figure));
          one.put("least", Round.least(result.rounds(), figure));
          one.put("most", Round.most(result.rounds(), figure));
        });
    return all.toString();
  }

  /** Progress, which is not the result. */
  private void say(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(line);
    err.flush();
  }
}
