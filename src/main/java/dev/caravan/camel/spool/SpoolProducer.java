package dev.caravan.camel.spool;

import dev.caravan.event.Answer;
import dev.caravan.event.MailEvent;
import dev.caravan.mail.Mail;
import dev.caravan.queue.HoldSteps;
import dev.caravan.queue.Ladder;
import dev.caravan.queue.Priorities;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.QueuedMail;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultProducer;

/**
 * Puts what the body holds into the queue and leaves the body as it is:
 *
 * <ul>
 *   <li>a {@link Mail}: one message for each site of its recipients;
 *   <li>a {@link QueuedMail}: one message; on {@code spool:retry}, to the rung of its attempts;
 *   <li>an {@link Answer}: a text message, on its way to whom it is for;
 *   <li>a {@link MailEvent}: a text message with its JSON, when anybody listens;
 *   <li>a collection of these.
 * </ul>
 *
 * Within a delivery all of it belongs to the delivery's transaction; elsewhere it returns when the
 * broker has it on disk, except for events, which nobody waits for.
 */
final class SpoolProducer extends DefaultProducer {
  private static final String RETRY = "mail.retry";

  private final SpoolEndpoint endpoint;
  private final SpoolComponent component;

  SpoolProducer(SpoolEndpoint endpoint, SpoolComponent component) {
    super(endpoint);
    this.endpoint = endpoint;
    this.component = component;
  }

  @Override
  public void process(Exchange exchange) throws Exception {
    Object body = exchange.getIn().getBody();
    List<SpoolSender.Parcel> mails = new ArrayList<>();
    List<MailEvent> events = new ArrayList<>();
    collect(body, mails, events);
    SpoolTransaction transaction =
        exchange.getProperty(SpoolTransaction.PROPERTY, SpoolTransaction.class);
    if (transaction != null) {
      for (SpoolSender.Parcel mail : mails) {
        transaction.send(mail);
      }
    } else {
      component.sender().send(mails);
    }
    if (!events.isEmpty() && component.broker().hasListeners(QueueNames.EVENTS)) {
      for (MailEvent event : events) {
        SpoolSender.Parcel parcel =
            new SpoolSender.Parcel(QueueNames.EVENTS, session -> message(session, event));
        if (transaction != null) {
          transaction.send(parcel);
        } else {
          component.sender().sendLater(parcel);
        }
      }
    }
  }

  private void collect(Object body, List<SpoolSender.Parcel> mails, List<MailEvent> events) {
    switch (body) {
      case Mail mail -> {
        component.sites().expect(mail);
        QueuedMail.bySite(counted(mail), component.sites()::siteOf)
            .forEach(q -> mails.add(parcel(q)));
      }
      case QueuedMail mail -> mails.add(parcel(mail));
      case MailEvent event -> events.add(event);
      case Answer answer ->
          mails.add(new SpoolSender.Parcel(endpoint.queue(), session -> message(session, answer)));
      case Collection<?> several -> several.forEach(one -> collect(one, mails, events));
      case null, default ->
          throw new IllegalArgumentException(
              endpoint.getEndpointUri()
                  + " takes mails and events, not "
                  + (body == null ? "nothing" : body.getClass().getName()));
    }
  }

  /** With the name of its campaign, where limits count campaigns. */
  private Mail counted(Mail mail) {
    Optional<String> field = component.traffic().campaignHeader();
    if (field.isEmpty()) {
      return mail;
    }
    String campaign = mail.header(field.get()).strip();
    return campaign.isEmpty()
        ? mail
        : mail.withEnvelope(
            mail.envelope().withOptions(mail.envelope().options().withCampaign(campaign)));
  }

  private SpoolSender.Parcel parcel(QueuedMail mail) {
    if (endpoint.queue().equals(RETRY)) {
      return waiting(component, mail, component.ladder().rungFor(mail, Instant.now()));
    }
    if (endpoint.queue().equals(QueueNames.OUT)) {
      return HoldSteps.next(mail, Instant.now())
          .map(step -> waiting(component, mail, step.queue(), step.delay()))
          .orElseGet(() -> urgent(component, mail, component.lanes().queueFor(mail.site())));
    }
    return SpoolSender.parcel(endpoint.queue(), mail, component.messages());
  }

  static SpoolSender.Parcel waiting(SpoolComponent component, QueuedMail mail, Ladder.Rung rung) {
    return waiting(component, mail, rung.queue(), rung.delay());
  }

  /** All who wait have the same priority: the head of the queue must be the next due. */
  static SpoolSender.Parcel waiting(
      SpoolComponent component, QueuedMail mail, String queue, Duration delay) {
    long due = System.currentTimeMillis() + delay.toMillis();
    return new SpoolSender.Parcel(
        queue,
        session ->
            component.messages().write(session, mail).putLongProperty(SpoolMessages.RETRY_AT, due),
        SpoolMessages.isLarge(mail));
  }

  /** To be delivered, the most urgent first (RFC 6710). */
  static SpoolSender.Parcel urgent(SpoolComponent component, QueuedMail mail, String queue) {
    int priority = Priorities.ofMessage(mail.envelope().options().priority());
    return new SpoolSender.Parcel(
        queue,
        session -> {
          ClientMessage message = component.messages().write(session, mail);
          message.setPriority((byte) priority);
          return message;
        },
        SpoolMessages.isLarge(mail));
  }

  private static ClientMessage message(ClientSession session, Answer answer) {
    ClientMessage message = session.createMessage(Message.TEXT_TYPE, true);
    answer.addressed().forEach(message::putStringProperty);
    message.putStringProperty(Message.HDR_GROUP_ID.toString(), answer.group());
    message.getBodyBuffer().writeNullableSimpleString(SimpleString.of(answer.text()));
    return message;
  }

  private static ClientMessage message(ClientSession session, MailEvent event) {
    ClientMessage message = session.createMessage(Message.TEXT_TYPE, true);
    message.setRoutingType(RoutingType.MULTICAST);
    message.putStringProperty("type", event.type().toString());
    message.putStringProperty("mailId", event.mailId());
    message.putStringProperty("mailFrom", event.from());
    message.putStringProperty("to", String.join(",", event.to()));
    message.putStringProperty("application", event.application());
    message.getBodyBuffer().writeNullableSimpleString(SimpleString.of(event.toJson()));
    return message;
  }
}
