package dev.caravan.camel.jms;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.auth.Users;
import dev.caravan.camel.broker.Broker;
import dev.caravan.event.MailEvent;
import dev.caravan.event.MailEvents;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.SmtpReply;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.component.jms.JmsMessage;
import org.apache.camel.support.DefaultMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the route {@code fan-out} does with a batch, in the session that has received it: its mails,
 * the answers about recipients that were refused, what is kept of them, the count, and that the
 * batch is done are one transaction. A crash undoes all of it or nothing.
 */
public final class FanOutWorker {
  private static final Logger LOG = LoggerFactory.getLogger(FanOutWorker.class);
  private static final String BATCH = "CaravanFanOutBatch";
  private static final String ENTRY = "CaravanFanOutEntry";
  private static final Set<String> KEYS = Set.of("to", "cc", "bcc", "subject", "data");

  /** Recipients that are put off come again so much later, and twice as much each time. */
  private static final long LATER_MILLIS = 60_000;

  private static final long LATER_MAX_MILLIS = 16 * LATER_MILLIS;

  /** After so many that were put off the rest of the batch is not tried: it is the rate. */
  private static final int PUT_OFF_MAX = 3;

  private static final int PUT_OFFS_COUNTED = 10;

  private static final int SHOWN_MAX = 200;

  private final FanOut fanOut;
  private final Submission submission;
  private final Users users;
  private final Clock clock = Clock.systemUTC();
  private final SecureRandom random = new SecureRandom();

  /**
   * @param users whose accounts say what an application may do
   * @param spoolDir where large messages are put together
   * @param spoolThreshold octets from which on a message is large
   */
  public FanOutWorker(
      FanOut fanOut,
      String hostname,
      int recipientsMax,
      long sizeMax,
      Users users,
      String spoolDir,
      long spoolThreshold) {
    this.users = users;
    this.fanOut = fanOut;
    Workspace room = new Workspace(Optional.of(Path.of(spoolDir)), spoolThreshold);
    this.submission = new Submission(hostname, recipientsMax, sizeMax, room);
  }

  /** A batch in work; only the thread of its transaction knows it. */
  private static final class InWork {
    private final Session session;
    private final FanOutBatch batch;
    private final int tries;
    private final int putOff;
    private final List<FanOutBatch.Entry> later = new ArrayList<>();
    private final List<FanOutRefusals.Refused> refused = new ArrayList<>();
    private int made;

    InWork(Session session, FanOutBatch batch, int tries, int putOff) {
      this.putOff = putOff;
      this.session = session;
      this.batch = batch;
      this.tries = tries;
    }

    FanOutBatch.Common common() {
      return batch.common();
    }

    int settled() {
      return made + refused.size();
    }
  }

  /**
   * A recipient in work.
   *
   * @param refusal why there is no mail for it
   * @param isMail whether there is one; neither = it comes again
   */
  private record Made(FanOutBatch.Entry entry, Optional<SmtpReply> refusal, boolean isMail) {}

  /** Makes the body the list of the batch's recipients. */
  public void read(Exchange exchange) throws JMSException {
    JmsMessage in = exchange.getIn(JmsMessage.class);
    Message message = in.getJmsMessage();
    Session session = in.getJmsSession();
    if (session == null) {
      throw new IllegalStateException("fan-out must consume from a transacted JMS endpoint");
    }
    exchange.setIn(new DefaultMessage(exchange));
    try {
      if (!(message instanceof BytesMessage bytes)) {
        throw new IOException("a batch is a BytesMessage");
      }
      FanOutBatch batch = FanOutBatch.of(bytes);
      int tries = message.getIntProperty("JMSXDeliveryCount");
      int putOff =
          message.propertyExists(FanOutBatch.PUT_OFF)
              ? message.getIntProperty(FanOutBatch.PUT_OFF)
              : 0;
      exchange.setProperty(BATCH, new InWork(session, batch, tries, putOff));
      exchange.getIn().setBody(batch.entries());
    } catch (IOException | IllegalArgumentException | NullPointerException e) {
      SmtpReply reply = SmtpReply.of(554, "5.6.0", "this is no batch of a fan-out");
      Rejections.put(session, message, reply, MailId.next(clock, random), Instant.now(clock));
      LOG.warn("what is no batch went from mail.fanout to mail.rejected: {}", e.toString());
      exchange.getIn().setBody(List.of());
    }
  }

  /** Makes the body, a recipient, its mail. */
  public void make(Exchange exchange) {
    InWork work = work(exchange);
    FanOutBatch.Entry entry = exchange.getIn().getBody(FanOutBatch.Entry.class);
    Optional<SmtpReply> refusal = Optional.empty();
    boolean isMail = false;
    if (work.later.size() < PUT_OFF_MAX) {
      try {
        exchange.getIn().setBody(mail(work.batch, entry, () -> JmsOnce.broker(exchange)));
        isMail = true;
      } catch (RefusedException e) {
        refusal = Optional.of(e.reply());
      } catch (RuntimeException e) {
        LOG.error("{}: the mail can't be made now", work.common().idOf(entry.index()), e);
      }
    }
    exchange.setProperty(ENTRY, new Made(entry, refusal, isMail));
  }

