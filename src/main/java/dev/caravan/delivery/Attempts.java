package dev.caravan.delivery;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Outcome;
import dev.caravan.queue.QueuedMail;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Tries at several servers, one after the other, that together are one attempt. */
final class Attempts {
  private final QueuedMail mail;
  private final Map<EmailAddress, Told> told = new LinkedHashMap<>();
  private final Transcript transcript = new Transcript();
  private final Set<EmailAddress> asked = new HashSet<>();
  private Optional<Attempt> last = Optional.empty();
  private Duration took = Duration.ZERO;
  private int sessions;

  /**
   * What became of a recipient.
   *
   * @param byServer whether a server has said so, and not we
   */
  private record Told(Outcome outcome, boolean byServer) {
    /** Another server may still take it, without a danger that two have it. */
    boolean isOpen() {
      return switch (outcome) {
        case Outcome.Delivered d -> false;
        case Outcome.Deferred d -> !d.maybeDuplicate();
        case Outcome.Failed f -> !byServer;
      };
    }

    /** A server that can't take it at all says nothing about one that is only in trouble. */
    boolean weighsLess(Told earlier) {
      return outcome instanceof Outcome.Failed
          && !byServer
          && earlier.outcome instanceof Outcome.Deferred;
    }
  }

  Attempts(QueuedMail mail) {
    this.mail = mail;
  }

  void add(Attempt attempt) {
    boolean answered = !attempt.peer().isEmpty();
    for (Outcome outcome : attempt.outcomes()) {
      told.merge(
          outcome.recipient(),
          new Told(outcome, answered),
          (earlier, now) -> now.weighsLess(earlier) ? earlier : now);
    }
    transcript.append(attempt.transcript());
    asked.addAll(attempt.asked());
    took = took.plus(attempt.took());
    if (answered) {
      sessions++;
    }
    if (answered || last.isEmpty()) {
      last = Optional.of(attempt);
    }
  }

  /** How many servers have answered. */
  int sessions() {
    return sessions;
  }

  /** Who may be offered to another server. */
  List<EmailAddress> open() {
    return mail.envelope().recipients().stream()
        .filter(r -> Optional.ofNullable(told.get(r)).map(Told::isOpen).orElse(true))
        .toList();
  }

  /** All of it as one attempt; what nobody was asked for is deferred. */
  Attempt together() {
    List<Outcome> outcomes =
        mail.envelope().recipients().stream()
            .map(
                r ->
                    Optional.ofNullable(told.get(r))
                        .map(Told::outcome)
                        .orElseGet(
                            () ->
                                new Outcome.Deferred(
                                    r, Troubles.reply("4.4.1", "no server to try"), false)))
            .toList();
    return new Attempt(
        mail,
        outcomes,
        last.map(Attempt::peer).orElse(""),
        last.map(Attempt::tls).orElse(""),
        took,
        last.map(Attempt::source).orElse(Source.ANY),
        transcript,
        asked);
  }
}
