package dev.caravan.delivery;

import dev.caravan.delivery.tls.TlsClient;
import dev.caravan.delivery.tls.TlsPolicies;
import dev.caravan.dns.Resolver;
import dev.caravan.mail.Domain;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Mail;
import dev.caravan.mail.Networks;
import dev.caravan.mail.Outcome;
import dev.caravan.queue.QueuedMail;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Delivers to the servers of each recipient's domain. */
public final class MxTransport implements Transport, Sites {
  private final MxRoute route;
  private final int port;
  private final TlsPolicies policies;
  private final HopSender sender;

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
    this.route =
        new MxRoute(resolver, hostname, Networks.parse(refuseNetworks), new SecureRandom());
    this.port = port;
    this.policies = policies;
    this.sender =
        new HopSender(ClientOptions.standard(hostname, messagesPerConnection, tls), concurrency);
  }

  @Override
  public String siteOf(Mail mail, EmailAddress recipient) {
    return recipient.domain().name();
  }

  @Override
  public Attempt deliver(QueuedMail mail) throws InterruptedException {
    Optional<NamedServer> named = mail.via().flatMap(NamedServer::of);
    if (named.isPresent()) {
      return named.get().deliver(mail, sender);
    }
    Domain domain = mail.envelope().recipients().getFirst().domain();
    return switch (route.find(domain)) {
      case MxRoute.Result.Servers found -> send(mail, domain, found.servers());
      case MxRoute.Result.Fail fail -> all(mail, r -> new Outcome.Failed(r, fail.reply()));
      case MxRoute.Result.Later later ->
          all(mail, r -> new Outcome.Deferred(r, later.reply(), false));
    };
  }

  private Attempt send(QueuedMail mail, Domain domain, List<MxRoute.Server> servers)
      throws InterruptedException {
    Protected all = Protected.of(servers, port, policies.plan(domain, Fit.isCarefree(mail)));
    return all.hops().isEmpty()
        ? all(mail, r -> new Outcome.Deferred(r, all.reason(), false))
        : sender.send(mail, all.hops(), all.observer());
  }

  private static Attempt all(QueuedMail mail, Function<EmailAddress, Outcome> outcome) {
    List<Outcome> outcomes = mail.envelope().recipients().stream().map(outcome).toList();
    return new Attempt(mail, outcomes, "", "", Duration.ZERO);
  }

  @Override
  public void close() {
    sender.close();
  }
}
