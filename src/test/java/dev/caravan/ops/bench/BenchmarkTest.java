package dev.caravan.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The clients send straight to the sink. */
final class BenchmarkTest {
  private static Plan plan(int perConnection, int recipients, boolean pipelining, boolean tls) {
    return plan(perConnection, recipients, pipelining, tls, Duration.ofMinutes(1));
  }

  private static Plan plan(
      int perConnection, int recipients, boolean pipelining, boolean tls, Duration patience) {
    return new Plan(
        200,
        0,
        1,
        5,
        perConnection,
        recipients,
        1,
        SizeMix.parse("1KB,60KB,500B"),
        Optional.empty(),
        pipelining,
        tls,
        false,
        patience);
  }

  private static InetSocketAddress local(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  @ParameterizedTest
  @CsvSource({"0, 1, false, false", "1, 3, true, false", "7, 2, false, true", "0, 2, true, true"})
  void everyMailIsCounted(int perConnection, int recipients, boolean pipelining, boolean tls)
      throws Exception {
    Plan plan = plan(perConnection, recipients, pipelining, tls);
    Optional<SSLContext> context = tls ? Optional.of(Identity.fresh().context()) : Optional.empty();
    try (Benchmark benchmark = new Benchmark(plan, 0, context)) {
      for (int i = 0; i < 2; i++) {
        Round round =
            benchmark.round(local(benchmark.sinkPort()), Optional.of(ProcessHandle.current()));
        assertThat(round.doubles()).isZero();
        assertThat(round.deliveredRate()).isPositive();
        assertThat(round.cpuMillis()).isPositive();
        assertThat(round.p50()).isPositive().isLessThanOrEqualTo(round.p99());
        assertThat(round.p99()).isLessThanOrEqualTo(round.max());
      }
    }
  }

  /** At the rate of the rounds it would take some hours. */
  @Test
  void whatWarmsUpDoesNotWait() throws Exception {
    Plan slow =
        new Plan(
            1,
            20,
            1,
            1,
            0,
            1,
            1,
            SizeMix.parse("1KB"),
            Optional.of(0.001),
            false,
            false,
            false,
            Duration.ofMinutes(1));
    try (Benchmark benchmark = new Benchmark(slow, 0, Optional.empty())) {
      benchmark.warmUp(local(benchmark.sinkPort()));
      assertThat(benchmark.round(local(benchmark.sinkPort()), Optional.empty()).doubles()).isZero();
    }
  }

  @Test
  void mailThatDoesNotComeIsTold() throws Exception {
    try (Sink black = new Sink(0, 1, Optional.empty(), number -> {});
        Benchmark benchmark =
            new Benchmark(plan(0, 1, false, false, Duration.ofMillis(300)), 0, Optional.empty())) {
      assertThatThrownBy(() -> benchmark.round(local(black.port()), Optional.empty()))
          .hasMessageContaining("of 200 mails 200 were accepted and 0 have come");
    }
  }

  @Test
  void aRefusalIsTold() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Benchmark benchmark = new Benchmark(plan(0, 1, false, false), 0, Optional.empty())) {
      Thread.startVirtualThread(() -> refuse(server));
      assertThatThrownBy(() -> benchmark.round(local(server.getLocalPort()), Optional.empty()))
          .hasMessage("refused: 421 4.3.2 not now");
    }
  }

  private static void refuse(ServerSocket server) {
    while (!server.isClosed()) {
      try (Socket client = server.accept()) {
        client.getOutputStream().write("421 4.3.2 not now\r\n".getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        return;
      }
    }
  }

  @Test
  void theMedianIsThatOfTheRounds() {
    java.util.List<Round> rounds =
        java.util.stream.DoubleStream.of(3, 1, 8, 2)
            .mapToObj(
                rate ->
                    new Round(
                        rate,
                        rate,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        java.time.Instant.EPOCH,
                        java.time.Instant.EPOCH))
            .toList();
    assertThat(Round.median(rounds, Round::acceptedRate)).isEqualTo(2.5);
    assertThat(Round.median(rounds.subList(0, 3), Round::acceptedRate)).isEqualTo(3);
    assertThat(Round.least(rounds, Round::acceptedRate)).isEqualTo(1);
    assertThat(Round.most(rounds, Round::acceptedRate)).isEqualTo(8);
  }
}
