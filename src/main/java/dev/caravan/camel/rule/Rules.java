package dev.caravan.camel.rule;

import dev.caravan.mail.Mail;
import dev.caravan.mail.Question;
import dev.caravan.mail.Verdict;
import org.apache.camel.Exchange;

/** What the verbs share: getting at the question, and putting the decided one back. */
final class Rules {
  private Rules() {}

  static Question<?> question(Exchange exchange) {
    Object body = exchange.getIn().getBody();
    if (body instanceof Question<?> question) {
      return question;
    }
    throw new IllegalArgumentException("a rule needs a question as the body, not " + body);
  }

  static Mail mail(Exchange exchange, String verb) {
    if (exchange.getIn().getBody() instanceof Mail mail) {
      return mail;
    }
    throw new IllegalArgumentException(verb + " needs a whole mail: use it in the route 'message'");
  }

  static void decide(Exchange exchange, Verdict verdict) {
    exchange.getIn().setBody(question(exchange).decide(verdict));
  }
}
