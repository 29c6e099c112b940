package dev.caravan.camel.rule;

import dev.caravan.mail.Durations;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.Question;
import dev.caravan.mail.Sender;
import java.time.Clock;
import java.util.function.UnaryOperator;
import org.apache.camel.Exchange;

/** How a mail is handled, in the routes {@code sender} and {@code message}. */
public final class Handling {
  /**
   * Its priority: {@code priority(3)}.
   *
   * @param priority -9 to 9, of which 9 is the most urgent (RFC 6710)
   */
  public void priority(int priority, Exchange exchange) {
    change(exchange, options -> options.withPriority(priority));
  }

  /**
   * It is not sent before that time has passed: {@code delay('10m')}.
   *
   * @param duration from now
   */
  public void delay(String duration, Exchange exchange) {
    change(
        exchange,
        options ->
            options.withHoldUntil(Clock.systemUTC().instant().plus(Durations.parse(duration))));
  }

  /** It may travel only over verified TLS (RFC 8689). */
  public void requireTls(Exchange exchange) {
    change(exchange, MailOptions::withRequireTls);
  }

  /**
   * It goes by that server: {@code via('relay.example.com:25')}; only in {@code message}.
   *
   * @param site {@code HOST:PORT}
   */
  public void via(String site, Exchange exchange) {
    Mail mail = Rules.mail(exchange, "via");
    if (!site.matches("[^\\s:]{1,253}:\\d{1,5}|\\[[0-9A-Fa-f:.]{2,45}]:\\d{1,5}")) {
      throw new IllegalArgumentException("a server is written host:port, not '" + site + "'");
    }
    if (!mail.isDecided()) {
      exchange.getIn().setBody(mail.withSite(site));
    }
  }

  private static void change(Exchange exchange, UnaryOperator<MailOptions> change) {
    Question<?> question = Rules.question(exchange);
    if (question.isDecided()) {
      return;
    }
    if (question instanceof Sender sender) {
      exchange.getIn().setBody(sender.withOptions(change.apply(sender.options())));
      return;
    }
    Mail mail = Rules.mail(exchange, "handling");
    exchange
        .getIn()
        .setBody(
            mail.withEnvelope(
                mail.envelope().withOptions(change.apply(mail.envelope().options()))));
  }
}
