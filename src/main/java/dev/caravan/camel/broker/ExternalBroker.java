package dev.caravan.camel.broker;

import dev.caravan.queue.QueueNames;
import dev.caravan.queue.Selector;
import jakarta.jms.ConnectionFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.activemq.artemis.api.core.ActiveMQAddressExistsException;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQQueueExistsException;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.api.core.client.FailoverEventType;
import org.apache.activemq.artemis.api.core.management.ManagementHelper;
import org.apache.activemq.artemis.api.core.management.ResourceNames;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A broker, or a cluster of brokers, that somebody else runs. */
public final class ExternalBroker implements Broker {
  private static final Logger LOG = LoggerFactory.getLogger(ExternalBroker.class);
  private static final String MANAGEMENT = "activemq.management";
  private static final long MANAGEMENT_MILLIS = 60_000;
  private static final int BROWSE_WINDOW = 1024 * 1024;
  private static final Duration RETRY = Duration.ofMillis(500);
  private static final int MOVED_TOGETHER = 500;

  /** Mails that are named in one selector, and in all selectors of one move. */
  private static final int NAMED_TOGETHER = 100;

  private static final int NAMED_MAX = 2_000;

  private final Connector connector;
  private @Nullable ClientSessionFactory watcher;
  private volatile boolean gone;
  private final List<String> declared = new CopyOnWriteArrayList<>();

  private ExternalBroker(Connector connector) {
    this.connector = connector;
  }

  /**
   * Connects once to declare the queues. A broker that is not there yet, or is about to be replaced
   * by its backup, is waited for.
   *
   * @param patience how long it may take
   * @throws ActiveMQException when it can't be reached in this time, or refuses us
   */
  public static ExternalBroker connect(String url, String user, String password, Duration patience)
      throws ActiveMQException, InterruptedException {
    ExternalBroker broker = new ExternalBroker(Connector.to(url, new Credentials(user, password)));
    try {
      broker.await(patience);
      broker.declare(QueueNames.all());
      broker.watch();
      return broker;
    } catch (ActiveMQException | InterruptedException e) {
      broker.close();
      throw e;
    }
  }

