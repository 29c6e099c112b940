package dev.caravan.camel;

import dev.caravan.event.MailEvent;
import dev.caravan.mail.Mail;
import dev.caravan.queue.QueuedMail;
import java.util.List;
import java.util.Optional;

/**
 * What follows from an attempt; all of it happens in the delivery's transaction.
 *
 * @param retry the mail for the recipients that remain; empty when there are none
 * @param reports to the sender: failure, delay
 * @param unreportable a failed mail that nobody can be told about: it came from {@code <>}
 * @param events one for each ending and reply
 */
public record Settlement(
    Optional<QueuedMail> retry,
    List<Mail> reports,
    Optional<QueuedMail> unreportable,
    List<MailEvent> events) {
  public Settlement {
    reports = List.copyOf(reports);
    events = List.copyOf(events);
  }

  public boolean isDeferred() {
    return retry.isPresent();
  }

  /** For routes: the mail that waits. */
  public List<QueuedMail> getRetry() {
    return retry.stream().toList();
  }

  public boolean isReported() {
    return !reports.isEmpty();
  }

  public List<Mail> getReports() {
    return reports;
  }

  public boolean isDead() {
    return unreportable.isPresent();
  }

  /** For routes: the mail that nobody can be told about. */
  public List<QueuedMail> getUnreportable() {
    return unreportable.stream().toList();
  }

  public List<MailEvent> getEvents() {
    return events;
  }

  /** Whether nothing but events follows: the ordinary delivery. */
  public boolean isPlain() {
    return retry.isEmpty() && reports.isEmpty() && unreportable.isEmpty();
  }
}
