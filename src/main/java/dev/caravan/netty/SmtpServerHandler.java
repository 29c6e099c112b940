package dev.caravan.netty;

import dev.caravan.mail.Content;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.Question;
import dev.caravan.mail.SmtpReply;
import dev.caravan.smtp.DataReader;
import dev.caravan.smtp.Replies;
import dev.caravan.smtp.SmtpSession;
import dev.caravan.smtp.Step;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: cuts what comes into commands and data, tells the session, does what it says.
 * Everything here runs on the connection's event loop; routes and files run on virtual threads, and
 * nothing is read meanwhile.
 */
final class SmtpServerHandler extends ChannelDuplexHandler {
  private static final Logger LOG = LoggerFactory.getLogger(SmtpServerHandler.class);
  private static final long RATE_GRACE_SECONDS = 30;

  private final ServerOptions options;
  private final Connections connections;
  private final InstantSource clock = Clock.systemUTC();

  // Set when the channel is active.
  private @Nullable SmtpSession session;
  private @Nullable InetAddress address;
  private boolean trusted;
  private boolean admitted;

  private ByteBuf input = Unpooled.EMPTY_BUFFER;
  private @Nullable Question<?> open;
  private boolean busy;
  private boolean greeted;
  private boolean closing;
  private boolean draining;
  private boolean skippingLine;

  private @Nullable DataReader data;
  private @Nullable SpoolFile spool;
  private boolean spoolFailed;
  private long dataSince;
  private long deadline;

  SmtpServerHandler(ServerOptions options, Connections connections) {
    this.options = options;
    this.connections = connections;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    InetSocketAddress peer = (InetSocketAddress) ctx.channel().remoteAddress();
    address = peer.getAddress();
    trusted = options.trusted().contains(peer.getAddress());
    admitted = connections.admits(peer.getAddress(), trusted, this);
    SmtpSession begun =
        new SmtpSession(
            options.hostname(), options.limits(), Origin.smtp(peer, trusted, clock.instant()));
    session = begun;
    context = ctx;
    if (!admitted) {
      perform(ctx, new Step.Close(Replies.TOO_MANY_CONNECTIONS));
      ctx.flush();
      return;
    }
    waitFor(options.commandTimeout().toNanos());
    watch(ctx);
    perform(ctx, begun.connected());
  }

