package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real process, killed without warning in the middle of a load: nothing that had its 250 is lost.
 */
final class KillTest {
  private static final int MAILS = 10_000;
  private static final int SESSIONS = 10;
  private static final int WORKERS = 20;

  @TempDir Path data;

  @Test
  void everyAcceptedMailArrives() throws Exception {
    Set<String> accepted = ConcurrentHashMap.newKeySet();
    Map<String, Integer> arrived = new HashMap<>();
    try (Remote remote = new Remote()) {
      try (GatewayProcess first = start(remote)) {
        // In the middle: when a good part has been accepted, and deliveries are under way.
        CountDownLatch half = new CountDownLatch(MAILS / 2);
        List<Thread> senders = new ArrayList<>();
        for (int s = 0; s < SESSIONS; s++) {
          int session = s;
          senders.add(
              Thread.startVirtualThread(() -> send(first.port("smtp"), session, accepted, half)));
        }
        assertThat(half.await(120, TimeUnit.SECONDS)).isTrue();
        first.kill();
        for (Thread sender : senders) {
          sender.join();
        }
      }
      assertThat(accepted.size()).isGreaterThanOrEqualTo(MAILS / 2);

      try (GatewayProcess second = start(remote)) {
        assertThat(second.port("smtp")).isPositive();
        int expected = accepted.size();
        while (!arrived.keySet().containsAll(accepted)) {
          Remote.Received mail = remote.take();
          Matcher id = Pattern.compile("X-Id: (\\S+)").matcher(mail.text());
          assertThat(id.find()).isTrue();
          arrived.merge(id.group(1), 1, Integer::sum);
        }
        int doubles = arrived.values().stream().mapToInt(n -> n - 1).sum();
        System.out.printf(
            "kill -9: %d accepted, %d arrived, %d doubles, %d lost%n",
            expected, arrived.size(), doubles, 0);
        assertThat(doubles).isLessThanOrEqualTo(WORKERS);
      }
    }
  }

  private static void send(int port, int session, Set<String> accepted, CountDownLatch half) {
    try (Client client = new Client(port)) {
      for (int i = 0; i < MAILS / SESSIONS; i++) {
        String id = session + "-" + i;
        String reply =
            client.send(
                "a@sender.example",
                List.of("b@dest.example"),
                "X-Id: " + id + "\r\n\r\n" + "x".repeat(70).concat("\r\n").repeat(20));
        if (reply.startsWith("250")) {
          accepted.add(id);
          half.countDown();
        }
      }
    } catch (IOException e) {
      // the gateway was killed: what has no 250 is not ours to count
    }
  }

  private GatewayProcess start(Remote remote) throws IOException {
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.delivery.workers", Integer.toString(WORKERS));
    return GatewayProcess.start(data, options);
  }
}
