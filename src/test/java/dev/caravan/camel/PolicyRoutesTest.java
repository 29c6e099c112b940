package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.dns.FakeDnsServer;
import dev.caravan.mail.Connection;
import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.Question;
import dev.caravan.mail.Recipient;
import dev.caravan.mail.ReversePath;
import dev.caravan.mail.Sender;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;
import dev.caravan.settings.SettingsReader;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The questions of {@code routes/policy.xml}, asked of the routes as shipped. */
final class PolicyRoutesTest {
  @TempDir Path temp = Path.of("");

  /** The policy and its parts, without doors, queue and delivery. */
  private static final class Policy implements AutoCloseable {
    private final Main main = new Main();

    Policy(Path beans, Map<String, String> options) throws Exception {
      this(Path.of("routes/policy.xml"), beans, options);
    }

    Policy(Path policy, Path beans, Map<String, String> options) throws Exception {
      Map<String, String> all = new HashMap<>(Map.of("caravan.hostname", "relay.example"));
      all.putAll(options);
      main.setDefaultPropertyPlaceholderLocation("false");
      new SettingsReader(Path.of("").toAbsolutePath(), all, Map.of(), Map.of())
          .read()
          .placeholders()
          .forEach(main::addInitialProperty);
      main.addInitialProperty(
          "camel.main.routesIncludePattern",
          "file:routes/errors.xml,file:" + policy + ",file:" + beans);
      main.bind("metricsRegistry", new SimpleMeterRegistry());
      // The error routes tell what they do to this one.
      main.configure().addRoutesBuilder(new Events());
      main.start();
    }

    Policy(Map<String, String> options) throws Exception {
      this(Path.of("routes/beans.xml"), options);
    }

    <Q extends Question<Q>> Q ask(Q question) throws Exception {
      Object answer = main.getCamelTemplate().requestBody("direct:" + question.phase(), question);
      @SuppressWarnings("unchecked")
      Q same = (Q) answer;
      return same;
    }

    @Override
    public void close() {
      main.stop();
    }
  }

  private static final class Events extends org.apache.camel.builder.RouteBuilder {
    @Override
    public void configure() {
      from("direct:outcome").routeId("no-outcome").stop();
    }
  }

  private static Origin client(boolean trusted) {
    return Origin.smtp(new InetSocketAddress("192.0.2.1", 4321), trusted, Instant.EPOCH)
        .withHelo("client.example", true);
  }

  private static Mail mail(boolean trusted, String from, String message) {
    return new Mail(
        new MailId("01M851KCJ1X450J4"),
        client(trusted),
        new Envelope(ReversePath.parse(from), List.of(EmailAddress.parse("b@dest.example"))),
        Content.of(message));
  }

  private static String told(Question<?> answer) {
    return switch (answer.verdict()) {
      case Verdict.Undecided u -> "undecided";
      case Verdict.Accept(Verdict.Disposition where, String why) -> where + ": " + why;
      case Verdict.Defer(SmtpReply reply) -> reply.toString();
      case Verdict.Reject(SmtpReply reply) -> reply.toString();
      case Verdict.Close(SmtpReply reply) -> "close " + reply;
    };
  }

  @Test
  void relaying() throws Exception {
    try (Policy policy = new Policy(Map.of("caravan.relay.domains", "ours.example,.all.example"))) {
      record Row(boolean trusted, String recipient, boolean permitted) {}
      for (Row row :
          List.of(
              new Row(true, "b@anywhere.example", true),
              new Row(true, "b@[192.0.2.7]", true),
              new Row(false, "b@anywhere.example", false),
              new Row(false, "b@ours.example", true),
              new Row(false, "b@OURS.example", true),
              new Row(false, "b@sub.ours.example", false),
              new Row(false, "b@notours.example", false),
              new Row(false, "b@all.example", true),
              new Row(false, "b@deep.sub.all.example", true),
              new Row(false, "b@notall.example", false),
              new Row(false, "b%other.example@ours.example", false),
              new Row(false, "other.example!b@ours.example", false),
              new Row(false, "\"b@other.example\"@ours.example", false),
              new Row(false, "b@[192.0.2.7]", false),
              new Row(false, "postmaster@relay.example", true),
              new Row(false, "PostMaster@Relay.Example", true),
              new Row(false, "postmaster@ours.example", true),
              new Row(false, "postmaster@anywhere.example", false),
              new Row(false, "b@relay.example", false))) {
        Recipient answer =
            policy.ask(
                new Recipient(
                    client(row.trusted()),
                    ReversePath.parse("a@sender.example"),
                    EmailAddress.parse(row.recipient())));
        assertThat(answer.relayPermitted()).as(row.toString()).isEqualTo(row.permitted());
        assertThat(told(answer))
            .as(row.toString())
            .isEqualTo(row.permitted() ? "undecided" : "550 5.7.1 Relaying denied");
      }
    }
  }

