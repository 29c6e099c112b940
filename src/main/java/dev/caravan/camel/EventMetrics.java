package dev.caravan.camel;

import dev.caravan.event.MailEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Counts events by type and the time of attempts. */
public final class EventMetrics {
  private final Map<MailEvent.Type, Counter> counters = new EnumMap<>(MailEvent.Type.class);
  private final Timer attempts;

  public EventMetrics(MeterRegistry registry) {
    for (MailEvent.Type type : MailEvent.Type.values()) {
      counters.put(
          type,
          Counter.builder("caravan.events")
              .description("Events, by what happened")
              .tag("type", type.toString())
              .register(registry));
    }
    attempts =
        Timer.builder("caravan.attempt")
            .description("Time of one delivery attempt")
            .publishPercentileHistogram(false)
            .register(registry);
  }

  /** Counts these. */
  public void accept(List<MailEvent> events) {
    for (MailEvent event : events) {
      Counter counter = counters.get(event.type());
      if (counter != null) {
        counter.increment();
      }
      if (event.millis() >= 0) {
        attempts.record(event.millis(), TimeUnit.MILLISECONDS);
      }
    }
  }
}
