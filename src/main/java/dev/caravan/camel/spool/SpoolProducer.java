package dev.caravan.camel.spool;

import dev.caravan.event.Answer;
import dev.caravan.event.MailEvent;
import dev.caravan.mail.Mail;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.QueuedMail;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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
      component.takeIn(mails, endpoint.queue());
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
      case Mail mail -> mails.addAll(Parcels.of(component, mail, endpoint.queue()));
      case QueuedMail mail -> mails.add(Parcels.of(component, mail, endpoint.queue()));
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
