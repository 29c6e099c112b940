package dev.caravan.netty;

import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.Question;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.TlsFacts;
import dev.caravan.smtp.Authentication;
import dev.caravan.smtp.DataReader.Framing;
import dev.caravan.smtp.Replies;
import dev.caravan.smtp.SmtpSession;
import dev.caravan.smtp.Step;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyProtocolException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: cuts what comes into commands and data, tells the session, does what it says.
 * Everything here runs on the connection's event loop; routes, files and password checks run on
 * virtual threads, and nothing is read meanwhile, so that replies keep the order of the commands.
 * Nothing is read either from a client that doesn't read our replies.
 */
final class SmtpServerHandler extends ChannelInboundHandlerAdapter {
  /** The name of the TLS handler, which is first in the pipeline. */
  static final String TLS = "tls";

  private static final Logger LOG = LoggerFactory.getLogger(SmtpServerHandler.class);
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(15);
  private static final long LOOK_AT_DATA_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long LOOK_MIN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** After a last reply: how long to swallow what still comes, lest a reset overtake the reply. */
  private static final long LINGER_SECONDS = 2;

  /** How long a proxy may take to say for whom it speaks. */
  private static final Duration PROXY_TIMEOUT = Duration.ofSeconds(10);

  private final Door door;
  private final ServerOptions options;

  /** A proxy must still say for whom it speaks. */
  private boolean awaitsProxy;

  // Set when the client is known.
  private @Nullable SmtpSession session;
  private volatile @Nullable ChannelHandlerContext context;
  private InetSocketAddress peer = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private boolean admitted;
  private boolean trusted;
  private @Nullable Future<?> timer;

  private final LineInput input = new LineInput();
  private @Nullable Asked open;
  private @Nullable DataIntake message;
  private @Nullable Chunk chunk;

  /** A question is open, a file is being written, or a reply waits: what comes waits. */
  private boolean busy;

  private boolean greeted;
  private boolean closing;
  private long deadline;

  /** Octets that were announced by BDAT. */
  private static final class Chunk {
    final long octets;
    final boolean last;

    /** Set when nobody wants them. */
    final @Nullable SmtpReply refusal;

    long left;

    Chunk(long octets, boolean last, @Nullable SmtpReply refusal) {
      this.octets = octets;
      this.last = last;
      this.refusal = refusal;
      this.left = octets;
    }
  }

  /**
   * @param proxied whether the PROXY protocol comes first
   */
  SmtpServerHandler(Door door, boolean proxied) {
    this.door = door;
    this.options = door.options();
    this.awaitsProxy = proxied;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) throws Exception {
    super.channelActive(ctx);
    if (!(ctx.channel().remoteAddress() instanceof InetSocketAddress client)) {
      ctx.close(); // gone before we looked
      return;
    }
    context = ctx;
    Duration command = options.commandTimeout();
    boolean soon = awaitsProxy && PROXY_TIMEOUT.compareTo(command) < 0;
    waitFor(soon ? PROXY_TIMEOUT : command);
    watch(ctx);
    peer = client;
    if (!awaitsProxy) {
      admit(ctx);
    }
  }

  private void admit(ChannelHandlerContext ctx) {
    trusted = door.mayRelay(peer.getAddress());
    Optional<SmtpReply> refusal =
        door.connections().enter(peer.getAddress(), trusted, this, door.listener());
    if (refusal.isPresent()) {
      closing = true;
      tell(refusal.get());
      if (door.isImplicitTls()) {
        ctx.close(); // a handshake costs more than it tells
      } else {
        ctx.writeAndFlush(encode(ctx, refusal.get())).addListener(ChannelFutureListener.CLOSE);
      }
      return;
    }
    admitted = true;
    if (!door.isImplicitTls()) {
      begin(ctx, origin());
    }
  }

  private Origin origin() {
    return Origin.smtp(door.listening().name(), peer, trusted, door.clock().instant());
  }

