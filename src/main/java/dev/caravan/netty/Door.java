package dev.caravan.netty;

import dev.caravan.mail.Domain;
import dev.caravan.mail.SmtpReply;
import dev.caravan.smtp.Authentication;
import dev.caravan.smtp.Listening;
import dev.caravan.smtp.SmtpLimits;
import dev.caravan.smtp.Surroundings;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Optional;

/** One listener and what it shares with the others: what a connection needs to know. */
record Door(
    ServerOptions options,
    ListenerOptions listener,
    Authentication authentication,
    Encryption encryption,
    Connections connections,
    MemoryBudget memory,
    Gatehouse gatehouse,
    InstantSource clock)
    implements Surroundings {

  @Override
  public Listening listening() {
    return listener.listening();
  }

  @Override
  public SmtpLimits limits() {
    return options.limits();
  }

  @Override
  public boolean canEncrypt() {
    return encryption.isAvailable();
  }

  @Override
  public boolean mayRelay(InetAddress address) {
    return listener.trusted().contains(address);
  }

  @Override
  public boolean mayXclient(InetAddress address) {
    return listener.xclient().contains(address);
  }

  @Override
  public Optional<SmtpReply> shortage() {
    return gatehouse.shortage();
  }

  @Override
  public int startQueue(Domain domain) throws Exception {
    return gatehouse.startQueue(domain);
  }

  boolean isImplicitTls() {
    return listening().tls() == Listening.Tls.IMPLICIT;
  }
}
