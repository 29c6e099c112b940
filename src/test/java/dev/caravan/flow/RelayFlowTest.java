package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mail in over SMTP, out to a smarthost. */
final class RelayFlowTest {
  private static final String MESSAGE =
      "From: a@sender.example\r\n"
          + "To: all@dest.example\r\n"
          + "Subject: test\r\n"
          + "Date: Mon, 1 Jan 2024 00:00:00 +0000\r\n"
          + "Message-ID: <1@sender.example>\r\n\r\n"
          + "hello  world \r\n"
          + "..dots\r\n"
          + "\tend\r\n";

  @TempDir Path data;

  @Test
  void aMessageArrivesByteForByteBelowTheTraceFields() throws Exception {
    try (Remote remote = new Remote();
        TestGateway gateway = TestGateway.start(data, TestGateway.smarthost(remote));
        Client client = new Client(gateway.smtpPort())) {
      assertThat(client.send("a@sender.example", List.of("b@dest.example"), MESSAGE))
          .startsWith("250 2.0.0 Ok: queued as ");
      Remote.Received got = remote.take();
      assertThat(got.from()).isEqualTo("a@sender.example");
      assertThat(got.to()).containsExactly("b@dest.example");
      assertThat(got.text()).startsWith("Received: from client.example ([127.0.0.1])");
      assertThat(got.text()).endsWith(MESSAGE.replace("\r\n..", "\r\n."));
    }
  }

  @Test
  void oneAcceptedOneDeferredOneRefused() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    try (Remote remote = new Remote()) {
      remote.answers(
          address ->
              switch (address) {
                case "later@dest.example" ->
                    tries.incrementAndGet() < 3 ? "450 4.2.0 Not now" : "250 2.1.5 Ok";
                case "never@dest.example" -> "550 5.1.1 No such user";
                default -> "250 2.1.5 Ok";
              });
      try (TestGateway gateway = TestGateway.start(data, TestGateway.smarthost(remote));
          Client client = new Client(gateway.smtpPort())) {
        client.send(
            "a@sender.example",
            List.of("now@dest.example", "later@dest.example", "never@dest.example"),
            MESSAGE);
        List<Remote.Received> three = List.of(remote.take(), remote.take(), remote.take());
        assertThat(three)
            .extracting(r -> String.join(",", r.to()))
            .containsExactlyInAnyOrder(
                "now@dest.example", "later@dest.example", "a@sender.example");
        Remote.Received report =
            three.stream().filter(r -> r.from().isEmpty()).findFirst().orElseThrow();
        assertThat(report.text())
            .contains("Content-Type: multipart/report; report-type=delivery-status")
            .contains("Final-Recipient: rfc822; never@dest.example")
            .contains("Action: failed")
            .contains("Status: 5.1.1")
            .contains("Diagnostic-Code: smtp; 550 5.1.1 No such user")
            .contains("Subject: test")
            .doesNotContain("later@dest.example");
        assertThat(tries.get()).isEqualTo(3);
        assertThat(remote.received()).isEmpty();
      }
    }
  }

  @Test
  void strangersMayNotRelay() throws Exception {
    try (Remote remote = new Remote()) {
      var options = new java.util.HashMap<>(TestGateway.smarthost(remote));
      options.put("caravan.relay.networks", "192.0.2.0/24");
      options.put("caravan.relay.domains", "ours.example");
      options.put("caravan.spf.fail", "ignore");
      try (TestGateway gateway = TestGateway.start(data, options);
          Client client = new Client(gateway.smtpPort())) {
        client.say("MAIL FROM:<a@sender.example>");
        assertThat(client.say("RCPT TO:<b@other.example>")).startsWith("550 5.7.1");
        assertThat(client.say("RCPT TO:<b%other.example@ours.example>")).startsWith("550 5.7.1");
        assertThat(client.say("RCPT TO:<b@ours.example>")).startsWith("250");
      }
    }
  }

  @Test
  void aLargeMessagePassesThroughSpoolFiles() throws Exception {
    String big =
        MESSAGE
            + "0123456789012345678901234567890123456789012345678901234567890123456\r\n"
                .repeat(30_000);
    try (Remote remote = new Remote();
        TestGateway gateway = TestGateway.start(data, TestGateway.smarthost(remote));
        Client client = new Client(gateway.smtpPort())) {
      assertThat(client.send("a@sender.example", List.of("b@dest.example"), big)).startsWith("250");
      assertThat(remote.take().text()).endsWith(big.replace("\r\n..", "\r\n."));
      try (var files = java.nio.file.Files.list(data.resolve("spool"))) {
        assertThat(files).hasSizeLessThan(2);
      }
    }
  }

  @Test
  void whatWaitsSurvivesARestart() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    try (Remote remote = new Remote()) {
      remote.answers(
          address -> {
            tries.incrementAndGet();
            return "450 4.2.0 Not now";
          });
      try (TestGateway gateway = TestGateway.start(data, TestGateway.smarthost(remote));
          Client client = new Client(gateway.smtpPort())) {
        assertThat(client.send("a@sender.example", List.of("b@dest.example"), MESSAGE))
            .startsWith("250");
        while (tries.get() == 0) {
          Thread.onSpinWait();
        }
      }
      remote.answers(address -> "250 2.1.5 Ok");
      try (TestGateway gateway = TestGateway.start(data, TestGateway.smarthost(remote))) {
        assertThat(remote.take().to()).containsExactly("b@dest.example");
      }
    }
  }
}
