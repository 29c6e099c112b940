package dev.caravan.delivery;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Mail;

/**
 * Which site a recipient's mail goes to. Recipients of one site travel together, and limits count
 * for each site.
 */
public interface Sites {
  /**
   * {@code HOST:PORT} of a smarthost, the name of a group of them, {@code via:HOST:PORT} of another
   * server that a rule has named, the recipient's domain, or {@code sandbox}.
   */
  String siteOf(Mail mail, EmailAddress recipient);
}
