package dev.caravan.proof;

import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The wall clock of the gateway is set forward and back under load, by a library that is preloaded
 * ({@code proof/clock.c}).
 */
final class ClockJumps implements Injury {
  private static final List<Long> OFFSETS = List.of(3600L, -3600L, 86_400L, -86_400L, 120L, 0L);

  private final int seconds;
  private @Nullable Numbers clock;

  ClockJumps(int seconds) {
    this.seconds = seconds;
  }

  @Override
  public String name() {
    return "clock jumps";
  }

  @Override
  public Optional<String> missing() {
    return Command.missing("cc");
  }

  @Override
  public void prepare(Ward ward) throws Exception {
    clock = new Numbers(ward.folder().resolve("clock"));
    clock.put(0, 0);
    ward.preload("clock.c");
    ward.variable("CLOCK_OFFSET", clock.file().toString());
  }

  @Override
  public Done run(Ward ward) throws Exception {
    for (long offset : OFFSETS) {
      Optional.ofNullable(clock).orElseThrow().put(0, offset);
      Pause.millis(seconds * 250, seconds * 250);
    }
    double back = ward.served(System.nanoTime());
    long days = days(Files.readString(ward.folder().resolve("log")));
    if (days < 3) {
      throw new AssertionError("the gateway did not believe the clock");
    }
    return new Done(OFFSETS.size() + " jumps, its log is of " + days + " days", 0, List.of(back));
  }

  private static long days(String log) {
    return log.lines()
        .map(line -> line.substring(0, Math.min(10, line.length())))
        .filter(day -> day.matches("\\d{4}-\\d\\d-\\d\\d"))
        .distinct()
        .count();
  }
}
