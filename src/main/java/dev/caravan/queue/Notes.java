package dev.caravan.queue;

import dev.caravan.mail.Mail;
import dev.caravan.mail.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What is kept with a queued mail for people only.
 *
 * @param user who sent it, when somebody had logged in; may be empty
 * @param heldWhy why it is held, or was; may be empty
 * @param history what was said in the last attempts, line by line; bounded
 */
public record Notes(String user, String heldWhy, List<String> history) {
  public static final Notes NONE = new Notes("", "", List.of());

  /** Attempts that are remembered with the mail. */
  public static final int ATTEMPTS_MAX = 3;

  /** Characters of them in all, so that a mail that waits stays small. */
  public static final int HISTORY_MAX = 8 * 1024;

  private static final int LINE_MAX = 500;
  private static final int WHY_MAX = 300;
  private static final String ATTEMPT = "== ";
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

  public Notes {
    history = List.copyOf(history);
  }

  /** Of a mail on its way in. */
  public static Notes of(Mail mail) {
    String why =
        switch (mail.verdict()) {
          case Verdict.Accept accept ->
              accept.disposition() == Verdict.Disposition.QUEUE ? "" : accept.reason();
          case Verdict.Undecided u -> "";
          case Verdict.Defer d -> "";
          case Verdict.Reject r -> "";
          case Verdict.Close c -> "";
        };
    return new Notes(mail.origin().user().orElse(""), line(why, WHY_MAX), List.of());
  }

  public Notes withHeldWhy(String why) {
    return new Notes(user, line(why, WHY_MAX), history);
  }

  /**
   * With what was said in one more attempt; the oldest attempts go, and of one that is too long its
   * beginning.
   *
   * @param title of the attempt: number, time, peer
   */
  public Notes withAttempt(String title, List<String> transcript) {
    if (transcript.isEmpty()) {
      return this;
    }
    List<String> all = new ArrayList<>(history);
    all.add(ATTEMPT + line(title, LINE_MAX));
    transcript.forEach(said -> all.add(line(said, LINE_MAX)));
    while (all.stream().filter(l -> l.startsWith(ATTEMPT)).count() > ATTEMPTS_MAX) {
      all.removeFirst();
      while (!all.getFirst().startsWith(ATTEMPT)) {
        all.removeFirst();
      }
    }
    int length = all.stream().mapToInt(l -> l.length() + 1).sum();
    while (length > HISTORY_MAX) {
      length -= all.removeFirst().length() + 1;
    }
    return new Notes(user, heldWhy, all);
  }

  private static String line(String text, int max) {
    String line = CONTROL.matcher(text).replaceAll(" ");
    return line.length() <= max ? line : line.substring(0, max);
  }
}
