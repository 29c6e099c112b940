package dev.caravan.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.proof.Sink.Deed;
import dev.caravan.proof.Sink.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One injury after the other: {@code mvn -Pproof verify}. {@code -Dcaravan.proof.minutes=N} bounds
 * it, {@code -Dcaravan.proof.kills=N} says how often it is killed at most, {@code
 * -Dcaravan.proof.only=NAME} which injury. The table is printed at the end, and is left in {@code
 * target/proof/report.txt}; what a gateway has logged stays in {@code target/proof/NAME/log}.
 */
@Tag("proof")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ProofTest {
  private static final int MINUTES = Integer.getInteger("caravan.proof.minutes", 15);
  private static final int KILLS = Integer.getInteger("caravan.proof.kills", 20);
  private static final String ONLY = System.getProperty("caravan.proof.only", "");

  /** What an injury may take at most; none is begun later. */
  private static final Duration OF_ONE = Duration.ofSeconds(120);

  private final Instant end = Instant.now().plus(Duration.ofMinutes(MINUTES)).minus(OF_ONE);
  private final List<String> lines = new ArrayList<>(List.of(Row.head()));

  Stream<Injury> injuries() {
    long share = Duration.ofMinutes(MINUTES).toNanos() / 5;
    int seconds = Math.clamp(MINUTES * 2 / 3, 4, 10);
    return Stream.of(
            new Kill(KILLS, System.nanoTime() + share),
            new Terminate(3),
            new BadSink("server hangs", Deed.HANG, List.of(Stage.values()), seconds),
            new BadSink("server drops after the dot", Deed.DROP, List.of(Stage.DOT), seconds),
            new BadSink("server answers garbage", Deed.GARBAGE, List.of(Stage.values()), seconds),
            new BadNetwork(false, seconds),
            new BadNetwork(true, seconds),
            new BadDns("DNS silent", List.of(DnsRelay.Deed.SILENCE), seconds),
            new BadDns(
                "DNS answers garbage",
                List.of(
                    DnsRelay.Deed.SERVFAIL,
                    DnsRelay.Deed.REFUSED,
                    DnsRelay.Deed.GARBAGE,
                    DnsRelay.Deed.OTHER_ID,
                    DnsRelay.Deed.HALF),
                seconds),
            new BadDns(
                "DNS denies names",
                List.of(DnsRelay.Deed.PASS, DnsRelay.Deed.NO_NAME, DnsRelay.Deed.NO_RECORD),
                seconds),
            new LostWrites(false, Math.clamp(MINUTES, 3, 10)),
            new LostWrites(true, 2),
            new FullDisk(false, seconds),
            new FullDisk(true, seconds),
            new FewFiles(seconds),
            new NoThreads(2, seconds),
            new ClockJumps(seconds),
            new SmallHeap(seconds),
            new KillNode(2 * Math.clamp(MINUTES / 8, 1, 5)),
            new HangNode(Math.clamp(MINUTES / 8, 1, 4)),
            new KillBroker(Brokers.Kind.ONE, Math.clamp(MINUTES / 8, 1, 10)),
            new KillBroker(Brokers.Kind.SHARED_STORE, 2 * Math.clamp(MINUTES / 16, 1, 10)))
        .map(Injury.class::cast)
        .filter(injury -> injury.name().matches(ONLY.isEmpty() ? ".*" : ONLY));
  }

  @ParameterizedTest
  @MethodSource("injuries")
  void nothingIsLost(Injury injury) throws Exception {
    Optional<String> missing =
        injury.missing().or(() -> Optional.of("no time").filter(why -> Instant.now().isAfter(end)));
    if (missing.isPresent()) {
      lines.add(Row.skipped(injury.name(), missing.get()));
      Assumptions.abort(missing.get());
    }
    Path folder = Path.of("target", "proof", injury.name().replaceAll("\\W+", "-"));
    if (Files.exists(folder)) {
      Ward.remove(folder);
    }
    Files.createDirectories(folder);
    try (Ward ward = new Ward(folder.toAbsolutePath())) {
      injury.prepare(ward);
      ward.start();
      ward.load();
      Injury.Done done = injury.run(ward);
      ward.settle();
      Row row = ward.row(injury, done);
      lines.add(row.line());
      System.out.print(row.line());
      assertThat(row.faults()).isEmpty();
    } catch (Exception e) {
      lines.add(injury.name() + " FAILED: " + e.getMessage() + "\n");
      throw e;
    }
    Ward.removeQueues(folder);
  }

  @AfterAll
  void report() throws IOException {
    String report = String.join("", lines);
    Files.createDirectories(Path.of("target", "proof"));
    Files.writeString(Path.of("target", "proof", "report.txt"), report);
    System.out.print("\n" + report);
  }
}
