package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client asks for with a mail: reports, a time to send it, a run of the queue. */
final class AskedForFlowTest {
  private static final String MESSAGE = "Subject: x\r\n\r\nhello\r\n";

  @TempDir Path data;

  private static String mail(Client client, String mail, String... recipients) throws Exception {
    assertThat(client.say(mail)).startsWith("250 ");
    for (String recipient : recipients) {
      assertThat(client.say(recipient)).startsWith("250 ");
    }
    client.say("DATA");
    client.raw(MESSAGE);
    return client.say(".");
  }

  @Test
  void theNextServerHearsWhatTheSenderWants() throws Exception {
    try (Remote remote = new Remote()) {
      remote.offerDsn();
      try (TestGateway gateway = TestGateway.start(data, TestGateway.smarthost(remote));
          Client client = new Client(gateway.smtpPort())) {
        mail(
            client,
            "MAIL FROM:<a@sender.example> RET=FULL ENVID=x,y",
            "RCPT TO:<b@dest.example> NOTIFY=SUCCESS ORCPT=rfc822;b,c@dest.example",
            "RCPT TO:<c@dest.example>");
        remote.take();
        assertThat(remote.commands().get(0)).endsWith(" RET=FULL ENVID=x,y");
        assertThat(remote.commands().get(1))
            .isEqualTo("RCPT TO:<b@dest.example> NOTIFY=SUCCESS ORCPT=rfc822;b+2Cc@dest.example");
        assertThat(remote.commands().get(2)).isEqualTo("RCPT TO:<c@dest.example>");
      }
    }
  }

  @Test
  void successIsToldByUsWhereTheNextServerDoesNot() throws Exception {
    try (Remote remote = new Remote();
        TestGateway gateway = TestGateway.start(data, TestGateway.smarthost(remote));
        Client client = new Client(gateway.smtpPort())) {
      mail(
          client,
          "MAIL FROM:<a@sender.example> ENVID=id+2B1",
          "RCPT TO:<b@dest.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;B@dest.example",
          "RCPT TO:<c@dest.example>");
      List<Remote.Received> both = List.of(remote.take(), remote.take());
      Remote.Received report =
          both.stream().filter(r -> r.from().isEmpty()).findFirst().orElseThrow();
      assertThat(report.text())
          .contains("Original-Envelope-Id: id+1\r\n")
          .contains("Original-Recipient: rfc822; B@dest.example\r\n")
          .contains("Final-Recipient: rfc822; b@dest.example\r\n")
          .contains("Action: relayed\r\n")
          .contains("Status: 2.0.0\r\n")
          .doesNotContain("c@dest.example");
    }
  }

  @Test
  void whoWantsNoReportGetsNone() throws Exception {
    try (Remote remote = new Remote()) {
      remote.answers(
          address -> address.startsWith("never") ? "550 5.1.1 No such user" : "250 2.1.5 Ok");
      try (TestGateway gateway = TestGateway.start(data, TestGateway.smarthost(remote));
          Client client = new Client(gateway.smtpPort())) {
        mail(client, "MAIL FROM:<a@sender.example>", "RCPT TO:<never@dest.example> NOTIFY=NEVER");
        mail(
            client,
            "MAIL FROM:<a@sender.example>",
            "RCPT TO:<never2@dest.example> NOTIFY=NEVER",
            "RCPT TO:<never3@dest.example>");
        Remote.Received only = remote.take();
        assertThat(only.text()).contains("never3@dest.example").doesNotContain("never2@");
        mail(client, "MAIL FROM:<a@sender.example>", "RCPT TO:<b@dest.example>");
        assertThat(remote.take().to()).containsExactly("b@dest.example");
      }
    }
  }

  @Test
  void aFailureBringsTheWholeMailWhereThatWasAskedFor() throws Exception {
    try (Remote remote = new Remote()) {
      remote.answers(
          address -> address.startsWith("never") ? "550 5.1.1 No such user" : "250 2.1.5 Ok");
      try (TestGateway gateway = TestGateway.start(data, TestGateway.smarthost(remote));
          Client client = new Client(gateway.smtpPort())) {
        mail(client, "MAIL FROM:<a@sender.example> RET=FULL", "RCPT TO:<never@dest.example>");
        assertThat(remote.take().text())
            .contains("Content-Type: message/rfc822")
            .contains("\r\n\r\nhello\r\n");
      }
    }
  }

  /** Held until then, and no run of the queue brings it forward. */
  @Test
  void aMailForLaterWaits() throws Exception {
    try (Remote remote = new Remote();
        TestGateway gateway = TestGateway.start(data, TestGateway.smarthost(remote));
        Client client = new Client(gateway.smtpPort())) {
      mail(client, "MAIL FROM:<a@sender.example> HOLDFOR=3", "RCPT TO:<later@dest.example>");
      mail(client, "MAIL FROM:<a@sender.example> HOLDFOR=86400", "RCPT TO:<much@dest.example>");
      assertThat(client.say("ETRN dest.example")).startsWith("25");
      mail(client, "MAIL FROM:<a@sender.example>", "RCPT TO:<now@dest.example>");
      assertThat(remote.take().to()).containsExactly("now@dest.example");
      assertThat(remote.take().to()).containsExactly("later@dest.example");
      assertThat(remote.received()).isEmpty();
    }
  }

  @Test
  void aRunOfTheQueueBringsForwardWhatWaits() throws Exception {
    try (Remote remote = new Remote()) {
      remote.answers(address -> "450 4.2.0 Not now");
      Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
      options.put("caravan.retry.schedule", "1h");
      try (TestGateway gateway = TestGateway.start(data, options);
          Client client = new Client(gateway.smtpPort())) {
        for (int i = 0; i < 3; i++) {
          mail(client, "MAIL FROM:<a@sender.example>", "RCPT TO:<b@dest.example>");
        }
        mail(client, "MAIL FROM:<a@sender.example>", "RCPT TO:<b@other.example>");
        long deadline = System.nanoTime() + java.time.Duration.ofSeconds(30).toNanos();
        while (remote.commands().size() < 8 && System.nanoTime() - deadline < 0) {
          Thread.onSpinWait();
        }
        remote.answers(address -> "250 2.1.5 Ok");
        // The last of them may still be on its way to its rung: asked again, it is found there.
        for (int got = 0; got < 3; ) {
          assertThat(client.say("ETRN dest.example")).startsWith("25");
          var one = remote.received().poll(1, java.util.concurrent.TimeUnit.SECONDS);
          if (one != null) {
            assertThat(one.to()).containsExactly("b@dest.example");
            got++;
          }
          assertThat(System.nanoTime() - deadline).isNegative();
        }
      }
    }
  }
}
