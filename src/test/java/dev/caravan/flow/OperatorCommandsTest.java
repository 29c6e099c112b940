package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code caravan queue} and {@code caravan site} beside a gateway that runs. */
final class OperatorCommandsTest {
  private static final int MAILS = 3;

  @TempDir Path data = Path.of("");

  private CommandRun run(String... args) {
    return CommandRun.of(data, args);
  }

  private CommandRun await(String text, String... args) {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    CommandRun result = run(args);
    while (!result.out().contains(text)) {
      assertThat(System.nanoTime()).as("%s", result).isLessThan(deadline);
      result = run(args);
    }
    return result;
  }

  @Test
  void everyCommandTellsWhatItDidAndExitsSo() throws Exception {
    try (Remote remote = new Remote()) {
      remote.answers(address -> "450 4.2.0 Not now");
      Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
      options.put("caravan.retry.schedule", "1h");
      options.put("caravan.http.port", "0");
      try (GatewayProcess gateway = GatewayProcess.start(data, options);
          Client client = new Client(gateway.port("smtp"))) {
        for (int i = 0; i < MAILS; i++) {
          String reply =
              client.send(
                  "a@sender.example", List.of(i + "@dest.example"), "Subject: x\r\n\r\ny\r\n");
          assertThat(reply).startsWith("250");
        }
        looking();
        acting(remote);
        sites("127.0.0.1:" + remote.port());
      }
    }
  }

  private void looking() throws Exception {
    await("\"mail.retry.1h\",\"site\":", "queue", "list", "--json");
    CommandRun list = await("2@dest.example", "queue", "list", "--queue", "mail.retry.*");
    assertThat(list.status()).isZero();
    assertThat(list.out().lines().findFirst().orElse(""))
        .matches("ID +AGE +SIZE +FROM +TO +SITE +ATTEMPTS +NEXT +WHY");
    assertThat(list.out().lines()).hasSize(MAILS + 1);
    assertThat(list.out()).contains("the next attempt is in 59m").contains("450 4.2.0 Not now");
    assertThat(run("queue", "list", "--all", "--limit", "1").err()).contains("there are more");
    CommandRun none = run("queue", "list", "--to", "nobody@dest.example");
    assertThat(none.status()).isEqualTo(1);
    assertThat(none.err()).contains("no mail");
    assertThat(run("queue", "list", "--to", "nobody@dest.example", "--json").out().strip())
        .isEqualTo("[]");

    JsonNode mails = new JsonMapper().readTree(run("queue", "list", "--all", "--json").out());
    String id = mails.get(0).path("id").asText();
    CommandRun shown = run("queue", "show", id);
    assertThat(shown.status()).isZero();
    assertThat(shown.out())
        .contains("Mail:         " + id)
        .contains("Why:          the next attempt is in")
        .contains("S: 450 4.2.0 Not now")
        .contains("Subject: x")
        .contains("deferred");
    assertThat(run("queue", "show", id, "--content").out()).endsWith("Subject: x\r\n\r\ny\r\n");
    assertThat(run("queue", "show", "01M855SD4NQ0ZJT0").status()).isEqualTo(1);
    assertThat(run("queue", "show", "../x").status()).isEqualTo(2);
  }

  private void acting(Remote remote) throws Exception {
    CommandRun asked = run("queue", "hold", "--from", "@sender.example");
    assertThat(asked.status()).isEqualTo(1);
    assertThat(asked.out()).isEqualToIgnoringNewLines("hold: 3 mails; add --yes");
    CommandRun held =
        run("queue", "hold", "--from", "@sender.example", "--yes", "--reason", "why not");
    assertThat(held).isEqualTo(new CommandRun(0, held.out(), ""));
    assertThat(held.out()).isEqualToIgnoringNewLines("3 mails held");
    assertThat(run("queue", "list", "--state", "held").out()).contains("held: why not");
    assertThat(run("queue", "retry", "--all", "--yes"))
        .extracting(CommandRun::status, r -> r.out().strip())
        .containsExactly(1, "no mail");

    JsonNode mails = new JsonMapper().readTree(run("queue", "list", "--all", "--json").out());
    // Mails that are named need no --yes.
    CommandRun deleted = run("queue", "delete", mails.get(0).path("id").asText(), "--json");
    assertThat(deleted.status()).isZero();
    assertThat(deleted.out()).contains("\"mails\":1");
    try (Remote other = new Remote()) {
      String via = "127.0.0.1:" + other.port();
      String id = mails.get(1).path("id").asText();
      assertThat(run("queue", "reroute", id, "--via", via).status()).isZero();
      remote.answers(address -> "250 2.1.5 Ok");
      assertThat(run("queue", "release", "--all", "--yes").out()).contains("2 mails released");
      assertThat(other.take().to()).hasSize(1);
      assertThat(remote.take().to()).hasSize(1);
    }
    assertThat(await("delivered", "queue", "show", mails.get(1).path("id").asText()).status())
        .isZero();
    assertThat(run("queue", "bounce", "--all", "--yes").status()).isEqualTo(1);
  }

  private void sites(String site) {
    assertThat(run("site", "list").out()).contains(site);
    CommandRun suspended = run("site", "suspend", site, "--for", "1h", "--why", "they asked");
    assertThat(suspended.status()).isZero();
    assertThat(suspended.out()).contains("State:        suspended").contains("they asked");
    assertThat(run("site", "resume", site).out()).contains("State:        open");
    assertThat(run("site", "limit", site, "--concurrency", "2", "--rate", "100/min").out())
        .contains("at most 2")
        .contains("100/min");
    assertThat(run("site", "limit", site, "--clear").out()).doesNotContain("100/min");
    assertThat(run("site", "show", site, "--json").out()).contains("\"state\":\"open\"");
  }
}
