package dev.caravan.camel.jms;

import dev.caravan.camel.spool.SpoolComponent;
import dev.caravan.camel.spool.SpoolMessages;
import dev.caravan.delivery.Sites;
import dev.caravan.event.MailEvent;
import dev.caravan.event.MailEvents;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;
import dev.caravan.queue.HoldSteps;
import dev.caravan.queue.MailCodec;
import dev.caravan.queue.Priorities;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.QueuedMail;
import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.component.jms.JmsMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the route {@code jms-in} does with a submission, all in the JMS session that received it,
 * and so in one transaction: the mail into {@code mail.out}, or the submission into {@code
 * mail.rejected}, and the answer.
 */
public final class JmsDoor {
  private static final Logger LOG = LoggerFactory.getLogger(JmsDoor.class);
  private static final String MESSAGE = "CaravanJmsMessage";
  private static final String SESSION = "CaravanJmsSession";
  private static final String REFUSAL = "CaravanJmsRefusal";

  private final Submission submission;
  private final JmsPayload payload;
  private final MailCodec codec = new MailCodec();
  private final Clock clock = Clock.systemUTC();
  private final SecureRandom random = new SecureRandom();

  public JmsDoor(
      String hostname, int recipientsMax, long sizeMax, String spoolDir, long spoolThreshold) {
    this.submission = new Submission(hostname, recipientsMax, sizeMax);
    this.payload = new JmsPayload(Path.of(spoolDir), spoolThreshold);
  }

  /** Makes the body a {@link Mail}; a submission that is none becomes a refusal. */
  public void read(Exchange exchange) throws JMSException, IOException {
    JmsMessage in = exchange.getIn(JmsMessage.class);
    Message message = in.getJmsMessage();
    exchange.setProperty(MESSAGE, message);
    exchange.setProperty(SESSION, in.getJmsSession());
    Optional<String> user = Optional.ofNullable(message.getStringProperty("JMSXUserID"));
    MailId id = MailId.next(clock, random);
    Object body = "";
    try {
      Map<String, Object> properties = JmsPayload.properties(message);
      body = payload.body(message);
      Mail mail =
          withPriority(
              submission.read(id, clock.instant(), properties, body, user),
              message.getJMSPriority());
      // A message of its own: nothing that an application sent stays as a header of the exchange.
      exchange.setIn(new org.apache.camel.support.DefaultMessage(exchange));
      exchange.getIn().setBody(mail);
    } catch (RefusedException e) {
      if (body instanceof Path file) {
        Files.deleteIfExists(file);
      }
      exchange.setIn(new org.apache.camel.support.DefaultMessage(exchange));
      exchange.setProperty(REFUSAL, e.reply());
    }
  }

  /** What an application made urgent, or the opposite, stays so. */
  private static Mail withPriority(Mail mail, int jmsPriority) {
    return jmsPriority == Priorities.NORMAL
        ? mail
        : mail.withEnvelope(
            mail.envelope()
                .withOptions(
                    mail.envelope().options().withPriority(Priorities.ofMail(jmsPriority))));
  }

  /** Whether {@link #read} found a mail. */
  public boolean isMail(Exchange exchange) {
    return exchange.getProperty(REFUSAL) == null;
  }

  /** Puts a decided mail where its verdict says, and answers. */
  public List<MailEvent> settle(Exchange exchange) throws JMSException, IOException {
    if (!isMail(exchange)) {
      SmtpReply reply = exchange.getProperty(REFUSAL, SmtpReply.class);
      reject(exchange, reply);
      LOG.info("a submission was refused: {}", reply);
      return List.of();
    }
    Mail mail = exchange.getIn().getBody(Mail.class);
    try {
      return switch (mail.verdict()) {
        case Verdict.Undecided u -> accept(exchange, mail, QueueNames.OUT, MailEvent.Type.QUEUED);
        case Verdict.Accept accept ->
            switch (accept.disposition()) {
              case QUEUE -> accept(exchange, mail, QueueNames.OUT, MailEvent.Type.QUEUED);
              case HOLD -> accept(exchange, mail, QueueNames.HELD, MailEvent.Type.HELD);
              case QUARANTINE -> accept(exchange, mail, QueueNames.QUARANTINE, MailEvent.Type.HELD);
              case DISCARD -> {
                answer(exchange, "accepted", mail.id().value(), Optional.empty());
                yield List.of(event(MailEvent.Type.REJECTED, mail, Optional.empty()));
              }
            };
        case Verdict.Defer defer -> throw new DeferredException(defer.reply());
        case Verdict.Reject reject -> rejected(exchange, mail, reject.reply());
        // There is no connection to close: what it says of the mail is what counts.
        case Verdict.Close close when close.reply().isTemporary() ->
            throw new DeferredException(close.reply());
        case Verdict.Close close -> rejected(exchange, mail, close.reply());
      };
    } finally {
      Optional<Path> file = mail.content().spoolFile();
      if (file.isPresent()) {
        Files.deleteIfExists(file.get());
      }
    }
  }

  private List<MailEvent> rejected(Exchange exchange, Mail mail, SmtpReply reply)
      throws JMSException, IOException {
    reject(exchange, reply);
    return List.of(event(MailEvent.Type.REJECTED, mail, Optional.of(reply)));
  }

