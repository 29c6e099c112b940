package dev.caravan.smtp;

import dev.caravan.mail.Domain;
import dev.caravan.mail.SmtpReply;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Optional;

/** What a session asks of the server around it. Nothing here blocks. */
public interface Surroundings {
  /** What the listener demands and offers. */
  Listening listening();

  SmtpLimits limits();

  Authentication authentication();

  /** Whether there is a certificate, so that TLS can begin. */
  boolean canEncrypt();

  /** Whether a client at this address may relay to anywhere without logging in. */
  boolean mayRelay(InetAddress address);

  /** Whether a client at this address may say who its own client is (XCLIENT). */
  boolean mayXclient(InetAddress address);

  /** Why no mail can be taken at present, if so: a 4xx reply. */
  Optional<SmtpReply> shortage();

  /**
   * Has waiting mail for a domain tried now (ETRN). Blocks.
   *
   * @return how many mails; fewer than there are when some were about to be tried anyway
   * @throws Exception when the queue can't be reached
   */
  int startQueue(Domain domain) throws Exception;

  InstantSource clock();
}
