package dev.caravan.camel;

import dev.caravan.delivery.Attempt;
import dev.caravan.delivery.Transcript;
import dev.caravan.event.MailEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What has become of the mails that something happened to last: bounded, in memory, of this node.
 * The log and whoever listens to the events have all of it. Safe for use by many threads.
 */
public final class RecentMails {
  private static final int EVENTS_MAX = 20;

  private final int max;
  private final Map<String, Deque<MailEvent>> events;
  private final Map<String, Transcript> transcripts;

  /**
   * @param max mails that are remembered; 0 = none
   */
  public RecentMails(int max) {
    this.max = max;
    this.events = new Last<>(max);
    this.transcripts = new Last<>(max);
  }

  /** Those that were put in last. */
  private static final class Last<T> extends LinkedHashMap<String, T> {
    private static final long serialVersionUID = 1L;

    private final int max;

    Last(int max) {
      this.max = max;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
      return size() > max;
    }
  }

  /**
   * What happened to a mail, and what was said in its last attempt.
   *
   * @param events from the first that is still known
   */
  public record Story(List<MailEvent> events, List<String> transcript) {
    public Story {
      events = List.copyOf(events);
      transcript = List.copyOf(transcript);
    }
  }

  public int max() {
    return max;
  }

  /** Remembers these. */
  public synchronized void accept(List<MailEvent> happened) {
    for (MailEvent event : happened) {
      if (!event.mailId().isEmpty()) {
        Deque<MailEvent> known = events.remove(event.mailId());
        Deque<MailEvent> all = known == null ? new ArrayDeque<>(4) : known;
        if (isLate(event, all)) {
          all.addFirst(event);
        } else {
          all.addLast(event);
        }
        if (all.size() > EVENTS_MAX) {
          all.removeFirst();
        }
        events.put(event.mailId(), all);
      }
    }
  }

  /** A mail may have been delivered before it is told that it was taken in. */
  private static boolean isLate(MailEvent event, Deque<MailEvent> known) {
    return event.type() == MailEvent.Type.QUEUED
        && known.stream()
            .noneMatch(e -> e.type() == MailEvent.Type.QUEUED || e.type() == MailEvent.Type.HELD);
  }

  /** Remembers what was said in this attempt. */
  public synchronized void learn(Attempt attempt) {
    String id = attempt.mail().id().value();
    transcripts.remove(id);
    transcripts.put(id, attempt.transcript());
  }

  /** Empty when nothing is known. */
  public synchronized Story of(String mailId) {
    Deque<MailEvent> known = events.get(mailId);
    Transcript said = transcripts.get(mailId);
    return new Story(
        known == null ? List.of() : List.copyOf(known), said == null ? List.of() : said.lines());
  }
}