  /** A rule said "later": the submission goes back to its queue and comes again. */
  static final class DeferredException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    DeferredException(SmtpReply reply) {
      super("deferred by a rule: " + reply);
    }
  }

  private MailEvent event(MailEvent.Type type, Mail mail, Optional<SmtpReply> reply) {
    return MailEvents.ofMail(type, mail, reply, clock.instant());
  }

  private List<MailEvent> accept(Exchange exchange, Mail mail, String queue, MailEvent.Type type)
      throws JMSException, IOException {
    Session session = session(exchange);
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
      try (MessageProducer producer =
          session.createProducer(
              session.createQueue(step.map(HoldSteps.Step::queue).orElse(queue)))) {
        producer.setPriority(step.isPresent() ? Priorities.NORMAL : priority);
        producer.send(message);
      }
    }
    answer(exchange, "accepted", mail.id().value(), Optional.empty());
    return List.of(event(type, mail, Optional.empty()));
  }

  private Message message(Session session, QueuedMail queued) throws JMSException, IOException {
    BytesMessage message = session.createBytesMessage();
    for (Map.Entry<String, Object> property : codec.properties(queued).entrySet()) {
      message.setObjectProperty(property.getKey(), property.getValue());
    }
    queued
        .content()
        .writeTo(
            new OutputStream() {
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
            });
    return message;
  }

  /** The submission, unchanged but for the reason, into {@code mail.rejected}. */
  private void reject(Exchange exchange, SmtpReply reply) throws JMSException, IOException {
    Session session = session(exchange);
    Message original = exchange.getProperty(MESSAGE, Message.class);
    Message copy = copy(session, original);
    for (Map.Entry<String, Object> property : JmsPayload.properties(original).entrySet()) {
      copy.setObjectProperty(property.getKey(), property.getValue());
    }
    if (original.getJMSCorrelationID() != null) {
      copy.setJMSCorrelationID(original.getJMSCorrelationID());
    }
    copy.setStringProperty("rejectCode", reply.code() + " " + reply.status());
    copy.setStringProperty("rejectReason", reply.text());
    try (MessageProducer producer =
        session.createProducer(session.createQueue(QueueNames.REJECTED))) {
      producer.send(copy);
    }
    answer(exchange, "rejected", "", Optional.of(reply));
  }

  private static Message copy(Session session, Message original) throws JMSException {
    switch (original) {
      case TextMessage text -> {
        return session.createTextMessage(text.getText());
      }
      case BytesMessage bytes -> {
        BytesMessage copy = session.createBytesMessage();
        bytes.reset();
        byte[] chunk = new byte[64 * 1024];
        for (int n = bytes.readBytes(chunk); n > 0; n = bytes.readBytes(chunk)) {
          copy.writeBytes(chunk, 0, n);
        }
        return copy;
      }
      case MapMessage map -> {
        MapMessage copy = session.createMapMessage();
        for (Object name : java.util.Collections.list(map.getMapNames())) {
          copy.setObject((String) name, map.getObject((String) name));
        }
        return copy;
      }
      default -> {
        // The raw octets of whatever it is: nothing is deserialized to keep it.
        BytesMessage copy = session.createBytesMessage();
        copy.setStringProperty("originalType", original.getClass().getSimpleName());
        copy.writeBytes(RawBody.of(original));
        return copy;
      }
    }
  }

  /** Answers to JMSReplyTo, if there is one that may be answered to. */
  private void answer(Exchange exchange, String status, String mailId, Optional<SmtpReply> reply)
      throws JMSException {
    Message original = exchange.getProperty(MESSAGE, Message.class);
    Destination to = original.getJMSReplyTo();
    if (to == null) {
      return;
    }
    boolean allowed =
        to instanceof TemporaryQueue
            || to instanceof Queue queue
                && queue.getQueueName().startsWith(QueueNames.REPLY_PREFIX);
    if (!allowed) {
      LOG.warn("no answer to {}: only temporary queues and mail.reply.* are answered to", to);
      return;
    }
    Session session = session(exchange);
    TextMessage answer =
        session.createTextMessage(
            "{\"status\":\""
                + status
                + "\""
                + (mailId.isEmpty() ? "" : ",\"mailId\":\"" + mailId + "\"")
                + "}");
    answer.setStringProperty("status", status);
    if (!mailId.isEmpty()) {
      answer.setStringProperty("mailId", mailId);
    }
    if (reply.isPresent()) {
      answer.setStringProperty("reply", reply.get().toString());
    }
    String correlation = original.getJMSCorrelationID();
    answer.setJMSCorrelationID(correlation != null ? correlation : original.getJMSMessageID());
    try (MessageProducer producer = session.createProducer(to)) {
      producer.send(answer);
    } catch (jakarta.jms.InvalidDestinationException e) {
      LOG.warn("the answer's queue is gone: {}", to);
    }
  }

  private static Session session(Exchange exchange) {
    Session session = exchange.getProperty(SESSION, Session.class);
    if (session == null) {
      throw new IllegalStateException("jms-in must consume from a JMS endpoint");
    }
    return session;
  }
}
