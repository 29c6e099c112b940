package dev.caravan.netty;

import dev.caravan.mail.Question;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Who answers the questions of the sessions. */
@FunctionalInterface
public interface Questions {
  /** Whether anybody answers questions of this phase; if not, they come back as they are. */
  default boolean isAsked(String phase) {
    return true;
  }

  /**
   * Has a question answered; may block, and may answer from another thread.
   *
   * @param answer gets what the route gave, or the exception it ended with; the first call counts
   */
  void ask(Question<?> question, Consumer<@Nullable Object> answer);
}
