package dev.caravan.camel.spool;

import dev.caravan.camel.broker.Receiving;
import dev.caravan.mail.MailId;
import dev.caravan.queue.Order;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.QueuedMail;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.support.DefaultExchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queue of one order: the order itself, which goes last, and the mails that it is about. Who
 * finds a bench that nobody takes from knows what is to be done with the mails on it.
 */
final class Bench implements AutoCloseable {
  /** Begins the names of the benches. */
  static final String PREFIX = "mail.order.";

  private static final Logger LOG = LoggerFactory.getLogger(Bench.class);
  private static final String ROUTE = "direct:operate";
  private static final String COMMAND = "order";
  private static final int WINDOW = 1024 * 1024;
  private static final int PROGRESS = 1_000;
  private static final int TRIES = 50;
  private static final long PAUSE_MILLIS = 100;

  private final SpoolComponent component;
  private final Order order;
  private final String queue;
  private final int batch;
  private final ClientSessionFactory connection;
  private final ClientSession session;
  private final ClientConsumer consumer;
  private final ProducerTemplate template;
  private long done;

  private Bench(SpoolComponent component, Order order, String queue, String selector, int batch)
      throws ActiveMQException {
    this.component = component;
    this.order = order;
    this.queue = queue;
    this.batch = batch;
    this.connection = component.broker().connect();
    try {
      this.session = component.broker().session(connection, true);
      session.start();
      this.consumer =
          session.createConsumer(
              SimpleString.of(queue),
              selector.isEmpty() ? null : SimpleString.of(selector),
              WINDOW,
              -1,
              false);
    } catch (ActiveMQException e) {
      connection.close();
      throw e;
    }
    this.template = component.getCamelContext().createProducerTemplate();
  }

  /** A new one. */
  static Bench open(SpoolComponent component, Order order, int batch) throws ActiveMQException {
    String queue = PREFIX + MailId.next(Clock.systemUTC(), new SecureRandom());
    component.broker().declare(List.of(queue));
    Bench bench = new Bench(component, order, queue, COMMAND + " IS NULL", batch);
    ClientMessage message = bench.session.createMessage(Message.TEXT_TYPE, true);
    message.putStringProperty(COMMAND, order.command().toString());
    message.putStringProperty("reason", order.reason());
    message.putStringProperty("via", order.via());
    try (ClientProducer producer = bench.session.createProducer(queue)) {
      producer.send(message);
      bench.session.commit();
    }
    return bench;
  }

  /** None at all: the mails are taken from their own queue. */
  static Bench directly(
      SpoolComponent component, Order order, String queue, String selector, int batch)
      throws ActiveMQException {
    return new Bench(component, order, queue, selector, batch);
  }

  /** Does what is left to do on a bench that nobody works at. */
  static void recover(SpoolComponent component, String queue, int batch) throws Exception {
    Optional<Order> order;
    try (ClientSessionFactory connection = component.broker().connect();
        ClientSession session = component.broker().session(connection, false)) {
      ClientSession.QueueQuery found = session.queueQuery(SimpleString.of(queue));
      if (!found.isExists() || found.getConsumerCount() > 0) {
        return;
      }
      session.start();
      try (ClientConsumer browser =
          session.createConsumer(
              SimpleString.of(queue), SimpleString.of(COMMAND + " IS NOT NULL"), true)) {
        order = Optional.ofNullable(Receiving.next(browser)).map(Bench::order);
      }
    }
    // Without an order there are no mails either: it is the first there, and goes last.
    Order todo = order.orElse(new Order(Order.Command.HOLD, "a command was cut off", ""));
    try (Bench bench = new Bench(component, todo, queue, COMMAND + " IS NULL", batch)) {
      bench.workOff(n -> {});
      bench.finish();
      LOG.warn("a command was cut off, {}: {} mails were left to do", todo, bench.done());
    }
  }

  private static Order order(ClientMessage message) {
    return new Order(
        Order.Command.of(message.getStringProperty(COMMAND)),
        message.getStringProperty("reason"),
        message.getStringProperty("via"));
  }

  String queue() {
    return queue;
  }

  /** How many mails have been worked off. */
  long done() {
    return done;
  }

  /** Does with each mail what the order says, in transactions of some mails. */
  void workOff(LongConsumer progress) throws Exception {
    OwnTransaction transaction = new OwnTransaction(session);
    int uncommitted = 0;
    try {
      for (ClientMessage message = Receiving.next(consumer);
          message != null;
          message = Receiving.next(consumer)) {
        message.acknowledge();
        handle(message, transaction);
        if (++uncommitted >= batch) {
          session.commit();
          long before = done;
          done += uncommitted;
          uncommitted = 0;
          if (done / PROGRESS > before / PROGRESS) {
            progress.accept(done);
          }
        }
      }
      session.commit();
      done += uncommitted;
    } catch (Exception e) {
      session.rollback();
      throw e;
    }
  }

  private void handle(ClientMessage message, SpoolTransaction transaction) throws Exception {
    String from = message.getStringProperty(Message.HDR_ORIGINAL_QUEUE);
    String origin = from == null ? queue : from;
    QueuedMail mail;
    try {
      mail = component.messages().read(message);
    } catch (IllegalArgumentException e) {
      notAMail(message, origin, transaction);
      return;
    }
    try {
      Exchange exchange = new DefaultExchange(component.getCamelContext());
      exchange.getIn().setBody(new Task(order, mail, origin));
      exchange.setProperty(SpoolTransaction.PROPERTY, transaction);
      Exception failure = template.send(ROUTE, exchange).getException();
      if (failure != null) {
        throw failure;
      }
    } finally {
      SpoolMessages.forget(mail);
    }
  }

  /** It can be deleted; whatever else is ordered, it stays among the dead. */
  private void notAMail(ClientMessage message, String origin, SpoolTransaction transaction)
      throws ActiveMQException {
    LOG.info("by an operator: {}: a message of {} that is no mail", order.command(), origin);
    if (order.command() != Order.Command.DELETE) {
      String reason = message.getStringProperty("deadReason");
      transaction.send(
          new SpoolSender.Parcel(
              QueueNames.DEAD,
              with ->
                  SpoolMessages.copy(with, message, reason == null ? "it is no mail" : reason)));
    }
  }

  /**
   * All is done: the order goes, and the queue with it. The order stays as long as there are mails:
   * they would be found without it.
   */
  void finish() throws Exception {
    SimpleString name = SimpleString.of(queue);
    int inVain = 0;
    while (session.queueQuery(name).getMessageCount() > 1) {
      if (inVain >= TRIES) {
        throw new ActiveMQException("the broker does not hand out the mails that stay in " + queue);
      }
      Thread.sleep(PAUSE_MILLIS);
      long before = done;
      workOff(n -> {});
      inVain = done > before ? 0 : inVain + 1;
    }
    try (ClientConsumer last =
        session.createConsumer(SimpleString.of(queue), SimpleString.of(COMMAND + " IS NOT NULL"))) {
      for (ClientMessage message = Receiving.next(last);
          message != null;
          message = Receiving.next(last)) {
        message.acknowledge();
      }
      session.commit();
    }
    consumer.close();
    if (!component.broker().remove(queue)) {
      LOG.warn("{} could not be removed yet", queue);
    }
  }

  @Override
  public void close() throws ActiveMQException, IOException {
    template.close();
    session.close();
    connection.close();
  }
}
