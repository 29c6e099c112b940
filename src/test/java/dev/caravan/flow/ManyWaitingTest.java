package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The small sister of {@code src/bench/waiting.sh}: very much mail is due when we start. */
final class ManyWaitingTest {
  private static final int MAILS = 20_000;

  @TempDir Path data = Path.of("");

  /** Most of it is paged; all of it arrives once. */
  @Test
  void allThatIsDueArrivesOnce() throws Exception {
    try (Remote remote = new Remote()) {
      WaitingMails.fill(data, "127.0.0.1:" + remote.port(), MAILS, 0);
      try (TestGateway gateway = start(remote, Map.of("caravan.broker.memory-max", "2MB"))) {
        assertThat(gateway.smtpPort()).isPositive();
        BitSet arrived = new BitSet(MAILS);
        for (int i = 0; i < MAILS; i++) {
          int n = number(remote.take().to().getFirst());
          assertThat(arrived.get(n)).as("%s came twice", n).isFalse();
          arrived.set(n);
        }
        assertThat(remote.received()).isEmpty();
      }
    }
  }

  /** To a site that takes less than comes back; without room it would stand behind all. */
  @Test
  void aFreshMailDoesNotStandBehindAllThatIsDue() throws Exception {
    int mails = 3_000;
    int before = 600;
    try (Remote remote = new Remote()) {
      WaitingMails.fill(data, "127.0.0.1:" + remote.port(), mails, 0);
      Map<String, String> options =
          Map.of("caravan.site.rate", "200/s", "caravan.retry.out-max", "100");
      try (TestGateway gateway = start(remote, options)) {
        int place = -1;
        for (int i = 0; place < 0 && i <= mails; i++) {
          if (i == before) {
            send(gateway, "fresh@dest.example");
          }
          if (remote.take().to().getFirst().startsWith("fresh@")) {
            place = i;
          }
        }
        assertThat(place).isBetween(before, 2 * before);
      }
    }
  }

  private TestGateway start(Remote remote, Map<String, String> more) throws Exception {
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.retry.schedule", "1m,1h");
    options.put("caravan.delivery.workers", "20");
    options.putAll(more);
    return TestGateway.start(data, options);
  }

  private static int number(String recipient) {
    return Integer.parseInt(recipient.substring(1, recipient.indexOf('@')));
  }

  private static void send(TestGateway gateway, String to) throws Exception {
    try (Client client = new Client(gateway.smtpPort())) {
      assertThat(client.send("a@sender.example", List.of(to), "\r\nx\r\n")).startsWith("250 ");
    }
  }
}
