package dev.caravan.camel.spool;

import dev.caravan.queue.MailCodec;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.QueuedMail;
import dev.caravan.traffic.Entry;
import dev.caravan.traffic.Traffic;
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
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Takes mails from a queue with a fixed number of workers, each a virtual thread with a transacted
 * session of its own, one mail at a time (on a rung of the ladder: some that share a commit).
 *
 * <p>Where turns are asked for, a mail whose site can't be given more now is moved to the site's
 * lane, or waits here; then a worker that has got its turn sees to it that another one takes the
 * next mail.
 *
 * <p>A message that is no mail goes to {@code mail.dead} with the reason. A route that throws means
 * an outage of ours: the mail goes back to its place and the worker pauses.
 */
final class SpoolConsumer extends DefaultConsumer {
  private static final long POLL_MILLIS = 1_000;
  private static final long ROOM_MILLIS = 20;
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final SimpleString OUT = SimpleString.of(QueueNames.OUT);

  /** How many mails of one site a queue that all share may have in work: the rest has a lane. */
  private static final int SHARE = 4;

  /** How often a worker that was made when there was much to do looks in vain before it goes. */
  private static final int LOOKS_MAX = 5;

  private final SpoolEndpoint endpoint;
  private final SpoolComponent component;
  private final List<Thread> workers = new CopyOnWriteArrayList<>();

  /** Those that wait for a mail now: closed by a stop, so that it need not wait for them. */
  private final Set<ClientConsumer> idle = ConcurrentHashMap.newKeySet();

  private final AtomicInteger alive = new AtomicInteger();
  private final AtomicLong finished = new AtomicLong();

  /** Of the one thread that relieves. */
  private volatile long finishedBefore;

  private volatile CountDownLatch stopping = new CountDownLatch(0);

