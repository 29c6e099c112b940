package dev.caravan.proof;

import java.util.List;
import java.util.Optional;

/** One way to harm a gateway, and to heal it again. */
interface Injury {
  /** As the table calls it. */
  String name();

  /** What it needs and this machine has not; then it is skipped by this name. */
  default Optional<String> missing() {
    return Optional.empty();
  }

  /** Puts up what must be there before the gateway starts. */
  default void prepare(Ward ward) throws Exception {}

  /** Injures and heals under load; what it gives back is told in its row. */
  Done run(Ward ward) throws Exception;

  /** Whether the harness must find losses here: it is the harness that is tested. */
  default boolean losesMail() {
    return false;
  }

  /**
   * What was done.
   *
   * @param what how often it did harm, in words
   * @param allowed mails that may have been delivered twice
   * @param back seconds from each healing until a mail that was begun after it was delivered
   */
  record Done(String what, int allowed, List<Double> back) {
    double slowest() {
      return back.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    }
  }
}
