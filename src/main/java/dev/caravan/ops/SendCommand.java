package dev.caravan.ops;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.ReversePath;
import dev.caravan.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code caravan send}. */
@Command(
    name = "send",
    sortOptions = false,
    description = {
      "Sends a test mail and prints the dialogue: C: is this command, S: the server.",
      "Exits with 1 when the server refuses the mail or one of its recipients."
    })
final class SendCommand implements Callable<Integer> {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int MAX_BODY = 50 * 1024 * 1024;
  private static final String TEXT =
      "This is a test mail. If you can read it, mail gets through.\n";

  @Option(
      names = "--from",
      paramLabel = "ADDRESS",
      description = "Sender; '' or '<>' is the null path. Default: postmaster at our host name.")
  private @Nullable String from;

  @Option(
      names = "--to",
      paramLabel = "ADDRESS",
      split = ",",
      description =
          "Recipient; may be repeated, commas between. Default: postmaster at our host name.")
  private List<String> to = new ArrayList<>();

  @Option(names = "--subject", description = "Default: '${DEFAULT-VALUE}'.")
  private String subject = "Test mail";

  @Option(
      names = "--body",
      paramLabel = "TEXT",
      description = "Text of the mail; '-' reads standard input. Default: a short test text.")
  private String body = TEXT;

  @Option(
      names = "--server",
      paramLabel = "HOST:PORT",
      description = "Default: the running gateway, else where the configuration says it listens.")
  private @Nullable String server;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    Settings settings = common.settings();
    String hostname = settings.text("caravan.hostname");
    InetSocketAddress target;
    TestMail mail;
    try {
      target = SmtpDialogue.server(server == null ? listener(settings) : server);
      mail = mail(hostname);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "caravan send: " + e.getMessage(), e);
    }
    if (target.isUnresolved()) {
      throw new Failure("there is no address of " + target.getHostString());
    }
    byte[] message = mail.message(hostname, Clock.systemUTC(), new SecureRandom());
    try (SmtpDialogue dialogue = new SmtpDialogue(target, TIMEOUT, spec.commandLine().getOut())) {
      List<String> recipients = mail.to().stream().map(EmailAddress::toString).toList();
      return dialogue.send(hostname, mail.from(), recipients, message) ? 0 : Commands.NO;
    } catch (IOException e) {
      throw new Failure(
          target.getHostString() + ":" + target.getPort() + ": " + Failure.sentence(e), e);
    }
  }

  private static String listener(Settings settings) throws Failure {
    Optional<RunFile> run = RunFile.read(settings.dataDir());
    String configured =
        settings.text("caravan.smtp.host") + ":" + settings.text("caravan.smtp.port");
    return Listener.reachable(
        run.map(r -> r.ports().getOrDefault("smtp", configured)).orElse(configured));
  }

  private TestMail mail(String hostname) throws IOException {
    String sender = from == null ? "postmaster@" + hostname : from.strip();
    ReversePath path = ReversePath.parse(sender.equals("<>") ? "" : sender);
    List<String> recipients = to.isEmpty() ? List.of("postmaster@" + hostname) : to;
    return new TestMail(
        path.toString(),
        recipients.stream().map(String::strip).map(EmailAddress::parse).toList(),
        subject,
        body.equals("-") ? standardInput() : body);
  }

  private static String standardInput() throws IOException {
    InputStream in = System.in;
    byte[] octets = in.readNBytes(MAX_BODY + 1);
    if (octets.length > MAX_BODY) {
      throw new IllegalArgumentException("the text is longer than 50 MB");
    }
    return new String(octets, StandardCharsets.UTF_8);
  }
}
