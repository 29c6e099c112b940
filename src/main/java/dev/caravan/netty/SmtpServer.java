package dev.caravan.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.time.Duration;
import org.apache.camel.component.netty.NettyConsumer;
import org.apache.camel.component.netty.ServerInitializerFactory;
import org.apache.camel.component.netty.handlers.ServerChannelHandler;
import org.jspecify.annotations.Nullable;

/**
 * The SMTP server as a camel-netty consumer sees it: {@code serverInitializerFactory=#smtpServer}.
 * Each connection gets a handler with a session of its own; each question runs its route on a
 * virtual thread.
 */
public final class SmtpServer extends ServerInitializerFactory {
  private final ServerOptions options;
  private final Connections connections;
  private final @Nullable NettyConsumer consumer;

  public SmtpServer(ServerOptions options) {
    this(
        options,
        new Connections(options.connectionsMax(), options.connectionsPerAddressMax()),
        null);
  }

  private SmtpServer(
      ServerOptions options, Connections connections, @Nullable NettyConsumer consumer) {
    this.options = options;
    this.connections = connections;
    this.consumer = consumer;
  }

  @Override
  public ServerInitializerFactory createPipelineFactory(NettyConsumer forConsumer) {
    return new SmtpServer(options, connections, forConsumer);
  }

  @Override
  protected void initChannel(Channel channel) {
    if (consumer == null) {
      throw new IllegalStateException("the pipeline belongs to no consumer");
    }
    channel
        .pipeline()
        .addLast("smtp", new SmtpServerHandler(options, connections))
        .addLast("route", new VirtualThreadHandler(consumer));
  }

  /**
   * Tells every client that we stop, once its mail in work is done.
   *
   * @param max how long to wait for that
   * @return whether all have gone
   */
  public boolean drain(Duration max) throws InterruptedException {
    long deadline = System.nanoTime() + max.toNanos();
    connections.open().forEach(SmtpServerHandler::drain);
    while (!connections.open().isEmpty() && System.nanoTime() - deadline < 0) {
      Thread.sleep(Duration.ofMillis(10));
    }
    return connections.open().isEmpty();
  }

  /** Runs the route of each question on a thread of its own, off the event loop. */
  private static final class VirtualThreadHandler extends ServerChannelHandler {
    VirtualThreadHandler(NettyConsumer consumer) {
      super(consumer);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object question) {
      Thread.startVirtualThread(
          () -> {
            try {
              channelRead0(ctx, question);
            } catch (Exception e) {
              ctx.channel().writeAndFlush(e);
            }
          });
    }
  }
}
