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

  /** What must hold before mail is taken. */
  @FunctionalInterface
  interface Check {
    /**
     * Looks.
     *
     * @throws Exception when the gateway must not start
     */
    void run() throws Exception;
  }

  /** How one comes to be. */
  interface Starter {
    /** The settings are known, and the log is to follow them from now on. */
    default void configured(Settings settings) throws InterruptedException {}

    /**
     * Starts everything; returns when mail can be accepted.
     *
     * @param check of the rules, which need not have ended before the broker starts; no rule is in
     *     use before it has
     * @throws Exception when it can't start, or the check has thrown this; nothing is left running
     *     then
     */
    RunningGateway start(Settings settings, Check check) throws Exception;

    /** Everything has stopped: what is still to be logged must be written now. */
    default void ended() {}
  }
}
