package dev.caravan.camel.rule;

import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;
import org.apache.camel.Exchange;

/** Refuses for now: {@code with('450 4.7.1 Come back later')}. */
public final class Defer {
  /**
   * @param reply a {@code 4xx} reply in one line
   */
  public void with(String reply, Exchange exchange) {
    Rules.decide(exchange, new Verdict.Defer(SmtpReply.parse(reply)));
  }
}
