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
   * server that a rule has named, the roll-up of the MX hosts of the recipient's domain, or {@code
   * sandbox}. Never throws for trouble of the network.
   */
  String siteOf(Mail mail, EmailAddress recipient);

  /** Told of a mail before the sites of its recipients are asked for: what takes time may begin. */
  default void expect(Mail mail) {
    // most know at once
  }
}