  SpoolConsumer(SpoolEndpoint endpoint, SpoolComponent component, Processor processor) {
    super(endpoint, processor);
    this.endpoint = endpoint;
    this.component = component;
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
                    work(stop, extra);
                  } finally {
                    alive.decrementAndGet();
                    workers.remove(Thread.currentThread());
                  }
                }));
  }

  /**
   * Called now and then: when every worker has had a mail in its hands since the last time and none
   * has finished one, others take the next mails.
   */
  void relieve() {
    long done = finished.get();
    boolean stuck = idle.isEmpty() && done == finishedBefore && stopping.getCount() > 0;
    finishedBefore = done;
    int more = Math.min(alive.get(), endpoint.getWorkersMax() - alive.get());
    for (int i = 0; stuck && i < more; i++) {
      hire(true);
    }
  }

  String queue() {
    return endpoint.queue();
  }

  boolean takesFrom(String queue) {
    return endpoint.queue().equals(queue);
  }

  /** Whether a worker has a mail in its hands. */
  boolean isAtWork() {
    return idle.size() < alive.get();
  }

  @Override
  protected void doStop() throws Exception {
    release();
    join(endpoint.getDrain());
    abandon();
    component.running().remove(this);
    super.doStop();
  }

  /** No further mail is taken. A broker that can't be reached keeps nobody waiting. */
  void release() {
    stopping.countDown();
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

  private void work(CountDownLatch stop, boolean extra) {
    while (stop.getCount() > 0) {
      try (ClientSessionFactory connection = component.broker().connect();
          ClientSession session = component.broker().session(connection, true)) {
        take(session, stop, extra);
        if (extra) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (Exception e) {
        if (stop.getCount() == 0) {
          SpoolComponent.LOG.debug("{}: ended by the stop", endpoint.queue(), e);
          return;
        }
        SpoolComponent.LOG.warn("{}: {}; trying again", endpoint.queue(), e.toString());
        SpoolComponent.LOG.debug("the failure in full", e);
        if (pause(stop, PAUSE)) {
          return;
        }
      }
    }
  }

  private void take(ClientSession session, CountDownLatch stop, boolean extra)
      throws ActiveMQException, InterruptedException {
    SpoolTransaction transaction = new SpoolTransaction(session);
    DueTimes times = new DueTimes(System::currentTimeMillis, System::nanoTime);
    session.start();
    try (ClientConsumer consumer = session.createConsumer(endpoint.queue())) {
      int uncommitted = 0;
      for (int looks = 0; stop.getCount() > 0 && !(extra && looks > LOOKS_MAX); looks++) {
        ClientMessage message =
            uncommitted > 0 ? consumer.receiveImmediate() : await(consumer, stop);
        if (message == null || !isDue(message, times)) {
          if (uncommitted > 0) {
            session.commit();
            uncommitted = 0;
          }
          if (message == null) {
            continue;
          }
          if (!awaitDue(message, times, stop)) {
            session.rollback();
            return;
          }
        }
        if (uncommitted == 0) {
          awaitRoom(session, stop);
        }
        looks = 0;
        Result result = inTurn(message, transaction, stop);
        finished.incrementAndGet();
        switch (result) {
          case DONE -> {
            if (++uncommitted >= endpoint.getBatch()) {
              session.commit();
              uncommitted = 0;
            }
          }
          case BACK -> {
            session.rollback();
            uncommitted = 0;
            pause(stop, PAUSE);
          }
        }
      }
      if (uncommitted > 0) {
        session.commit();
      }
    }
  }

  private enum Result {
    DONE,
    /** Everything since the last commit is undone. */
    BACK
  }

  private Result inTurn(ClientMessage message, SpoolTransaction transaction, CountDownLatch stop)
      throws ActiveMQException, InterruptedException {
    String site = message.getStringProperty(MailCodec.SITE);
    if (endpoint.getTurns() == Turns.NONE || site == null) {
      return process(message, transaction);
    }
    component.lanes().used(endpoint.queue());
    Traffic traffic = component.traffic();
    if (endpoint.getTurns() == Turns.WAIT) {
      try (Entry.Turn turn = traffic.enter(site, () -> stop.getCount() == 0)) {
        if (turn == null) {
          return Result.BACK;
        }
        if (idle.isEmpty() && alive.get() < traffic.concurrencyMax(site)) {
          hire(true);
        }
        return process(message, transaction);
      }
    }
    return switch (traffic.tryEnter(site, SHARE)) {
      case Entry.Turn turn -> {
        try (turn) {
          yield process(message, transaction);
        }
      }
      case Entry.Later later -> {
        SpoolComponent.LOG.debug("{}: to its lane: {}", site, later.why());
        message.acknowledge();
        yield move(message, transaction, site) ? Result.DONE : Result.BACK;
      }
    };
  }

  private Result process(ClientMessage message, SpoolTransaction transaction)
      throws ActiveMQException, InterruptedException {
    message.acknowledge();
    return handle(message, transaction) ? Result.DONE : Result.BACK;
  }

  /** To the site's lane; where there may be no more lanes, to the first rung of the ladder. */
  private boolean move(ClientMessage message, SpoolTransaction transaction, String site)
      throws ActiveMQException {
    QueuedMail mail;
    try {
      mail = component.messages().read(message);
    } catch (IllegalArgumentException e) {
      bury(message, transaction, e);
      return true;
    } catch (java.io.IOException e) {
      SpoolComponent.LOG.error("{}: a message can't be read now", endpoint.queue(), e);
      return false;
    }
    try {
      Optional<String> lane = component.lanes().openFor(site);
      transaction.send(
          lane.isPresent()
              ? SpoolProducer.urgent(component, mail, lane.get())
              : SpoolProducer.waiting(component, mail, component.ladder().rungs().getFirst()));
      return true;
    } finally {
      SpoolMessages.forget(mail);
    }
  }

  private @Nullable ClientMessage await(ClientConsumer consumer, CountDownLatch stop)
      throws ActiveMQException {
    idle.add(consumer);
    try {
      return stop.getCount() > 0 ? consumer.receive(POLL_MILLIS) : null;
    } finally {
      idle.remove(consumer);
    }
  }

  private boolean isDue(ClientMessage message, DueTimes times) {
    return !endpoint.isWaitUntilDue() || dueIn(message, times) <= 0;
  }

  private long dueIn(ClientMessage message, DueTimes times) {
    Long due = message.getLongProperty(SpoolMessages.RETRY_AT);
    long left = due == null ? 0 : times.left(due, message.getTimestamp());
    return left > 0 && component.queueRuns().covers(message) ? 0 : left;
  }

  /** Waits in short steps, so that a clock that jumps is noticed; false when we stop. */
  private boolean awaitDue(ClientMessage message, DueTimes times, CountDownLatch stop)
      throws InterruptedException {
    for (long left = dueIn(message, times); left > 0; left = dueIn(message, times)) {
      if (stop.await(Math.min(left, POLL_MILLIS), TimeUnit.MILLISECONDS)) {
        return false;
      }
    }
    return true;
  }

  /**
   * What is due comes all at once, and fresh mail would stand behind it: while there is enough in
   * {@code mail.out} a batch goes there in each second only.
   */
  private void awaitRoom(ClientSession session, CountDownLatch stop)
      throws ActiveMQException, InterruptedException {
    int max = endpoint.getOutMax();
    long deadline = System.nanoTime() + PAUSE.toNanos();
    while (max > 0
        && session.queueQuery(OUT).getMessageCount() >= max
        && deadline - System.nanoTime() > 0
        && !stop.await(ROOM_MILLIS, TimeUnit.MILLISECONDS)) {
      // asked again
    }
  }

  /** Runs the route; false when everything must go back. */
  private boolean handle(ClientMessage message, SpoolTransaction transaction)
      throws ActiveMQException, InterruptedException {
    QueuedMail mail;
    try {
      mail = component.messages().read(message);
    } catch (IllegalArgumentException e) {
      bury(message, transaction, e);
      return true;
    } catch (java.io.IOException e) {
      SpoolComponent.LOG.error("{}: a message can't be read now", endpoint.queue(), e);
      return false;
    }
    MDC.put("mailId", mail.id().value());
    Exchange exchange = createExchange(false);
    try {
      exchange.getIn().setBody(mail);
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
      SpoolMessages.forget(mail);
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

  private void bury(ClientMessage message, SpoolTransaction transaction, RuntimeException reason)
      throws ActiveMQException {
    SpoolComponent.LOG.error(
        "{}: a message that is no mail goes to {}: {}",
        endpoint.queue(),
        QueueNames.DEAD,
        reason.getMessage());
    transaction.send(
        new SpoolSender.Parcel(
            QueueNames.DEAD,
            session -> SpoolMessages.copy(session, message, String.valueOf(reason.getMessage()))));
  }

  private static boolean pause(CountDownLatch stop, Duration length) {
    try {
      return stop.await(length.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
