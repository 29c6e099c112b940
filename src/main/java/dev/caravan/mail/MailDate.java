package dev.caravan.mail;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Dates as mail has them (RFC 5322, 3.3): {@code Sun, 1 Mar 2026 10:00:00 +0000}. */
public final class MailDate {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private MailDate() {}

  /** A time in UTC, to the second. */
  public static String of(Instant time) {
    return FORMAT.format(time);
  }
}
