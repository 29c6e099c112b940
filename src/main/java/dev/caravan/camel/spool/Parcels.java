package dev.caravan.camel.spool;

import dev.caravan.mail.Mail;
import dev.caravan.queue.HoldSteps;
import dev.caravan.queue.Ladder;
import dev.caravan.queue.Priorities;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.QueuedMail;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.activemq.artemis.api.core.client.ClientMessage;

/** What a mail is sent as, and where to: to its queue, its lane, or where it waits. */
final class Parcels {
  private static final String RETRY = "mail.retry";

  private Parcels() {}

  /** A message for each site; none of them is written yet. */
  static List<SpoolSender.Parcel> of(SpoolComponent component, Mail mail, String queue) {
    component.sites().expect(mail);
    return QueuedMail.bySite(counted(component, mail), component.sites()::siteOf).stream()
        .map(each -> of(component, each, queue))
        .toList();
  }

  /** With the name of its campaign, where limits count campaigns. */
  private static Mail counted(SpoolComponent component, Mail mail) {
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

  /**
   * @param queue {@code mail.retry} = the rung of its attempts
   */
  static SpoolSender.Parcel of(SpoolComponent component, QueuedMail mail, String queue) {
    if (queue.equals(RETRY)) {
      return waiting(component, mail, component.ladder().rungFor(mail, Instant.now()));
    }
    if (queue.equals(QueueNames.OUT)) {
      return HoldSteps.next(mail, Instant.now())
          .map(step -> waiting(component, mail, step.queue(), step.delay()))
          .orElseGet(() -> urgent(component, mail, component.lanes().queueFor(mail.site())));
    }
    return SpoolSender.parcel(queue, mail, component.messages());
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
}
