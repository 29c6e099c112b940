package dev.caravan.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.delivery.Attempt;
import dev.caravan.delivery.Smarthost;
import dev.caravan.delivery.SmarthostTable;
import dev.caravan.delivery.SmarthostTransport;
import dev.caravan.delivery.auth.OAuth;
import dev.caravan.delivery.auth.TokenServer;
import dev.caravan.delivery.tls.TlsClient;
import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.ReversePath;
import dev.caravan.queue.QueuedMail;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Dovecot's submission service as a smarthost: each mechanism over STARTTLS, with the right secret
 * and with a wrong one. Access tokens are asked about at the scripted endpoint.
 */
@Tag("interop")
final class DovecotInteropTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  @BeforeEach
  void tools() {
    Dovecot.need();
    Tools.need("smtp-sink", "postfix");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", ""})
  void passwords(String mechanism) throws Exception {
    Path password = folder.resolve("password");
    try (TokenServer tokens = new TokenServer();
        Sink sink = Sink.start(folder);
        Dovecot dovecot = Dovecot.start(folder, sink.port(), tokens);
        SmarthostTransport transport =
            transport(
                dovecot,
                smarthost -> {
                  smarthost.setPassword("file:" + password);
                  smarthost.setMechanisms(mechanism);
                })) {
      Files.writeString(password, "wrong\n");
      Attempt wrong = transport.deliver(mail());
      assertThat(reply(wrong)).startsWith("451 4.7.8 ").contains("refuses our login as joe: 535 ");
      Files.writeString(password, Dovecot.PASSWORD + "\n");
      Attempt right = transport.deliver(mail());
      assertThat(right.delivered()).as(right.transcript().toString()).hasSize(1);
      assertThat(right.tls()).startsWith("TLSv1.");
      assertThat(right.transcript().toString())
          .contains("C: AUTH " + (mechanism.isEmpty() ? "SCRAM-SHA-256" : mechanism))
          .doesNotContain(Dovecot.PASSWORD);
      assertArrived(sink);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"XOAUTH2", "OAUTHBEARER"})
  void tokens(String mechanism) throws Exception {
    try (TokenServer tokens = new TokenServer();
        Sink sink = Sink.start(folder);
        Dovecot dovecot = Dovecot.start(folder, sink.port(), tokens);
        SmarthostTransport transport =
            transport(
                dovecot,
                smarthost -> {
                  smarthost.setToken(oauth(tokens));
                  smarthost.setMechanisms(mechanism);
                })) {
      // the first token has been revoked; the next one is good
      tokens.introspects(token -> token.equals("token-2") ? Optional.of("joe") : Optional.empty());
      Attempt attempt = transport.deliver(mail());
      assertThat(attempt.delivered()).as(attempt.transcript().toString()).hasSize(1);
      assertThat(attempt.transcript().toString())
          .contains("C: AUTH " + mechanism, "S: 334 ", "S: 535 ")
          .doesNotContain("token-1", "token-2");
      assertThat(tokens.requests()).hasSize(2);
      assertArrived(sink);
    }
  }

  @Test
  void aTokenOfSomebodyElseIsNotTaken() throws Exception {
    try (TokenServer tokens = new TokenServer();
        Sink sink = Sink.start(folder);
        Dovecot dovecot = Dovecot.start(folder, sink.port(), tokens);
        SmarthostTransport transport =
            transport(dovecot, smarthost -> smarthost.setToken(oauth(tokens)))) {
      tokens.introspects(token -> Optional.of("somebody"));
      Attempt attempt = transport.deliver(mail());
      assertThat(reply(attempt))
          .startsWith("451 4.7.8 ")
          .contains("refuses our login as joe: 535 ");
      assertThat(attempt.trouble()).isPresent();
      assertThat(tokens.requests()).as("one anew, and no more").hasSize(2);
      assertThat(sink.messages()).isEmpty();
    }
  }

  private static OAuth oauth(TokenServer tokens) {
    OAuth oauth = new OAuth();
    oauth.setEndpoint(tokens.url());
    oauth.setClientId("caravan");
    oauth.setClientSecret("s3cret");
    return oauth;
  }

  private static SmarthostTransport transport(Dovecot dovecot, Consumer<Smarthost> more) {
    Smarthost smarthost = new Smarthost();
    smarthost.setName("dovecot");
    smarthost.setHosts("127.0.0.1:" + dovecot.port());
    smarthost.setTls("required");
    smarthost.setUser("joe");
    more.accept(smarthost);
    SmarthostTable table = new SmarthostTable();
    table.setSmarthosts(List.of(smarthost));
    return new SmarthostTransport(
        table,
        "dovecot",
        25,
        "",
        "",
        false,
        "opportunistic",
        "relay.example",
        100,
        new TlsClient(""));
  }

  private static QueuedMail mail() {
    return new QueuedMail(
        new MailId("01M851KCJ1X450J4"),
        new Envelope(
            ReversePath.parse("a@sender.example"), List.of(EmailAddress.parse("b@dest.example"))),
        Content.of("Subject: test\r\n\r\nhello\r\n".getBytes(StandardCharsets.US_ASCII)),
        "dovecot",
        0,
        Instant.EPOCH,
        "",
        Origin.Source.SMTP,
        false);
  }

  private static String reply(Attempt attempt) {
    return attempt.outcomes().stream().map(Outcome::reply).findFirst().orElseThrow().toString();
  }

  private static void assertArrived(Sink sink) throws Exception {
    sink.await(1, PATIENCE);
    assertThat(sink.messages())
        .singleElement()
        .satisfies(
            dump -> {
              assertThat(dump.from()).isEqualTo("a@sender.example");
              assertThat(dump.to()).containsExactly("b@dest.example");
              assertThat(dump.text()).contains("Subject: test");
            });
  }
}