  private void begin(ChannelHandlerContext ctx, Origin origin) {
    SmtpSession begun = new SmtpSession(door, origin);
    session = begun;
    waitFor(options.commandTimeout());
    boolean pause = !trusted && !options.greetingDelay().isZero();
    if (pause) {
      var later =
          ctx.executor()
              .schedule(
                  () -> {
                    if (!closing) {
                      perform(ctx, begun.connected());
                      flush(ctx);
                    }
                  },
                  options.greetingDelay().toMillis(),
                  TimeUnit.MILLISECONDS);
      assert !later.isDone();
    } else {
      perform(ctx, begun.connected());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    closing = true;
    input.release();
    if (timer != null) {
      timer.cancel(false);
    }
    if (!busy) {
      dropMessage();
    }
    if (admitted) {
      admitted = false;
      door.connections().left(peer.getAddress(), trusted, this, door.listener());
    }
    super.channelInactive(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof HAProxyProtocolException) {
      LOG.warn("{}: no PROXY protocol, though it must begin with it: {}", peer, cause.toString());
      tell(Replies.NO_PROXY);
    } else if (cause instanceof IOException || cause instanceof DecoderException) {
      LOG.debug("{}: connection lost: {}", peer, cause.toString());
    } else {
      LOG.error("{}: closed after an error of ours", peer, cause);
    }
    ctx.close();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (handshake.isSuccess()) {
        encrypted(ctx);
      } else {
        LOG.debug("{}: no TLS: {}", peer, handshake.cause().toString());
        tell(Replies.TLS_FAILED);
        ctx.close();
      }
    }
    super.userEventTriggered(ctx, event);
  }

  private void encrypted(ChannelHandlerContext ctx) {
    if (closing) {
      return;
    }
    TlsFacts facts = door.encryption().facts((SslHandler) ctx.pipeline().get(TLS));
    SmtpSession known = session;
    if (known == null) {
      begin(ctx, origin().withTls(facts, trusted || facts.client().isPresent()));
    } else {
      known.encrypted(facts);
      waitFor(options.commandTimeout());
    }
  }

