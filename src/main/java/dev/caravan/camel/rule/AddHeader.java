package dev.caravan.camel.rule;

import dev.caravan.mail.Mail;
import org.apache.camel.Exchange;

/** Puts a header field before the message: {@code with('X-Checked','yes')}. */
public final class AddHeader {
  /**
   * @param name printable ASCII without colon or space
   * @param value one line; CR, LF and NUL become spaces
   */
  public void with(String name, String value, Exchange exchange) {
    Mail mail = Rules.mail(exchange, "addHeader");
    Rules.change(exchange, mail.prepend(Rules.field(name, value)));
  }
}
