package dev.caravan.delivery;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One attempt to deliver a queued mail, and how it ended.
 *
 * @param mail as it was taken from the queue
 * @param outcomes exactly one for each recipient
 * @param peer the server that answered last, {@code host[address]:port}; empty when none was
 *     reached
 * @param tls protocol and cipher; empty in clear text
 * @param took from the start of the attempt to its end
 * @param source our place that it was made from, by its IPv4 address where it has one
 * @param transcript what was said
 * @param asked the recipients for whom a server of the site was to be reached; for others something
 *     else has decided, such as the DNS of their own domain, and says nothing of the site
 */
public record Attempt(
    QueuedMail mail,
    List<Outcome> outcomes,
    String peer,
    String tls,
    Duration took,
    Source source,
    Transcript transcript,
    Set<EmailAddress> asked) {
  /** Of what we say ourselves when no server was asked: congestion of ours (RFC 3463, 3.5). */
  public static final String NOT_MADE = "4.4.5";

  /** Of enhanced codes: network and routing (RFC 3463, 3.5). */
  private static final int NETWORK = 4;

  public Attempt {
    outcomes = List.copyOf(outcomes);
    asked = Set.copyOf(asked);
  }

  /** One without a connection; all of it is about the site. */
  public Attempt(QueuedMail mail, List<Outcome> outcomes, String peer, String tls, Duration took) {
    this(
        mail,
        outcomes,
        peer,
        tls,
        took,
        Source.ANY,
        Transcript.EMPTY,
        outcomes.stream().map(Outcome::recipient).collect(Collectors.toSet()));
  }

  /** The same with the mail as it is now. */
  public Attempt withMail(QueuedMail other) {
    return new Attempt(other, outcomes, peer, tls, took, source, transcript, asked);
  }

  /** Whether anybody was asked; a mail that only had to wait has none to blame. */
  public boolean wasMade() {
    return !peer.isEmpty() || outcomes.isEmpty() || !outcomes.stream().allMatch(Attempt::onlyWaits);
  }

  private static boolean onlyWaits(Outcome outcome) {
    return outcome instanceof Outcome.Deferred deferred
        && deferred.reply().enhanced().filter(e -> e.toString().equals(NOT_MADE)).isPresent();
  }

  /** The same with other outcomes. */
  public Attempt withOutcomes(List<Outcome> others) {
    return new Attempt(mail, others, peer, tls, took, source, transcript, asked);
  }

  public List<Outcome.Delivered> delivered() {
    return of(Outcome.Delivered.class);
  }

  public List<Outcome.Deferred> deferred() {
    return of(Outcome.Deferred.class);
  }

  public List<Outcome.Failed> failed() {
    return of(Outcome.Failed.class);
  }

  /**
   * What the site is in trouble with: it could not be reached, broke off, or said {@code 421};
   * empty when it has answered properly, if only to refuse, or was not asked.
   */
  public Optional<SmtpReply> trouble() {
    List<Outcome> ofSite = outcomes.stream().filter(o -> asked.contains(o.recipient())).toList();
    boolean answered =
        ofSite.stream().anyMatch(o -> !(o instanceof Outcome.Deferred d) || !isTrouble(d.reply()));
    return answered ? Optional.empty() : ofSite.stream().map(Outcome::reply).findFirst();
  }

  /** Whether it shows anything of the site. */
  public boolean wasAsked() {
    return !asked.isEmpty();
  }

  private boolean isTrouble(SmtpReply reply) {
    return peer.isEmpty()
        || reply.code() == 421
        || reply.enhanced().filter(e -> e.subject() == NETWORK).isPresent();
  }

  private <T extends Outcome> List<T> of(Class<T> kind) {
    return outcomes.stream().filter(kind::isInstance).map(kind::cast).toList();
  }
}
