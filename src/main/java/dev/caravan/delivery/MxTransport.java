package dev.caravan.delivery;

import dev.caravan.delivery.tls.TlsClient;
import dev.caravan.delivery.tls.TlsPolicies;
import dev.caravan.dns.Resolver;
import dev.caravan.mail.Domain;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Mail;
import dev.caravan.mail.Networks;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/** Delivers to the servers of each recipient's domain. */
public final class MxTransport implements Transport, Sites {
  private static final Duration SITE_WAIT = Duration.ofSeconds(2);

  /** As many as may be deferred by greylisting. */
  private static final int SAME_HOST_ATTEMPTS = 3;

  private final Resolver resolver;
  private final MxRoute route;
  private final int port;
  private final TlsPolicies policies;
  private SiteLimits limits = SiteLimits.NONE;
  private final HopSender sender;
  private final ClientOptions options;
  private volatile Smarthosts smarthosts;
  private final RandomGenerator random = new SecureRandom();
  private volatile MxSites sites;
  private volatile ClientSettings client = new ClientSettings();

  /**
   * @param port where servers listen: 25
   * @param refuseNetworks networks that are never connected to; see {@link Networks#parse}
   * @param hostname our name in EHLO and among MX hosts
   * @param concurrency connections to one site at once
   * @param messagesPerConnection after which a connection is closed
   * @param policies which TLS a domain needs
   * @param tls knows the authorities that we trust
   */
  public MxTransport(
      Resolver resolver,
      int port,
      String refuseNetworks,
      String hostname,
      int concurrency,
      int messagesPerConnection,
      TlsPolicies policies,
      TlsClient tls) {
    this.resolver = resolver;
    this.route = new MxRoute(resolver, hostname, Networks.parse(refuseNetworks));
    this.sites = new MxSites(resolver, new SiteNames(""), SITE_WAIT);
    this.port = port;
    this.policies = policies;
    this.options = ClientOptions.standard(hostname, messagesPerConnection, tls);
    this.sender = new HopSender(options, concurrency);
    this.smarthosts = Smarthosts.exceptions(new SmarthostTable(), options);
  }

  /** The smarthosts that some of the mail goes by; set before the first mail. */
  public void setSmarthosts(SmarthostTable table) {
    Smarthosts earlier = smarthosts;
    Smarthosts now = Smarthosts.exceptions(table, options);
    now.use(client);
    now.limit(limits);
    smarthosts = now;
    earlier.close();
  }

  /** The providers that are one site each; set before the first mail. */
  public void setSiteNames(SiteNames names) {
    sites = new MxSites(resolver, names, SITE_WAIT);
  }

  /** What some sites are given that differs; set before the first mail. */
  public void setLimits(SiteLimits limits) {
    this.limits = limits;
    sender.limit(limits);
    smarthosts.limit(limits);
  }

  /** How the client behaves; set before the first mail. */
  public void setClient(ClientSettings settings) {
    client = settings;
    sender.use(settings);
    smarthosts.use(settings);
  }

  @Override
  public String siteOf(Mail mail, EmailAddress recipient) {
    return smarthosts.siteOf(mail, recipient).orElseGet(() -> mxSite(recipient));
  }

  /** A smarthost may be called as a site of somebody else is. */
  private String mxSite(EmailAddress recipient) {
    String site = sites.of(recipient.domain());
    return smarthosts.isTaken(site) ? site + "." : site;
  }

  /** All domains are looked up at the same time: a mail to many is accepted no later for it. */
  @Override
  public void expect(Mail mail) {
    if (mail.site().isEmpty() && mail.recipients().size() > 1) {
      mail.recipients().stream()
          .filter(recipient -> smarthosts.siteOf(mail, recipient).isEmpty())
          .map(EmailAddress::domain)
          .distinct()
          .forEach(sites::expect);
    }
  }

  @Override
  public Attempt deliver(QueuedMail mail) throws InterruptedException {
    return smarthosts.deliver(mail, isOfSmarthost(mail), this::byMx);
  }