  private Mail mail(FanOutBatch batch, FanOutBatch.Entry entry, Supplier<Broker> broker)
      throws RefusedException {
    if (!(entry.recipient() instanceof ObjectNode recipient)) {
      throw new RefusedException("5.6.0", "a recipient is an object with to");
    }
    ObjectNode json = JsonText.MAPPER.createObjectNode();
    json.setAll(batch.head());
    for (Map.Entry<String, JsonNode> field : recipient.properties()) {
      if (!KEYS.contains(field.getKey())) {
        throw new RefusedException("5.6.0", "a recipient has no key " + field.getKey());
      }
      json.set(field.getKey(), field.getValue());
    }
    if (batch.head().get("data") instanceof ObjectNode common
        && json.get("data") instanceof ObjectNode own) {
      ObjectNode both = JsonText.MAPPER.createObjectNode();
      both.setAll(common);
      both.setAll(own);
      json.set("data", both);
    }
    String text = TemplateText.filled(json, fanOut.templates()).toString();
    FanOutBatch.Common common = batch.common();
    Mail mail =
        submission.mail(
            Submission.open(Map.of("format", "json"), text),
            common.idOf(entry.index()),
            Origin.jms(common.user(), clock.instant()),
            new StagedFiles(broker, common.user()));
    return common.wishes().applyTo(mail, common.answerTo(), Instant.MAX);
  }

  /** Whether {@link #make} has made a mail. */
  public boolean isMail(Exchange exchange) {
    return made(exchange).isMail();
  }

  /** Whether it is of a user, who has rates; an operator's own programs have none. */
  public boolean isUsers(Exchange exchange) {
    return work(exchange).common().user().flatMap(users::find).isPresent();
  }

  /** Puts a decided mail where its verdict says, or tells why there is none. */
  public List<MailEvent> settle(Exchange exchange) throws JMSException, IOException {
    InWork work = work(exchange);
    Made made = made(exchange);
    if (made.refusal().isPresent()) {
      return refused(work, made.entry(), made.refusal().get());
    }
    if (!made.isMail()) {
      return later(work, made.entry());
    }
    Mail mail = exchange.getIn().getBody(Mail.class);
    try {
      return switch (Ruling.of(mail.verdict())) {
        case Ruling.Take to -> queued(exchange, work, mail, to);
        case Ruling.PutOff later -> later(work, made.entry());
        case Ruling.Refuse refuse -> refused(work, made.entry(), refuse.reply());
      };
    } finally {
      Workspace.discard(mail.content());
    }
  }

  private List<MailEvent> queued(Exchange exchange, InWork work, Mail mail, Ruling.Take to)
      throws JMSException, IOException {
    if (!to.queue().isEmpty()) {
      HandOver.put(exchange, work.session, mail, to.queue());
    }
    work.made++;
    return List.of(MailEvents.ofMail(to.type(), mail, Optional.empty(), clock.instant()));
  }

  private static List<MailEvent> later(InWork work, FanOutBatch.Entry entry) {
    work.later.add(entry);
    return List.of();
  }

  private List<MailEvent> refused(InWork work, FanOutBatch.Entry entry, SmtpReply reply)
      throws JMSException {
    work.refused.add(new FanOutRefusals.Refused(entry, reply));
    FanOutBatch.Common common = work.common();
    String id = common.idOf(entry.index()).value();
    String to = shown(entry.recipient().path("to"));
    if (common.answerTo().isPresent()) {
      Answers.refusedOne(work.session, common.answerTo().get(), id, entry.index(), to, reply);
    }
    String from = shown(work.batch.head().path("from"));
    return List.of(
        MailEvents.noMail(id, from, to, reply, common.user().orElse(""), clock.instant()));
  }

  private static String shown(JsonNode value) {
    String text = value.isValueNode() ? value.asText() : value.toString();
    String printable = text.replaceAll("\\p{Cntrl}", "?");
    return printable.substring(0, Math.min(printable.length(), SHOWN_MAX));
  }

  /**
   * Keeps what was refused, and counts; what was put off waits in a batch of its own; the last one
   * tells the application.
   */
  public void finish(Exchange exchange) throws JMSException {
    InWork work = exchange.getProperty(BATCH, InWork.class);
    if (work == null) {
      return;
    }
    FanOutBatch.Common common = work.common();
    new FanOutRefusals(work.batch, () -> MailId.next(clock, random), clock)
        .put(work.session, work.refused);
    if (!work.later.isEmpty()) {
      FanOutBatch rest = new FanOutBatch(common, work.batch.head(), work.later);
      try (MessageProducer producer = work.session.createProducer(Destinations.FAN_OUT)) {
        int before = work.settled() > 0 ? 0 : work.putOff;
        producer.setDeliveryDelay(Math.min(LATER_MILLIS << before, LATER_MAX_MILLIS));
        Message message = rest.message(work.session);
        message.setIntProperty(FanOutBatch.PUT_OFF, Math.min(before + 1, PUT_OFFS_COUNTED));
        producer.send(message);
      }
    }
    if (work.settled() == 0) {
      return;
    }
    Optional<FanOutTally.Count> all =
        FanOutTally.add(work.session, common, work.made, work.refused.size(), work.tries);
    if (all.isPresent()) {
      FanOutTally.Count count = all.get();
      LOG.info(
          "{}: {} mails were made, {} recipients refused",
          common.id(),
          count.made(),
          count.refused());
      if (common.answerTo().isPresent()) {
        Answers.completed(
            work.session,
            common.answerTo().get(),
            common.id().value(),
            count.made(),
            count.refused());
      }
    }
  }

  private static InWork work(Exchange exchange) {
    InWork work = exchange.getProperty(BATCH, InWork.class);
    if (work == null) {
      throw new IllegalStateException("fan-out must read its batch first");
    }
    return work;
  }

  private static Made made(Exchange exchange) {
    Made made = exchange.getProperty(ENTRY, Made.class);
    if (made == null) {
      throw new IllegalStateException("fan-out must make a mail first");
    }
    return made;
  }
}