  private volatile @Nullable ChannelHandlerContext context;

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    closing = true;
    input.release();
    input = Unpooled.EMPTY_BUFFER;
    SpoolFile unfinished = spool;
    if (unfinished != null && !busy) {
      spool = null;
      Thread.startVirtualThread(unfinished::discard);
    }
    if (admitted && address != null) {
      connections.left(address, trusted, this);
    }
    super.channelInactive(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("{}: connection lost: {}", address, cause.toString());
    } else {
      LOG.error("{}: connection closed after an error of ours", address, cause);
    }
    ctx.close();
  }

  // What comes in.

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf more = (ByteBuf) message;
    if (closing) {
      more.release();
      return;
    }
    if (input.isReadable()) {
      ByteBuf joined = ctx.alloc().buffer(input.readableBytes() + more.readableBytes());
      joined.writeBytes(input).writeBytes(more);
      input.release();
      more.release();
      input = joined;
    } else {
      input.release();
      input = more;
    }
    if (!greeted && open != null && input.isReadable()) {
      LOG.debug("{}: talks before the greeting", address);
      perform(ctx, new Step.Close(Replies.TALKS_FIRST));
      ctx.flush();
      return;
    }
    work(ctx);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.flush();
  }

  /** Goes on until the input is used up or something must be waited for. */
  private void work(ChannelHandlerContext ctx) {
    while (!busy && !closing && input.isReadable()) {
      boolean progress = data != null ? readData(ctx, data) : readLine(ctx);
      if (!progress) {
        break;
      }
    }
    ctx.channel().config().setAutoRead(!busy || closing);
  }

  private boolean readLine(ChannelHandlerContext ctx) {
    SmtpSession s = current();
    int lf = input.indexOf(input.readerIndex(), input.writerIndex(), (byte) '\n');
    int max = options.limits().commandLine();
    if (lf < 0) {
      if (input.readableBytes() > max) {
        input.skipBytes(input.readableBytes());
        skippingLine = true;
      }
      return false;
    }
    int length = lf - input.readerIndex() + 1;
    if (skippingLine || length > max) {
      skippingLine = false;
      input.skipBytes(length);
      perform(ctx, s.lineTooLong());
      return true;
    }
    // A bare LF ends a command as well: it can smuggle nothing here, and old devices send it.
    int cut = length > 1 && input.getByte(lf - 1) == '\r' ? 2 : 1;
    String line = input.toString(input.readerIndex(), length - cut, StandardCharsets.ISO_8859_1);
    input.skipBytes(length);
    waitFor(options.commandTimeout().toNanos());
    perform(ctx, s.command(line));
    return true;
  }

  private boolean readData(ChannelHandlerContext ctx, DataReader reader) {
    byte[] octets;
    int from;
    int count = input.readableBytes();
    if (input.hasArray()) {
      octets = input.array();
      from = input.arrayOffset() + input.readerIndex();
    } else {
      octets = ByteBufUtil.getBytes(input);
      from = 0;
    }
    input.skipBytes(reader.feed(octets, from, count));
    boolean toFile = reader.pending() > options.spoolThreshold() || spool != null;
    if (toFile && !spoolFailed && (reader.pending() > 0 || reader.hasEnded())) {
      writeToFile(ctx, reader);
    } else if (reader.hasEnded()) {
      endData(ctx, reader);
    } else if (spoolFailed) {
      reader.drop();
    }
    return true;
  }

  private void writeToFile(ChannelHandlerContext ctx, DataReader reader) {
    byte[] octets = reader.take();
    boolean refused = reader.isRefused();
    boolean ended = reader.hasEnded();
    busy = true;
    Thread.startVirtualThread(
        () -> {
          IOException failure = null;
          try {
            if (!refused) {
              SpoolFile file = spool == null ? new SpoolFile(options.spoolDir()) : spool;
              spool = file;
              file.write(octets);
              if (ended) {
                file.close();
              }
            }
          } catch (IOException e) {
            failure = e;
          }
          IOException outcome = failure;
          ctx.executor().execute(() -> written(ctx, reader, outcome));
        });
  }

  private void written(
      ChannelHandlerContext ctx, DataReader reader, @Nullable IOException failure) {
    busy = false;
    if (failure != null) {
      LOG.error("{}: a message can't be spooled: {}", address, failure.toString());
      spoolFailed = true;
      dropSpool();
    }
    if (closing) {
      dropSpool();
      return;
    }
    if (reader.hasEnded()) {
      endData(ctx, reader);
    }
    work(ctx);
    ctx.flush();
  }

  private void endData(ChannelHandlerContext ctx, DataReader reader) {
    SmtpSession s = current();
    data = null;
    waitFor(options.commandTimeout().toNanos());
    Optional<SmtpReply> refusal = refusal(reader);
    if (refusal.isPresent()) {
      dropSpool();
      perform(ctx, s.messageRefused(refusal.get()));
      return;
    }
    SpoolFile file = spool;
    Content content =
        file == null ? Content.of(reader.take()) : Content.of(file.file(), file.size());
    spool = null;
    MailId id = MailId.next(clock, ThreadLocalRandom.current());
    perform(ctx, s.message(id, clock.instant(), content));
  }

  private Optional<SmtpReply> refusal(DataReader reader) {
    if (reader.isTooBig()) {
      return Optional.of(Replies.TOO_BIG);
    }
    if (reader.hasBareLineEnd()) {
      return Optional.of(Replies.BARE_LINE_END);
    }
    if (reader.hasLongLine()) {
      return Optional.of(Replies.TEXT_LINE_TOO_LONG);
    }
    return spoolFailed ? Optional.of(Replies.NO_STORAGE) : Optional.empty();
  }

  private void dropSpool() {
    SpoolFile file = spool;
    spool = null;
    if (file != null) {
      Thread.startVirtualThread(file::discard);
    }
  }

  // What goes out.

  private void perform(ChannelHandlerContext ctx, Step step) {
    switch (step) {
      case Step.Reply reply -> {
        send(ctx, reply.reply());
        if (draining && isIdle()) {
          perform(ctx, new Step.Close(Replies.SHUTDOWN));
        }
      }
      case Step.Close close -> {
        closing = true;
        ctx.writeAndFlush(encode(ctx, close.reply())).addListener(ChannelFutureListener.CLOSE);
      }
      case Step.ReadData read -> {
        data = new DataReader(options.limits().messageSize(), options.limits().textLine());
        spoolFailed = false;
        dataSince = System.nanoTime();
        waitFor(options.dataTimeout().toNanos());
        send(ctx, read.reply());
      }
      case Step.Ask ask -> {
        open = ask.question();
        busy = true;
        ctx.fireChannelRead(ask.question());
      }
    }
  }

  private void send(ChannelHandlerContext ctx, SmtpReply reply) {
    ctx.write(encode(ctx, reply));
  }

  private static ByteBuf encode(ChannelHandlerContext ctx, SmtpReply reply) {
    return ByteBufUtil.writeUtf8(ctx.alloc(), Replies.wire(reply));
  }

  /** The route's answer, as the consumer writes it. */
  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    Question<?> asked = open;
    if (asked == null) {
      LOG.error("{}: an answer that nobody asked for: {}", address, message);
      promise.setSuccess();
      return;
    }
    open = null;
    busy = false;
    forget(asked);
    promise.setSuccess();
    if (closing) {
      return;
    }
    SmtpSession s = current();
    Step step;
    if (message instanceof Question<?> answer && answer.phase().equals(asked.phase())) {
      step = s.answered(answer);
    } else {
      LOG.error("{}: {} was not answered but gave {}", address, asked.phase(), message);
      step = s.answerFailed(asked);
    }
    greeted = true;
    waitFor(options.commandTimeout().toNanos());
    perform(ctx, step);
    work(ctx);
    ctx.flush();
  }

  /** A spool file has served when its mail is committed or refused. */
  private static void forget(Question<?> asked) {
    if (asked instanceof Mail mail) {
      mail.content()
          .spoolFile()
          .ifPresent(file -> Thread.startVirtualThread(() -> SpoolFile.delete(file)));
    }
  }

  // Time.

  private void waitFor(long nanos) {
    deadline = System.nanoTime() + nanos;
  }

  /** One timer for each connection, which looks when it could be due and not before. */
  private void watch(ChannelHandlerContext ctx) {
    long left = Math.max(deadline - System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(10));
    long next = data != null || spool != null ? Math.min(left, TimeUnit.SECONDS.toNanos(5)) : left;
    next = Math.min(next, TimeUnit.SECONDS.toNanos(15));
    ctx.executor()
        .schedule(
            () -> {
              if (closing) {
                return;
              }
              if (!busy) {
                look(ctx);
              }
              if (!closing) {
                watch(ctx);
              }
            },
            next,
            TimeUnit.NANOSECONDS);
  }

  private void look(ChannelHandlerContext ctx) {
    long now = System.nanoTime();
    DataReader reader = data;
    if (now - deadline >= 0) {
      perform(ctx, new Step.Close(Replies.IDLE));
      dropSpool();
    } else if (reader != null) {
      long seconds = TimeUnit.NANOSECONDS.toSeconds(now - dataSince);
      if (seconds > RATE_GRACE_SECONDS
          && reader.size() < (seconds - RATE_GRACE_SECONDS) * options.dataRateMin()) {
        perform(ctx, new Step.Close(Replies.TOO_SLOW));
        dropSpool();
      }
    }
  }

  // Stopping.

  private boolean isIdle() {
    return open == null && data == null && !busy;
  }

  /** Lets the mail in work end, then closes. From any thread. */
  void drain() {
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      ctx.executor()
          .execute(
              () -> {
                draining = true;
                if (!closing && isIdle()) {
                  perform(ctx, new Step.Close(Replies.SHUTDOWN));
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
