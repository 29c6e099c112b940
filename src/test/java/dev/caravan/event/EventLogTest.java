package dev.caravan.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.Test;

final class EventLogTest {
  @Test
  void eachEventIsOneLineInOrder() {
    List<MailEvent> events = List.of(event("one"), event("two {} %s"), event("three"));
    try (Lines lines = new Lines()) {
      new EventLog().accept(events);
      new EventLog().accept(List.of());
      assertThat(lines.said).isEqualTo(events.stream().map(MailEvent::toJson).toList());
    }
  }

  private static MailEvent event(String from) {
    return new MailEvent(
        MailEvent.Type.QUEUED,
        Instant.parse("2026-03-01T10:00:00Z"),
        "",
        from,
        List.of(),
        "",
        0,
        Optional.empty(),
        "",
        "",
        -1,
        "",
        false);
  }

  /** What is said to the logger of events meanwhile. */
  private static final class Lines extends AbstractAppender implements AutoCloseable {
    private final List<String> said = new ArrayList<>();
    private final Logger logger = (Logger) LogManager.getLogger("dev.caravan.events");

    Lines() {
      super("lines", null, null, true, Property.EMPTY_ARRAY);
      start();
      logger.addAppender(this);
    }

    @Override
    public void append(LogEvent event) {
      said.add(event.getMessage().getFormattedMessage());
    }

    @Override
    public void close() {
      logger.removeAppender(this);
      stop();
    }
  }
}
