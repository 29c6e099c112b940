package dev.caravan.camel.rule;

import dev.caravan.mail.Mail;
import org.apache.camel.Exchange;

/** Puts a header field in place of all of its name: {@code with('X-Class','bulk')}. */
public final class SetHeader {
  /**
   * @param name printable ASCII without colon or space
   * @param value one line; CR, LF and NUL become spaces
   */
  public void with(String name, String value, Exchange exchange) {
    Mail mail = Rules.mail(exchange, "setHeader");
    String field = Rules.field(name, value);
    Rules.change(exchange, mail.withoutFields(f -> f.is(name)).prepend(field));
  }
}
