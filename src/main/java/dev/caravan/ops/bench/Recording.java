package dev.caravan.ops.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** What the gateway's own flight recording says of syncs and allocation. */
record Recording(List<Instant> syncs, List<Collection> collections) {
  private static final String SYNC = "jdk.FileForce";
  private static final String HEAP = "jdk.GCHeapSummary";

  /**
   * @param used octets of heap before, or after it
   */
  private record Collection(Instant at, boolean before, long used) {}

  Recording {
    syncs = List.copyOf(syncs);
    collections = List.copyOf(collections);
  }

  /** Makes Java record it. */
  static String options(Path file) {
    return "-XX:StartFlightRecording:settings=none,filename=%s,%s#enabled=true,%s#threshold=0ns,%s#enabled=true"
        .formatted(file, "+" + SYNC, "+" + SYNC, "+" + HEAP);
  }

  /** Of a gateway that has ended. */
  static Recording read(Path file) throws IOException {
    List<Instant> syncs = new ArrayList<>();
    List<Collection> collections = new ArrayList<>();
    if (Files.exists(file)) {
      try (RecordingFile events = new RecordingFile(file)) {
        while (events.hasMoreEvents()) {
          RecordedEvent event = events.readEvent();
          switch (event.getEventType().getName()) {
            case SYNC -> syncs.add(event.getStartTime());
            case HEAP ->
                collections.add(
                    new Collection(
                        event.getStartTime(),
                        event.getString("when").startsWith("Before"),
                        event.getLong("heapUsed")));
            default -> {
              // of how the recording itself came about
            }
          }
        }
      }
    }
    collections.sort(Comparator.comparing(Collection::at));
    return new Recording(syncs, collections);
  }

  long syncs(Instant from, Instant to) {
    return syncs.stream().filter(at -> !at.isBefore(from) && at.isBefore(to)).count();
  }

  /** Octets that were allocated between the first and the last collection in this time. */
  long allocated(Instant from, Instant to) {
    long sum = 0;
    long after = -1;
    for (Collection c : collections) {
      if (!c.at().isBefore(from) && c.at().isBefore(to)) {
        if (!c.before()) {
          after = c.used();
        } else if (after >= 0) {
          sum += c.used() - after;
        }
      }
    }
    return sum;
  }
}
