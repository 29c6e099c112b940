package dev.caravan.netty;

import dev.caravan.mail.Content;
import dev.caravan.mail.Mail;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The pipeline without a socket, on the caller's thread: the server gets exactly the pieces it is
 * fed, and what it does elsewhere is waited for before the call returns. Messages are kept in
 * memory, whatever their size.
 */
final class EmbeddedDoor implements AutoCloseable {
  /** When the route answers. */
  enum Routes {
    /** As soon as it is asked. */
    AT_ONCE,
    /** When {@link #answer} is called: what comes meanwhile finds the server busy. */
    LATE
  }

  private static final InetSocketAddress CLIENT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 25025);

  private static final long MAX_NANOS = Duration.ofSeconds(30).toNanos();
  private static final long POLL_MILLIS = 100;

  private final OwnLoop loop = new OwnLoop();
  private final Routes when;
  private final List<String[]> rules = new ArrayList<>();
  private final List<Mail> mails = new ArrayList<>();
  private final Deque<Asked> asked = new ArrayDeque<>();
  private final StringBuilder replies = new StringBuilder();
  private final MemoryBudget memory;
  private final EmbeddedChannel channel;
  private @Nullable Throwable failure;
  private int answers;

  EmbeddedDoor(Routes when) {
    this(when, Map.of(), List.of());
  }

  /**
   * @param options those of a {@link WireScript}
   * @param rules phase, subject, reply
   */
  EmbeddedDoor(Routes when, Map<String, String> options, List<String[]> rules) {
    this(when, options, rules, UnaryOperator.identity());
  }

  /**
   * @param setUp may exchange a part of the server
   */
  EmbeddedDoor(
      Routes when, Map<String, String> options, List<String[]> rules, UnaryOperator<Door> setUp) {
    this.when = when;
    this.rules.addAll(rules);
    Map<String, String> inMemory = new HashMap<>(options);
    inMemory.put("spoolThreshold", Integer.toString(Integer.MAX_VALUE));
    inMemory.put("memory", Integer.toString(Integer.MAX_VALUE));
    ServerOptions server = WireServer.options(inMemory, Path.of(""));
    memory = new MemoryBudget(server.memoryMax());
    Connections connections = new Connections(server);
    Door door =
        setUp.apply(
            WireServer.door(
                options,
                server,
                connections,
                memory,
                new WireServer.Watchman(new java.util.concurrent.CopyOnWriteArrayList<>())));
    channel =
        new EmbeddedChannel(
            DefaultChannelId.newInstance(), false, false, new ChannelInboundHandlerAdapter()) {
          @Override
          protected SocketAddress remoteAddress0() {
            return CLIENT;
          }
        };
    channel.pipeline().addLast(loop, new SmtpServerHandler(door, false));
    channel.pipeline().addLast(new Route(), new Failures());
    try {
      channel.register();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    settle();
  }

  private final class Route extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      asked.add((Asked) message);
      if (when == Routes.AT_ONCE) {
        answerOne();
      }
    }
  }

  private final class Failures extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      failure = cause;
    }
  }

  private void answerOne() {
    Asked next = asked.removeFirst();
    if (next.question() instanceof Mail mail) {
      mails.add(mail.withContent(Content.of(mail.content().toBytes())));
    }
    answers++;
    next.answer(WireServer.decide(next.question(), rules));
  }

  /** One piece comes in; nothing happens when the server has closed the connection. */
  EmbeddedDoor feed(byte[] octets, int from, int to) {
    if (channel.isOpen() && to > from) {
      channel.writeInbound(Unpooled.copiedBuffer(octets, from, to - from));
      settle();
    }
    return this;
  }

  /** One piece comes in; octets as ISO 8859-1 characters. */
  EmbeddedDoor feed(String octets) {
    byte[] bytes = octets.getBytes(StandardCharsets.ISO_8859_1);
    return feed(bytes, 0, bytes.length);
  }

  /** The oldest open question is answered; false without one. */
  boolean answer() {
    if (asked.isEmpty()) {
      return false;
    }
    answerOne();
    settle();
    return true;
  }

  /** All questions are answered, and those that come up meanwhile. */
  EmbeddedDoor answerAll() {
    while (answer()) {
      // the next
    }
    return this;
  }

  /** Until the server wants more, or the routes' answer, or no more. */
  private void settle() {
    long deadline = System.nanoTime() + MAX_NANOS;
    loop.run();
    channel.runPendingTasks();
    while (!channel.config().isAutoRead() && asked.isEmpty() && channel.isOpen()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("the server is busy for ever");
      }
      try {
        loop.runNext(POLL_MILLIS);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      channel.runPendingTasks();
    }
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      replies.append(out.toString(StandardCharsets.ISO_8859_1));
      out.release();
    }
    channel.checkException();
    if (failure != null) {
      throw new AssertionError("the pipeline has thrown", failure);
    }
  }

  /** Everything the server has said. */
  String replies() {
    return replies.toString();
  }

  /** How many questions the routes have answered. */
  int answers() {
    return answers;
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  /** The mails that the route was asked about, with our Received field. */
  List<Mail> mails() {
    return mails;
  }

  long memoryUsed() {
    return memory.used();
  }

  /** The client is gone. */
  @Override
  public void close() {
    channel.close();
    answerAll();
    channel.finishAndReleaseAll();
  }
}
