package dev.caravan.queue;

import java.util.List;
import java.util.Locale;

/** The names of the queues, which applications and operators rely on. */
public final class QueueNames {
  /** Applications put mail here. */
  public static final String SUBMIT = "mail.submit";

  /** Begins the names of the queues that applications have of their own. */
  public static final String SUBMIT_PREFIX = SUBMIT + ".";

  /** Begins the names of the queues of files that applications attach to mail they submit later. */
  public static final String STAGE_PREFIX = "mail.stage.";

  /** Mail to be delivered. */
  public static final String OUT = "mail.out";

  /**
   * Begins the names of the lanes: mail to be delivered to one site that can't take all at once.
   */
  public static final String LANE_PREFIX = OUT + ".";

  /** Begins the names of the rungs of the retry ladder. */
  public static final String RETRY_PREFIX = "mail.retry.";

  /** Begins the names of the queues of mail that is not to be sent before a time. */
  public static final String HOLD_PREFIX = "mail.hold.";

  /** An operator's hold. */
  public static final String HELD = "mail.held";

  /** What a filter distrusts. */
  public static final String QUARANTINE = "mail.quarantine";

  /** What nobody can be told about. */
  public static final String DEAD = "mail.dead";

  /** Submissions that are no mail, unchanged, with {@code rejectCode} and {@code rejectReason}. */
  public static final String REJECTED = "mail.rejected";

  /** Batches of recipients that get a mail of their own each. */
  public static final String FAN_OUT = "mail.fanout";

  /** What has become of the recipients of one submission so far. */
  public static final String FAN_OUT_TALLY = "mail.fanout.tally";

  /** The multicast address of the events. */
  public static final String EVENTS = "mail.events";

  /**
   * The multicast address whose duplicate ids are the keys that applications gave their mails; it
   * has no queue and keeps no message.
   */
  public static final String KEYS = "mail.keys";

  /** Answers on their way to the queues that applications named. */
  public static final String ANSWERS = "mail.answers";

  /** Begins the names of the queues that applications may be answered on. */
  public static final String REPLY_PREFIX = "mail.reply.";

  private static final int LANE_NAME_MAX = 300;

  private QueueNames() {}

  /**
   * The lane of a site. Characters that mean something to the broker are replaced; two sites whose
   * lanes would have the same name share it.
   */
  public static String lane(String site) {
    StringBuilder name = new StringBuilder(LANE_PREFIX);
    boolean literal = false;
    for (char c : site.toLowerCase(Locale.ROOT).toCharArray()) {
      literal = c == '[' || literal && c != ']';
      boolean plain = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-';
      name.append(plain || c == '_' || c == ':' && !literal ? c : '-');
    }
    return name.length() <= LANE_NAME_MAX ? name.toString() : name.substring(0, LANE_NAME_MAX);
  }

  /** The queues that always exist. */
  public static List<String> all() {
    return List.of(SUBMIT, OUT, HELD, QUARANTINE, DEAD, REJECTED, ANSWERS, FAN_OUT, FAN_OUT_TALLY);
  }
}
