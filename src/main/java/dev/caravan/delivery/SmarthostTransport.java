package dev.caravan.delivery;

import dev.caravan.delivery.tls.TlsClient;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Mail;
import dev.caravan.queue.QueuedMail;
import java.util.Optional;

/** Sends all mail to one server, which delivers it on, unless a rule named another for a mail. */
public final class SmarthostTransport implements Transport, Sites {
  private final NamedServer smarthost;
  private final HopSender sender;

  /**
   * @param host name or address; looked up at each attempt as the system does, hosts file included
   * @param user empty = no AUTH
   * @param tls one of {@link TlsMode}
   * @param hostname our name in EHLO
   * @param concurrency connections at once
   * @param messagesPerConnection after which a connection is closed
   * @param tlsClient knows the authorities that we trust
   */
  public SmarthostTransport(
      String host,
      int port,
      String user,
      String password,
      String tls,
      String hostname,
      int concurrency,
      int messagesPerConnection,
      TlsClient tlsClient) {
    this.smarthost =
        new NamedServer(
            host,
            port,
            TlsMode.of(tls),
            user.isEmpty() ? Optional.empty() : Optional.of(new Hop.Login(user, password)));
    this.sender =
        new HopSender(
            ClientOptions.standard(hostname, messagesPerConnection, tlsClient), concurrency);
  }

  /** What some sites are given that differs; set before the first mail. */
  public void setLimits(SiteLimits limits) {
    sender.limit(limits);
  }

  @Override
  public String siteOf(Mail mail, EmailAddress recipient) {
    return smarthost.site();
  }

  @Override
  public Attempt deliver(QueuedMail mail) throws InterruptedException {
    return mail.via().flatMap(NamedServer::of).orElse(smarthost).deliver(mail, sender);
  }

  @Override
  public void close() {
    sender.close();
  }
}
