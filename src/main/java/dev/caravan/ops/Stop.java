package dev.caravan.ops;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * SIGTERM and SIGINT, orderly: the JVM's shutdown hook wakes the main thread, waits until it has
 * closed everything, and ends the process with its status (the JVM's own would be 143).
 */
final class Stop {
  private final CountDownLatch requested = new CountDownLatch(1);
  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread hook;
  private volatile int status;
  private volatile Duration patience;

  /**
   * @param patience how long the main thread may take to close everything
   */
  Stop(Duration patience) {
    this.patience = patience;
    this.hook = Thread.ofPlatform().name("stop").unstarted(this::stop);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** How long the main thread may take from a signal on. */
  void patience(Duration time) {
    patience = time;
  }

  boolean isRequested() {
    return requested.getCount() == 0;
  }

  private void stop() {
    requested.countDown();
    try {
      if (finished.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        Runtime.getRuntime().halt(status);
      }
      System.err.println("caravan: not stopped within " + patience.toSeconds() + " s: giving up");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(Commands.NO);
  }

  /** Waits for a signal. */
  void await() throws InterruptedException {
    requested.await();
  }

  /** Everything is closed: nothing may follow that must not be cut off. */
  void finished(int exitStatus) {
    status = exitStatus;
    finished.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The hook is running: it ends the process.
    }
  }
}
