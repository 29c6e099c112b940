package dev.caravan.queue;

import dev.caravan.mail.Durations;
import dev.caravan.mail.Names;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * When some mail is tried again instead of what the keys say. A bean: its properties are set in
 * XML. It is for mail that meets all of its conditions; one without a condition is for all mail.
 * What it does not set is as the keys say. Of several rules the first that is for a mail counts.
 *
 * <p>Names are written with commas between; {@code *.example.com} is every name below that one,
 * {@code *} any.
 */
public final class RetryRule {
  private Optional<Names> sites = Optional.empty();
  private Optional<Names> recipientDomains = Optional.empty();
  private Optional<Names> senderDomains = Optional.empty();
  private boolean bounces;
  private Optional<List<Ladder.Rung>> schedule = Optional.empty();
  private Optional<Duration> expiry = Optional.empty();
  private Optional<Duration> warnAfter = Optional.empty();

  /** Mail to one of these sites, as the events name them. */
  public void setSites(String names) {
    sites = Optional.of(names(names));
  }

  /** Mail all of whose recipients are in one of these domains. */
  public void setRecipientDomains(String names) {
    recipientDomains = Optional.of(names(names));
  }

  /** Mail from a sender in one of these domains; a bounce has none. */
  public void setSenderDomains(String names) {
    senderDomains = Optional.of(names(names));
  }

  /** Only mail from {@code <>}: reports of all kinds. */
  public void setBounces(boolean only) {
    bounces = only;
  }

  /** Waits before the second, third … attempt, e.g. {@code 1m,5m,1h}; the last one repeats. */
  public void setSchedule(String delays) {
    schedule = Optional.of(RetryPlan.steps(delays));
  }

  /** Age from which on such mail is not tried again. */
  public void setExpiry(String age) {
    expiry = Optional.of(Durations.parse(age));
  }

  /** Age from which on the sender is told, once, of the delay; {@code 0s} = never. */
  public void setWarnAfter(String age) {
    warnAfter = Optional.of(Durations.parse(age));
  }

  boolean isFor(QueuedMail mail) {
    return sites.map(names -> names.contain(mail.site())).orElse(true)
        && recipientDomains
            .map(
                names ->
                    mail.envelope().recipients().stream()
                        .allMatch(recipient -> names.contain(recipient.domain().name())))
            .orElse(true)
        && senderDomains.map(names -> isFrom(names, mail)).orElse(true)
        && (!bounces || mail.envelope().sender().isNull());
  }

  private static boolean isFrom(Names names, QueuedMail mail) {
    return !mail.envelope().sender().isNull() && names.contain(mail.envelope().sender().domain());
  }

  private static Names names(String text) {
    Names names = Names.parse(text);
    if (names.all().isEmpty()) {
      throw new IllegalArgumentException("a rule for no name is for no mail: '" + text + "'");
    }
    return names;
  }

  RetryPlan over(RetryPlan standard) {
    return new RetryPlan(
        schedule.orElse(standard.steps()),
        expiry.orElse(standard.expiry()),
        warnAfter.orElse(standard.warnAfter()));
  }
}
