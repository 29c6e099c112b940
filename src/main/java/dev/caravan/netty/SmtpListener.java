package dev.caravan.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ServerChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Function;
import org.apache.camel.component.netty.NettyConsumer;
import org.apache.camel.component.netty.ServerInitializerFactory;
import org.jspecify.annotations.Nullable;

/**
 * One listener as camel-netty sees it. Each connection gets a handler with a session of its own;
 * each question runs its route on a virtual thread.
 */
@ChannelHandler.Sharable
public final class SmtpListener extends ServerInitializerFactory {
  private final Door door;
  private final Function<NettyConsumer, Questions> routes;
  private final ChannelGroup channels;
  private final @Nullable NettyConsumer consumer;
  private final @Nullable Questions questions;

  SmtpListener(Door door, Function<NettyConsumer, Questions> routes) {
    this(door, routes, new DefaultChannelGroup("smtp", ImmediateEventExecutor.INSTANCE), null);
  }

  private SmtpListener(
      Door door,
      Function<NettyConsumer, Questions> routes,
      ChannelGroup channels,
      @Nullable NettyConsumer consumer) {
    this.door = door;
    this.routes = routes;
    this.channels = channels;
    this.consumer = consumer;
    this.questions = consumer == null ? null : routes.apply(consumer);
  }

  /** Called when the consumer starts, before it binds: its channels join our group. */
  @Override
  public ServerInitializerFactory createPipelineFactory(NettyConsumer forConsumer) {
    forConsumer.getConfiguration().setChannelGroup(channels);
    return new SmtpListener(door, routes, channels, forConsumer);
  }

  @Override
  protected void initChannel(Channel channel) {
    if (consumer == null || questions == null) {
      throw new IllegalStateException("the pipeline belongs to no consumer");
    }
    boolean proxied =
        channel.remoteAddress() instanceof InetSocketAddress peer
            && door.listener().proxies().contains(peer.getAddress());
    ChannelPipeline pipeline = channel.pipeline();
    if (proxied) {
      pipeline.addLast("proxy", new HAProxyMessageDecoder());
    }
    if (door.isImplicitTls()) {
      pipeline.addLast(
          SmtpServerHandler.TLS,
          door.encryption().handler(channel.alloc(), door.listener().tlsProfile()));
    }
    pipeline
        .addLast("smtp", new SmtpServerHandler(door, proxied))
        .addLast("route", new RouteHandler(consumer, questions));
  }

  /** Where it really listens; empty when it is off. */
  Optional<InetSocketAddress> address() {
    return channels.stream()
        .filter(ServerChannel.class::isInstance)
        .map(c -> (InetSocketAddress) c.localAddress())
        .findFirst();
  }
}
