package dev.caravan;

import dev.caravan.settings.Settings;
import java.util.concurrent.CountDownLatch;
import org.apache.logging.log4j.core.config.Configurator;
import org.slf4j.LoggerFactory;

/**
 * What takes long at a start and depends on nothing, or hardly: the log, and the broker's ids for
 * OpenWire, which sleep. It goes on beside the reading of the command line and the settings.
 */
final class Preparation {
  private static final String OPENWIRE_IDS = "org.apache.activemq.util.IdGenerator";
  private static final String FORMAT = "caravan.log.format";
  private static final String LEVEL = "caravan.log.level";

  /** How the log was when it was made; the defaults of log4j2.xml where nothing was said. */
  private final String format = System.getProperty(FORMAT, "text");

  private final String level = System.getProperty(LEVEL, "info");
  private final CountDownLatch logging = new CountDownLatch(1);

  private Preparation() {}

  static Preparation begin() {
    Preparation begun = new Preparation();
    Thread.ofPlatform().daemon().name("prepare").start(begun::run);
    return begun;
  }

  private void run() {
    try {
      LoggerFactory.getLogger(Preparation.class);
    } finally {
      logging.countDown();
    }
    try {
      Class.forName(OPENWIRE_IDS);
    } catch (ClassNotFoundException e) {
      LoggerFactory.getLogger(Preparation.class).debug("there is no OpenWire", e);
    }
  }

  /** Makes the log anew where the settings want it otherwise. Nothing has been logged yet. */
  void settle(Settings settings) throws InterruptedException {
    if (!settings.text(FORMAT).equals(format) || !settings.text(LEVEL).equals(level)) {
      logging.await();
      Configurator.reconfigure();
    }
  }
}
