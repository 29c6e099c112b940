package dev.caravan.camel.rule;

import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;
import org.apache.camel.Exchange;

/** Closes the connection: {@code with('421 4.7.0 Come back later')}. */
public final class Close {
  /**
   * @param reply a {@code 421} or {@code 554} reply in one line
   */
  public void with(String reply, Exchange exchange) {
    Rules.decide(exchange, new Verdict.Close(SmtpReply.parse(reply)));
  }
}