  /** RFC 5321, 4.5.1: everybody may write to it; somebody must have the mailbox. */
  @ParameterizedTest
  @CsvSource({
    "'', '', postmaster@relay.example",
    "ours.example, '', postmaster@ours.example",
    "'.ours.example,b.example', '', postmaster@ours.example",
    "'ours.example,relay.example', '', postmaster@relay.example",
    "'.example', '', postmaster@relay.example",
    "ours.example, ops@elsewhere.example, ops@elsewhere.example"
  })
  void postmasterIsSomebodyWithAMailbox(String domains, String postmaster, String expected)
      throws Exception {
    try (Policy policy =
        new Policy(Map.of("caravan.relay.domains", domains, "caravan.postmaster", postmaster))) {
      for (boolean trusted : new boolean[] {true, false}) {
        Recipient answer =
            policy.ask(
                new Recipient(
                    client(trusted),
                    ReversePath.NULL,
                    EmailAddress.parse("Postmaster@relay.example")));
        assertThat(answer.relayPermitted()).isTrue();
        assertThat(answer.recipient()).hasToString(expected);
        assertThat(told(answer)).isEqualTo("undecided");
      }
    }
  }

  @Test
  void sizeAndLoop() throws Exception {
    try (Policy policy =
        new Policy(
            Map.of("caravan.smtp.message-size-max", "100KB", "caravan.smtp.hops-max", "3"))) {
      long limit = 100 * 1024;
      assertThat(told(policy.ask(new Sender(client(true), ReversePath.NULL, limit))))
          .isEqualTo("undecided");
      assertThat(told(policy.ask(new Sender(client(true), ReversePath.NULL, limit + 1))))
          .startsWith("552 5.3.4 ");
      String big = "Subject: x\r\n\r\n" + ("x".repeat(98) + "\r\n").repeat(2000);
      assertThat(told(policy.ask(mail(true, "a@sender.example", big)))).startsWith("552 5.3.4 ");
      String hop = "Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\r\n";
      assertThat(told(policy.ask(mail(true, "a@sender.example", hop.repeat(3) + "\r\n"))))
          .isEqualTo("undecided");
      assertThat(told(policy.ask(mail(true, "a@sender.example", hop.repeat(4) + "\r\n"))))
          .startsWith("554 5.4.6 ");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "reject,     550 5.7.23 ",
    "quarantine, quarantine: ",
    "tag,        undecided",
    "ignore,     undecided"
  })
  void whatAnSpfFailureDoes(String setting, String expected) throws Exception {
    try (FakeDnsServer dns = FakeDnsServer.start();
        Policy policy =
            new Policy(Map.of("caravan.spf.fail", setting, "caravan.dns.servers", dns.address()))) {
      dns.txt("strict.example", "v=spf1 -all").txt("open.example", "v=spf1 +all");
      String message = "From: a@strict.example\r\nSubject: x\r\n\r\nx\r\n";

      Mail failed = policy.ask(mail(false, "a@strict.example", message));
      assertThat(told(failed)).startsWith(expected);
      if (!setting.equals("reject")) {
        assertThat(failed.header("Authentication-Results")).contains("spf=fail");
      }
      Mail passed = policy.ask(mail(false, "a@open.example", message));
      assertThat(told(passed)).isEqualTo("undecided");
      assertThat(passed.header("Authentication-Results")).contains("spf=pass");
      // Our own clients are not what SPF is about.
      assertThat(told(policy.ask(mail(true, "a@strict.example", message)))).isEqualTo("undecided");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "reject,     550 5.7.1 Executable attachments",
    "hold,       hold: content rule executable",
    "quarantine, quarantine: content rule executable",
    "discard,    discard: content rule executable",
    "tag,        undecided"
  })
  void whatTheContentFilterDoes(String action, String expected) throws Exception {
    Path beans = temp.resolve("beans.xml");
    String shipped = Files.readString(Path.of("routes/beans.xml"));
    String property = "<property key=\"action\" value=\"%s\"/>";
    assertThat(shipped).containsOnlyOnce(property.formatted("reject"));
    Files.writeString(
        beans, shipped.replace(property.formatted("reject"), property.formatted(action)));
    String message =
        """
        Subject: x
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=b

        --b
        Content-Type: text/plain

        see there
        --b
        Content-Type: application/octet-stream; name="nice.%s"

        MZ
        --b--
        """
            .replace("\n", "\r\n");
    try (Policy policy = new Policy(beans, Map.of())) {
      Mail found = policy.ask(mail(true, "a@sender.example", message.formatted("EXE")));
      assertThat(told(found)).startsWith(expected);
      assertThat(found.header("X-Caravan-Filter"))
          .isEqualTo(action.equals("tag") ? "executable" : "");
      Mail passed = policy.ask(mail(true, "a@sender.example", message.formatted("txt")));
      assertThat(told(passed)).isEqualTo("undecided");
      assertThat(passed.header("X-Caravan-Filter")).isEmpty();
    }
  }

