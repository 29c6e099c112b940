package dev.caravan.delivery;

import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import java.util.List;
import java.util.Optional;

/** Which address of ours a mail is sent from. A bean; without a rule the system chooses. */
public final class Sources {
  private volatile List<SourceRule> rules = List.of();
  private volatile Permit permit = (source, site) -> true;

  /** A say in which source is used, for example while an address is new to a site. */
  public interface Permit {
    /**
     * Whether this source may be used for one more mail to this site.
     *
     * @param source by its IPv4 address where it has one
     */
    boolean mayUse(Source source, String site);
  }

  /**
   * The first that is for a mail counts; set before the first mail.
   *
   * @throws IllegalArgumentException when one has no addresses
   */
  public void setRules(List<SourceRule> rules) {
    rules.forEach(SourceRule::pool);
    this.rules = List.copyOf(rules);
  }

  public void setPermit(Permit permit) {
    this.permit = permit;
  }

  /** The hops of a mail, each from where it is to start. */
  sealed interface Choice {
    /** At least one. */
    record Start(List<Hop> hops) implements Choice {}

    /** From nowhere, for now. */
    record Later(SmtpReply reply) implements Choice {}
  }

  Choice choose(QueuedMail mail, List<Hop> hops) {
    List<SourceRule> all = rules;
    if (all.isEmpty()) {
      return new Choice.Start(hops);
    }
    Optional<SourceRule> rule = all.stream().filter(r -> r.isFor(mail)).findFirst();
    if (rule.isEmpty()) {
      return new Choice.Start(hops);
    }
    Permit asked = permit;
    Optional<SourcePool.Entry> entry =
        rule.get().pool().next(e -> asked.mayUse(e.source(), mail.site()));
    if (entry.isEmpty()) {
      return new Choice.Later(
          Troubles.reply("4.4.5", "no source address may send to " + mail.site() + " now"));
    }
    List<Hop> from = hops.stream().flatMap(hop -> entry.get().from(hop).stream()).toList();
    return from.isEmpty()
        ? new Choice.Later(
            Troubles.reply(
                "4.3.5",
                entry.get().source()
                    + " is of another family than all addresses of "
                    + mail.site()))
        : new Choice.Start(from);
  }
}
