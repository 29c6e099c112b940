package dev.caravan.mail;

/**
 * What a policy route is asked: may this client connect, may this sender, may this recipient, may
 * this message. Every check and every verb takes a question and gives one back.
 *
 * @param <Q> the kind of question
 */
public sealed interface Question<Q extends Question<Q>>
    permits Connection, Sender, Recipient, Mail {
  /** Where it comes from. */
  Origin origin();

  Verdict verdict();

  /**
   * Which route answers it: {@code connection}, {@code sender}, {@code recipient}, {@code message}.
   */
  String phase();

  /** The same question with this verdict, or unchanged when it is decided already. */
  Q decide(Verdict verdict);

  /** The same question with this verdict even if it was decided: only for errors of our own. */
  Q failed(Verdict.Defer verdict);

  default boolean isDecided() {
    return verdict().isDecided();
  }
}
