package dev.caravan.delivery;

import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Which address of ours a mail is sent from. A bean; without a rule the system chooses. */
public final class Sources {
  private final List<SourceRule> rules = new CopyOnWriteArrayList<>();
  private final SourcePool any = SourcePool.any();
  private volatile Permit permit = (source, mail) -> true;

  /** A say in which source is used, for example while an address is new to a site. */
  public interface Permit {
    /**
     * Whether this source may be used for this mail.
     *
     * @param source by its IPv4 address where it has one
     */
    boolean mayUse(Source source, QueuedMail mail);

    /** It is used now and counts; false when somebody else was faster. */
    default boolean use(Source source, QueuedMail mail) {
      return true;
    }
  }

  /** The first that is for a mail counts; set before the first mail. */
  public void setRules(List<SourceRule> more) {
    List<SourceRule> copy = List.copyOf(more);
    rules.clear();
    rules.addAll(copy);
  }

  /** In XML {@code rules[0]}, {@code rules[1]} …. */
  public List<SourceRule> getRules() {
    return rules;
  }

  public void setPermit(Permit permit) {
    this.permit = permit;
  }

  /** Who has a say. */
  public Permit permit() {
    return permit;
  }

  /** Whether mail leaves from more than one place; that of mail without a rule is one too. */
  public boolean hasSeveral() {
    return hasSeveralPools() || !rules.isEmpty() && rules.getFirst().pool().sources().size() > 1;
  }

  /** Whether not all mail has the same choice. */
  public boolean hasSeveralPools() {
    return !rules.isEmpty() && !rules.getFirst().isForAll();
  }

  /** Whether the choice depends on a field of the mail's header. */
  public boolean looksAtHeaders() {
    return rules.stream().anyMatch(SourceRule::looksAtHeader);
  }

  /** The places that a mail may start from. */
  public SourcePool poolOf(QueuedMail mail) {
    return rules.stream().filter(r -> r.isFor(mail)).findFirst().map(SourceRule::pool).orElse(any);
  }

  /** The hops of a mail, each from where it is to start. */
  sealed interface Choice {
    /**
     * From here.
     *
     * @param hops at least one
     */
    record Start(List<Hop> hops, Source source) implements Choice {}

    /** From nowhere, for now. */
    record Later(SmtpReply reply) implements Choice {}
  }

  Choice choose(QueuedMail mail, List<Hop> hops) {
    if (rules.isEmpty()) {
      return new Choice.Start(hops, Source.ANY);
    }
    Permit asked = permit;
    Optional<SourcePool.Entry> entry =
        poolOf(mail)
            .next(e -> asked.mayUse(e.source(), mail))
            .filter(e -> asked.use(e.source(), mail));
    if (entry.isEmpty()) {
      return new Choice.Later(
          Troubles.reply(
              Attempt.NOT_MADE, "no source address may send to " + mail.site() + " now"));
    }
    Source source = entry.get().source();
    List<Hop> from = hops.stream().flatMap(hop -> entry.get().from(hop).stream()).toList();
    return from.isEmpty()
        ? new Choice.Later(
            Troubles.reply(
                "4.3.5", source + " is of another family than all addresses of " + mail.site()))
        : new Choice.Start(from, source);
  }
}