  // What comes in.

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object received) {
    if (received instanceof HAProxyMessage header) {
      proxied(ctx, header);
      return;
    }
    ByteBuf more = (ByteBuf) received;
    if (closing || !more.isReadable()) {
      more.release();
      return;
    }
    input.append(ctx.alloc(), more);
    if (!greeted) {
      LOG.debug("{}: talks before the greeting", peer);
      perform(ctx, Step.Close.offence(Replies.TALKS_FIRST));
      return;
    }
    if (message != null) {
      waitFor(options.dataTimeout());
    }
    work(ctx);
  }

  /** The proxy speaks for a client; with LOCAL, or about no IP client, for itself. */
  private void proxied(ChannelHandlerContext ctx, HAProxyMessage header) {
    try {
      if (awaitsProxy && header.sourceAddress() != null && !closing) {
        peer =
            new InetSocketAddress(
                InetAddress.ofLiteral(header.sourceAddress()), header.sourcePort());
      }
    } catch (IllegalArgumentException e) {
      LOG.debug("{}: speaks for a client without an IP address", peer);
    } finally {
      header.release();
    }
    awaitsProxy = false;
    if (!closing) {
      admit(ctx);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    flush(ctx);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (session != null && !closing) {
      work(ctx);
      flush(ctx);
    }
  }

  /** Goes on until the input is used up or something must be waited for. */
  private void work(ChannelHandlerContext ctx) {
    boolean progress = true;
    while (progress && input.isReadable() && isReading(ctx)) {
      progress = chunk == null && !readsDots() ? readLine(ctx) : readMessage(ctx);
    }
    ctx.channel().config().setAutoRead(closing || isReading(ctx));
  }

  private boolean isReading(ChannelHandlerContext ctx) {
    return !busy && !closing && ctx.channel().isWritable();
  }

  private boolean readsDots() {
    return message != null && !message.isChunked();
  }

  private boolean readLine(ChannelHandlerContext ctx) {
    Optional<LineInput.Line> line = input.next(current().lineMax());
    if (line.isEmpty()) {
      return false;
    }
    waitFor(options.commandTimeout());
    perform(
        ctx,
        switch (line.get()) {
          case LineInput.Line.Text text -> current().line(text.text());
          case LineInput.Line.TooLong tooLong -> current().lineTooLong(tooLong.start());
          case LineInput.Line.BareLineFeed bare -> current().bareLineFeed(bare.text());
          case LineInput.Line.Handshake handshake -> Step.Close.offence(Replies.NOT_TLS);
        });
    return true;
  }

  private boolean readMessage(ChannelHandlerContext ctx) {
    Chunk piece = chunk;
    DataIntake intake = message;
    if (piece != null && piece.refusal != null) {
      piece.left -= input.skip(piece.left);
      if (piece.left == 0) {
        chunk = null;
        perform(ctx, new Step.Reply(piece.refusal));
      }
    } else if (intake != null) {
      long read = intake.feed(input.octets(), piece == null ? Long.MAX_VALUE : piece.left);
      if (piece != null) {
        piece.left -= read;
      }
      goOn(ctx, intake);
    }
    return true;
  }

  /** After something was read, or written to the file. */
  private void goOn(ChannelHandlerContext ctx, DataIntake intake) {
    Chunk piece = chunk;
    if (intake.needsFile()) {
      elsewhere(ctx, "smtp-spool", intake::spool, intake);
    } else if (intake.hasEnded()) {
      endMessage(ctx, intake);
    } else if (piece != null && piece.left == 0) {
      endChunk(ctx, intake, piece);
    } else if (intake.keepsUseless()) {
      elsewhere(ctx, "smtp-spool", intake::discard, intake);
    }
  }

  private void elsewhere(ChannelHandlerContext ctx, String name, Runnable work, DataIntake intake) {
    busy = true;
    Thread.ofVirtual()
        .name(name)
        .start(
            () -> {
              work.run();
              try {
                ctx.executor().execute(() -> written(ctx, intake));
              } catch (RejectedExecutionException e) {
                intake.discard(); // the server has stopped
              }
            });
  }

  private void written(ChannelHandlerContext ctx, DataIntake intake) {
    busy = false;
    if (closing) {
      dropMessage();
      return;
    }
    waitFor(options.dataTimeout());
    goOn(ctx, intake);
    work(ctx);
    flush(ctx);
  }

  private void endChunk(ChannelHandlerContext ctx, DataIntake intake, Chunk piece) {
    chunk = null;
    if (intake.refusal().isPresent()) {
      refuseMessage(ctx, intake.refusal().get());
    } else if (piece.last) {
      intake.end();
      goOn(ctx, intake);
    } else {
      waitFor(options.commandTimeout());
      perform(ctx, current().chunk(piece.octets));
    }
  }

  private void endMessage(ChannelHandlerContext ctx, DataIntake intake) {
    waitFor(options.commandTimeout());
    chunk = null;
    Optional<SmtpReply> refusal = intake.refusal();
    if (refusal.isPresent()) {
      refuseMessage(ctx, refusal.get());
      return;
    }
    message = null;
    MailId id = MailId.next(door.clock(), ThreadLocalRandom.current());
    Step step = current().message(id, door.clock().instant(), intake.content());
    if (step instanceof Step.Ask ask) {
      ask(ctx, ask.question(), intake::discard);
    } else {
      Thread.startVirtualThread(intake::discard);
      perform(ctx, step);
    }
  }

  private void refuseMessage(ChannelHandlerContext ctx, SmtpReply reply) {
    waitFor(options.commandTimeout());
    dropMessage();
    perform(ctx, current().messageRefused(reply));
  }

  private void dropMessage() {
    DataIntake intake = message;
    message = null;
    if (intake != null && intake.hasFile()) {
      Thread.startVirtualThread(intake::discard);
    } else if (intake != null) {
      intake.discard();
    }
  }

  // What goes out.

  private void perform(ChannelHandlerContext ctx, Step step) {
    if (!current().hasMail() && chunk == null) {
      dropMessage(); // RSET, or another EHLO, between two chunks
    }
    switch (step) {
      case Step.Reply reply -> {
        ctx.write(encode(ctx, reply.reply()));
        leaveIfDraining(ctx);
      }
      case Step.Delayed delayed -> later(ctx, delayed);
      case Step.Close close -> {
        if (close.isOffence()) {
          tell(close.reply());
        }
        close(ctx, close.reply());
      }
      case Step.ReadData read -> readData(ctx, read);
      case Step.ReadChunk read -> readChunk(ctx, read);
      case Step.SkipChunk skip -> skipChunk(ctx, skip.octets(), skip.reply());
      case Step.Ask ask -> ask(ctx, ask.question(), () -> {});
      case Step.StartTls start -> startTls(ctx, start.reply());
      case Step.Authenticate authenticate ->
          blocking(
              ctx, "smtp-auth", () -> result(authenticate), result -> authenticated(ctx, result));
      case Step.Run run ->
          blocking(
              ctx, "smtp-run", () -> result(run), reply -> goOnWith(ctx, new Step.Reply(reply)));
    }
  }

  private void readData(ChannelHandlerContext ctx, Step.ReadData read) {
    Optional<SmtpReply> full = full();
    if (full.isPresent()) {
      perform(ctx, current().messageRefused(full.get()));
      return;
    }
    ctx.write(encode(ctx, read.reply()));
    message = new DataIntake(options, door.memory(), Framing.DOTS, System.nanoTime());
    waitFor(options.dataTimeout());
  }

  private void readChunk(ChannelHandlerContext ctx, Step.ReadChunk read) {
    Optional<SmtpReply> full = read.first() ? full() : Optional.empty();
    if (full.isPresent()) {
      if (current().messageRefused(full.get()) instanceof Step.Reply reply) {
        skipChunk(ctx, read.octets(), reply.reply());
      }
      return;
    }
    long now = System.nanoTime();
    DataIntake intake = message;
    if (intake == null) {
      Framing framing = read.binary() ? Framing.BINARY_CHUNKS : Framing.CHUNKS;
      intake = new DataIntake(options, door.memory(), framing, now);
      message = intake;
    } else {
      intake.resume(now);
    }
    waitFor(options.dataTimeout());
    chunk = new Chunk(read.octets(), read.last(), null);
    goOn(ctx, intake);
  }

  private void skipChunk(ChannelHandlerContext ctx, long octets, SmtpReply reply) {
    if (octets > options.limits().messageSize()) {
      perform(ctx, Step.Close.offence(reply));
    } else if (octets == 0) {
      perform(ctx, new Step.Reply(reply));
    } else {
      waitFor(options.dataTimeout());
      chunk = new Chunk(octets, false, reply);
    }
  }

  private Optional<SmtpReply> full() {
    return door.memory().isFull() ? Optional.of(Replies.NO_STORAGE) : door.shortage();
  }

  private void later(ChannelHandlerContext ctx, Step.Delayed delayed) {
    busy = true;
    var later =
        ctx.executor()
            .schedule(
                () -> {
                  busy = false;
                  if (!closing) {
                    goOnWith(ctx, new Step.Reply(delayed.reply()));
                  }
                },
                delayed.delay().toMillis(),
                TimeUnit.MILLISECONDS);
    assert later != null;
  }

  private void goOnWith(ChannelHandlerContext ctx, Step step) {
    waitFor(options.commandTimeout());
    perform(ctx, step);
    if (!closing) {
      work(ctx);
      flush(ctx);
    }
  }

  /** What was read ahead in clear text would be taken for encrypted (RFC 3207, 4.2). */
  private void startTls(ChannelHandlerContext ctx, SmtpReply reply) {
    if (input.isReadable()) {
      perform(ctx, Step.Close.offence(Replies.PIPELINED_AFTER_STARTTLS));
      return;
    }
    ctx.writeAndFlush(encode(ctx, reply));
    ctx.pipeline()
        .addFirst(TLS, door.encryption().handler(ctx.alloc(), door.listener().tlsProfile()));
  }

  /** Work on a virtual thread, and then on the event loop what follows from it. */
  private <T> void blocking(
      ChannelHandlerContext ctx, String name, Supplier<T> work, Consumer<T> then) {
    busy = true;
    Thread.ofVirtual()
        .name(name)
        .start(
            () -> {
              T result = work.get();
              try {
                ctx.executor()
                    .execute(
                        () -> {
                          busy = false;
                          if (!closing) {
                            then.accept(result);
                          }
                        });
              } catch (RejectedExecutionException e) {
                LOG.debug("{}: done after the server has stopped", peer);
              }
            });
  }

  private SmtpReply result(Step.Run run) {
    try {
      return run.work().call();
    } catch (Exception e) {
      LOG.error("{}: a command failed after an error of ours", peer, e);
      return Replies.ETRN_UNABLE;
    }
  }

  private Authentication.Result result(Step.Authenticate authenticate) {
    try {
      return authenticate.exchange().next(authenticate.response());
    } catch (RuntimeException e) {
      LOG.error("{}: a client can't log in after an error of ours", peer, e);
      return new Authentication.Result.Failure(Replies.AUTH_UNAVAILABLE, Duration.ZERO);
    }
  }

  private void authenticated(ChannelHandlerContext ctx, Authentication.Result result) {
    if (result instanceof Authentication.Result.Failure failure) {
      tell(failure.reply());
    }
    goOnWith(ctx, current().authenticated(result));
  }

  private void tell(SmtpReply reply) {
    door.gatehouse().cutOff(door.listening().name(), peer, reply);
  }

  private static ByteBuf encode(ChannelHandlerContext ctx, SmtpReply reply) {
    return ByteBufUtil.writeAscii(ctx.alloc(), Replies.wire(reply));
  }

  /** Sends what was written, unless more replies are about to follow it (RFC 2920, 3.2). */
  private void flush(ChannelHandlerContext ctx) {
    boolean more = busy && input.isReadable() && ctx.channel().isWritable();
    if (!more) {
      ctx.flush();
    }
  }

  private void close(ChannelHandlerContext ctx, SmtpReply reply) {
    closing = true;
    if (!busy) {
      dropMessage();
    }
    input.clear();
    ctx.writeAndFlush(encode(ctx, reply)).addListener(sent -> shutdownOutput(ctx));
    ctx.channel().config().setAutoRead(true);
    if (timer != null) {
      timer.cancel(false);
    }
    timer = ctx.executor().schedule(() -> ctx.close(), LINGER_SECONDS, TimeUnit.SECONDS);
  }

  /** With TLS it says so first; the client has the reply by then. */
  private static void shutdownOutput(ChannelHandlerContext ctx) {
    if (ctx.pipeline().get(TLS) instanceof SslHandler tls) {
      tls.closeOutbound();
    } else if (ctx.channel() instanceof DuplexChannel duplex) {
      duplex.shutdownOutput();
    } else {
      ctx.close();
    }
  }

  // Questions.

  private void ask(ChannelHandlerContext ctx, Question<?> question, Runnable done) {
    Asked asked = new Asked(question, done, reply -> fromRoute(ctx, reply));
    open = asked;
    busy = true;
    ctx.fireChannelRead(asked);
  }

  /** From the route's thread to the event loop. */
  private void fromRoute(ChannelHandlerContext ctx, Asked.Reply reply) {
    try {
      ctx.executor().execute(() -> answered(ctx, reply));
    } catch (RejectedExecutionException e) {
      LOG.debug("{}: answered after the server has stopped", peer);
    }
  }

  private void answered(ChannelHandlerContext ctx, Asked.Reply reply) {
    if (reply.asked() != open) {
      LOG.error("{}: an answer that nobody waits for: {}", peer, reply.answer());
      return;
    }
    open = null;
    busy = false;
    if (closing) {
      return;
    }
    Question<?> question = reply.asked().question();
    Step step;
    if (reply.answer() instanceof Question<?> answer && answer.phase().equals(question.phase())) {
      step = current().answered(answer);
    } else {
      logFailure(question, reply.answer());
      step = current().answerFailed(question);
    }
    greeted = true;
    goOnWith(ctx, step);
  }

  private void logFailure(Question<?> question, @Nullable Object answer) {
    if (answer instanceof Throwable cause) {
      LOG.error("{}: the route failed for the {}", peer, question.phase(), cause);
    } else {
      LOG.error("{}: the route answered the {} with {}", peer, question.phase(), answer);
    }
  }

  // Time.

  private void waitFor(Duration max) {
    deadline = System.nanoTime() + max.toNanos();
  }

  /** One timer for each connection; a deadline that moves costs nothing. */
  private void watch(ChannelHandlerContext ctx) {
    long shortest = Math.min(options.commandTimeout().toNanos(), options.dataTimeout().toNanos());
    shortest = Math.min(shortest, Math.max(LOOK_MIN_NANOS, options.dataRateGrace().toNanos()));
    long next = Math.min(shortest, message == null ? LOOK_NANOS : LOOK_AT_DATA_NANOS);
    next = Math.min(next, deadline - System.nanoTime());
    timer =
        ctx.executor()
            .schedule(() -> look(ctx), Math.max(next, LOOK_MIN_NANOS), TimeUnit.NANOSECONDS);
  }

  private void look(ChannelHandlerContext ctx) {
    if (closing) {
      return;
    }
    long now = System.nanoTime();
    boolean late = !busy && now - deadline >= 0;
    if (late && session == null) {
      tell(Replies.IDLE);
      ctx.close();
    } else if (late) {
      perform(ctx, Step.Close.offence(Replies.IDLE));
    } else if (!busy && readsSlowly(now)) {
      perform(ctx, Step.Close.offence(Replies.TOO_SLOW));
    } else {
      watch(ctx);
    }
  }

  private boolean readsSlowly(long now) {
    DataIntake intake = message;
    return intake != null && (chunk != null || !intake.isChunked()) && intake.isTooSlow(now);
  }

  // Stopping.

  private void leaveIfDraining(ChannelHandlerContext ctx) {
    boolean idle =
        open == null && message == null && chunk == null && !busy && !current().hasMail();
    if (door.connections().isDraining() && idle && !closing) {
      close(ctx, Replies.SHUTDOWN);
    }
  }

  /** Closes as soon as no mail is in work. From any thread. */
  void drain() {
    onLoop(
        ctx -> {
          if (session == null) {
            ctx.close(); // it has been promised nothing yet
          } else {
            leaveIfDraining(ctx);
          }
        });
  }

  /** Closes now, unless a question is open. From any thread. */
  void stop() {
    onLoop(
        ctx -> {
          if (session == null) {
            ctx.close();
          } else if (!busy && !closing) {
            close(ctx, Replies.SHUTDOWN);
          }
        });
  }

  private void onLoop(Consumer<ChannelHandlerContext> action) {
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      ctx.executor()
          .execute(
              () -> {
                if (ctx.channel().isActive()) {
                  action.accept(ctx);
                }
              });
    }
  }

  private SmtpSession current() {
    SmtpSession s = session;
    if (s == null) {
      throw new IllegalStateException("the connection is not active");
    }
    return s;
  }
}
