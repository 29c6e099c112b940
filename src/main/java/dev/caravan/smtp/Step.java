package dev.caravan.smtp;

import dev.caravan.mail.Question;
import dev.caravan.mail.SmtpReply;

/** What the session wants done next. */
public sealed interface Step {
  /** Send the reply and read the next command. */
  record Reply(SmtpReply reply) implements Step {}

  /** Send the reply and close. */
  record Close(SmtpReply reply) implements Step {}

  /** Have the question answered; read nothing until it is. */
  record Ask(Question<?> question) implements Step {}

  /** Send the reply and read the message's data. */
  record ReadData(SmtpReply reply) implements Step {}
}
