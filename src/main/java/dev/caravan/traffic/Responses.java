package dev.caravan.traffic;

import dev.caravan.delivery.Attempt;
import dev.caravan.delivery.Source;
import dev.caravan.mail.EnhancedCode;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.SmtpReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the replies of an attempt mean beyond their codes: for the mail, and for its site. For each
 * reply the first rule that fits counts.
 */
public final class Responses {
  private static final Logger LOG = LoggerFactory.getLogger(Responses.class);

  private List<ResponseRule> rules = new ArrayList<>();

  /** In XML {@code rules[0]}, {@code rules[1]} …; set before the first mail. */
  public void setRules(List<ResponseRule> more) {
    rules = List.copyOf(more);
  }

  public List<ResponseRule> getRules() {
    return rules;
  }

  /** The rule for this reply. */
  Optional<ResponseRule> find(String site, SmtpReply reply) {
    return rules.stream().filter(rule -> rule.fits(site, reply)).findFirst();
  }

  /**
   * The attempt with the outcomes that the rules say.
   *
   * @param traffic is told what they say of the site
   */
  public Attempt apply(Attempt attempt, Traffic traffic) {
    if (rules.isEmpty() || attempt.outcomes().stream().allMatch(Responses::isDelivered)) {
      return attempt;
    }
    String site = attempt.mail().site();
    Set<ResponseRule> obeyed = new HashSet<>();
    List<Outcome> outcomes = new ArrayList<>();
    boolean soon = false;
    for (Outcome outcome : attempt.outcomes()) {
      Optional<ResponseRule> rule =
          isDelivered(outcome) ? Optional.empty() : find(site, outcome.reply());
      outcomes.add(rule.map(found -> changed(found, outcome)).orElse(outcome));
      if (rule.filter(obeyed::add).isPresent()) {
        soon |= obey(rule.get(), traffic, attempt, outcome.reply());
      }
    }
    Attempt changed =
        outcomes.equals(attempt.outcomes()) ? attempt : attempt.withOutcomes(outcomes);
    return soon ? changed.withMail(changed.mail().withSoon()) : changed;
  }

  private static boolean isDelivered(Outcome outcome) {
    return outcome instanceof Outcome.Delivered;
  }

  private static Outcome changed(ResponseRule rule, Outcome outcome) {
    if (rule.outcome().isEmpty()) {
      return outcome;
    }
    return switch (rule.outcome().get()) {
      case DEFER ->
          outcome instanceof Outcome.Failed failed
              ? new Outcome.Deferred(failed.recipient(), ofClass(failed.reply(), 4), false)
              : outcome;
      case FAIL ->
          outcome instanceof Outcome.Deferred deferred && !deferred.maybeDuplicate()
              ? new Outcome.Failed(deferred.recipient(), ofClass(deferred.reply(), 5))
              : outcome;
    };
  }

  /** The same reply, so that nothing later takes it for what it was; its words stay. */
  private static SmtpReply ofClass(SmtpReply reply, int category) {
    return new SmtpReply(
        category * 100 + reply.code() % 100,
        reply.enhanced().map(code -> new EnhancedCode(category, code.subject(), code.detail())),
        reply.lines());
  }

  /** Whether the mail should be tried again soon. */
  private static boolean obey(
      ResponseRule rule, Traffic traffic, Attempt attempt, SmtpReply reply) {
    String site = attempt.mail().site();
    if (rule.slow()) {
      traffic.slow(attempt, reply.toString());
    }
    boolean another = false;
    if (rule.anotherSource().isPresent()) {
      Duration time = rule.anotherSource().get();
      another = traffic.leaveOut(attempt, time, reply.toString());
      LOG.warn(
          "{} is {} for {} ({}): {}",
          site,
          attempt.source().equals(Source.ANY) ? "left alone" : "left alone by " + attempt.source(),
          Words.time(time.toNanos()),
          rule.name(),
          reply);
    }
    if (rule.suspend().isPresent() && !another) {
      String time = Words.time(rule.suspend().get().toNanos());
      LOG.warn("{} is left alone for {} ({}): {}", site, time, rule.name(), reply);
      traffic.rest(site, rule.suspend().get(), reply.toString());
    }
    return another;
  }
}
