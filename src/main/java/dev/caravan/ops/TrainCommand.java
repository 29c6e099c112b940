package dev.caravan.ops;

import static java.util.Map.entry;

import dev.caravan.settings.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Starts a gateway in a folder of its own, relays some mails through it into the sandbox, and
 * stops: for the launcher, which has java keep what it loads and links meanwhile, so that later
 * starts are faster.
 */
@Command(
    name = "train",
    hidden = true,
    description = "Runs a gateway of its own for a moment, so that java learns what it needs.")
final class TrainCommand implements Callable<Integer> {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final RunningGateway.Starter starter;

  @Option(names = "--mails", description = "How many mails. Default: ${DEFAULT-VALUE}.")
  private int mails = 50;

  @Mixin private CommonOptions common = new CommonOptions();

  TrainCommand(RunningGateway.Starter starter) {
    this.starter = starter;
  }

  @Override
  public Integer call() throws Exception {
    Path dir = Files.createTempDirectory("caravan-train");
    try {
      Settings settings =
          common.settings(
              Map.ofEntries(
                  entry("caravan.data-dir", dir.resolve("data").toString()),
                  entry("caravan.routes-dir", ownRoutes(dir.resolve("routes")).toString()),
                  entry("caravan.hostname", "train.invalid"),
                  entry("caravan.smtp.host", "127.0.0.1"),
                  entry("caravan.smtp.port", "0"),
                  entry("caravan.broker.url", ""),
                  entry("caravan.broker.host", "127.0.0.1"),
                  entry("caravan.broker.port", "0"),
                  entry("caravan.http.host", "127.0.0.1"),
                  entry("caravan.http.port", "0"),
                  entry("caravan.delivery.mode", "sandbox")));
      try (RunningGateway gateway = starter.start(settings, () -> ConfigCheck.problems(settings))) {
        InetSocketAddress smtp =
            SmtpDialogue.server(gateway.ports().getOrDefault("smtp", "127.0.0.1:0"));
        for (int i = 0; i < mails; i++) {
          send(smtp);
        }
      }
      return 0;
    } finally {
      starter.ended();
      delete(dir);
    }
  }

  /** The routes as we were built with them: an operator's own could take what waits elsewhere. */
  private static Path ownRoutes(Path dir) throws IOException, URISyntaxException {
    URL resource = TrainCommand.class.getResource("/routes");
    if (resource == null) {
      throw new IOException("this build has no routes in it");
    }
    Files.createDirectories(dir);
    if (resource.getProtocol().equals("jar")) {
      try (FileSystem jar = FileSystems.newFileSystem(resource.toURI(), Map.of())) {
        copy(jar.getPath("/routes"), dir);
      }
    } else {
      copy(Path.of(resource.toURI()), dir);
    }
    return dir;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName().toString()));
      }
    }
  }

  private static void send(InetSocketAddress smtp) throws IOException {
    String postmaster = "postmaster@train.invalid";
    TestMail mail =
        new TestMail(
            postmaster,
            List.of(dev.caravan.mail.EmailAddress.parse(postmaster)),
            "Training",
            "A line.\r\n".repeat(500));
    byte[] message = mail.message("train.invalid", Clock.systemUTC(), new SecureRandom());
    try (SmtpDialogue dialogue =
        new SmtpDialogue(smtp, TIMEOUT, new PrintWriter(Writer.nullWriter()))) {
      dialogue.send("train.invalid", postmaster, List.of(postmaster), message);
    }
  }

  private static void delete(Path dir) throws IOException {
    try (Stream<Path> all = Files.walk(dir)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
