package dev.caravan.netty;

import dev.caravan.mail.Origin;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.TlsFacts;
import dev.caravan.smtp.Replies;
import dev.caravan.smtp.Step;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection as Netty sees it: lets the client in, once it is known who that is, and hands what
 * comes to its {@link Conversation}. Everything here runs on the connection's event loop.
 */
final class SmtpServerHandler extends ChannelInboundHandlerAdapter {
  /** The name of the TLS handler, which is first in the pipeline. */
  static final String TLS = "tls";

  private static final Logger LOG = LoggerFactory.getLogger(SmtpServerHandler.class);

  private final Door door;
  private final LineInput input = new LineInput();

  /** A proxy must still say for whom it speaks. */
  private boolean awaitsProxy;

  // Set when the connection is there.
  private volatile @Nullable Link link;
  private boolean admitted;
  private boolean trusted;

  // Set when the client is known, and TLS that comes first is there.
  private @Nullable Conversation conversation;

  /**
   * @param proxied whether the PROXY protocol comes first
   */
  SmtpServerHandler(Door door, boolean proxied) {
    this.door = door;
    this.awaitsProxy = proxied;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) throws Exception {
    super.channelActive(ctx);
    if (!(ctx.channel().remoteAddress() instanceof InetSocketAddress client)) {
      ctx.close(); // gone before we looked
      return;
    }
    Link made = new Link(door, ctx);
    made.peer = client;
    link = made;
    ServerOptions options = door.options();
    made.deadline().in(awaitsProxy ? options.proxyTimeout() : options.commandTimeout());
    watch(made);
    if (!awaitsProxy) {
      admit(made);
    }
  }

  private void admit(Link made) {
    trusted = door.mayRelay(made.peer.getAddress());
    Optional<SmtpReply> refusal =
        door.connections().enter(made.peer.getAddress(), trusted, this, door.listener());
    if (refusal.isPresent()) {
      made.closing = true;
      made.tell(refusal.get());
      sendAway(made, refusal.get());
      return;
    }
    admitted = true;
    Optional<SmtpReply> penalty =
        trusted
            ? Optional.empty()
            : door.connections().penaltyBox().visited(made.peer.getAddress());
    if (penalty.isPresent()) {
      turnAway(made, penalty.get());
    } else if (!door.isImplicitTls()) {
      begin(made, origin(made));
    }
  }

  /** It is one of the connections of its address until it has heard so, which takes a while. */
  private void turnAway(Link made, SmtpReply penalty) {
    made.closing = true;
    made.tell(penalty);
    made.deadline()
        .last(
            made.context(), door.connections().penaltyBox().delay(), () -> sendAway(made, penalty));
  }

  private void sendAway(Link made, SmtpReply refusal) {
    if (door.isImplicitTls()) {
      made.context().close(); // a handshake costs more than it tells
    } else {
      made.writeLast(refusal, ChannelFutureListener.CLOSE);
    }
  }

  private Origin origin(Link made) {
    return Origin.smtp(door.listening().name(), made.peer, trusted, door.clock().instant());
  }

