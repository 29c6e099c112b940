package dev.caravan.delivery;

import dev.caravan.mail.SmtpReply;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What was said in one attempt, for whoever asks later: {@code C: } before our lines, {@code S: }
 * before the server's, {@code * } before facts. Secrets and messages are not in it. Bounded: the
 * beginning and the end of a long dialogue. It costs next to nothing until somebody reads it, for
 * it only keeps what is there anyway.
 *
 * <p>Written by one thread; read when the attempt is over.
 */
public final class Transcript {
  /** Nothing was said. */
  public static final Transcript EMPTY = new Transcript();

  private static final int LINE_MAX = 500;
  private static final int HEAD_MAX = 40;
  private static final int TAIL_MAX = 20;

  private final List<Entry> head = new ArrayList<>(16);
  private final Deque<Entry> tail = new ArrayDeque<>(0);
  private boolean dropped;

  /** One thing that happened, kept as it came. */
  private sealed interface Entry {
    record Command(String line) implements Entry {}

    record Octets(long count) implements Entry {}

    record Reply(SmtpReply reply) implements Entry {}

    record Fact(String text, Object about) implements Entry {}
  }

  Transcript() {}

  /** A line that we said. */
  void command(String line) {
    add(new Entry.Command(line));
  }

  /** A message, or a part of it. */
  void octets(long count) {
    add(new Entry.Octets(count));
  }

  void reply(SmtpReply reply) {
    add(new Entry.Reply(reply));
  }

  /**
   * What happened to the connection.
   *
   * @param about follows the text; its {@code toString} is called when somebody reads
   */
  void fact(String text, Object about) {
    add(new Entry.Fact(text, about));
  }

  /** What was said elsewhere in the same attempt. */
  void append(Transcript other) {
    other.head.forEach(this::add);
    other.tail.forEach(this::add);
  }

  private void add(Entry entry) {
    if (this == EMPTY) {
      return;
    }
    if (head.size() < HEAD_MAX) {
      head.add(entry);
      return;
    }
    tail.add(entry);
    if (tail.size() > TAIL_MAX) {
      tail.remove();
      dropped = true;
    }
  }

  /** The lines, at most 61 of at most 500 characters. */
  public List<String> lines() {
    List<String> all = new ArrayList<>();
    head.forEach(entry -> write(entry, all));
    int beginning = Math.min(all.size(), HEAD_MAX);
    tail.forEach(entry -> write(entry, all));
    if (!dropped && all.size() <= HEAD_MAX + TAIL_MAX) {
      return List.copyOf(all);
    }
    List<String> ends = new ArrayList<>(all.subList(0, beginning));
    ends.add("* …");
    ends.addAll(all.subList(Math.max(beginning, all.size() - TAIL_MAX), all.size()));
    return List.copyOf(ends);
  }

  private static void write(Entry entry, List<String> to) {
    switch (entry) {
      case Entry.Command(String line) -> to.add(printable("C: " + line));
      case Entry.Octets(long count) -> to.add("C: [" + count + " octets]");
      case Entry.Fact(String text, Object about) -> to.add(printable("* " + text + about));
      case Entry.Reply(SmtpReply reply) -> {
        int last = reply.lines().size() - 1;
        for (int i = 0; i <= last; i++) {
          String enhanced = reply.enhanced().map(e -> e + " ").orElse("");
          String line = reply.lines().get(i);
          to.add(printable("S: " + reply.code() + (i < last ? "-" : " ") + enhanced + line));
        }
      }
    }
  }

  /** Nothing that a terminal obeys, and no longer than it may be. */
  private static String printable(String line) {
    String cut = line.length() <= LINE_MAX ? line : line.substring(0, LINE_MAX - 1) + "…";
    return cut.chars().noneMatch(Character::isISOControl)
        ? cut
        : cut.replaceAll("\\p{Cntrl}|[\\x80-\\x9f]", "?");
  }

  @Override
  public String toString() {
    return String.join("\n", lines());
  }
}
