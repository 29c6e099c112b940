package dev.caravan.camel.rule;

import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;
import org.apache.camel.Exchange;

/** Refuses for good: {@code with('550 5.7.1 Not from there')}. */
public final class Reject {
  /**
   * @param reply a {@code 5xx} reply in one line
   */
  public void with(String reply, Exchange exchange) {
    Rules.decide(exchange, new Verdict.Reject(SmtpReply.parse(reply)));
  }
}
