package dev.caravan.queue;

import dev.caravan.mail.MailOptions;

/** A mail's priority (RFC 6710, -9 to 9) as that of a message in a queue (JMS, 0 to 9). */
public final class Priorities {
  /** What a message has that nobody gave a priority. */
  public static final int NORMAL = 4;

  private static final int MAX = 9;

  private Priorities() {}

  /** 0 becomes 4; whatever is more or less urgent stays so. */
  public static int ofMessage(int mailPriority) {
    double steps = mailPriority >= 0 ? MAX - NORMAL : NORMAL;
    double scaled = mailPriority * steps / MailOptions.PRIORITY_MAX;
    return NORMAL + (int) (scaled >= 0 ? Math.ceil(scaled) : Math.floor(scaled));
  }

  /** The other way; {@link #ofMessage} gives back the same. What is out of range is cut. */
  public static int ofMail(int messagePriority) {
    int above = Math.clamp(messagePriority, 0, MAX) - NORMAL;
    return above * MailOptions.PRIORITY_MAX / (above >= 0 ? MAX - NORMAL : NORMAL);
  }
}
