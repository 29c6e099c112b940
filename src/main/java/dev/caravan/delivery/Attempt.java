package dev.caravan.delivery;

import dev.caravan.mail.Outcome;
import dev.caravan.queue.QueuedMail;
import java.time.Duration;
import java.util.List;

/**
 * One attempt to deliver a queued mail, and how it ended.
 *
 * @param mail as it was taken from the queue
 * @param outcomes exactly one for each recipient
 * @param peer the server that answered last, {@code host[address]:port}; empty when none was
 *     reached
 * @param tls protocol and cipher; empty in clear text
 * @param took from the start of the attempt to its end
 */
public record Attempt(
    QueuedMail mail, List<Outcome> outcomes, String peer, String tls, Duration took) {
  public Attempt {
    outcomes = List.copyOf(outcomes);
  }

  public List<Outcome.Delivered> delivered() {
    return of(Outcome.Delivered.class);
  }

  public List<Outcome.Deferred> deferred() {
    return of(Outcome.Deferred.class);
  }

  public List<Outcome.Failed> failed() {
    return of(Outcome.Failed.class);
  }

  private <T extends Outcome> List<T> of(Class<T> kind) {
    return outcomes.stream().filter(kind::isInstance).map(kind::cast).toList();
  }
}
