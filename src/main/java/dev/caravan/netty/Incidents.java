package dev.caravan.netty;

import dev.caravan.mail.SmtpReply;
import java.net.InetSocketAddress;

/** Hears of clients that were cut off, turned away, or failed to log in. Must not block. */
public interface Incidents {
  /** Nobody listens. */
  Incidents IGNORED = (listener, peer, reply) -> {};

  /**
   * @param listener the name of the listener
   * @param reply what the client was told
   */
  void happened(String listener, InetSocketAddress peer, SmtpReply reply);
}
