package dev.caravan.mail;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where an application wants to be told what becomes of its mail.
 *
 * @param queue {@code queue://NAME} or {@code temp-queue://NAME}
 * @param correlationId by which the application knows what an answer is about; at most 1,000
 *     characters
 * @param on what it wants to be told beside that the mail was taken in; may be empty
 */
public record AnswerTo(String queue, String correlationId, Set<On> on) {
  private static final int ID_MAX = 1_000;

  /** What can become of a mail. */
  public enum On {
    DELIVERED,
    DEFERRED,
    BOUNCED,
    EXPIRED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @throws IllegalArgumentException when the correlation id is too long
   */
  public AnswerTo {
    if (correlationId.length() > ID_MAX) {
      throw new IllegalArgumentException("a correlation id has at most 1000 characters");
    }
    on = Set.copyOf(on);
  }

  /**
   * Reads a list with commas between: {@code delivered}, {@code deferred}, {@code bounced}, {@code
   * expired}, or {@code all} of them.
   *
   * @throws IllegalArgumentException naming what is none of them
   */
  public static Set<On> on(String list) {
    Set<On> on = EnumSet.noneOf(On.class);
    for (String word : list.toLowerCase(Locale.ROOT).split(",", -1)) {
      switch (word.strip()) {
        case "" -> {
          // a comma too many
        }
        case "all" -> on.addAll(EnumSet.allOf(On.class));
        case "delivered" -> on.add(On.DELIVERED);
        case "deferred" -> on.add(On.DEFERRED);
        case "bounced" -> on.add(On.BOUNCED);
        case "expired" -> on.add(On.EXPIRED);
        default ->
            throw new IllegalArgumentException(
                "'" + word.strip() + "' is none of delivered, deferred, bounced, expired, all");
      }
    }
    return on;
  }

  /** As {@link #on(String)} reads it. */
  public String onAsText() {
    return on.stream().sorted().map(On::toString).collect(Collectors.joining(","));
  }
}
