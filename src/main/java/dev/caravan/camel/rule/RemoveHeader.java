package dev.caravan.camel.rule;

import dev.caravan.mail.Header;
import dev.caravan.mail.Mail;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;

/**
 * Removes all header fields of a name: {@code named('X-Internal')}; the others stay octet for
 * octet.
 */
public final class RemoveHeader {
  /**
   * @param name in any case
   */
  public void named(String name, Exchange exchange) {
    Mail mail = Rules.mail(exchange, "removeHeader");
    Header header = mail.content().header();
    if (mail.isDecided() || header.count(name) == 0) {
      return;
    }
    String kept =
        header.fields().stream()
            .filter(f -> !f.is(name))
            .map(Header.Field::raw)
            .collect(Collectors.joining());
    exchange
        .getIn()
        .setBody(
            mail.withContent(
                mail.content()
                    .withHeader(kept.getBytes(StandardCharsets.ISO_8859_1), header.octets())));
  }
}
