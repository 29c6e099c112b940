package dev.caravan.camel.jms;

import dev.caravan.camel.spool.SpoolComponent;
import dev.caravan.camel.spool.SpoolMessages;
import dev.caravan.delivery.Sites;
import dev.caravan.mail.Mail;
import dev.caravan.queue.HoldSteps;
import dev.caravan.queue.MailCodec;
import dev.caravan.queue.Priorities;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.QueuedMail;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;

/** Puts a mail into its queue with the JMS session that has received it. */
final class HandOver {
  private final MailCodec codec = new MailCodec();
  private final Clock clock;

  /** Of our own few queues. A session that makes a destination asks the broker for it each time. */
  private final Map<String, Queue> queues = new ConcurrentHashMap<>();

  HandOver(Clock clock) {
    this.clock = clock;
  }

  /** One message for each site; one that is not to be sent before a time waits on its step. */
  void put(Exchange exchange, Session session, Mail mail, String queue)
      throws JMSException, IOException {
    Sites sites = exchange.getContext().getComponent("spool", SpoolComponent.class).sites();
    sites.expect(mail);
    for (QueuedMail queued : QueuedMail.bySite(mail, sites::siteOf)) {
      Optional<HoldSteps.Step> step =
          queue.equals(QueueNames.OUT) ? HoldSteps.next(queued, clock.instant()) : Optional.empty();
      Message message = message(session, queued);
      if (step.isPresent()) {
        Duration delay = step.get().delay();
        message.setLongProperty(SpoolMessages.RETRY_AT, clock.millis() + delay.toMillis());
      }
      int priority = Priorities.ofMessage(queued.envelope().options().priority());
      Queue to = queue(session, step.map(HoldSteps.Step::queue).orElse(queue));
      try (MessageProducer producer = session.createProducer(to)) {
        producer.setPriority(step.isPresent() ? Priorities.NORMAL : priority);
        producer.send(message);
      }
    }
  }

  private Queue queue(Session session, String name) throws JMSException {
    Queue known = queues.get(name);
    if (known == null) {
      known = session.createQueue(name);
      queues.put(name, known);
    }
    return known;
  }

  private Message message(Session session, QueuedMail queued) throws JMSException, IOException {
    BytesMessage message = session.createBytesMessage();
    for (Map.Entry<String, Object> property : codec.properties(queued).entrySet()) {
      message.setObjectProperty(property.getKey(), property.getValue());
    }
    queued.content().writeTo(new MessageStream(message));
    return message;
  }

  private static final class MessageStream extends OutputStream {
    private final BytesMessage message;

    MessageStream(BytesMessage message) {
      this.message = message;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] octets, int from, int count) throws IOException {
      try {
        message.writeBytes(octets, from, count);
      } catch (JMSException e) {
        throw new IOException(e);
      }
    }
  }
}
