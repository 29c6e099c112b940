package dev.caravan.netty;

import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.Question;
import dev.caravan.mail.SmtpReply;
import dev.caravan.smtp.Replies;
import dev.caravan.smtp.SmtpSession;
import dev.caravan.smtp.Step;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: cuts what comes into commands and data, tells the session, does what it says.
 * Everything here runs on the connection's event loop; routes and files run on virtual threads, and
 * nothing is read meanwhile, so that replies keep the order of the commands. Nothing is read either
 * from a client that doesn't read our replies.
 */
final class SmtpServerHandler extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(SmtpServerHandler.class);

  /** How long the data of a message may come slowly, so that a slow start is no offence. */
  private static final long RATE_GRACE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(15);
  private static final long LOOK_AT_DATA_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long LOOK_MIN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** After a last reply: how long to swallow what still comes, lest a reset overtake the reply. */
  private static final long LINGER_SECONDS = 2;

  private final ServerOptions options;
  private final Connections connections;
  private final MemoryBudget memory;
  private final InstantSource clock = Clock.systemUTC();

  // Set when the channel is active.
  private @Nullable SmtpSession session;
  private volatile @Nullable ChannelHandlerContext context;
  private InetAddress address = InetAddress.getLoopbackAddress();
  private boolean trusted;
  private boolean admitted;
  private @Nullable Future<?> timer;

  private final LineInput input;
  private @Nullable Asked open;
  private @Nullable DataIntake data;

  /** A question is open or a file is being written: what comes waits. */
  private boolean busy;

  private boolean greeted;
  private boolean closing;
  private long deadline;

  SmtpServerHandler(ServerOptions options, Connections connections, MemoryBudget memory) {
    this.options = options;
    this.connections = connections;
    this.memory = memory;
    this.input = new LineInput(options.limits().commandLine());
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) throws Exception {
    super.channelActive(ctx);
    if (!(ctx.channel().remoteAddress() instanceof InetSocketAddress peer)) {
      ctx.close(); // gone before we looked
      return;
    }
    context = ctx;
    address = peer.getAddress();
    trusted = options.trusted().contains(address);
    Optional<SmtpReply> refusal = connections.enter(address, trusted, this);
    if (refusal.isPresent()) {
      closing = true;
      ctx.writeAndFlush(encode(ctx, refusal.get())).addListener(ChannelFutureListener.CLOSE);
      return;
    }
    admitted = true;
    Origin origin = Origin.smtp(peer, trusted, clock.instant());
    SmtpSession begun = new SmtpSession(options.hostname(), options.limits(), origin);
    session = begun;
    waitFor(options.commandTimeout().toNanos());
    watch(ctx);
    perform(ctx, begun.connected());
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    closing = true;
    input.release();
    if (timer != null) {
      timer.cancel(false);
    }
    if (!busy) {
      dropData();
    }
    if (admitted) {
      admitted = false;
      connections.left(address, trusted, this);
    }
    super.channelInactive(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("{}: connection lost: {}", address, cause.toString());
    } else {
      LOG.error("{}: closed after an error of ours", address, cause);
    }
    ctx.close();
  }

  // What comes in.

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf more = (ByteBuf) message;
    if (closing || !more.isReadable()) {
      more.release();
      return;
    }
    input.append(ctx.alloc(), more);
    if (!greeted) {
      LOG.debug("{}: talks before the greeting", address);
      perform(ctx, new Step.Close(Replies.TALKS_FIRST));
      return;
    }
    if (data != null) {
      waitFor(options.dataTimeout().toNanos());
    }
    work(ctx);
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
      DataIntake intake = data;
      progress = intake == null ? readLine(ctx) : readData(ctx, intake);
    }
    ctx.channel().config().setAutoRead(closing || isReading(ctx));
  }

  private boolean isReading(ChannelHandlerContext ctx) {
    return !busy && !closing && ctx.channel().isWritable();
  }

  private boolean readLine(ChannelHandlerContext ctx) {
    Optional<LineInput.Line> line = input.next();
    if (line.isEmpty()) {
      return false;
    }
    waitFor(options.commandTimeout().toNanos());
    perform(
        ctx,
        switch (line.get()) {
          case LineInput.Line.Text text -> current().command(text.text());
          case LineInput.Line.TooLong t -> current().lineTooLong();
          case LineInput.Line.BareLineFeed l -> current().bareLineFeed();
        });
    return true;
  }

  private boolean readData(ChannelHandlerContext ctx, DataIntake intake) {
    intake.feed(input.octets());
    if (intake.needsFile()) {
      busy = true;
      Thread.ofVirtual().name("smtp-spool").start(() -> spool(ctx, intake));
    } else if (intake.hasEnded()) {
      endData(ctx, intake);
    } else if (intake.keepsUseless()) {
      busy = true;
      Thread.ofVirtual().name("smtp-spool").start(() -> discard(ctx, intake));
    }
    return true;
  }

  private void spool(ChannelHandlerContext ctx, DataIntake intake) {
    intake.spool();
    backToLoop(ctx, intake);
  }

  private void discard(ChannelHandlerContext ctx, DataIntake intake) {
    intake.discard();
    backToLoop(ctx, intake);
  }

  private void backToLoop(ChannelHandlerContext ctx, DataIntake intake) {
    try {
      ctx.executor().execute(() -> written(ctx, intake));
    } catch (RejectedExecutionException e) {
      intake.discard(); // the server has stopped
    }
  }

  private void written(ChannelHandlerContext ctx, DataIntake intake) {
    busy = false;
    if (closing) {
      dropData();
      return;
    }
    waitFor(options.dataTimeout().toNanos());
    if (intake.hasEnded()) {
      endData(ctx, intake);
    }
    work(ctx);
    flush(ctx);
  }

  private void endData(ChannelHandlerContext ctx, DataIntake intake) {
    waitFor(options.commandTimeout().toNanos());
    Optional<SmtpReply> refusal = intake.refusal();
    if (refusal.isPresent()) {
      dropData();
      perform(ctx, current().messageRefused(refusal.get()));
      return;
    }
    data = null;
    MailId id = MailId.next(clock, ThreadLocalRandom.current());
    Step step = current().message(id, clock.instant(), intake.content());
    if (step instanceof Step.Ask ask) {
      ask(ctx, ask.question(), intake::discard);
    } else {
      Thread.startVirtualThread(intake::discard);
      perform(ctx, step);
    }
  }

  private void dropData() {
    DataIntake intake = data;
    data = null;
    if (intake != null && intake.hasFile()) {
      Thread.startVirtualThread(intake::discard);
    } else if (intake != null) {
      intake.discard();
    }
  }

  // What goes out.

  private void perform(ChannelHandlerContext ctx, Step step) {
    switch (step) {
      case Step.Reply reply -> {
        ctx.write(encode(ctx, reply.reply()));
        leaveIfDraining(ctx);
      }
      case Step.Close close -> close(ctx, close.reply());
      case Step.ReadData read when memory.isFull() -> {
        LOG.warn("{}: a message is deferred: caravan.smtp.memory-max is used up", address);
        perform(ctx, current().messageRefused(Replies.NO_STORAGE));
      }
      case Step.ReadData read -> {
        ctx.write(encode(ctx, read.reply()));
        data = new DataIntake(options, memory, System.nanoTime());
        waitFor(options.dataTimeout().toNanos());
      }
      case Step.Ask ask -> ask(ctx, ask.question(), () -> {});
    }
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
      dropData();
    }
    input.clear();
    ctx.writeAndFlush(encode(ctx, reply)).addListener(sent -> shutdownOutput(ctx));
    ctx.channel().config().setAutoRead(true);
    if (timer != null) {
      timer.cancel(false);
    }
    timer = ctx.executor().schedule(() -> ctx.close(), LINGER_SECONDS, TimeUnit.SECONDS);
  }

  private static void shutdownOutput(ChannelHandlerContext ctx) {
    if (ctx.channel() instanceof DuplexChannel duplex) {
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
      LOG.debug("{}: answered after the server has stopped", address);
    }
  }

  private void answered(ChannelHandlerContext ctx, Asked.Reply reply) {
    if (reply.asked() != open) {
      LOG.error("{}: an answer that nobody waits for: {}", address, reply.answer());
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
    waitFor(options.commandTimeout().toNanos());
    perform(ctx, step);
    if (!closing) {
      work(ctx);
      flush(ctx);
    }
  }

  private void logFailure(Question<?> question, @Nullable Object answer) {
    if (answer instanceof Throwable cause) {
      LOG.error("{}: the route failed for the {}", address, question.phase(), cause);
    } else {
      LOG.error("{}: the route answered the {} with {}", address, question.phase(), answer);
    }
  }

  // Time.

  private void waitFor(long nanos) {
    deadline = System.nanoTime() + nanos;
  }

  /** One timer for each connection; a deadline that moves costs nothing. */
  private void watch(ChannelHandlerContext ctx) {
    long shortest = Math.min(options.commandTimeout().toNanos(), options.dataTimeout().toNanos());
    long next = Math.min(shortest, data == null ? LOOK_NANOS : LOOK_AT_DATA_NANOS);
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
    DataIntake intake = data;
    if (!busy && now - deadline >= 0) {
      perform(ctx, new Step.Close(Replies.IDLE));
    } else if (!busy && intake != null && intake.isTooSlow(now, RATE_GRACE_NANOS)) {
      perform(ctx, new Step.Close(Replies.TOO_SLOW));
    } else {
      watch(ctx);
    }
  }

  // Stopping.

  private void leaveIfDraining(ChannelHandlerContext ctx) {
    boolean idle = open == null && data == null && !busy && !current().hasMail();
    if (connections.isDraining() && idle && !closing) {
      close(ctx, Replies.SHUTDOWN);
    }
  }

  /** Closes as soon as no mail is in work. From any thread. */
  void drain() {
    onLoop(this::leaveIfDraining);
  }

  /** Closes now, unless a question is open. From any thread. */
  void stop() {
    onLoop(
        ctx -> {
          if (!busy && !closing) {
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
                if (session != null && ctx.channel().isActive()) {
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
