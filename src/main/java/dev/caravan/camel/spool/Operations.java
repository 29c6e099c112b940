package dev.caravan.camel.spool;

import dev.caravan.camel.broker.Broker;
import dev.caravan.camel.broker.Choice;
import dev.caravan.camel.broker.QueueDepth;
import dev.caravan.queue.MailCodec;
import dev.caravan.queue.MailState;
import dev.caravan.queue.Order;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.Selection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an operator does with waiting mail: looks at it, and gives orders.
 *
 * <p>A look reads a queue from its head and holds nothing. For an order the broker first moves the
 * mails that are meant to a {@link Bench}, a queue of the order's own, because only the broker
 * itself finds a mail deep in a queue that is on disk; from there each goes through the route
 * {@code operate}. Both steps are transactions of bounded size, so a mail is always in one place
 * only; a bench that a crash leaves behind is worked off at the next start. Where the broker does
 * not let us move messages, mail is taken from its queue with a selector, as far as the broker has
 * it in memory.
 */
public final class Operations {
  private static final Logger LOG = LoggerFactory.getLogger(Operations.class);

  private static final long LOOK_MILLIS = 10;
  private static final long AGAIN_MILLIS = 1_000;
  private static final long AGAIN_MILLIS_MAX = 60_000;

  private final SpoolComponent component;
  private final OrderOptions options;
  private final Semaphore one = new Semaphore(1);

  Operations(SpoolComponent component, OrderOptions options) {
    this.component = component;
    this.options = options;
  }