  private void await(Duration patience) throws ActiveMQException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    boolean told = false;
    while (true) {
      try {
        connect().close();
        return;
      } catch (ActiveMQException e) {
        if (System.nanoTime() - deadline > 0) {
          throw e;
        }
        if (!told) {
          LOG.warn("the broker can't be reached: {}; trying for {}", e.getMessage(), patience);
          told = true;
        }
        Thread.sleep(RETRY);
      }
    }
  }

  /** On a connection of its own, which is closed with the rest. */
  private void watch() throws ActiveMQException {
    ClientSessionFactory watching = connect();
    watcher = watching;
    watching.addFailoverListener(event -> gone = event != FailoverEventType.FAILOVER_COMPLETED);
  }

  @Override
  public ClientSessionFactory connect() throws ActiveMQException {
    return connector.connect();
  }

  @Override
  public ClientSessionFactory connectOnce() throws ActiveMQException {
    return connector.connectOnce();
  }

  @Override
  public ClientSessionFactory connectConfirming() throws ActiveMQException {
    return connector.connectConfirming();
  }

  @Override
  public ClientSession session(ClientSessionFactory connection, boolean transacted)
      throws ActiveMQException {
    return connector.session(connection, transacted);
  }

  @Override
  public ConnectionFactory jms() {
    return connector.jms();
  }

  @Override
  public Optional<String> fullBecause() {
    return gone ? Optional.of("the broker can't be reached") : Optional.empty();
  }

  @Override
  public boolean hasListeners(String address) {
    return true;
  }

  /** No client can ask for it. */
  @Override
  public boolean hasSeen(String address, byte[] duplicateId) {
    return false;
  }

  @Override
  public void declare(List<String> queues) throws ActiveMQException {
    try (ClientSessionFactory connection = connect();
        ClientSession session = session(connection, false)) {
      for (String multicast : List.of(QueueNames.EVENTS, QueueNames.KEYS)) {
        if (!session.addressQuery(SimpleString.of(multicast)).isExists()) {
          try {
            session.createAddress(SimpleString.of(multicast), RoutingType.MULTICAST, false);
          } catch (ActiveMQAddressExistsException e) {
            LOG.debug("another node has made {} at this moment", multicast);
          }
        }
      }
      declared.addAll(queues);
      for (String queue : queues) {
        if (!session.queueQuery(SimpleString.of(queue)).isExists()) {
          create(session, queue);
        }
      }
    }
  }

  /** Several nodes may start at the same time. */
  private static void create(ClientSession session, String queue) throws ActiveMQException {
    try {
      session.createQueue(
          QueueConfiguration.of(queue).setRoutingType(RoutingType.ANYCAST).setDurable(true));
    } catch (ActiveMQQueueExistsException e) {
      LOG.debug("another node has made {} at this moment", queue);
    }
  }

  @Override
  public List<String> queues(String prefix) throws ActiveMQException {
    if (manage(ResourceNames.BROKER, "getQueueNames") instanceof Object[] names) {
      return Arrays.stream(names).map(String::valueOf).filter(n -> n.startsWith(prefix)).toList();
    }
    throw new ActiveMQException("the broker does not tell its queues");
  }

  /** Asks the broker's management, for which our user needs the permission {@code manage}. */
  private @Nullable Object manage(String resource, String operation, Object... arguments)
      throws ActiveMQException {
    SimpleString answers = SimpleString.of(MANAGEMENT + ".caravan." + UUID.randomUUID());
    // Within a transaction, whose commit tells at once that something isn't allowed.
    try (ClientSessionFactory connection = connect();
        ClientSession session = session(connection, true)) {
      session.createQueue(
          QueueConfiguration.of(answers)
              .setRoutingType(RoutingType.ANYCAST)
              .setDurable(false)
              .setTemporary(true));
      session.start();
      try (ClientProducer producer = session.createProducer(MANAGEMENT);
          ClientConsumer consumer = session.createConsumer(answers)) {
        ClientMessage question = session.createMessage(false);
        question.setReplyTo(answers);
        ManagementHelper.putOperationInvocation(question, resource, operation, arguments);
        producer.send(question);
        session.commit();
        ClientMessage answer = consumer.receive(MANAGEMENT_MILLIS);
        if (answer == null || !ManagementHelper.hasOperationSucceeded(answer)) {
          throw new ActiveMQException(
              "the broker does not do "
                  + operation
                  + (answer == null ? "" : ": " + ManagementHelper.getResult(answer)));
        }
        return ManagementHelper.getResult(answer);
      }
    } catch (ActiveMQException e) {
      throw e;
    } catch (Exception e) {
      throw new ActiveMQException("the broker does not do " + operation, e, null);
    }
  }

  @Override
  public void browse(String queue, Choice choice, Choice.Visitor visitor) throws Exception {
    try (ClientSessionFactory connection = connect();
        ClientSession session = session(connection, false)) {
      if (!session.queueQuery(SimpleString.of(queue)).isExists()) {
        return;
      }
      session.start();
      String selector = choice.selector().text();
      try (ClientConsumer browser =
          session.createConsumer(
              SimpleString.of(queue),
              selector.isEmpty() ? null : SimpleString.of(selector),
              BROWSE_WINDOW,
              -1,
              true)) {
        for (ClientMessage message = Receiving.next(browser);
            message != null;
            message = Receiving.next(browser)) {
          if (choice.test(message) && !visitor.see(message, false)) {
            return;
          }
        }
      }
    }
  }

  @Override
  public QueueUse use(String queue) throws ActiveMQException {
    try (ClientSessionFactory connection = connect();
        ClientSession session = session(connection, false)) {
      ClientSession.QueueQuery found = session.queueQuery(SimpleString.of(queue));
      return new QueueUse(found.getMessageCount(), found.getConsumerCount(), -1);
    }
  }

  @Override
  public Set<Long> inHand(String queue, Choice choice) {
    return Set.of();
  }

  /** What no selector says is looked at here, and then named mail by mail. */
  @Override
  public int move(String from, String to, Choice choice, int max) throws ActiveMQException {
    if (choice.selector().exact()) {
      return move(from, to, choice.selector(), max);
    }
    Set<Selector.QueuedMailName> chosen = new LinkedHashSet<>();
    try {
      browse(
          from,
          choice,
          (message, inHand) -> {
            String id = message.getStringProperty("mailId");
            String site = message.getStringProperty("site");
            if (id != null && site != null) {
              chosen.add(new Selector.QueuedMailName(id, site));
            }
            return chosen.size() < Math.min(max, NAMED_MAX);
          });
    } catch (ActiveMQException e) {
      throw e;
    } catch (Exception e) {
      throw new ActiveMQException(from + " can't be browsed", e, null);
    }
    List<Selector.QueuedMailName> names = List.copyOf(chosen);
    int moved = 0;
    for (int i = 0; i < names.size(); i += NAMED_TOGETHER) {
      moved +=
          move(
              from,
              to,
              Selector.ofMails(names.subList(i, Math.min(names.size(), i + NAMED_TOGETHER))),
              max);
    }
    return moved;
  }

  private int move(String from, String to, Selector selector, int max) throws ActiveMQException {
    Object moved =
        manage(
            ResourceNames.QUEUE + from,
            "moveMessages",
            MOVED_TOGETHER,
            selector.text(),
            to,
            /* rejectDuplicates= */ false,
            max);
    return moved instanceof Number n ? n.intValue() : 0;
  }

  @Override
  public boolean remove(String queue) throws ActiveMQException {
    try (ClientSessionFactory connection = connect();
        ClientSession session = session(connection, false)) {
      ClientSession.QueueQuery found = session.queueQuery(SimpleString.of(queue));
      if (found.getMessageCount() > 0 || found.getConsumerCount() > 0) {
        return false;
      }
      if (found.isExists()) {
        session.deleteQueue(SimpleString.of(queue));
      }
      declared.remove(queue);
      return true;
    }
  }

  @Override
  public boolean isOurs() {
    return false;
  }

  @Override
  public List<QueueDepth> depths() {
    List<QueueDepth> depths = new ArrayList<>();
    try (ClientSessionFactory connection = connect();
        ClientSession session = session(connection, false)) {
      for (String queue : declared) {
        depths.add(
            new QueueDepth(queue, session.queueQuery(SimpleString.of(queue)).getMessageCount()));
      }
    } catch (ActiveMQException e) {
      return List.of();
    }
    return depths;
  }

  @Override
  public List<WaitingMail> inDelivery(String queue) {
    return List.of();
  }

  @Override
  public Optional<String> listener() {
    return Optional.empty();
  }

  @Override
  public void onLoss(Consumer<String> listener) {}

  @Override
  public void close() {
    ClientSessionFactory watching = watcher;
    if (watching != null) {
      watching.close();
    }
    connector.close();
  }
}
