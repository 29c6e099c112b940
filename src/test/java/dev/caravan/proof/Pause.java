package dev.caravan.proof;

import java.util.concurrent.ThreadLocalRandom;

/** How long an injury lasts. */
final class Pause {
  private Pause() {}

  static void millis(int least, int most) throws InterruptedException {
    Thread.sleep(ThreadLocalRandom.current().nextInt(least, most + 1));
  }
}
