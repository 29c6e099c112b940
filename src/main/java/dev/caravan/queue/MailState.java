package dev.caravan.queue;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How a mail waits, as its queue tells. */
public enum MailState {
  /** To be delivered as soon as its site takes it: {@code mail.out} and the lanes. */
  QUEUED,
  /** For its next attempt: {@code mail.retry.*}. */
  WAITING,
  /** For the time that its sender asked for: {@code mail.hold.*}. */
  SCHEDULED,
  /** For an operator: {@code mail.held}. */
  HELD,
  /** For an operator, because a filter distrusts it: {@code mail.quarantine}. */
  QUARANTINED,
  /** For nobody: {@code mail.dead}. */
  DEAD;

  /** Empty for a queue that holds no mail of ours. */
  public static Optional<MailState> ofQueue(String queue) {
    if (queue.equals(QueueNames.OUT) || queue.startsWith(QueueNames.LANE_PREFIX)) {
      return Optional.of(QUEUED);
    }
    if (queue.startsWith(QueueNames.RETRY_PREFIX)) {
      return Optional.of(WAITING);
    }
    if (queue.startsWith(QueueNames.HOLD_PREFIX)) {
      return Optional.of(SCHEDULED);
    }
    return switch (queue) {
      case QueueNames.HELD -> Optional.of(HELD);
      case QueueNames.QUARANTINE -> Optional.of(QUARANTINED);
      case QueueNames.DEAD -> Optional.of(DEAD);
      default -> Optional.empty();
    };
  }

  /**
   * @throws IllegalArgumentException when there is none of this name
   */
  public static MailState of(String name) {
    return Arrays.stream(values())
        .filter(state -> state.toString().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no state '"
                        + name
                        + "'; there are "
                        + Arrays.stream(values())
                            .map(MailState::toString)
                            .collect(Collectors.joining(", "))));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
