package dev.caravan.camel.jms;

import dev.caravan.mail.SmtpReply;

/** A submission that no mail can be made of; the sentence is for the application's programmer. */
final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient SmtpReply reply;

  RefusedException(String enhanced, String sentence) {
    super(sentence);
    reply = SmtpReply.of(554, enhanced, sentence.replaceAll("[\\r\\n\\x00]+", " "));
  }

  SmtpReply reply() {
    return reply;
  }
}
