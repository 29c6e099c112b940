package dev.caravan.netty;

import io.netty.channel.EventLoopGroup;
import java.util.concurrent.TimeUnit;
import org.apache.camel.component.netty.NettyConfiguration;
import org.apache.camel.component.netty.NettyWorkerPoolBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The threads of all listeners, one for each processor. Those that accept are no others than those
 * that read: to hand a new connection from thread to thread costs more than to accept it, and with
 * more threads than processors each is woken for less.
 */
public final class EventLoops implements AutoCloseable {
  /** For them to end, when no connection is left. */
  private static final long END_MILLIS = 500;

  private @Nullable EventLoopGroup group;

  /** Has a listener served by them. */
  public synchronized void serve(NettyConfiguration listener) {
    EventLoopGroup serving = group;
    if (serving == null) {
      serving =
          new NettyWorkerPoolBuilder()
              .withName("smtp-server")
              .withWorkerCount(Runtime.getRuntime().availableProcessors())
              .build();
      group = serving;
    }
    listener.setBossGroup(serving);
    listener.setWorkerGroup(serving);
  }

  /** Ends them; a listener that comes later has others. */
  @Override
  public synchronized void close() {
    if (group != null) {
      group
          .shutdownGracefully(0, END_MILLIS, TimeUnit.MILLISECONDS)
          .awaitUninterruptibly(END_MILLIS);
      group = null;
    }
  }
}
