package dev.caravan.camel.spool;

import dev.caravan.queue.QueuedMail;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Takes mails from a queue with a fixed number of workers, each a virtual thread with one mail at a
 * time. Where mails wait for turns the workers share a {@link Feed}, and there are as many more as
 * are needed ({@link TurnWorker}); elsewhere each has a session of its own ({@link SpoolWorker}).
 *
 * <p>A route that throws means an outage of ours: the mail goes back to its place and the worker
 * pauses.
 */
final class SpoolConsumer extends DefaultConsumer {
  private static final long POLL_MILLIS = 1_000;
  private static final long REST_MILLIS = 100;
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final SpoolEndpoint endpoint;
  private final SpoolComponent component;
  private final List<Thread> workers = new CopyOnWriteArrayList<>();

  /** Those that wait for a mail now: closed by a stop, so that it need not wait for them. */
  private final Set<ClientConsumer> idle = ConcurrentHashMap.newKeySet();

  /** How many wait for the next message of the feed. */
  private final AtomicInteger atFeed = new AtomicInteger();

  private final Tap tap;

  /** How many have a mail that must wait for its turn. */
  private final AtomicInteger waiting = new AtomicInteger();

  private final AtomicInteger alive = new AtomicInteger();
  private final AtomicLong finished = new AtomicLong();

  /** Of the one thread that relieves. */
  private volatile long finishedBefore;

  private volatile CountDownLatch stopping = new CountDownLatch(0);

  SpoolConsumer(SpoolEndpoint endpoint, SpoolComponent component, Processor processor) {
    super(endpoint, processor);
    this.endpoint = endpoint;
    this.component = component;
    this.tap = new Tap(component, endpoint.queue(), endpoint.getWindow());
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    stopping = new CountDownLatch(1);
    component.running().add(this);
    for (int i = 0; i < endpoint.getWorkers(); i++) {
      hire(false);
    }
  }

  /**
   * @param extra whether it goes when there is nothing to do
   */
  private void hire(boolean extra) {
    CountDownLatch stop = stopping;
    String name = endpoint.getName() + "-" + alive.getAndIncrement();
    workers.add(
        Thread.ofVirtual()
            .name(name)
            .start(
                () -> {
                  try {
                    worker(stop, extra).run();
                  } finally {
                    alive.decrementAndGet();
                    workers.remove(Thread.currentThread());
                  }
                }));
  }

  private Runnable worker(CountDownLatch stop, boolean extra) {
    return fetchesInAdvance() ? new TurnWorker(this, stop, extra) : new SpoolWorker(this, stop);
  }

  /** Whether its workers share a feed; else each has a session of its own. */
  boolean fetchesInAdvance() {
    return endpoint.getTurns() != Turns.NONE;
  }

  /** What the workers of a queue with turns share. */
  Tap tap() {
    return tap;
  }

  /** The next message of the feed; meanwhile its worker is idle. */
  Optional<Held> next(Feed feed, boolean patient) throws ActiveMQException, InterruptedException {
    atFeed.incrementAndGet();
    try {
      return feed.next(patient);
    } finally {
      atFeed.decrementAndGet();
    }
  }

  private int idlers() {
    return idle.size() + atFeed.get();
  }

  /**
   * Called now and then: when every worker has had a mail in its hands since the last time and none
   * has finished one, others take the next mails. They go when they look in vain for a while.
   */
  void relieve() {
    tap.look();
    long done = finished.get();
    boolean stuck = idlers() == 0 && done == finishedBefore && stopping.getCount() > 0;
    finishedBefore = done;
    int more = Math.min(alive.get(), endpoint.getWorkersMax() - alive.get());
    for (int i = 0; stuck && i < more; i++) {
      hire(true);
    }
  }

  /** A worker has got a turn: another one sees to the next mail, so many at most. */
  void next(int most) {
    if (idlers() == 0 && waiting.get() == 0 && alive.get() < most) {
      hire(true);
    }
  }

  void waits(boolean begins) {
    if (begins) {
      waiting.incrementAndGet();
    } else {
      waiting.decrementAndGet();
    }
  }

  /** A worker has got on with a mail. */
  void gotOn() {
    finished.incrementAndGet();
  }

