package dev.caravan.netty;

import dev.caravan.mail.SmtpReply;
import dev.caravan.smtp.Replies;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the parts of one connection share: its channel, whom it is with, and whether something is
 * being waited for. Used by the event loop only, except for {@link #onLoop}.
 */
final class Link {
  private static final Logger LOG = LoggerFactory.getLogger(SmtpServerHandler.class);

  private final Door door;
  private final ChannelHandlerContext context;
  private final Deadline deadline;

  /** The client, as soon as a proxy has said for whom it speaks. */
  InetSocketAddress peer = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  /** A question is open, a file is being written, or a reply waits: what comes waits. */
  boolean busy;

  /** It has heard its last reply, or is gone. */
  boolean closing;

  Link(Door door, ChannelHandlerContext context) {
    this.door = door;
    this.context = context;
    this.deadline = new Deadline(door.options());
  }

  ChannelHandlerContext context() {
    return context;
  }

  Deadline deadline() {
    return deadline;
  }

  void write(SmtpReply reply) {
    context.write(encode(reply));
  }

  /** Sends it at once, and does this when it has left. */
  void writeLast(SmtpReply reply, ChannelFutureListener then) {
    context.writeAndFlush(encode(reply)).addListener(then);
  }

  private ByteBuf encode(SmtpReply reply) {
    return ByteBufUtil.writeAscii(context.alloc(), Replies.wire(reply));
  }

  /** Tells the gateway that the client was cut off. */
  void tell(SmtpReply reply) {
    tell(peer, reply);
  }

  /** The same of a client that a relay before us has named with XCLIENT. */
  void tell(InetSocketAddress client, SmtpReply reply) {
    door.gatehouse().cutOff(door.listening().name(), client, reply);
  }

  /**
   * Does what blocks on a virtual thread, and then on the event loop what follows from it; nothing
   * is read meanwhile.
   *
   * @param then also when the client has gone
   * @param tooLate when the server has stopped: on the virtual thread
   */
  <T> void aside(String name, Supplier<T> work, Consumer<T> then, Runnable tooLate) {
    busy = true;
    Thread.ofVirtual()
        .name(name)
        .start(
            () -> {
              T result = work.get();
              boolean taken =
                  onLoop(
                      () -> {
                        busy = false;
                        then.accept(result);
                      });
              if (!taken) {
                tooLate.run();
              }
            });
  }

  /** From any thread; false when the server has stopped. */
  boolean onLoop(Runnable action) {
    try {
      context.executor().execute(action);
      return true;
    } catch (RejectedExecutionException e) {
      LOG.debug("{}: done after the server has stopped", peer);
      return false;
    }
  }
}
