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
    if (mail.isDecided()) {
      return;
    }
    if (name.isEmpty() || !name.chars().allMatch(c -> c > ' ' && c < 127 && c != ':')) {
      throw new IllegalArgumentException("no header field name: " + name);
    }
    String line = value.replace('\r', ' ').replace('\n', ' ').replace('\0', ' ');
    exchange.getIn().setBody(mail.prepend(name + ": " + line + "\r\n"));
  }
}
