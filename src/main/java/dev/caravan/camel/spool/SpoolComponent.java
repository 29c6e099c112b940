package dev.caravan.camel.spool;

import dev.caravan.camel.broker.Broker;
import dev.caravan.delivery.Sites;
import dev.caravan.queue.Ladder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The component {@code spool}; made by the gateway with a started broker. */
public final class SpoolComponent extends DefaultComponent {
  static final Logger LOG = LoggerFactory.getLogger(SpoolComponent.class);

  private static final int SENDING_SESSIONS = 4;

  private final Broker broker;
  private final SpoolMessages messages;
  private final SpoolSender sender;
  private final QueueRuns queueRuns = new QueueRuns(this);
  private final Set<SpoolConsumer> running = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Sites sites;

  /**
   * @param commitTimeout how long an acceptance waits for the broker's confirmation
   * @throws org.apache.activemq.artemis.api.core.ActiveMQException when the broker can't be reached
   */
  public SpoolComponent(Broker broker, SpoolMessages messages, Duration commitTimeout)
      throws org.apache.activemq.artemis.api.core.ActiveMQException {
    this.broker = broker;
    this.messages = messages;
    this.sender = new SpoolSender(broker, SENDING_SESSIONS, commitTimeout);
  }

  @Override
  protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
      throws Exception {
    SpoolEndpoint endpoint = new SpoolEndpoint(uri, this, remaining);
    setProperties(endpoint, parameters);
    return endpoint;
  }

  Broker broker() {
    return broker;
  }

  SpoolMessages messages() {
    return messages;
  }

  SpoolSender sender() {
    return sender;
  }

  /** Makes waiting mail due. */
  public QueueRuns queueRuns() {
    return queueRuns;
  }

  /** How recipients are grouped: as the transport of the delivery mode says. */
  public Sites sites() {
    Sites known = sites;
    if (known == null) {
      known = findSites();
      sites = known;
    }
    return known;
  }

  private Sites findSites() {
    Sites found =
        getCamelContext()
            .getRegistry()
            .lookupByNameAndType(
                getCamelContext().resolvePropertyPlaceholders("{{caravan.delivery.mode}}"),
                Sites.class);
    if (found == null) {
      throw new IllegalStateException("no transport bean is named by caravan.delivery.mode");
    }
    return found;
  }

  /** The retry ladder: the bean {@code ladder} of the routes. */
  Ladder ladder() {
    return getCamelContext().getRegistry().findSingleByType(Ladder.class);
  }

  Set<SpoolConsumer> running() {
    return running;
  }

  /**
   * No worker takes another mail; all end what they have in hand, at the same time. Their routes
   * can then be stopped one after the other without waiting for any.
   *
   * @param max until those that still work are interrupted, and their mail goes back to its place
   */
  public void drain(Duration max) throws InterruptedException {
    List<SpoolConsumer> all = List.copyOf(running);
    all.forEach(SpoolConsumer::release);
    long deadline = System.nanoTime() + max.toNanos();
    for (SpoolConsumer each : all) {
      each.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
    }
    for (SpoolConsumer each : all) {
      each.abandon();
    }
  }

  @Override
  protected void doShutdown() throws Exception {
    sender.close();
    super.doShutdown();
  }
}
