package dev.caravan.netty;

import dev.caravan.mail.Question;
import dev.caravan.smtp.SmtpSession;
import dev.caravan.smtp.Step;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The questions of one connection to the routes, one at a time; nothing is read meanwhile. */
final class Inquiry {
  private static final Logger LOG = LoggerFactory.getLogger(SmtpServerHandler.class);

  private final Link link;
  private final SmtpSession session;
  private final Consumer<Step> then;
  private @Nullable Asked open;

  /**
   * @param then does what the session says to an answer; not asked when the client has gone
   */
  Inquiry(Link link, SmtpSession session, Consumer<Step> then) {
    this.link = link;
    this.session = session;
    this.then = then;
  }

  /**
   * @param done gives back what was kept for the question
   */
  void ask(Question<?> question, Runnable done) {
    Asked asked = new Asked(question, done, this::fromRoute);
    open = asked;
    link.busy = true;
    link.context().fireChannelRead(asked);
  }

  /** From the route's thread to the event loop. */
  private void fromRoute(Asked.Reply reply) {
    boolean taken = link.onLoop(() -> answered(reply));
    if (!taken) {
      LOG.debug("{}: an answer came too late", link.peer);
    }
  }

  private void answered(Asked.Reply reply) {
    if (reply.asked() != open) {
      LOG.error("{}: an answer that nobody waits for: {}", link.peer, reply.answer());
      return;
    }
    open = null;
    link.busy = false;
    if (link.closing) {
      return;
    }
    Question<?> question = reply.asked().question();
    if (reply.answer() instanceof Question<?> answer && answer.phase().equals(question.phase())) {
      then.accept(session.answered(answer));
    } else {
      logFailure(question, reply.answer());
      then.accept(session.answerFailed(question));
    }
  }

  private void logFailure(Question<?> question, @Nullable Object answer) {
    if (answer instanceof Throwable cause) {
      LOG.error("{}: the route failed for the {}", link.peer, question.phase(), cause);
    } else {
      LOG.error("{}: the route answered the {} with {}", link.peer, question.phase(), answer);
    }
  }
}
