package dev.caravan.ops;

import dev.caravan.settings.Settings;
import java.util.Map;
import java.util.function.Consumer;

/** The gateway as the command {@code run} needs it. */
public interface RunningGateway extends AutoCloseable {
  /**
   * {@code HOST:PORT} by {@code smtp}, {@code submission}, {@code submissions}, {@code broker},
   * {@code http}; only what is on.
   */
  Map<String, String> ports();

  /** Tells when it can't go on, with the reason, such as a disk that fails. */
  void onLoss(Consumer<String> listener);

  /** Takes no more mail, lets the mail in work end, and stops. */
  @Override
  void close();

  /** How one comes to be. */
  interface Starter {
    /** The log is set: what takes long and depends on nothing else may begin. */
    default void prepare() {}

    /**
     * Starts everything; returns when mail can be accepted.
     *
     * @throws Exception when it can't start; nothing is left running then
     */
    RunningGateway start(Settings settings) throws Exception;

    /** Everything has stopped: what is still to be logged must be written now. */
    default void ended() {}
  }
}
