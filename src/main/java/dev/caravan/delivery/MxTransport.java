package dev.caravan.delivery;

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
  private final HopSender sender;
  private final ClientOptions options;
  private volatile Smarthosts smarthosts;

  /**
   * @param port where servers listen: 25
   * @param refuseNetworks networks that are never connected to; see {@link Networks#parse}
   * @param hostname our name in EHLO and among MX hosts
   * @param concurrency connections to one site at once
   * @param messagesPerConnection after which a connection is closed
   */
  public MxTransport(
      Resolver resolver,
      int port,
      String refuseNetworks,
      String hostname,
      int concurrency,
      int messagesPerConnection) {
    this.route =
        new MxRoute(resolver, hostname, Networks.parse(refuseNetworks), new SecureRandom());
    this.port = port;
    this.options = ClientOptions.standard(hostname, messagesPerConnection);
    this.sender = new HopSender(options, concurrency);
    this.smarthosts = Smarthosts.exceptions(new SmarthostTable(), options);
  }

  /** The smarthosts that some of the mail goes by; set before the first mail. */
  public void setSmarthosts(SmarthostTable table) {
    Smarthosts earlier = smarthosts;
    smarthosts = Smarthosts.exceptions(table, options);
    earlier.close();
  }

  @Override
  public String siteOf(Mail mail, EmailAddress recipient) {
    return smarthosts.siteOf(mail, recipient).orElseGet(() -> mxSite(recipient));
  }

  /** A smarthost may be called as a site of somebody else is. */
  private String mxSite(EmailAddress recipient) {
    String site = recipient.domain().name();
    return smarthosts.isTaken(site) ? site + "." : site;
  }

  @Override
  public Attempt deliver(QueuedMail mail) throws InterruptedException {
    return smarthosts.deliver(mail, isOfSmarthost(mail), this::byMx);
  }

  /** Whether the site can only be that of a smarthost, be it one that there is no more. */
  private boolean isOfSmarthost(QueuedMail mail) {
    String site = mail.site();
    boolean literal = site.startsWith("[") && site.endsWith("]");
    return !literal
        && (site.contains(":")
            || !site.contains(".")
                && !site.equals(mxSite(mail.envelope().recipients().getFirst())));
  }

  private Attempt byMx(QueuedMail mail) throws InterruptedException {
    Domain domain = mail.envelope().recipients().getFirst().domain();
    return switch (route.find(domain)) {
      case MxRoute.Result.Servers found ->
          sender.send(
              mail,
              found.servers().stream()
                  .map(
                      s ->
                          new Hop(
                              s.host(), s.address(), port, TlsMode.OPPORTUNISTIC, Optional.empty()))
                  .toList());
      case MxRoute.Result.Fail fail -> all(mail, r -> new Outcome.Failed(r, fail.reply()));
      case MxRoute.Result.Later later ->
          all(mail, r -> new Outcome.Deferred(r, later.reply(), false));
    };
  }

  private static Attempt all(QueuedMail mail, Function<EmailAddress, Outcome> outcome) {
    List<Outcome> outcomes = mail.envelope().recipients().stream().map(outcome).toList();
    return new Attempt(mail, outcomes, "", "", Duration.ZERO);
  }

  @Override
  public void close() {
    smarthosts.close();
    sender.close();
  }
}
