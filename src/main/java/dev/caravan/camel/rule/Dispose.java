package dev.caravan.camel.rule;

import dev.caravan.mail.Verdict;
import java.util.Locale;
import org.apache.camel.Exchange;

/**
 * Accepts a mail but does not let it out: the verbs {@code hold}, {@code quarantine} and {@code
 * discard}, each a bean of this class.
 */
public final class Dispose {
  private final Verdict.Disposition disposition;

  /**
   * @param disposition {@code hold}, {@code quarantine} or {@code discard}
   */
  public Dispose(String disposition) {
    this.disposition = Verdict.Disposition.valueOf(disposition.toUpperCase(Locale.ROOT));
  }

  /**
   * @param reason for the operator who looks at the mail
   */
  public void with(String reason, Exchange exchange) {
    Rules.mail(exchange, disposition.name().toLowerCase(Locale.ROOT));
    Rules.decide(exchange, new Verdict.Accept(disposition, reason));
  }
}
