package dev.caravan.camel.jms;

import dev.caravan.mail.SmtpReply;
import java.util.Set;

/** A submission that no mail can be made of; the sentence is for the application's programmer. */
final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  private static final int SENTENCE_MAX = 300;
  private static final int VALUE_MAX = 100;
  private static final Set<String> SENDERS = Set.of("from", "From", "Sender", "mailFrom");

  private final transient SmtpReply reply;
  private final String field;

  /** What is no printable character becomes "?"; more than 300 characters are cut. */
  RefusedException(String enhanced, String sentence) {
    this(enhanced, sentence, "");
  }

  private RefusedException(String enhanced, String sentence, String field) {
    super(printable(sentence, SENTENCE_MAX));
    this.reply = SmtpReply.of(554, enhanced, printable(sentence, SENTENCE_MAX));
    this.field = printable(field, VALUE_MAX);
  }

  /** The same with the place in the JSON that it is about (RFC 6901), where none is known yet. */
  RefusedException at(String pointer) {
    return field.isEmpty() && !pointer.isEmpty()
        ? new RefusedException(
            reply.status().toString(), printable(pointer, VALUE_MAX) + ": " + reply.text(), pointer)
        : this;
  }

  /** The place in the JSON that it is about (RFC 6901); empty when it is none, or the whole. */
  String field() {
    return field;
  }

  /** That this value of this property is no address. */
  static RefusedException noAddress(String property, String value) {
    String code = SENDERS.contains(property) ? "5.1.7" : "5.1.3";
    return new RefusedException(
        code, property + " has no proper address: " + printable(value.strip(), VALUE_MAX));
  }

  private static String printable(String text, int max) {
    StringBuilder clean = new StringBuilder(Math.min(text.length(), max));
    text.codePoints()
        .limit(max)
        .forEach(
            c -> {
              boolean strange =
                  Character.isISOControl(c)
                      || switch (Character.getType(c)) {
                        case Character.FORMAT,
                            Character.SURROGATE,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR ->
                            true;
                        default -> false;
                      };
              clean.appendCodePoint(strange ? '?' : c);
            });
    return clean.toString();
  }

  SmtpReply reply() {
    return reply;
  }
}
