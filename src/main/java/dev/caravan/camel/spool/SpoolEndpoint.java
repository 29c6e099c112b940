package dev.caravan.camel.spool;

import java.time.Duration;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;

/** {@code spool:NAME}: the queue {@code mail.NAME}. */
@UriEndpoint(
    firstVersion = "0.1.0",
    scheme = "spool",
    title = "Spool",
    syntax = "spool:name",
    category = {Category.MESSAGING})
public final class SpoolEndpoint extends DefaultEndpoint {
  private final SpoolComponent component;

  @UriPath(description = "The queue's name without 'mail.'")
  @Metadata(required = true)
  private final String name;

  @UriParam(defaultValue = "1", description = "Mails in work at the same time")
  private int workers = 1;

  @UriParam(
      defaultValue = "0",
      description = "So many may help out while all have a mail in their hands and none gets on")
  private int workersMax;

  @UriParam(description = "Leave each mail on the queue until its property retryAt has come")
  private boolean waitUntilDue;

  @UriParam(
      defaultValue = "none",
      enums = "none,lane,wait",
      description =
          "What happens to mail whose site can't be given more now: lane moves it to the site's own"
              + " queue, wait leaves it at the head of this one; with wait there are as many"
              + " workers as the site may have deliveries, and no more than needed")
  private Turns turns = Turns.NONE;

  @UriParam(
      defaultValue = "65536",
      description =
          "Octets of mails that are fetched in advance for all workers, where mails wait for turns")
  private int window = 64 * 1024;

  @UriParam(defaultValue = "1", description = "Mails of one worker that share a commit")
  private int batch = 1;

  @UriParam(
      defaultValue = "0",
      description =
          "While mail.out or a lane that gets on holds so many only one batch is taken in each"
              + " second; 0 = no limit")
  private int outMax;

  @UriParam(
      defaultValue = "0",
      description =
          "Where mail waits until it is due: behind a mail that is due the broker itself moves so"
              + " many at a time to where spool:out would put them; these do not pass the route;"
              + " 0 = all do. With an external broker all do")
  private int moveMax;

  @UriParam(defaultValue = "30000", description = "How long a stop waits for mails in work")
  private Duration drain = Duration.ofSeconds(30);

  SpoolEndpoint(String uri, SpoolComponent component, String name) {
    super(uri, component);
    this.component = component;
    this.name = name;
  }

  @Override
  public Producer createProducer() {
    return new SpoolProducer(this, component);
  }

  @Override
  public Consumer createConsumer(Processor processor) throws Exception {
    SpoolConsumer consumer = new SpoolConsumer(this, component, processor);
    configureConsumer(consumer);
    return consumer;
  }

  public String getName() {
    return name;
  }

  /** The queue, as the broker knows it. */
  String queue() {
    return "mail." + name;
  }

  public int getWorkers() {
    return workers;
  }

  public void setWorkers(int workers) {
    this.workers = atLeastOne("workers", workers);
  }

  public int getWorkersMax() {
    return workersMax;
  }

  public void setWorkersMax(int workersMax) {
    this.workersMax = workersMax;
  }

  public boolean isWaitUntilDue() {
    return waitUntilDue;
  }

  public void setWaitUntilDue(boolean waitUntilDue) {
    this.waitUntilDue = waitUntilDue;
  }

  public Turns getTurns() {
    return turns;
  }

  public void setTurns(Turns turns) {
    this.turns = turns;
  }

  public int getWindow() {
    return window;
  }

  public void setWindow(int window) {
    this.window = atLeastOne("window", window);
  }

  public int getBatch() {
    return batch;
  }

  public void setBatch(int batch) {
    this.batch = atLeastOne("batch", batch);
  }

  public int getOutMax() {
    return outMax;
  }

  public void setOutMax(int outMax) {
    this.outMax = outMax;
  }

  public int getMoveMax() {
    return moveMax;
  }

  public void setMoveMax(int moveMax) {
    this.moveMax = moveMax;
  }

  public Duration getDrain() {
    return drain;
  }

  public void setDrain(Duration drain) {
    this.drain = drain;
  }

  private static int atLeastOne(String option, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("spool: " + option + " must be at least 1, not " + value);
    }
    return value;
  }
}
