package dev.caravan.camel;

import dev.caravan.camel.spool.QueueFullException;
import dev.caravan.mail.Question;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a client hears when a route threw: come again. The reason is for the log, never for the
 * peer.
 */
public final class DoorErrors {
  private static final Logger LOG = LoggerFactory.getLogger(DoorErrors.class);

  /** Where the route keeps the answer while it tells the facts. */
  private static final String ANSWER = "answer";

  private static final SmtpReply FULL =
      SmtpReply.of(452, "4.3.1", "Insufficient system storage, try again later");
  private static final SmtpReply ERROR =
      SmtpReply.of(451, "4.3.0", "Local error in processing, try again later");

  /** Decides the question that could not be answered. */
  public void answer(Exchange exchange) {
    Throwable cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
    if (exchange.getVariable(ANSWER) instanceof Question<?> answered) {
      // It was decided, and a mail may be committed: that its event is lost changes nothing.
      LOG.error("{}: its event could not be told", answered.phase(), cause);
      exchange.getIn().setBody(answered);
      return;
    }
    Object body = exchange.getIn().getBody();
    if (!(body instanceof Question<?> question)) {
      throw new IllegalStateException("no question to answer after " + cause, cause);
    }
    boolean full = cause instanceof QueueFullException;
    if (full) {
      LOG.warn("{}: deferred: {}", question.phase(), cause.getMessage());
    } else {
      LOG.error("{}: deferred after an error of ours", question.phase(), cause);
    }
    exchange.getIn().setBody(question.failed(new Verdict.Defer(full ? FULL : ERROR)));
  }
}
