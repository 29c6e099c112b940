package dev.caravan.camel.jms;

import dev.caravan.mail.AnswerTo;
import dev.caravan.mail.MailId;
import dev.caravan.mail.SmtpReply;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;

/**
 * A submission in work.
 *
 * @param isMail whether the body is its mail
 * @param refusal why it is none; empty also for a repeat
 * @param keyed the mail's name when the application gave it a key
 * @param plan when it is one to many
 * @param isNew whether a plan is to be followed; else it is a repeat
 * @param staged the names of the files that it has staged
 * @param answerTo where it wants its answers
 */
record JmsSubmitted(
    Session session,
    Message message,
    Optional<String> user,
    boolean isMail,
    Optional<FanOut.Plan> plan,
    boolean isNew,
    Optional<SmtpReply> refusal,
    Optional<MailId> keyed,
    List<String> staged,
    Optional<AnswerTo> answerTo) {
  private static final String PROPERTY = "CaravanJmsSubmitted";

  static JmsSubmitted of(Exchange exchange) {
    JmsSubmitted known = exchange.getProperty(PROPERTY, JmsSubmitted.class);
    if (known == null) {
      throw new IllegalStateException("jms-in must consume from a JMS endpoint and read it");
    }
    return known;
  }

  void on(Exchange exchange) {
    exchange.setProperty(PROPERTY, this);
  }
}
