package dev.caravan.traffic;

import java.time.Duration;
import java.util.Locale;

/** Times as people read them. */
final class Words {
  private Words() {}

  /** {@code 0.3 s}, {@code 42 s}, {@code 12 min}, {@code 3.5 h}, {@code 4.0 d}. */
  static String time(long nanos) {
    double seconds = Math.max(0, nanos) / (double) Duration.ofSeconds(1).toNanos();
    if (seconds < 10) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    if (seconds < 120) {
      return String.format(Locale.ROOT, "%.0f s", seconds);
    }
    double minutes = seconds / 60;
    if (minutes < 120) {
      return String.format(Locale.ROOT, "%.0f min", minutes);
    }
    double hours = minutes / 60;
    return hours < 48
        ? String.format(Locale.ROOT, "%.1f h", hours)
        : String.format(Locale.ROOT, "%.1f d", hours / 24);
  }
}