  private void begin(Link made, Origin origin) {
    Conversation begun = new Conversation(door, made, origin, input);
    conversation = begun;
    begun.start(trusted ? Duration.ZERO : door.options().greetingDelay());
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    input.release();
    Link made = link;
    if (made != null) {
      made.closing = true;
      made.deadline().cancel();
      if (conversation != null) {
        conversation.gone();
      }
      if (admitted) {
        admitted = false;
        door.connections().left(made.peer.getAddress(), trusted, this, door.listener());
      }
    }
    super.channelInactive(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    Link made = link;
    Object peer = made == null ? ctx.channel().remoteAddress() : made.peer;
    if (cause instanceof HAProxyProtocolException) {
      LOG.warn("{}: no PROXY protocol, though it must begin with it: {}", peer, cause.toString());
      if (made != null) {
        made.tell(Replies.NO_PROXY);
      }
    } else if (cause instanceof IOException || cause instanceof DecoderException) {
      LOG.debug("{}: connection lost: {}", peer, cause.toString());
    } else {
      LOG.error("{}: closed after an error of ours", peer, cause);
    }
    ctx.close();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    Link made = link;
    if (event instanceof SslHandshakeCompletionEvent handshake && made != null) {
      if (handshake.isSuccess()) {
        encrypted(made);
      } else {
        LOG.debug("{}: no TLS: {}", made.peer, handshake.cause().toString());
        made.tell(Replies.TLS_FAILED);
        ctx.close();
      }
    }
    super.userEventTriggered(ctx, event);
  }

  private void encrypted(Link made) {
    if (made.closing) {
      return;
    }
    SslHandler tls = (SslHandler) made.context().pipeline().get(TLS);
    TlsFacts facts = door.encryption().facts(tls);
    if (conversation == null) {
      begin(made, origin(made).withTls(facts, trusted || facts.client().isPresent()));
    } else {
      conversation.encrypted(facts);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object received) {
    if (received instanceof HAProxyMessage header) {
      proxied(header);
      return;
    }
    ByteBuf more = (ByteBuf) received;
    Link made = link;
    if (made == null || made.closing || !more.isReadable()) {
      more.release();
      return;
    }
    input.append(ctx.alloc(), more);
    current().received();
  }

  /** The proxy speaks for a client; with LOCAL, or about no IP client, for itself. */
  private void proxied(HAProxyMessage header) {
    Link made = link;
    boolean open = made != null && !made.closing;
    try {
      if (made != null && open && awaitsProxy && header.sourceAddress() != null) {
        made.peer =
            new InetSocketAddress(
                InetAddress.ofLiteral(header.sourceAddress()), header.sourcePort());
      }
    } catch (IllegalArgumentException e) {
      LOG.debug("{}: speaks for a client without an IP address", made == null ? "" : made.peer);
    } finally {
      header.release();
    }
    awaitsProxy = false;
    if (made != null && open) {
      admit(made);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (conversation == null) {
      ctx.flush();
    } else {
      conversation.flush();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (conversation != null) {
      conversation.goOn();
    }
  }

  // Time.

  private void watch(Link made) {
    boolean withinData = conversation != null && conversation.isWithinMessage();
    made.deadline().watch(made.context(), withinData, () -> look(made));
  }

  private void look(Link made) {
    if (made.closing) {
      return;
    }
    long now = System.nanoTime();
    boolean late = !made.busy && made.deadline().isOver(now);
    if (late && conversation == null) {
      made.tell(Replies.IDLE);
      made.context().close();
    } else if (late) {
      current().perform(Step.Close.offence(Replies.IDLE));
    } else if (!made.busy && conversation != null && conversation.isTooSlow(now)) {
      current().perform(Step.Close.offence(Replies.TOO_SLOW));
    } else {
      watch(made);
    }
  }

  // Stopping.

  /** Closes as soon as no mail is in work. From any thread. */
  void drain() {
    onLoop(Conversation::leaveIfDraining);
  }

  /** Closes now, unless a question is open. From any thread. */
  void stop() {
    onLoop(Conversation::leave);
  }

  private void onLoop(Consumer<Conversation> action) {
    Link made = link;
    if (made != null) {
      boolean told = made.onLoop(() -> stopping(made, action));
      if (!told) {
        LOG.debug("{}: is stopped already", made.peer);
      }
    }
  }

  private void stopping(Link made, Consumer<Conversation> action) {
    if (!made.context().channel().isActive()) {
      return;
    }
    if (conversation == null) {
      made.context().close(); // it has been promised nothing yet
    } else {
      action.accept(conversation);
    }
  }

  private Conversation current() {
    Conversation c = conversation;
    if (c == null) {
      throw new IllegalStateException("the connection is not active");
    }
    return c;
  }
}