  /** The shipped policy with this step at the beginning of its route. */
  private Policy policyWith(String route, String steps) throws Exception {
    Path file = temp.resolve("policy.xml");
    String shipped = Files.readString(Path.of("routes/policy.xml"));
    String from = "<from id=\"%1$s.in\" uri=\"direct:%1$s\"/>".formatted(route);
    String edited =
        route.equals("connection")
            ? shipped.replace(
                "</camel>",
                "<route id=\"connection\" routeConfigurationId=\"called\">"
                    + from
                    + steps
                    + "</route></camel>")
            : shipped.replace(from, from + steps);
    assertThat(edited).isNotEqualTo(shipped);
    Files.writeString(file, edited);
    return new Policy(
        file, Path.of("routes/beans.xml"), Map.of("caravan.relay.domains", "ours.example"));
  }

  private static String step(String bean, String call) {
    return "<bean ref=\"%s\" method=\"%s\"/>".formatted(bean, call);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "reject | with('550 5.7.1 No')  | 550 5.7.1 No",
        "defer  | with('450 4.7.1 No')  | 450 4.7.1 No",
        "close  | with('421 4.7.0 Bye') | close 421 4.7.0 Bye",
        "close  | with('554 5.7.1 Bye') | close 554 5.7.1 Bye",
        "accept | now                   | queue:",
      })
  void verbsOfEveryRoute(String bean, String call, String expected) throws Exception {
    ReversePath from = ReversePath.parse("a@sender.example");
    EmailAddress to = EmailAddress.parse("b@ours.example");
    String message = "From: a@sender.example\r\n\r\nx\r\n";
    for (Question<?> question :
        List.of(
            new Connection(client(true)),
            new Sender(client(true), from, 0),
            new Recipient(client(true), from, to),
            mail(true, "a@sender.example", message))) {
      try (Policy policy =
          policyWith(question.phase(), step(bean, call) + step("reject", "with('550 Late')"))) {
        assertThat(told(ask(policy, question)).strip())
            .as(question.phase())
            .isEqualTo(expected.strip());
      }
    }
  }

  private static Question<?> ask(Policy policy, Question<?> question) throws Exception {
    return switch (question) {
      case Connection c -> policy.ask(c);
      case Sender s -> policy.ask(s);
      case Recipient r -> policy.ask(r);
      case Mail m -> policy.ask(m);
    };
  }

  @Test
  void acceptingARecipientMakesNoRelay() throws Exception {
    try (Policy policy = policyWith("recipient", step("accept", "now"))) {
      for (String to : List.of("b@ours.example", "b@anywhere.example")) {
        Recipient answer =
            policy.ask(
                new Recipient(
                    client(false), ReversePath.parse("a@sender.example"), EmailAddress.parse(to)));
        assertThat(answer.relayPermitted()).isEqualTo(to.equals("b@ours.example"));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "true,x@else.example,true",
    "false,x@else.example,false",
    "false,x@ours.example,true"
  })
  void aRedirectedRecipientIsJudgedByItsNewAddress(boolean trusted, String to, boolean permitted)
      throws Exception {
    try (Policy policy = policyWith("recipient", step("redirect", "to('" + to + "')"))) {
      Recipient answer =
          policy.ask(
              new Recipient(
                  client(trusted),
                  ReversePath.parse("a@sender.example"),
                  EmailAddress.parse("b@ours.example")));
      assertThat(answer.recipient()).hasToString(to);
      assertThat(answer.relayPermitted()).isEqualTo(permitted);
    }
  }

  @Test
  void verbsThatChangeAMail() throws Exception {
    String steps =
        step("copy", "to('archive@example.com')")
            + step("copy", "to('archive@example.com')")
            + step("handling", "priority(3)")
            + step("handling", "delay('10m')")
            + step("handling", "via('relay.example:26')")
            + step("removeHeader", "named('x-mailer')")
            + step("setHeader", "with('X-Class','bulk')");
    String message =
        "From: a@sender.example\r\nX-Mailer: x\r\n y\r\nx-class:  a\r\nSubject:  \u00e9 \r\n"
            + "X-CLASS: b\r\nMessage-ID: <1@x>\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\n"
            + "X-Mailer: body\r\n";
    Instant before = Instant.now();
    try (Policy policy = policyWith("message", steps)) {
      Mail mail = policy.ask(mail(true, "a@sender.example", message));
      assertThat(told(mail)).isEqualTo("undecided");
      assertThat(mail.recipients()).hasToString("[b@dest.example, archive@example.com]");
      assertThat(mail.envelope().dsn(EmailAddress.parse("archive@example.com")).wantsFailure())
          .isFalse();
      assertThat(mail.envelope().dsn(EmailAddress.parse("b@dest.example")).wantsFailure()).isTrue();
      assertThat(mail.envelope().options().priority()).isEqualTo(3);
      assertThat(mail.envelope().options().holdUntil().orElseThrow())
          .isBetween(before.plusSeconds(600), Instant.now().plusSeconds(600));
      assertThat(mail.site()).isEqualTo("relay.example:26");
      assertThat(new String(mail.content().toBytes(), java.nio.charset.StandardCharsets.UTF_8))
          .isEqualTo(
              "X-Class: bulk\r\nFrom: a@sender.example\r\nSubject:  \u00e9 \r\n"
                  + "Message-ID: <1@x>\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\n"
                  + "X-Mailer: body\r\n");
    }
    try (Policy policy = policyWith("message", step("redirect", "to('x@else.example')"))) {
      Mail mail = policy.ask(mail(true, "a@sender.example", message));
      assertThat(mail.recipients()).hasToString("[x@else.example]");
      assertThat(mail.site()).isEmpty();
    }
  }

  @Test
  void aClientsLongerDelayStays() throws Exception {
    Instant late = Instant.now().plusSeconds(3600);
    try (Policy policy = policyWith("sender", step("handling", "delay('10m')"))) {
      Sender sender = new Sender(client(true), ReversePath.NULL, 0);
      Sender answer = policy.ask(sender.withOptions(sender.options().withHoldUntil(late)));
      assertThat(answer.options().holdUntil()).contains(late);
      assertThat(policy.ask(sender).options().holdUntil().orElseThrow()).isBefore(late);
    }
  }
}
