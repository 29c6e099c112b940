package dev.caravan.event;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes each event as one line of JSON to the logger {@code dev.caravan.events}. */
public final class EventLog {
  private static final Logger LOG = LoggerFactory.getLogger("dev.caravan.events");

  /** Writes them in order. */
  public void accept(List<MailEvent> events) {
    if (LOG.isInfoEnabled()) {
      for (MailEvent event : events) {
        LOG.info(event.toJson());
      }
    }
  }
}