  /** A worker has failed, most likely for want of the broker; true when it is to end. */
  boolean failed(Exception failure, CountDownLatch stop) {
    if (stop.getCount() == 0) {
      SpoolComponent.LOG.debug("{}: ended by the stop", endpoint.queue(), failure);
      return true;
    }
    SpoolComponent.LOG.warn("{}: {}; trying again", endpoint.queue(), failure.toString());
    SpoolComponent.LOG.debug("the failure in full", failure);
    return pause(stop);
  }

  /** What failed is not tried again at once; true when the worker is to end. */
  boolean pause(CountDownLatch stop) {
    try {
      return stop.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  @Nullable ClientMessage await(ClientConsumer consumer, CountDownLatch stop)
      throws ActiveMQException {
    idle.add(consumer);
    try {
      return stop.getCount() > 0 ? consumer.receive(POLL_MILLIS) : null;
    } finally {
      idle.remove(consumer);
    }
  }

  String queue() {
    return endpoint.queue();
  }

  /** An operator's command is at work on the queue: a worker with empty hands waits a little. */
  void rest(ClientConsumer consumer, CountDownLatch stop) throws InterruptedException {
    idle.add(consumer);
    try {
      boolean stopped = stop.await(REST_MILLIS, TimeUnit.MILLISECONDS);
      assert !stopped || stop.getCount() == 0;
    } finally {
      idle.remove(consumer);
    }
  }

  boolean takesFrom(String queue) {
    return endpoint.queue().equals(queue);
  }

  /** Whether a worker has a mail in its hands. */
  boolean isAtWork() {
    return idlers() < alive.get();
  }

  @Override
  protected void doStop() throws Exception {
    release();
    join(endpoint.getDrain());
    abandon();
    tap.close();
    component.running().remove(this);
    super.doStop();
  }

  /** No further mail is taken. A broker that can't be reached keeps nobody waiting. */
  void release() {
    stopping.countDown();
    tap.end();
    for (ClientConsumer waiting : idle) {
      Thread.startVirtualThread(
          () -> {
            try {
              waiting.close();
            } catch (ActiveMQException e) {
              SpoolComponent.LOG.debug("{}: closing an idle consumer", endpoint.queue(), e);
            }
          });
    }
  }

  /** Waits for the mail in work, so long at most. */
  void join(Duration max) throws InterruptedException {
    long deadline = System.nanoTime() + max.toNanos();
    for (Thread worker : workers) {
      worker.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
    }
  }

  /** Whoever is still at work gives its mail back; nobody waits for it any more. */
  void abandon() throws InterruptedException {
    workers.forEach(Thread::interrupt);
    if (workers.stream().anyMatch(Thread::isAlive)) {
      join(PAUSE);
    }
    workers.clear();
  }

  /**
   * Runs the route with this body; false when everything must go back.
   *
   * @param body the mail, or an attempt that was not made
   */
  boolean handle(QueuedMail mail, Object body, SpoolTransaction transaction)
      throws InterruptedException {
    MDC.put("mailId", mail.id().value());
    Exchange exchange = createExchange(false);
    try {
      exchange.getIn().setBody(body);
      exchange.setProperty(SpoolTransaction.PROPERTY, transaction);
      getProcessor().process(exchange);
      Exception failure = exchange.getException();
      if (failure == null) {
        return true;
      }
      if (isInterruption(failure)) {
        throw new InterruptedException("stopping");
      }
      SpoolComponent.LOG.error("{}: back to its place: {}", mail.id(), failure.toString(), failure);
      return false;
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      if (isInterruption(e)) {
        throw new InterruptedException("stopping");
      }
      SpoolComponent.LOG.error("{}: back to its place: {}", mail.id(), e.toString(), e);
      return false;
    } finally {
      releaseExchange(exchange, false);
      MDC.remove("mailId");
    }
  }

  /** The broker's client wraps it. */
  private static boolean isInterruption(Exception failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof InterruptedException) {
        return true;
      }
    }
    return false;
  }

  SpoolComponent component() {
    return component;
  }

  SpoolEndpoint endpoint() {
    return endpoint;
  }
}
