package dev.caravan.camel.spool;

import dev.caravan.camel.broker.QueueUse;
import dev.caravan.queue.QueueNames;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.camel.CamelContext;
import org.apache.camel.model.ModelCamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lanes of this node: a queue and a route of its own for each site that can't be given all its
 * mail at once, made from the route template {@code lane}.
 *
 * <p>Nobody sends to a lane whose queue might be gone: this node sends only to lanes that it takes
 * from as well, and a queue that somebody takes from is not deleted. A lane that has been empty for
 * a while gets no further mail; when what was under way to it must have arrived, and it is still
 * empty, its route and its queue go; the queue stays where another node takes from it. Lanes that
 * were declared in advance stay.
 *
 * <p>Of several nodes on one broker each has its own lanes, on queues that they share; a queue with
 * mail that nobody takes from any more, because its node is gone, is taken over by another.
 */
public final class Lanes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Lanes.class);
  private static final String TEMPLATE = "lane";
  private static final Duration SWEEP = Duration.ofSeconds(5);
  private static final Duration RELIEF = Duration.ofMillis(500);
  private static final Duration ADOPTION = Duration.ofSeconds(15);

  private final SpoolComponent component;
  private final int max;
  private final List<String> declared;
  private final Duration idle;
  private final Duration grace;
  private final Map<String, Lane> lanes = new ConcurrentHashMap<>();

  /** Camel changes its routes one at a time. */
  private final ReentrantLock routes = new ReentrantLock();

  /** Whether there are any: a lane that we could not find again would keep its mail for ever. */
  private volatile boolean possible;

  private @Nullable ScheduledExecutorService sweeper;

  private static final class Lane {
    /** When it has got its last mail, in nanoseconds; while it is closing, since when. */
    volatile long since = System.nanoTime();

    volatile boolean closing;
  }

  /**
   * @param max how many there may be
   * @param declared sites that always have one
   * @param idle after which an empty one goes
   * @param grace after which every send that has begun has ended
   */
  Lanes(SpoolComponent component, int max, List<String> declared, Duration idle, Duration grace) {
    this.component = component;
    this.max = max;
    this.declared = declared.stream().map(QueueNames::lane).distinct().toList();
    this.idle = idle;
    this.grace = grace;
  }

  /** Takes over what earlier runs have left in lanes. Called when all other routes run. */
  public void start() throws ActiveMQException {
    if (((ModelCamelContext) context()).getRouteTemplateDefinition(TEMPLATE) == null) {
      LOG.info("there is no route template '{}': all sites share {}", TEMPLATE, QueueNames.OUT);
      return;
    }
    List<String> found;
    try {
      found = component.broker().queues(QueueNames.LANE_PREFIX);
    } catch (ActiveMQException e) {
      LOG.warn(
          "there are no lanes, all sites share {}: the broker does not tell us its queues ({}); "
              + "give caravan.broker.user the permission 'manage' on activemq.management",
          QueueNames.OUT,
          e.getMessage());
      return;
    }
    possible = true;
    for (String queue : declared) {
      open(queue, true);
    }
    // What is there must be emptied, however many they are.
    for (String queue : found) {
      open(queue, true);
    }
    ScheduledExecutorService executor =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("lane-sweeper").daemon().factory());
    sweeper = executor;
    var relieving =
        executor.scheduleWithFixedDelay(
            () -> component.running().forEach(SpoolConsumer::relieve),
            RELIEF.toMillis(),
            RELIEF.toMillis(),
            TimeUnit.MILLISECONDS);
    var sweeping =
        executor.scheduleWithFixedDelay(
            this::sweep, SWEEP.toMillis(), SWEEP.toMillis(), TimeUnit.MILLISECONDS);
    var adopting =
        executor.scheduleWithFixedDelay(
            this::adopt, ADOPTION.toMillis(), ADOPTION.toMillis(), TimeUnit.MILLISECONDS);
    assert !relieving.isDone() && !sweeping.isDone() && !adopting.isDone();
  }

  /** Takes over lanes with mail that nobody takes from. */
  private void adopt() {
    try {
      for (String queue : component.broker().queues(QueueNames.LANE_PREFIX)) {
        if (!lanes.containsKey(queue)) {
          QueueUse use = component.broker().use(queue);
          if (use.messages() > 0 && use.consumers() == 0) {
            LOG.info("{} has mail that nobody takes", queue);
            open(queue, true);
          }
        }
      }
    } catch (ActiveMQException | RuntimeException e) {
      LOG.debug("lanes of other nodes can't be looked for", e);
    }
  }

  /** The queue for mail to this site: its lane where there is one, else {@code mail.out}. */
  String queueFor(String site) {
    if (lanes.isEmpty()) {
      return QueueNames.OUT;
    }
    String queue = QueueNames.lane(site);
    Lane lane = lanes.get(queue);
    return lane == null || lane.closing ? QueueNames.OUT : queue;
  }

  /** The lane of this site, which exists when this returns; empty when there may be no more. */
  Optional<String> openFor(String site) throws ActiveMQException {
    return open(QueueNames.lane(site), false);
  }

  private Optional<String> open(String queue, boolean anyway) throws ActiveMQException {
    Lane known = lanes.get(queue);
    if (known != null && !known.closing) {
      return Optional.of(queue);
    }
    routes.lock();
    try {
      Lane lane = lanes.get(queue);
      if (lane == null) {
        if (lanes.size() >= max && !anyway || !possible) {
          return Optional.empty();
        }
        component.broker().declare(List.of(queue));
        context()
            .addRouteFromTemplate(
                queue, TEMPLATE, Map.of("site", queue.substring(QueueNames.LANE_PREFIX.length())));
        lanes.put(queue, new Lane());
        LOG.info("{} is open", queue);
      } else {
        lane.closing = false;
        lane.since = System.nanoTime();
      }
      return Optional.of(queue);
    } catch (ActiveMQException e) {
      throw e;
    } catch (Exception e) {
      throw new ActiveMQException("the lane " + queue + " can't be opened", e, null);
    } finally {
      routes.unlock();
    }
  }

  /** A worker has got a mail from this lane. */
  void used(String queue) {
    Lane lane = lanes.get(queue);
    if (lane != null) {
      lane.since = System.nanoTime();
    }
  }

  private void sweep() {
    lanes.forEach(
        (queue, lane) -> {
          try {
            long empty = System.nanoTime() - lane.since;
            if (declared.contains(queue)) {
              return;
            }
            if (!lane.closing && empty > idle.toNanos() && !component.isAtWork(queue)) {
              lane.closing = true;
              lane.since = System.nanoTime();
            } else if (lane.closing && empty > grace.toNanos()) {
              close(queue, lane);
            }
          } catch (Exception e) {
            LOG.warn("{} can't be closed: {}", queue, e.toString());
          }
        });
  }

  private void close(String queue, Lane lane) throws Exception {
    routes.lock();
    try {
      if (!lane.closing || context().isStopping()) {
        return;
      }
      context().getRouteController().stopRoute(queue);
      if (component.broker().remove(queue)) {
        context().removeRoute(queue);
        lanes.remove(queue);
        LOG.info("{} was empty and is gone", queue);
      } else if (isOthers(queue)) {
        context().removeRoute(queue);
        lanes.remove(queue);
        LOG.info("{} was empty and is left to other nodes", queue);
      } else {
        context().getRouteController().startRoute(queue);
        lane.closing = false;
        lane.since = System.nanoTime();
      }
    } finally {
      routes.unlock();
    }
  }

  private boolean isOthers(String queue) throws ActiveMQException {
    QueueUse use = component.broker().use(queue);
    return use.messages() == 0 && use.consumers() > 0;
  }

  private CamelContext context() {
    return component.getCamelContext();
  }

  @Override
  public void close() {
    ScheduledExecutorService executor = sweeper;
    if (executor != null) {
      executor.shutdownNow();
    }
  }
}
