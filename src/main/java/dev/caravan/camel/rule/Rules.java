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

  /** The changed question instead of what was there, unless that is decided. */
  static void change(Exchange exchange, Question<?> changed) {
    if (!question(exchange).isDecided()) {
      exchange.getIn().setBody(changed);
    }
  }

  /** A whole header field with its CRLF. */
  static String field(String name, String value) {
    if (name.isEmpty() || !name.chars().allMatch(c -> c > ' ' && c < 127 && c != ':')) {
      throw new IllegalArgumentException("no header field name: " + name);
    }
    return name + ": " + value.replace('\r', ' ').replace('\n', ' ').replace('\0', ' ') + "\r\n";
  }
}
