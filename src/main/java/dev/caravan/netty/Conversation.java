package dev.caravan.netty;

import dev.caravan.mail.Origin;
import dev.caravan.mail.Question;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.TlsFacts;
import dev.caravan.smtp.Authentication;
import dev.caravan.smtp.Replies;
import dev.caravan.smtp.SmtpSession;
import dev.caravan.smtp.Step;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The dialogue with one client: cuts what comes into commands and data, tells the session, does
 * what it says. Everything here runs on the connection's event loop; routes, files and password
 * checks run on virtual threads, and nothing is read meanwhile, so that replies keep the order of
 * the commands. Nothing is read either from a client that doesn't read our replies.
 */
final class Conversation implements MessageReader.Driver {
  private static final Logger LOG = LoggerFactory.getLogger(SmtpServerHandler.class);

  /** After a last reply: how long to swallow what still comes, lest a reset overtake the reply. */
  private static final Duration LINGER = Duration.ofSeconds(2);

  private final Door door;
  private final Link link;
  private final LineInput input;
  private final SmtpSession session;
  private final MessageReader message;
  private final Inquiry inquiry;
  private boolean greeted;

  Conversation(Door door, Link link, Origin origin, LineInput input) {
    this.door = door;
    this.link = link;
    this.input = input;
    this.session = new SmtpSession(door, origin);
    this.message = new MessageReader(door, link, session, input, this);
    this.inquiry = new Inquiry(link, session, this::answered);
  }

  /** Asks whether the client may be greeted. */
  void start(Duration delay) {
    waitForCommand();
    if (delay.isZero()) {
      perform(session.connected());
    } else {
      after(
          delay,
          () -> {
            perform(session.connected());
            flush();
          });
    }
  }

  private void waitForCommand() {
    link.deadline().in(door.options().commandTimeout());
  }

  private void after(Duration delay, Runnable action) {
    var later =
        link.context()
            .executor()
            .schedule(
                () -> {
                  if (!link.closing) {
                    action.run();
                  }
                },
                delay.toMillis(),
                TimeUnit.MILLISECONDS);
    assert later != null;
  }

  void encrypted(TlsFacts facts) {
    session.encrypted(facts);
    waitForCommand();
  }

  /** The client has gone. */
  void gone() {
    if (!link.busy) {
      message.drop();
    }
  }

  // What comes in.

  /** More input is there. */
  void received() {
    if (!greeted) {
      LOG.debug("{}: talks before the greeting", link.peer);
      perform(Step.Close.offence(Replies.TALKS_FIRST));
      return;
    }
    if (message.hasMessage()) {
      link.deadline().in(door.options().dataTimeout());
    }
    work();
  }

  @Override
  public void goOn() {
    if (!link.closing) {
      work();
      flush();
    }
  }

  /** Goes on until the input is used up or something must be waited for. */
  private void work() {
    boolean progress = true;
    while (progress && input.isReadable() && isReading()) {
      if (message.wantsData()) {
        message.read();
      } else {
        progress = readLine();
      }
    }
    link.context().channel().config().setAutoRead(link.closing || isReading());
  }

  private boolean isReading() {
    return !link.busy && !link.closing && link.context().channel().isWritable();
  }

  private boolean readLine() {
    Optional<LineInput.Line> line = input.next(session.lineMax());
    if (line.isEmpty()) {
      return false;
    }
    waitForCommand();
    perform(
        switch (line.get()) {
          case LineInput.Line.Text text -> session.line(text.text());
          case LineInput.Line.TooLong tooLong -> session.lineTooLong(tooLong.start());
          case LineInput.Line.BareLineFeed bare -> session.bareLineFeed(bare.text());
          case LineInput.Line.Handshake handshake -> Step.Close.offence(Replies.NOT_TLS);
        });
    return true;
  }

  boolean isWithinMessage() {
    return message.hasMessage();
  }

  boolean isTooSlow(long now) {
    return message.isTooSlow(now);
  }

  // What goes out.

  @Override
  public void perform(Step step) {
    message.dropUnlessWanted();
    switch (step) {
      case Step.Reply reply -> {
        link.write(reply.reply());
        leaveIfDraining();
      }
      case Step.Delayed delayed -> later(delayed);
      case Step.Close close -> {
        if (close.isOffence()) {
          tell(close.reply());
          remember(close.reply());
        }
        close(close.reply());
      }
      case Step.Quit quit -> quit(quit.reply());
      case Step.ReadData read -> message.data(read);
      case Step.ReadChunk read -> message.chunk(read);
      case Step.SkipChunk skip -> message.skip(skip.octets(), skip.reply());
      case Step.Ask ask -> ask(ask.question(), () -> {});
      case Step.StartTls start -> startTls(start.reply());
      case Step.Authenticate authenticate ->
          blocking("smtp-auth", () -> result(authenticate), this::authenticated);
      case Step.Run run ->
          blocking("smtp-run", () -> result(run), reply -> then(new Step.Reply(reply)));
    }
  }

