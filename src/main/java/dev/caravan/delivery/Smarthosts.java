package dev.caravan.delivery;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Mail;
import dev.caravan.mail.Outcome;
import dev.caravan.queue.QueuedMail;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the smarthost of a mail and sends the mail there.
 *
 * <p>The choice is made when a mail is accepted and is kept in its site. A mail whose site names no
 * smarthost any more, because the table was changed meanwhile, is chosen for again.
 */
final class Smarthosts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Smarthosts.class);

  /** As for the servers of a domain: who is put off by one is offered to a second. */
  private static final int SESSIONS_MAX = 2;

  /** How many a site may have is said elsewhere; this only keeps a mistake small. */
  private static final int CONCURRENCY_MAX = 100_000;

  private final List<SmarthostRule> rules;
  private final Optional<Group> standard;
  private final Directory directory;
  private final HopSender sender;
  private final RandomGenerator random;

  /** The ordinary way of a transport. */
  interface Way {
    Attempt deliver(QueuedMail mail) throws InterruptedException;
  }

  private Smarthosts(
      List<SmarthostRule> rules,
      Optional<Group> standard,
      Directory directory,
      ClientOptions options,
      RandomGenerator random) {
    this.rules = rules;
    this.standard = standard;
    this.directory = directory;
    this.sender = new HopSender(options, CONCURRENCY_MAX);
    this.random = random;
    for (SmarthostRule rule : rules) {
      rule.problem()
          .ifPresent(
              p -> {
                throw new IllegalArgumentException("a smarthost rule: " + p);
              });
      if (!isDefault(rule) && named(rule.via()).isEmpty()) {
        throw new IllegalArgumentException(
            "a smarthost rule: there is no smarthost or group " + rule.via());
      }
    }
  }

  /** Smarthosts as exceptions: all other mail has a way of its own. */
  static Smarthosts exceptions(SmarthostTable table, ClientOptions options) {
    return new Smarthosts(
        table.rules(),
        Optional.empty(),
        Directory.of(table.relays(), table.stepBack(), System::nanoTime),
        options,
        new SecureRandom());
  }

  /**
   * Smarthosts for all mail.
   *
   * @param standard of what no rule is for; its host may be a name of the table
   */
  static Smarthosts all(SmarthostTable table, NamedServer standard, ClientOptions options) {
    return all(table, standard, options, new SecureRandom(), System::nanoTime);
  }

  static Smarthosts all(
      SmarthostTable table,
      NamedServer standard,
      ClientOptions options,
      RandomGenerator random,
      LongSupplier nanoTime) {
    List<Relay> relays = new ArrayList<>(table.relays());
    boolean inTable =
        relays.stream()
            .anyMatch(
                r -> r.name().equals(standard.host()) || r.groups().contains(standard.host()));
    if (!inTable) {
      relays.add(Relay.of(Smarthost.DEFAULT, standard));
    }
    Directory directory = Directory.of(relays, table.stepBack(), nanoTime);
    return new Smarthosts(
        table.rules(),
        directory.find(inTable ? standard.host() : Smarthost.DEFAULT),
        directory,
        options,
        random);
  }

  private static boolean isDefault(SmarthostRule rule) {
    return rule.via().equals(Smarthost.DEFAULT);
  }

  /** The site of a mail for this recipient; empty when it goes the ordinary way. */
  Optional<String> siteOf(Mail mail, EmailAddress recipient) {
    Optional<Group> group =
        mail.site().isEmpty()
            ? byRules(SmarthostRule.Facts.of(mail, recipient))
            : directory.find(mail.site());
    return group
        .map(Group::site)
        .or(() -> Optional.of(mail.site()).filter(s -> !s.isEmpty()).map(QueuedMail::siteVia));
  }

  private Optional<Group> byRules(SmarthostRule.Facts facts) {
    return rules.stream()
        .filter(rule -> rule.matches(facts))
        .findFirst()
        .map(rule -> isDefault(rule) ? standard : named(rule.via()))
        .orElse(standard);
  }

  /** Of the table, or a server that stands for itself. */
  private Optional<Group> named(String name) {
    return directory
        .find(name)
        .or(
            () ->
                NamedServer.of(name)
                    .map(server -> Directory.alone(QueuedMail.siteVia(name), server)));
  }

  /** Whether this site is one of ours, so that no other may have this name. */
  boolean isTaken(String site) {
    return directory.find(site).isPresent();
  }

  /**
   * Tries once.
   *
   * @param chosen whether the mail's site was chosen by us, so that a name that is not known any
   *     more means that it has to be chosen again; otherwise it goes the ordinary way
   * @param ordinary for what goes by no smarthost
   */
  Attempt deliver(QueuedMail mail, boolean chosen, Way ordinary) throws InterruptedException {
    Optional<Group> group =
        mail.via().isPresent() ? named(mail.via().get()) : directory.find(mail.site());
    if (group.isPresent()) {
      return send(group.get(), mail);
    }
    if (!chosen && mail.via().isEmpty()) {
      return ordinary.deliver(mail);
    }
    LOG.info(
        "{}: its site {} is no smarthost now; where it goes is decided anew",
        mail.id(),
        mail.site());
    Map<Optional<Group>, List<EmailAddress>> ways = new LinkedHashMap<>();
    for (EmailAddress recipient : mail.envelope().recipients()) {
      ways.computeIfAbsent(
              byRules(SmarthostRule.Facts.of(mail, recipient)), way -> new ArrayList<>())
          .add(recipient);
    }
    Attempts attempts = new Attempts(mail);
    for (Map.Entry<Optional<Group>, List<EmailAddress>> way : ways.entrySet()) {
      QueuedMail part = mail.withRecipients(way.getValue());
      attempts.add(
          way.getKey().isPresent() ? send(way.getKey().get(), part) : ordinary.deliver(part));
    }
    return attempts.together();
  }

  private Attempt send(Group group, QueuedMail mail) throws InterruptedException {
    Attempts attempts = new Attempts(mail);
    List<Member> later = new ArrayList<>();
    for (Member member : group.order(random)) {
      if (member.stepsBack() || !member.mayBeTried()) {
        later.add(member);
      } else if (attempts.sessions() < SESSIONS_MAX && !attempts.open().isEmpty()) {
        attempts.add(send(member, mail.withRecipients(attempts.open())));
      }
    }
    for (Member member : later) {
      if (attempts.sessions() < SESSIONS_MAX && !attempts.open().isEmpty()) {
        attempts.add(send(member, mail.withRecipients(attempts.open())));
      }
    }
    return attempts.together();
  }

  private Attempt send(Member member, QueuedMail mail) throws InterruptedException {
    List<Hop> hops = member.relay().servers().stream().flatMap(s -> s.hops().stream()).toList();
    Attempt attempt = hops.isEmpty() ? unknown(member.relay(), mail) : within(member, mail, hops);
    boolean reached =
        !attempt.peer().isEmpty()
            || attempt.outcomes().stream().allMatch(o -> o instanceof Outcome.Failed);
    if (reached) {
      member.answered();
    } else if (attempt.wasAsked()) {
      member.couldNotBeReached();
    }
    return attempt;
  }

  private Attempt within(Member member, QueuedMail mail, List<Hop> hops)
      throws InterruptedException {
    member.enter();
    try {
      return sender.send(mail, hops);
    } finally {
      member.leave();
    }
  }

  private static Attempt unknown(Relay relay, QueuedMail mail) {
    String hosts = String.join(", ", relay.servers().stream().map(NamedServer::host).toList());
    List<Outcome> outcomes =
        mail.envelope().recipients().stream()
            .<Outcome>map(
                r ->
                    new Outcome.Deferred(
                        r,
                        Troubles.reply("4.4.3", "the smarthost " + hosts + " can't be looked up"),
                        false))
            .toList();
    return new Attempt(mail, outcomes, "", "", Duration.ZERO);
  }

  /** How the client behaves from now on. */
  void use(ClientSettings settings) {
    sender.use(settings);
  }

  @Override
  public void close() {
    sender.close();
  }

  void limit(SiteLimits limits) {
    sender.limit(limits);
  }
}