  /** Another order is at work on this node. */
  public static final class BusyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BusyException() {
      super("another command is at work; try again when it has ended");
    }
  }

  /**
   * How many mails an order is, or was, about.
   *
   * @param mails that it reaches
   * @param inHand that are being delivered now, which it doesn't reach
   * @param hint for the operator; may be empty
   */
  public record Count(long mails, long inHand, String hint) {}

  /** The queues that hold mail of ours, in the order of their names. */
  public List<QueueDepth> queues() {
    List<QueueDepth> known = component.broker().depths();
    Stream<QueueDepth> more = Stream.empty();
    try {
      List<String> names = known.stream().map(QueueDepth::queue).toList();
      more =
          component.broker().queues("mail.").stream()
              .filter(name -> !names.contains(name))
              .map(name -> new QueueDepth(name, -1));
    } catch (ActiveMQException e) {
      LOG.debug("the broker tells only the queues that we know", e);
    }
    return Stream.concat(known.stream(), more)
        .filter(depth -> MailState.ofQueue(depth.queue()).isPresent())
        .sorted(java.util.Comparator.comparing(QueueDepth::queue))
        .toList();
  }

  private List<String> covered(Predicate<String> wanted) {
    return queues().stream().map(QueueDepth::queue).filter(wanted).toList();
  }

  /**
   * Looks at the mails that are meant, queue by queue.
   *
   * @param visitor says whether to go on
   */
  public void list(Selection selection, Predicate<SeenMail> visitor) throws Exception {
    Choice choice = new MailChoice(selection, Instant.now());
    boolean[] goOn = {true};
    for (String queue : covered(selection::covers)) {
      if (!goOn[0]) {
        return;
      }
      component
          .broker()
          .browse(
              queue,
              choice,
              (message, inHand) -> {
                goOn[0] =
                    visitor.test(SeenMail.of(queue, isInWork(queue, inHand, message), message));
                return goOn[0];
              });
    }
  }

  /** Looks at a message, which is not to be kept. */
  public interface Look {
    /**
     * @return whether to go on in this queue
     */
    boolean at(String queue, Message message, boolean inHand) throws Exception;
  }

  /** Shows whole messages: of one mail, one for each of the sites that it still waits for. */
  public void show(Selection selection, Look look) throws Exception {
    Choice choice = new MailChoice(selection, Instant.now());
    for (String queue : covered(selection::covers)) {
      component
          .broker()
          .browse(
              queue,
              choice,
              (message, inHand) -> look.at(queue, message, isInWork(queue, inHand, message)));
    }
  }

  /** What the order would be about now. */
  public Count count(Order order, Selection selection) throws Exception {
    Choice choice = new MailChoice(selection, Instant.now());
    long[] count = new long[2];
    for (String queue : covered(q -> selection.covers(q) && order.command().concerns(q))) {
      component
          .broker()
          .browse(
              queue,
              choice,
              (message, inHand) -> {
                boolean inWork = isInWork(queue, inHand, message) && !givesBack(queue, message);
                count[inWork ? 1 : 0]++;
                return true;
              });
    }
    return new Count(count[0], count[1], "");
  }

  /** What has merely been fetched in advance is in nobody's hands. */
  private boolean isInWork(String queue, boolean inHand, Message message) {
    return inHand && new Recall(component, queue).isInWork(message.getMessageID());
  }

  /** Whether the worker that has this message in its hands merely waits with it. */
  private boolean givesBack(String queue, Message message) {
    String site = message.getStringProperty(MailCodec.SITE);
    return isForItsTime(queue)
        || queue.startsWith(QueueNames.LANE_PREFIX)
            && site != null
            && !component.traffic().report(site).state().equals("open");
  }

  /** How long workers of this queue may take to notice that they are to give back what waits. */
  private long giveBackMillis(String queue) {
    long patience = options.patience().toMillis();
    return switch (MailState.ofQueue(queue).orElse(MailState.DEAD)) {
      case WAITING, SCHEDULED -> patience;
      // Those of a lane may be delivering.
      case QUEUED -> queue.equals(QueueNames.OUT) ? 0 : patience / 2;
      case HELD, QUARANTINED, DEAD -> 0;
    };
  }

  private static boolean isForItsTime(String queue) {
    return queue.startsWith(QueueNames.RETRY_PREFIX) || queue.startsWith(QueueNames.HOLD_PREFIX);
  }

  /**
   * Does it.
   *
   * @param progress is told now and then how many mails are done
   * @throws BusyException when another one is at work
   */
  public Count act(Order order, Selection selection, LongConsumer progress) throws Exception {
    return act(order, selection, progress, Duration.ZERO);
  }

  /** The same, but waits so long for another one to end. */
  Count act(Order order, Selection selection, LongConsumer progress, Duration wait)
      throws Exception {
    if (!one.tryAcquire(wait.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new BusyException();
    }
    try {
      recoverBenches();
      Instant now = Instant.now();
      Choice choice = new Given(new MailChoice(selection, now), now);
      List<String> queues =
          covered(queue -> selection.covers(queue) && order.command().concerns(queue));
      Count done =
          component.broker().canMove()
              ? byBench(order, choice, queues, progress)
              : bySelector(order, choice, queues, progress);
      LOG.info(
          "by command: {} {}{}: {} mails",
          order.command(),
          order.via(),
          order.reason().isEmpty() ? "" : " (" + order.reason() + ")",
          done.mails());
      return done;
    } finally {
      one.release();
    }
  }

  private Count byBench(Order order, Choice choice, List<String> queues, LongConsumer progress)
      throws Exception {
    Broker broker = component.broker();
    long inHand = 0;
    try (Bench bench = Bench.open(component, order, options.batch())) {
      for (String queue : queues) {
        try (Recess.Break _ = component.recess().begin(queue)) {
          awaitGivenBack(queue);
          Recall recall = new Recall(component, queue);
          int moved;
          do {
            moved = broker.move(queue, bench.queue(), choice, options.chunk());
            moved += recall.move(choice, bench.queue());
            bench.workOff(progress);
          } while (moved >= options.chunk());
          inHand += recall.inWork(choice);
        }
      }
      bench.finish();
      return new Count(bench.done(), inHand, "");
    }
  }

  private Count bySelector(Order order, Choice choice, List<String> queues, LongConsumer progress)
      throws Exception {
    if (!choice.selector().exact()) {
      throw new IllegalArgumentException(
          "the broker lets us choose by whole properties only, not by header or within addresses;"
              + " give caravan.broker.user the permission 'manage' on activemq.management");
    }
    long done = 0;
    for (String queue : queues) {
      try (Recess.Break _ = component.recess().begin(queue);
          Bench taker =
              Bench.directly(component, order, queue, choice.selector().text(), options.batch())) {
        awaitGivenBack(queue);
        new Recall(component, queue).move(choice, queue);
        long before = done;
        taker.workOff(n -> progress.accept(before + n));
        done += taker.done();
      }
    }
    return new Count(
        done,
        0,
        "the broker does not move mail for us: what it has on disk only was not reached; give"
            + " caravan.broker.user the permission 'manage' on activemq.management");
  }

  /** Workers that merely wait give back what they have; those that deliver are not waited for. */
  private void awaitGivenBack(String queue) throws InterruptedException {
    long deadline = System.currentTimeMillis() + giveBackMillis(queue);
    while (component.isAtWork(queue) && System.currentTimeMillis() < deadline) {
      Thread.sleep(LOOK_MILLIS);
    }
  }

  /**
   * Works off what earlier runs have left on benches; returns when nothing is left, or when the
   * gateway stops. What fails is tried again.
   */
  public void recover() {
    try {
      long pause = AGAIN_MILLIS;
      while (!hasRecovered() && !component.getCamelContext().isStopping()) {
        Thread.sleep(pause);
        pause = Math.min(2 * pause, AGAIN_MILLIS_MAX);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean hasRecovered() throws InterruptedException {
    one.acquire();
    try {
      recoverBenches();
      return benches().isEmpty();
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      LOG.warn("what a command has left behind is tried again soon: {}", e.toString());
      return false;
    } finally {
      one.release();
    }
  }

  private void recoverBenches() throws Exception {
    for (String queue : benches()) {
      Bench.recover(component, queue, options.batch());
    }
  }

  private List<String> benches() {
    try {
      return List.copyOf(component.broker().queues(Bench.PREFIX));
    } catch (ActiveMQException e) {
      LOG.debug("no benches without the broker's management", e);
      return List.of();
    }
  }
}
