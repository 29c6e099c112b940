package dev.caravan.camel.rule;

import dev.caravan.mail.Durations;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.Sender;
import java.time.Clock;
import java.time.Instant;
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
   * It is not sent before that time has passed: {@code delay('10m')}; what the client asked for may
   * be longer.
   *
   * @param duration from now
   */
  public void delay(String duration, Exchange exchange) {
    Instant until = Clock.systemUTC().instant().plus(Durations.parse(duration));
    change(
        exchange,
        o -> o.holdUntil().filter(until::isBefore).isPresent() ? o : o.withHoldUntil(until));
  }

  /** It may travel only over verified TLS (RFC 8689). */
  public void requireTls(Exchange exchange) {
    change(exchange, MailOptions::withRequireTls);
  }

  /**
   * It goes by that server: {@code via('relay.example.com:25')}, or {@code via('relays')}; only in
   * {@code message}.
   *
   * @param site {@code HOST:PORT}, or a smarthost or a group of the table
   */
  public void via(String site, Exchange exchange) {
    Mail mail = Rules.mail(exchange, "via");
    if (!site.matches(
        "[^\\s:]{1,253}:\\d{1,5}|\\[[0-9A-Fa-f:.]{2,45}]:\\d{1,5}|[A-Za-z0-9][A-Za-z0-9_-]{0,59}")) {
      throw new IllegalArgumentException(
          "a server is written host:port, or as the table of smarthosts has it, not '"
              + site
              + "'");
    }
    Rules.change(exchange, mail.withSite(site));
  }

  private static void change(Exchange exchange, UnaryOperator<MailOptions> change) {
    if (Rules.question(exchange) instanceof Sender sender) {
      Rules.change(exchange, sender.withOptions(change.apply(sender.options())));
      return;
    }
    Mail mail = Rules.mail(exchange, "handling");
    Envelope envelope = mail.envelope();
    Rules.change(
        exchange, mail.withEnvelope(envelope.withOptions(change.apply(envelope.options()))));
  }
}
