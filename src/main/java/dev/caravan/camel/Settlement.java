package dev.caravan.camel;

import dev.caravan.event.Answer;
import dev.caravan.event.MailEvent;
import dev.caravan.mail.Mail;
import dev.caravan.queue.QueuedMail;
import java.util.List;

/**
 * What follows from an attempt; all of it happens in the delivery's transaction.
 *
 * @param retry the mail for the recipients that remain; at most one
 * @param reports to the sender: failure, success, delay
 * @param unreportable at most one: a failed mail that nobody can be told about: it came from {@code
 *     <>}
 * @param events one for each ending and reply
 * @param answers to the application, as far as it asked for them
 */
public record Settlement(
    List<QueuedMail> retry,
    List<Mail> reports,
    List<QueuedMail> unreportable,
    List<MailEvent> events,
    List<Answer> answers) {
  public Settlement {
    retry = List.copyOf(retry);
    reports = List.copyOf(reports);
    unreportable = List.copyOf(unreportable);
    events = List.copyOf(events);
    answers = List.copyOf(answers);
  }

  /** Whether nothing but events follows: the ordinary delivery. */
  public boolean isPlain() {
    return retry.isEmpty() && reports.isEmpty() && unreportable.isEmpty() && answers.isEmpty();
  }
}
