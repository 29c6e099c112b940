package dev.caravan.netty;

import dev.caravan.mail.Question;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A question on its way through its route. It is answered once, whatever the route does; then what
 * was kept for it is given back, whether or not the client is still there.
 */
final class Asked {
  private final Question<?> question;
  private final Runnable done;
  private final Consumer<Reply> to;
  private final AtomicBoolean answered = new AtomicBoolean();

  /**
   * What the route gave.
   *
   * @param answer a question of the same kind; anything else is a failure
   */
  record Reply(Asked asked, @Nullable Object answer) {}

  /**
   * @param done gives back what was kept for the question; may block
   * @param to who gets the answer
   */
  Asked(Question<?> question, Runnable done, Consumer<Reply> to) {
    this.question = question;
    this.done = done;
    this.to = to;
  }

  Question<?> question() {
    return question;
  }

  /** The route has ended; only the first call counts. */
  void answer(@Nullable Object answer) {
    if (answered.compareAndSet(false, true)) {
      try {
        done.run();
      } finally {
        to.accept(new Reply(this, answer));
      }
    }
  }
}
