package dev.caravan.delivery;

import dev.caravan.delivery.auth.Credentials;
import dev.caravan.delivery.auth.PasswordCredentials;
import dev.caravan.delivery.auth.Secret;
import dev.caravan.delivery.tls.TlsClient;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Mail;
import dev.caravan.queue.QueuedMail;
import java.util.List;
import java.util.Optional;

/**
 * Sends all mail to servers that deliver it on: to one, unless the table of smarthosts or a rule
 * says otherwise.
 */
public final class SmarthostTransport implements Transport, Sites {
  private final Smarthosts smarthosts;

  /**
   * @param host name or address, looked up at each attempt as the system does, hosts file included;
   *     or a smarthost or a group of the table
   * @param user empty = no AUTH
   * @param password see {@link Secret#of}
   * @param clearTextPasswords whether it may be sent over a connection that is not encrypted, to
   *     other machines
   * @param tls one of {@link TlsMode}
   * @param hostname our name in EHLO
   * @param messagesPerConnection after which a connection is closed
   * @param tlsClient knows the authorities that we trust
   */
  public SmarthostTransport(
      SmarthostTable table,
      String host,
      int port,
      String user,
      String password,
      boolean clearTextPasswords,
      String tls,
      String hostname,
      int messagesPerConnection,
      TlsClient tlsClient) {
    this.smarthosts =
        Smarthosts.all(
            table,
            new NamedServer(
                host,
                port,
                TlsMode.of(tls),
                user.isEmpty()
                    ? Optional.empty()
                    : Optional.of(login(user, password, clearTextPasswords))),
            ClientOptions.standard(hostname, messagesPerConnection, tlsClient));
  }

  private static Credentials login(String user, String password, boolean clearText) {
    return new PasswordCredentials(user, Secret.of(password), List.of(), clearText);
  }

  /** What some sites are given that differs; set before the first mail. */
  public void setLimits(SiteLimits limits) {
    smarthosts.limit(limits);
  }

  /** How the client behaves; set before the first mail. */
  public void setClient(ClientSettings settings) {
    smarthosts.use(settings);
  }

  @Override
  public String siteOf(Mail mail, EmailAddress recipient) {
    return smarthosts.siteOf(mail, recipient).orElseThrow();
  }

  @Override
  public Attempt deliver(QueuedMail mail) throws InterruptedException {
    return smarthosts.deliver(
        mail,
        true,
        rest -> {
          throw new IllegalStateException("there is no other way than a smarthost");
        });
  }

  @Override
  public void close() {
    smarthosts.close();
  }
}
