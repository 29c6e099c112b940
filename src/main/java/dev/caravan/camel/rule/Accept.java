package dev.caravan.camel.rule;

import dev.caravan.mail.Verdict;
import org.apache.camel.Exchange;

/** Accepts: no later step of the route decides otherwise. A recipient must still be permitted. */
public final class Accept {
  /** Nothing needs to be said. */
  public void now(Exchange exchange) {
    Rules.decide(exchange, Verdict.ACCEPT);
  }
}
