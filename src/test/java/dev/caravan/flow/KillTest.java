package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
  private static final Pattern SMTP = Pattern.compile("smtp=[^ ]*:(\\d+)");

  @TempDir Path data;

  @Test
  void everyAcceptedMailArrives() throws Exception {
    Set<String> accepted = ConcurrentHashMap.newKeySet();
    Map<String, Integer> arrived = new HashMap<>();
    try (Remote remote = new Remote()) {
      Process first = start(remote);
      try {
        int port = port(first);
        List<Thread> senders = new ArrayList<>();
        for (int s = 0; s < SESSIONS; s++) {
          int session = s;
          senders.add(Thread.startVirtualThread(() -> send(port, session, accepted)));
        }
        // In the middle: when a good part has been accepted, and deliveries are under way.
        while (accepted.size() < MAILS / 2 && senders.stream().anyMatch(Thread::isAlive)) {
          Thread.onSpinWait();
        }
        first.destroyForcibly().waitFor();
        for (Thread sender : senders) {
          sender.join();
        }
      } finally {
        first.destroyForcibly();
      }
      assertThat(accepted.size()).isGreaterThanOrEqualTo(MAILS / 2);

      Process second = start(remote);
      try {
        int expected = accepted.size();
        port(second);
        while (!arrived.keySet().containsAll(accepted)) {
          Remote.Received mail = remote.take();
          Matcher id = Pattern.compile("X-Id: (\\S+)").matcher(mail.text());
          assertThat(id.find()).isTrue();
          arrived.merge(id.group(1), 1, Integer::sum);
        }
        assertThat(arrived.keySet()).containsAll(accepted);
        int doubles = arrived.values().stream().mapToInt(n -> n - 1).sum();
        System.out.printf(
            "kill -9: %d accepted, %d arrived, %d doubles, %d lost%n",
            expected, arrived.size(), doubles, 0);
        assertThat(doubles).isLessThanOrEqualTo(WORKERS);
      } finally {
        second.destroy();
        assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  private static void send(int port, int session, Set<String> accepted) {
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
        }
      }
    } catch (IOException e) {
      // the gateway was killed: what has no 250 is not ours to count
    }
  }

  private Process start(Remote remote) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx512m",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dcaravan.home=" + Path.of("").toAbsolutePath(),
            "-cp",
            System.getProperty("java.class.path"),
            "dev.caravan.Caravan",
            "run"));
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.data-dir", data.toString());
    options.put("caravan.hostname", "relay.example");
    options.put("caravan.smtp.port", "0");
    options.put("caravan.broker.port", "-1");
    options.put("caravan.broker.disk-max", "100");
    options.put("caravan.http.port", "-1");
    options.put("caravan.delivery.workers", Integer.toString(WORKERS));
    options.forEach(
        (key, value) -> {
          command.add("-P");
          command.add(key + "=" + value);
        });
    ProcessBuilder process = new ProcessBuilder(command);
    // What -P says comes before the environment, also for what the routes read.
    process.environment().put("CARAVAN_SMTP_PORT", "1");
    return process
        .redirectError(ProcessBuilder.Redirect.to(data.resolve("gateway.log").toFile()))
        .start();
  }

  private static int port(Process process) throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      Matcher smtp = SMTP.matcher(line);
      if (line.startsWith("caravan ready") && smtp.find()) {
        return Integer.parseInt(smtp.group(1));
      }
    }
    throw new AssertionError("the gateway ended before it was ready");
  }
}
