package dev.caravan.camel;

import dev.caravan.event.Answer;
import dev.caravan.event.MailEvent;
import dev.caravan.mail.Mail;
import dev.caravan.queue.QueuedMail;
import java.util.List;

/**
 * What follows from an operator's order for one mail; all of it happens in the transaction that
 * takes the mail from its place.
 *
 * @param out to be delivered
 * @param held to wait for an operator
 * @param quarantined to wait there
 * @param reports to the sender
 * @param unreportable what nobody can be told about
 * @param events what is told of it
 * @param answers to the application, as far as it asked for them
 */
public record Act(
    List<QueuedMail> out,
    List<QueuedMail> held,
    List<QueuedMail> quarantined,
    List<Mail> reports,
    List<QueuedMail> unreportable,
    List<MailEvent> events,
    List<Answer> answers) {
  public Act {
    out = List.copyOf(out);
    held = List.copyOf(held);
    quarantined = List.copyOf(quarantined);
    reports = List.copyOf(reports);
    unreportable = List.copyOf(unreportable);
    events = List.copyOf(events);
    answers = List.copyOf(answers);
  }

  static Act deliver(QueuedMail mail, MailEvent event) {
    return new Act(
        List.of(mail), List.of(), List.of(), List.of(), List.of(), List.of(event), List.of());
  }

  static Act hold(QueuedMail mail, MailEvent event) {
    return new Act(
        List.of(), List.of(mail), List.of(), List.of(), List.of(), List.of(event), List.of());
  }

  static Act quarantine(QueuedMail mail, MailEvent event) {
    return new Act(
        List.of(), List.of(), List.of(mail), List.of(), List.of(), List.of(event), List.of());
  }

  static Act end(
      List<Mail> reports, List<QueuedMail> unreportable, MailEvent event, List<Answer> answers) {
    return new Act(List.of(), List.of(), List.of(), reports, unreportable, List.of(event), answers);
  }
}
