package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real process, killed without warning in the middle of a command: each mail is in one place, and
 * the next start does what had been begun.
 */
final class OperatorKillTest {
  private static final int MAILS = 2_000;
  private static final int SESSIONS = 10;

  @TempDir Path data;

  @Test
  void aCommandThatIsCutOffLosesAndDoublesNothing() throws Exception {
    Admin.token(data);
    try (Remote remote = new Remote()) {
      remote.answers(address -> "450 4.2.0 Not now");
      try (GatewayProcess first = start(remote);
          Admin admin = new Admin(first.port("http"))) {
        fill(first.port("smtp"));
        admin.await(q -> q.equals(Map.of("mail.retry.1h", MAILS)));
        // The first line of progress comes after a thousand.
        admin.begin("/api/mails/hold", "{'all':true,'reason':'cut off'}");
        first.kill();
      }
      try (GatewayProcess second = start(remote);
          Admin admin = new Admin(second.port("http"))) {
        Map<String, Integer> places =
            admin.await(q -> q.values().stream().mapToInt(n -> n).sum() == MAILS);
        System.out.println("killed in the middle of hold: " + places);
        assertThat(places.get("mail.held")).isGreaterThanOrEqualTo(1_000);
        Map<String, Integer> seen = new TreeMap<>();
        for (JsonNode mail : admin.mails("")) {
          seen.merge(mail.path("id").asText(), 1, Integer::sum);
          assertThat(mail.path("queue").asText()).isIn("mail.held", "mail.retry.1h");
        }
        assertThat(seen).hasSize(MAILS);
        // The order is done, and can be given again for the rest.
        assertThat(admin.get("/api/queues").body()).doesNotContain("mail.order.");
        long rest = admin.act("hold", "{'all':true}");
        assertThat(rest).isEqualTo(places.getOrDefault("mail.retry.1h", 0).longValue());
        assertThat(admin.counts()).isEqualTo(Map.of("mail.held", MAILS));
      }
    }
  }

  /** Most of the mails are on disk only; the broker is moving them to the command's own queue. */
  @Test
  void theBrokersMoveMayBeCutOff() throws Exception {
    int mails = 8_000;
    Admin.token(data);
    try (Remote remote = new Remote()) {
      WaitingMails.fill(data, "127.0.0.1:" + remote.port(), mails, 3_600_000);
      int moved = 0;
      try (GatewayProcess first = start(remote);
          Admin admin = new Admin(first.port("http"))) {
        Thread order =
            Thread.startVirtualThread(
                () -> {
                  try {
                    Admin.Answer cutOff = admin.post("/api/mails/hold", "{'all':true}");
                    assertThat(cutOff.status()).isPositive();
                  } catch (Exception e) {
                    // killed while it answers
                  }
                });
        long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (moved == 0) {
          assertThat(System.nanoTime()).isLessThan(deadline);
          moved = onBenches(admin);
        }
        first.kill();
        order.join();
      }
      try (GatewayProcess second = start(remote);
          Admin admin = new Admin(second.port("http"))) {
        Map<String, Integer> places = new TreeMap<>();
        Map<String, String> seen = new TreeMap<>();
        List<String> doubles = new ArrayList<>();
        awaitNoBench(admin);
        for (JsonNode mail : admin.mails("")) {
          String queue = mail.path("queue").asText();
          places.merge(queue, 1, Integer::sum);
          String to = mail.path("to").path(0).asText();
          String other = seen.put(to, queue);
          if (other != null) {
            doubles.add(to + " in " + other + " and " + queue);
          }
        }
        System.out.printf("killed with %d or more moved of %d: %s%n", moved, mails, places);
        assertThat(places.keySet()).isSubsetOf("mail.held", "mail.retry.1h");
        assertThat(places.get("mail.held")).isPositive();
        assertThat(doubles).isEmpty();
        assertThat(seen).hasSize(mails);
        assertThat(admin.act("hold", "{'all':true}"))
            .isEqualTo(places.getOrDefault("mail.retry.1h", 0).longValue());
        assertThat(admin.counts()).isEqualTo(Map.of("mail.held", mails));
      }
    }
  }

  /** The next start has done what was left of the command. */
  private void awaitNoBench(Admin admin) throws Exception {
    long deadline = System.nanoTime() + Duration.ofMinutes(5).toNanos();
    while (admin.get("/metrics").body().contains("mail.order.")) {
      assertThat(System.nanoTime())
          .as("a command is still at work: %s", new LogOf(data))
          .isLessThan(deadline);
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
  }

  /** Read only where an assertion fails. */
  private record LogOf(Path data) {
    @Override
    public String toString() {
      try {
        return Files.readString(data.resolve("gateway.log"));
      } catch (IOException e) {
        return e.toString();
      }
    }
  }

  /** Mails on the queues of commands, but for the command itself. */
  private static int onBenches(Admin admin) throws Exception {
    Matcher queue =
        Pattern.compile("caravan_queue_messages\\{queue=\"mail\\.order\\.[^\"]*\"} (\\d+)")
            .matcher(admin.get("/metrics").body());
    return queue.find() ? Math.max(0, Integer.parseInt(queue.group(1)) - 1) : 0;
  }

  private static void fill(int port) throws InterruptedException {
    List<Thread> senders = new ArrayList<>();
    for (int s = 0; s < SESSIONS; s++) {
      senders.add(
          Thread.startVirtualThread(
              () -> {
                try (Client client = new Client(port)) {
                  for (int i = 0; i < MAILS / SESSIONS; i++) {
                    assertThat(
                            client.send(
                                "a@sender.example",
                                List.of("b@dest.example"),
                                "Subject: x\r\n\r\n" + "y".repeat(70).concat("\r\n").repeat(30)))
                        .startsWith("250");
                  }
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              }));
    }
    for (Thread sender : senders) {
      sender.join();
    }
  }

  private GatewayProcess start(Remote remote) throws IOException {
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.retry.schedule", "1h");
    options.put("caravan.http.port", "0");
    options.put("caravan.broker.memory-max", "2MB");
    return GatewayProcess.start(data, options);
  }
}
