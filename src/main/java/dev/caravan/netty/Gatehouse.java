package dev.caravan.netty;

import dev.caravan.mail.Domain;
import dev.caravan.mail.SmtpReply;
import java.net.InetSocketAddress;
import java.util.Optional;

/** What the server wants of the gateway behind it, beside the answers to questions. */
public interface Gatehouse {
  /**
   * A client was cut off, turned away, or failed to log in. Must not block.
   *
   * @param listener the name of the listener
   * @param reply what the client was told
   */
  void cutOff(String listener, InetSocketAddress peer, SmtpReply reply);

  /** Why no mail can be taken at present, if so: a 4xx reply. Must not block. */
  Optional<SmtpReply> shortage();

  /**
   * Has waiting mail for a domain tried now. May block.
   *
   * @return how many mails
   * @throws Exception when the queue can't be reached
   */
  int startQueue(Domain domain) throws Exception;
}
