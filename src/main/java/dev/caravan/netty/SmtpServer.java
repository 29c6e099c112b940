package dev.caravan.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ServerChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.apache.camel.component.netty.NettyConsumer;
import org.apache.camel.component.netty.ServerInitializerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The SMTP server as a camel-netty consumer sees it: {@code serverInitializerFactory=#smtpServer}.
 * Each connection gets a handler with a session of its own; each question runs its route on a
 * virtual thread. Consumers that share one server share its limits.
 */
@ChannelHandler.Sharable
public final class SmtpServer extends ServerInitializerFactory {
  private static final Duration POLL = Duration.ofMillis(10);

  private final ServerOptions options;
  private final Function<NettyConsumer, Questions> routes;
  private final Connections connections;
  private final MemoryBudget memory;
  private final ChannelGroup channels;
  private final @Nullable NettyConsumer consumer;

  /**
   * @param routes who answers the questions of a consumer's clients
   */
  public SmtpServer(ServerOptions options, Function<NettyConsumer, Questions> routes) {
    this(
        options,
        routes,
        new Connections(options.connectionsMax(), options.connectionsPerAddressMax()),
        new MemoryBudget(options.memoryMax()),
        new DefaultChannelGroup("smtp", ImmediateEventExecutor.INSTANCE),
        null);
  }

  private SmtpServer(
      ServerOptions options,
      Function<NettyConsumer, Questions> routes,
      Connections connections,
      MemoryBudget memory,
      ChannelGroup channels,
      @Nullable NettyConsumer consumer) {
    this.options = options;
    this.routes = routes;
    this.connections = connections;
    this.memory = memory;
    this.channels = channels;
    this.consumer = consumer;
  }

  /** Called when the consumer starts, before it binds: its channels join our group. */
  @Override
  public ServerInitializerFactory createPipelineFactory(NettyConsumer forConsumer) {
    forConsumer.getConfiguration().setChannelGroup(channels);
    return new SmtpServer(options, routes, connections, memory, channels, forConsumer);
  }

  @Override
  protected void initChannel(Channel channel) {
    if (consumer == null) {
      throw new IllegalStateException("the pipeline belongs to no consumer");
    }
    // TLS and the PROXY protocol have their place before "smtp".
    channel
        .pipeline()
        .addLast("smtp", new SmtpServerHandler(options, connections, memory))
        .addLast("route", new RouteHandler(consumer, routes.apply(consumer)));
  }

  /** Where it really listens, when its routes have started; port 0 has become a port by then. */
  public List<InetSocketAddress> addresses() {
    return channels.stream()
        .filter(ServerChannel.class::isInstance)
        .map(c -> (InetSocketAddress) c.localAddress())
        .toList();
  }

  /** Clients that are connected now. */
  public int connections() {
    return connections.count();
  }

  /** Octets of incoming messages that are in memory now. */
  public long memoryUsed() {
    return memory.used();
  }

  /**
   * Lets nobody in any more, lets the mail in work end, and says {@code 421} to everybody else.
   *
   * @param max how long to wait for that; who is still there then is told to go as well, except
   *     while its mail is being committed
   * @return whether all have gone
   */
  public boolean drain(Duration max) throws InterruptedException {
    connections.drain();
    if (await(max)) {
      return true;
    }
    connections.open().forEach(SmtpServerHandler::stop);
    return await(Duration.ofSeconds(1));
  }

  private boolean await(Duration max) throws InterruptedException {
    long deadline = System.nanoTime() + max.toNanos();
    while (!connections.open().isEmpty() && System.nanoTime() - deadline < 0) {
      Thread.sleep(POLL);
    }
    return connections.open().isEmpty();
  }
}
