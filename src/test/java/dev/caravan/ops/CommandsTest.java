package dev.caravan.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.caravan.settings.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandsTest {
  @TempDir Path home = Path.of("");

  private record Result(int status, String out, String err) {}

  private static final RunningGateway.Starter NEVER =
      (settings, check) -> {
        check.run();
        throw new IOException("the answer is no");
      };

  private static Result run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Commands.line(NEVER);
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    return new Result(line.execute(args), out.toString(), err.toString());
  }

  /** With a configuration of its own: a data dir, and any free ports. */
  private Result runHere(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    for (String pair :
        List.of(
            "data-dir=" + home.resolve("data"),
            "dkim.keys-dir=" + home.resolve("keys"),
            "hostname=mx.example",
            "smtp.port=0",
            "http.port=0",
            "broker.port=0")) {
      all.add("-P");
      all.add("caravan." + pair);
    }
    return run(all.toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--help",
        "-h",
        "queue",
        "dkim",
        "run --help",
        "queue list --help",
        "queue hold --help",
        "site",
        "site limit --help"
      })
  void helps(String args) {
    Result r = run(args.isEmpty() ? new String[0] : args.split(" "));

    assertThat(r.status()).isZero();
    assertThat(r.out()).contains("Usage: ");
    assertThat(r.err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "frobnicate",
        "run --frobnicate",
        "queue frobnicate",
        "dkim keygen",
        "dkim keygen ../x s1",
        "dkim keygen [192.0.2.1] s1",
        "dkim keygen a.example ../s1",
        "dkim keygen a.example s1 --bits 1",
        "send --to nobody",
        "send --server nowhere",
        "queue hold",
        "queue delete --from example.com --yes",
        "queue delete --older soon",
        "queue list --state gone",
        "queue list --limit 0 --all",
        "queue reroute --all",
        "queue reroute --all --via no.where",
        "queue show",
        "site show",
        "site suspend a.example --for soon",
        "site limit a.example",
        "site limit a.example --clear --rate 1/s",
        "site limit a.example --rate fast",
        "site limit a.example --concurrency 0",
        "run -P nonsense"
      })
  void wrongUsageIsToldWithTheUsage(String args) {
    Result r = run(args.split(" "));

    assertThat(r.status()).isEqualTo(2);
    assertThat(r.err()).contains("Usage: ");
    assertThat(r.out()).isEmpty();
  }

  @Test
  void versionIsTold() {
    assertThat(run("--version").out()).startsWith("caravan ");
  }

  @Test
  void wrongKeysStopEveryCommand() {
    for (String command : List.of("run", "check", "send", "queue list", "dkim keygen a.b s")) {
      Result r = run((command + " -P caravan.smtp.prot=1 -P caravan.mx.port=x").split(" "));
      assertThat(r.status()).as(command).isEqualTo(1);
      assertThat(r.out() + r.err())
          .contains("caravan.smtp.prot; did you mean caravan.smtp.port?")
          .contains("caravan.mx.port (given with -P)")
          .doesNotContain("Exception");
    }
  }

  @Test
  void checkAcceptsWhatIsShipped() {
    Result r = runHere("check");

    assertThat(r.out()).isEqualToIgnoringNewLines("configuration and routes are right");
    assertThat(r.status()).isZero();
  }

  @Test
  void checkTellsTheProblemsOfRoutes() throws IOException {
    Files.writeString(home.resolve("a.xml"), "<camel>\n<route/></camel>");
    Result r = runHere("check", "-P", "caravan.routes-dir=" + home);

    assertThat(r.status()).isEqualTo(1);
    assertThat(r.out()).contains("a.xml:2: <route> has no steps");
  }

  @Test
  void aPortInUseIsToldWithItsKey() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = other.getLocalPort();
      Result r = run("run", "-P", "caravan.smtp.port=" + port, "-P", "caravan.data-dir=" + home);

      assertThat(r.status()).isEqualTo(1);
      assertThat(r.err())
          .contains("caravan.smtp.port: 127.0.0.1:" + port + " is in use by another program");
    }
  }

  @Test
  void aFailingStartIsOneSentence() {
    Result r = runHere("run");

    assertThat(r.status()).isEqualTo(1);
    assertThat(r.err())
        .isEqualToIgnoringNewLines("caravan: the gateway can't start: the answer is no");
    assertThat(home.resolve("data/run.json")).doesNotExist();
  }

  @Test
  void twoGatewaysDoNotShareADataDir() throws Exception {
    try (DataDir first = DataDir.open(home.resolve("data"))) {
      assertThat(first).isNotNull();
      Result r = runHere("run");

      assertThat(r.status()).isEqualTo(1);
      assertThat(r.err())
          .contains("another gateway (pid " + ProcessHandle.current().pid() + ") is using");
    }
    DataDir.open(home.resolve("data")).close();
  }

  @Test
  void theTokenIsTheOwnersAndStays() throws Exception {
    Path data = home.resolve("data");
    DataDir.open(data).close();
    String token = DataDir.token(data);
    DataDir.open(data).close();

    assertThat(token).hasSize(48).isEqualTo(DataDir.token(data));
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(data.resolve("admin.token"))))
        .isEqualTo("rw-------");
  }

  @Test
  void keygenWritesTheKeyAndPrintsTheRecord() throws IOException {
    Result rsa = runHere("dkim", "keygen", "Example.COM", "s1");
    Result ed = runHere("dkim", "keygen", "example.com", "s2", "--type", "ed25519");

    assertThat(rsa.out()).startsWith("s1._domainkey.example.com TXT v=DKIM1; k=rsa; p=MIIB");
    assertThat(ed.out().strip())
        .matches("s2\\._domainkey\\.example\\.com TXT v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}=");
    Path key = home.resolve("keys/example.com/s1.pem");
    assertThat(Files.readString(key)).startsWith("-----BEGIN PRIVATE KEY-----\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .isEqualTo("rw-------");
    try (var files = Files.list(key.getParent())) {
      assertThat(files).hasSize(2);
    }
    Result again = runHere("dkim", "keygen", "example.com", "s1");
    assertThat(again.status()).isEqualTo(1);
    assertThat(again.err()).contains("there is a key already");
  }

  @Test
  void queueListNeedsARunningGateway() {
    Result r = runHere("queue", "list");

    assertThat(r.status()).isEqualTo(1);
    assertThat(r.err()).contains("no gateway is running");
  }

  @Test
  void queueListAsksTheGateway() throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    Path data = home.resolve("data");
    try (DataDir dir = DataDir.open(data)) {
      String wanted = "Bearer " + DataDir.token(data);
      server.createContext(
          "/api/queues",
          exchange -> {
            boolean right = wanted.equals(exchange.getRequestHeaders().getFirst("Authorization"));
            byte[] json =
                """
                [{"queue":"mail.retry.5m","site":"gmail.com","count":12,"oldestSeconds":200},
                 {"queue":"mail.out","site":"","count":0,"oldestSeconds":0},
                 {"queue":"mail.out","site":"b.example","count":1,"oldestSeconds":187200},
                 {"queue":"mail.retry.1h","site":"a.example","count":900,"oldestSeconds":60,
                  "sample":1000},
                 {"queue":"mail.retry.1h","site":"google","count":100,"oldestSeconds":60,
                  "sample":1000},
                 {"queue":"mail.retry.1h","site":"","count":999000,"oldestSeconds":0,
                  "sample":1000},
                 {"queue":"mail.retry.4h","site":"","count":7,"oldestSeconds":0}]
                """
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(right ? 200 : 401, json.length);
            exchange.getResponseBody().write(json);
            exchange.close();
          });
      server.start();
      String at = "127.0.0.1:" + server.getAddress().getPort();
      dir.writeRunFile(new RunFile(1, Map.of("http", at), Instant.EPOCH));

      assertThat(runHere("queue", "list").out())
          .isEqualToNormalizingNewlines(
              """
              QUEUE          SITE        MAILS  OLDEST
              mail.out                       0       -
              mail.out       b.example       1   2d 4h
              mail.retry.1h             999000       -
              mail.retry.1h  a.example     900   1m 0s
              mail.retry.1h  google        100   1m 0s
              mail.retry.4h                  7       -
              mail.retry.5m  gmail.com      12  3m 20s
              mail.retry.1h: the sites are those of the first 1000 mails; 999000 more were not looked at
              mail.retry.4h: none of its mails was looked at for its site
              """);
      assertThat(runHere("queue", "list", "--json").out())
          .contains("\"queue\":\"mail.retry.5m\",\"site\":\"gmail.com\",\"count\":12");
      Files.writeString(data.resolve("admin.token"), "wrong");
      Result refused = runHere("queue", "list");
      assertThat(refused.status()).isEqualTo(1);
      assertThat(refused.err()).contains("answered 401");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void settingsReachTheGateway() {
    List<Settings> seen = new ArrayList<>();
    CommandLine line =
        Commands.line(
            (settings, check) -> {
              seen.add(settings);
              throw new IOException("seen");
            });
    line.setErr(new PrintWriter(new StringWriter()));
    line.execute(
        "run",
        "-P",
        "caravan.data-dir=" + home,
        "-Pcaravan.smtp.port=0",
        "-P",
        "caravan.http.port=-1",
        "-P",
        "caravan.broker.port=-1");

    assertThat(seen).singleElement().extracting(s -> s.text("caravan.http.port")).isEqualTo("-1");
  }
}