  /**
   * Whether the site can only be that of a smarthost, be it one that there is no more. A name
   * without a dot may also be a provider's, or the host or domain itself in a network of one's own.
   */
  private boolean isOfSmarthost(QueuedMail mail) {
    String site = mail.site();
    boolean literal = site.startsWith("[") && site.endsWith("]");
    return !literal
        && (site.contains(":")
            || !site.contains(".")
                && !sites.isProvider(site)
                && !site.equals(mxSite(mail.envelope().recipients().getFirst())));
  }

  /**
   * The recipients of a site may have had one provider when the mail was accepted; together travel
   * those that have the same servers now.
   */
  private Attempt byMx(QueuedMail mail) throws InterruptedException {
    Map<Domain, List<EmailAddress>> byDomain = new LinkedHashMap<>();
    for (EmailAddress recipient : mail.envelope().recipients()) {
      byDomain.computeIfAbsent(recipient.domain(), d -> new ArrayList<>()).add(recipient);
    }
    Map<Object, HopSender.Leg> legs = new LinkedHashMap<>();
    List<Outcome> decided = new ArrayList<>();
    Map<Domain, Way> ways = find(mail, byDomain.keySet());
    byDomain.forEach(
        (domain, recipients) -> {
          switch (ways.getOrDefault(domain, Way.of(MxRoute.unknown(domain)))) {
            case Way.Open(Object kind, Protected servers) -> {
              HopSender.Leg leg =
                  legs.computeIfAbsent(
                      kind,
                      k -> new HopSender.Leg(new ArrayList<>(), servers.hops(), new ArrayList<>()));
              leg.recipients().addAll(recipients);
              leg.observers().add(servers.observer());
            }
            case Way.Fail(SmtpReply reply) ->
                recipients.forEach(r -> decided.add(new Outcome.Failed(r, reply)));
            case Way.Later(SmtpReply reply) ->
                recipients.forEach(r -> decided.add(new Outcome.Deferred(r, reply, false)));
          }
        });
    List<HopSender.Leg> order = new ArrayList<>(legs.values());
    // Each gets its turn, though an attempt may end before all had theirs.
    Collections.shuffle(order, Random.from(random));
    return sender.send(mail, order, decided);
  }

  /** How the mail for one domain goes. */
  private sealed interface Way {
    /**
     * To these servers.
     *
     * @param kind what the ways of domains that may travel together have in common: the servers,
     *     and how they must be encrypted
     */
    record Open(Object kind, Protected servers) implements Way {}

    record Fail(SmtpReply reply) implements Way {}

    record Later(SmtpReply reply) implements Way {}

    static Way of(MxRoute.Result.Later later) {
      return new Later(later.reply());
    }
  }

  /** At the same time: the slowness of the DNS is not to be counted a thousand times. */
  private Map<Domain, Way> find(QueuedMail mail, Set<Domain> domains) throws InterruptedException {
    if (domains.size() == 1) {
      Domain domain = domains.iterator().next();
      return Map.of(domain, find(mail, domain));
    }
    Map<Domain, Way> ways = new ConcurrentHashMap<>();
    List<Thread> threads = new ArrayList<>();
    for (Domain domain : domains) {
      threads.add(Thread.startVirtualThread(() -> ways.put(domain, find(mail, domain))));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return ways;
  }

  private Way find(QueuedMail mail, Domain domain) {
    return switch (route.find(domain, luck(mail))) {
      case MxRoute.Result.Servers found -> {
        Protected servers =
            Protected.of(found.servers(), port, policies.plan(domain, Fit.isCarefree(mail)));
        yield servers.hops().isEmpty()
            ? new Way.Later(servers.reason())
            : new Way.Open(List.of(found.group(), servers.kind()), servers);
      }
      case MxRoute.Result.Fail fail -> new Way.Fail(fail.reply());
      case MxRoute.Result.Later later -> Way.of(later);
    };
  }

  /**
   * The first attempts begin at the same host: one that defers whoever comes for the first time
   * must see the mail again. Later ones begin anywhere.
   */
  private static RandomGenerator luck(QueuedMail mail) {
    int again = mail.attempts() < SAME_HOST_ATTEMPTS ? 0 : mail.attempts();
    return new Random(31L * mail.id().hashCode() + again);
  }

  @Override
  public void close() {
    smarthosts.close();
    sender.close();
  }
}
