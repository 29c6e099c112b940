package dev.caravan.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Where a mail waits that may not be sent before a time (FUTURERELEASE, RFC 4865). All mail on a
 * step waits equally long, as on the {@link Ladder}: it stands on the longest step that is not
 * longer than what is left, then on the next, until its time has come. It leaves less than a second
 * late, was never tried meanwhile, and costs no memory however many wait.
 */
public final class HoldSteps {
  private static final List<Step> STEPS =
      List.of(
          new Step("1d", Duration.ofDays(1)),
          new Step("6h", Duration.ofHours(6)),
          new Step("1h", Duration.ofHours(1)),
          new Step("10m", Duration.ofMinutes(10)),
          new Step("1m", Duration.ofMinutes(1)),
          new Step("10s", Duration.ofSeconds(10)),
          new Step("1s", Duration.ofSeconds(1)));

  private HoldSteps() {}

  /**
   * One step.
   *
   * @param delay how long a mail stands on it
   */
  public record Step(String name, Duration delay) {
    public String queue() {
      return QueueNames.HOLD_PREFIX + name;
    }
  }

  /** All of them, from the longest: a queue and a route each. */
  public static List<Step> all() {
    return STEPS;
  }

  /** Where this mail waits next; empty when it may be sent. */
  public static Optional<Step> next(QueuedMail mail, Instant now) {
    Optional<Instant> until = mail.envelope().options().holdUntil().filter(now::isBefore);
    if (until.isEmpty()) {
      return Optional.empty();
    }
    Duration left = Duration.between(now, until.get());
    return STEPS.stream()
        .filter(step -> step.delay().compareTo(left) <= 0)
        .findFirst()
        .or(() -> Optional.of(STEPS.getLast()));
  }
}
