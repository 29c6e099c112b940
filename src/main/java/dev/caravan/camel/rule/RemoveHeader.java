package dev.caravan.camel.rule;

import dev.caravan.mail.Mail;
import org.apache.camel.Exchange;

/**
 * Takes out all header fields of a name: {@code named('X-Mailer')}. The octets of all others stay.
 */
public final class RemoveHeader {
  public void named(String name, Exchange exchange) {
    Mail mail = Rules.mail(exchange, "removeHeader");
    Rules.change(exchange, mail.withoutFields(f -> f.is(name)));
  }
}
