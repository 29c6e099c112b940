package dev.caravan.queue;

import dev.caravan.mail.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The retry ladder. A mail that is deferred for the n-th time waits on the n-th rung of its
 * schedule; the last rung repeats until the mail is older than the expiry. All mail on a rung waits
 * equally long, so the head of its queue is always the next due: no scan, no timer for each mail.
 *
 * <p>A bean: {@link RetryRule rules} say it otherwise for some mail, and a {@link Greylist} has
 * rungs of its own for mail that only came too early. Both are set before the first mail.
 */
public final class Ladder {
  /** Each is a queue with a worker. */
  private static final int RUNGS_MAX = 200;

  private final RetryPlan standard;
  private final List<RetryRule> rules = new ArrayList<>();
  private Optional<Greylist> greylist = Optional.empty();

  /**
   * One step.
   *
   * @param name the delay as it was written, e.g. {@code 15m}
   * @param delay how long a mail waits on it
   */
  public record Rung(String name, Duration delay) {
    public String queue() {
      return QueueNames.RETRY_PREFIX + name;
    }
  }

  /**
   * @param schedule delays with commas between, e.g. {@code 1m,5m,15m,1h,4h}; 1 to 50
   * @param expiry age from which on a mail is not tried again
   * @param warnAfter age from which on the sender is told once of the delay; zero = never
   * @throws IllegalArgumentException when one of them can't be read
   */
  public Ladder(String schedule, String expiry, String warnAfter) {
    this.standard =
        new RetryPlan(
            RetryPlan.steps(schedule), Durations.parse(expiry), Durations.parse(warnAfter));
  }

  /** In beans.xml {@code rules[0]}, {@code rules[1]} …: the first that is for a mail counts. */
  public void setRules(List<RetryRule> more) {
    rules.clear();
    rules.addAll(more);
  }

  public List<RetryRule> getRules() {
    return rules;
  }

  /** Without one, who comes too early waits as everybody. */
  public void setGreylist(Greylist known) {
    greylist = Optional.of(known);
  }

  /**
   * The different rungs, in the order of the schedules: a queue and a route each. The first is that
   * of the key.
   *
   * @throws IllegalStateException when there are more than 200
   */
  public List<Rung> rungs() {
    Stream<Rung> ofRules = rules.stream().flatMap(rule -> rule.over(standard).rungs());
    Stream<Rung> ofGreylist = greylist.stream().flatMap(g -> g.rungs().stream());
    List<Rung> all =
        Stream.of(standard.rungs(), ofRules, ofGreylist)
            .flatMap(rungs -> rungs)
            .distinct()
            .toList();
    if (all.size() > RUNGS_MAX) {
      throw new IllegalStateException(
          "the schedules of all retry rules have "
              + all.size()
              + " different steps; there may be "
              + RUNGS_MAX);
    }
    return all;
  }

  /** Where a mail waits that was deferred just now; its attempts and its last reply tell. */
  public Rung rungFor(QueuedMail mail, Instant now) {
    RetryPlan plan = planOf(mail);
    Rung next =
        mail.soon()
            ? plan.shortest()
            : afterGreylisting(mail).orElseGet(() -> plan.step(mail.attempts()));
    return plan.within(Duration.between(now, expiresAt(mail)), next);
  }

  /**
   * The shortest rung that is as long as the server told, at most the longest of the greylist's.
   */
  private Optional<Rung> afterGreylisting(QueuedMail mail) {
    return greylist.flatMap(
        known ->
            known
                .patience(mail.lastReply(), mail.attempts())
                .map(
                    told ->
                        told.isZero() ? known.rungs().getFirst() : atLeast(told, known.rungs())));
  }

  private Rung atLeast(Duration told, List<Rung> ofGreylist) {
    Rung longest = ofGreylist.getLast();
    return rungs().stream()
        .filter(rung -> rung.delay().compareTo(told) >= 0)
        .filter(rung -> rung.delay().compareTo(longest.delay()) <= 0)
        .min(Comparator.comparing(Rung::delay))
        .orElse(longest);
  }

  /** Whether the mail is too old to be tried again. */
  public boolean expired(QueuedMail mail, Instant now) {
    return !now.isBefore(expiresAt(mail));
  }

  /**
   * Until when the mail is tried; the last attempt may be a hundredth of its time later. Its sender
   * may have said that it is of no use after an earlier time.
   */
  public Instant expiresAt(QueuedMail mail) {
    Instant planned = since(mail).plus(planOf(mail).expiry());
    return mail.envelope().options().expiresAt().filter(planned::isAfter).orElse(planned);
  }

  /** A mail that was held at its sender's wish is as old as its release. */
  private static Instant since(QueuedMail mail) {
    return mail.envelope()
        .options()
        .holdUntil()
        .filter(mail.queuedAt()::isBefore)
        .orElse(mail.queuedAt());
  }

  /** Whether the sender should be told now that the mail is late. */
  public boolean warnDue(QueuedMail mail, Instant now) {
    Duration warnAfter = planOf(mail).warnAfter();
    return !mail.warned() && !warnAfter.isZero() && !now.isBefore(since(mail).plus(warnAfter));
  }

  private RetryPlan planOf(QueuedMail mail) {
    return rules.stream()
        .filter(rule -> rule.isFor(mail))
        .findFirst()
        .map(rule -> rule.over(standard))
        .orElse(standard);
  }
}