  @Override
  public void ask(Question<?> question, Runnable done) {
    inquiry.ask(question, done);
  }

  private void answered(Step step) {
    greeted = true;
    then(step);
  }

  private void tell(SmtpReply reply) {
    link.tell(session.origin().peer().orElse(link.peer), reply);
  }

  /** Whoever merely fell asleep is no offender; nor is a relay for what its client did. */
  private void remember(SmtpReply reply) {
    InetAddress address = link.peer.getAddress();
    boolean own = session.origin().peer().map(link.peer::equals).orElse(true);
    if (own && !reply.equals(Replies.IDLE) && !door.mayRelay(address)) {
      door.connections().penaltyBox().offended(address);
    }
  }

  private void later(Step.Delayed delayed) {
    link.busy = true;
    after(
        delayed.delay(),
        () -> {
          link.busy = false;
          then(new Step.Reply(delayed.reply()));
        });
  }

  /** Does it, and goes on with what has come meanwhile. */
  private void then(Step step) {
    waitForCommand();
    perform(step);
    goOn();
  }

  /** What was read ahead in clear text would be taken for encrypted (RFC 3207, 4.2). */
  private void startTls(SmtpReply reply) {
    if (input.isReadable()) {
      perform(Step.Close.offence(Replies.PIPELINED_AFTER_STARTTLS));
      return;
    }
    link.write(reply);
    link.context().flush();
    link.context()
        .pipeline()
        .addFirst(
            SmtpServerHandler.TLS,
            door.encryption().handler(link.context().alloc(), door.listener().tlsProfile()));
  }

  private <T> void blocking(String name, Supplier<T> work, Consumer<T> then) {
    link.aside(
        name,
        work,
        result -> {
          if (!link.closing) {
            then.accept(result);
          }
        },
        () -> {});
  }

  private SmtpReply result(Step.Run run) {
    try {
      return run.work().call();
    } catch (Exception e) {
      LOG.error("{}: a command failed after an error of ours", link.peer, e);
      return Replies.ETRN_UNABLE;
    }
  }

  private Authentication.Result result(Step.Authenticate authenticate) {
    try {
      return authenticate.exchange().next(authenticate.response());
    } catch (RuntimeException e) {
      LOG.error("{}: a client can't log in after an error of ours", link.peer, e);
      return new Authentication.Result.Failure(Replies.AUTH_UNAVAILABLE, Duration.ZERO);
    }
  }

  private void authenticated(Authentication.Result result) {
    if (result instanceof Authentication.Result.Failure failure) {
      tell(failure.reply());
    }
    then(session.authenticated(result));
  }

  /** Sends what was written, unless more replies are about to follow it (RFC 2920, 3.2). */
  void flush() {
    boolean more = link.busy && input.isReadable() && link.context().channel().isWritable();
    if (!more) {
      link.context().flush();
    }
  }

  // The end.

  /** Nothing is under way that a reset could overtake, unless the client goes on talking. */
  private void quit(SmtpReply reply) {
    if (input.isReadable() || isEncrypted()) {
      close(reply);
      return;
    }
    link.closing = true;
    link.writeLast(reply, ChannelFutureListener.CLOSE);
    if (link.context().channel().isOpen()) {
      linger();
    }
  }

  private void close(SmtpReply reply) {
    link.closing = true;
    if (!link.busy) {
      message.drop();
    }
    input.clear();
    link.writeLast(reply, sent -> shutdownOutput());
    link.context().channel().config().setAutoRead(true);
    linger();
  }

  private void linger() {
    link.deadline().last(link.context(), LINGER, () -> link.context().close());
  }

  private boolean isEncrypted() {
    return link.context().pipeline().get(SmtpServerHandler.TLS) != null;
  }

  /** With TLS it says so first; the client has the reply by then. */
  private void shutdownOutput() {
    if (link.context().pipeline().get(SmtpServerHandler.TLS) instanceof SslHandler tls) {
      tls.closeOutbound();
    } else if (link.context().channel() instanceof DuplexChannel duplex) {
      duplex.shutdownOutput();
    } else {
      link.context().close();
    }
  }

  /** While the server drains: closes unless a mail is in work. */
  void leaveIfDraining() {
    boolean idle = !link.busy && !message.isOpen() && !session.hasMail();
    if (door.connections().isDraining() && idle && !link.closing) {
      close(Replies.SHUTDOWN);
    }
  }

  /** Closes, unless a question is open. */
  void leave() {
    if (!link.busy && !link.closing) {
      close(Replies.SHUTDOWN);
    }
  }
}
