package dev.caravan.camel.spool;

import com.sun.management.OperatingSystemMXBean;
import dev.caravan.camel.broker.Broker;
import dev.caravan.delivery.Sites;
import dev.caravan.mail.Mail;
import dev.caravan.queue.Ladder;
import dev.caravan.queue.QueueNames;
import dev.caravan.traffic.Traffic;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The component {@code spool}; made by the gateway. The broker must run when the first route is.
 */
public final class SpoolComponent extends DefaultComponent {
  static final Logger LOG = LoggerFactory.getLogger(SpoolComponent.class);

  private static final int SENDING_SESSIONS = 4;

  private final Broker broker;
  private final SpoolMessages messages;
  private final Duration commitTimeout;
  private @Nullable SpoolSender sender;
  private final InFlow inFlow;
  private final QueueRuns queueRuns = new QueueRuns(this);
  private final Recess recess = new Recess();
  private final Operations operations;
  private final Set<SpoolConsumer> running = ConcurrentHashMap.newKeySet();
  private final Lanes lanes;
  private volatile @Nullable Sites sites;
  private volatile @Nullable Traffic traffic;

  /**
   * @param commitTimeout how long an acceptance waits for the broker's confirmation
   * @param lanesMax how many lanes there may be
   * @param lanesDeclared sites that always have one
   * @param laneIdle after which an empty one goes
   * @param orders how operators' commands work
   * @param inFlowDelay how long a mail that comes in waits at most for delivery to keep up
   */
  public SpoolComponent(
      Broker broker,
      SpoolMessages messages,
      Duration commitTimeout,
      int lanesMax,
      List<String> lanesDeclared,
      Duration laneIdle,
      OrderOptions orders,
      Duration inFlowDelay) {
    this.broker = broker;
    this.messages = messages;
    this.operations = new Operations(this, orders);
    this.commitTimeout = commitTimeout;
    this.inFlow = new InFlow(inFlowDelay, SpoolComponent::load);
    this.lanes =
        new Lanes(this, lanesMax, lanesDeclared, laneIdle, commitTimeout.plus(commitTimeout));
  }

  /** Of all processors that we may use, since it was asked last. */
  private static double load() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getCpuLoad();
  }

  @Override
  protected void doInit() throws Exception {
    super.doInit();
    sender = new SpoolSender(broker, SENDING_SESSIONS, commitTimeout);
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
    return Objects.requireNonNull(sender);
  }

  /**
   * Puts a mail where {@code spool:QUEUE} would, but with a transaction of the caller's: it is on
   * disk when that is committed.
   *
   * @param session transacted, of this broker; used by nobody else meanwhile
   */
  public void put(Mail mail, String queue, ClientSession session) throws ActiveMQException {
    List<SpoolSender.Parcel> parcels = Parcels.of(this, mail, queue);
    try (ClientProducer producer = session.createProducer()) {
      for (SpoolSender.Parcel parcel : parcels) {
        parcel.send(session, producer);
      }
    }
  }

  /**
   * Puts a mail where {@code spool:QUEUE} would; returns when it is on disk.
   *
   * @throws QueueFullException when nothing can be taken in
   * @throws ActiveMQException when the broker refused or did not answer in time
   */
  public void put(Mail mail, String queue) throws ActiveMQException, InterruptedException {
    takeIn(Parcels.of(this, mail, queue), queue);
  }

  /** Sends what comes in; what is to be delivered, when delivery keeps up with it. */
  void takeIn(List<SpoolSender.Parcel> mails, String queue)
      throws ActiveMQException, InterruptedException {
    if (queue.equals(QueueNames.OUT)) {
      inFlow.arrive(mails.size());
    }
    sender().send(mails);
  }

  InFlow inFlow() {
    return inFlow;
  }

  /** Queues of their own for sites that can't take all at once. */
  public Lanes lanes() {
    return lanes;
  }

  /** How much each site is given: the bean {@code traffic} of the routes. */
  Traffic traffic() {
    Traffic known = traffic;
    if (known == null) {
      known = getCamelContext().getRegistry().findSingleByType(Traffic.class);
      if (known == null) {
        throw new IllegalStateException("no bean of the type " + Traffic.class.getName());
      }
      traffic = known;
    }
    return known;
  }

  /** Whether a worker has a mail from this queue in its hands. */
  boolean isAtWork(String queue) {
    return running.stream().anyMatch(c -> c.takesFrom(queue) && c.isAtWork());
  }

  /** Makes waiting mail due. */
  public QueueRuns queueRuns() {
    return queueRuns;
  }

  /** Which workers give way to an operator's command. */
  Recess recess() {
    return recess;
  }

  /** What an operator does with waiting mail. */
  public Operations operations() {
    return operations;
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

  /** The rungs of the ladder that are served, those of an earlier schedule among them. */
  List<String> rungs() {
    return running.stream()
        .map(SpoolConsumer::queue)
        .filter(queue -> queue.startsWith(QueueNames.RETRY_PREFIX))
        .distinct()
        .sorted()
        .toList();
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

  /** What is no mail, on its way to where an operator finds it. */
  void bury(
      String queue, ClientMessage message, SpoolTransaction transaction, RuntimeException reason)
      throws ActiveMQException {
    LOG.error(
        "{}: a message that is no mail goes to {}: {}",
        queue,
        QueueNames.DEAD,
        reason.getMessage());
    transaction.send(
        new SpoolSender.Parcel(
            QueueNames.DEAD,
            session -> SpoolMessages.copy(session, message, String.valueOf(reason.getMessage()))));
  }

  @Override
  protected void doShutdown() throws Exception {
    lanes.close();
    if (sender != null) {
      sender.close();
    }
    super.doShutdown();
  }
}
