package dev.caravan.delivery;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Sends all mail to one server, which delivers it on. */
public final class SmarthostTransport implements Transport, Sites {
  private final String host;
  private final int port;
  private final TlsMode tls;
  private final Optional<Hop.Login> login;
  private final HopSender sender;

  /**
   * @param host name or address; looked up at each attempt as the system does, hosts file included
   * @param user empty = no AUTH
   * @param tls one of {@link TlsMode}
   * @param hostname our name in EHLO
   * @param concurrency connections at once
   * @param messagesPerConnection after which a connection is closed
   */
  public SmarthostTransport(
      String host,
      int port,
      String user,
      String password,
      String tls,
      String hostname,
      int concurrency,
      int messagesPerConnection) {
    this.host = host;
    this.port = port;
    this.tls = TlsMode.of(tls);
    this.login = user.isEmpty() ? Optional.empty() : Optional.of(new Hop.Login(user, password));
    this.sender =
        new HopSender(ClientOptions.standard(hostname, messagesPerConnection), concurrency);
  }

  @Override
  public String siteOf(EmailAddress recipient) {
    return host + ":" + port;
  }

  @Override
  public Attempt deliver(QueuedMail mail) throws InterruptedException {
    List<Hop> hops = new ArrayList<>();
    try {
      for (InetAddress address : InetAddress.getAllByName(host)) {
        hops.add(new Hop(host, address, port, tls, login));
      }
    } catch (UnknownHostException e) {
      SmtpReply reply = Troubles.reply("4.4.3", "the smarthost " + host + " can't be looked up");
      List<Outcome> outcomes =
          mail.envelope().recipients().stream()
              .<Outcome>map(r -> new Outcome.Deferred(r, reply, false))
              .toList();
      return new Attempt(mail, outcomes, "", "", Duration.ZERO);
    }
    return sender.send(mail, hops);
  }

  @Override
  public void close() {
    sender.close();
  }
}
