package dev.caravan.netty;

import dev.caravan.smtp.Authentication;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.camel.component.netty.NettyConsumer;

/** What all listeners share: limits, memory, and the order in which they stop. */
public final class SmtpServer {
  private final ServerOptions options;
  private final Function<NettyConsumer, Questions> routes;
  private final Gatehouse gatehouse;
  private final Connections connections;
  private final MemoryBudget memory;
  private final Map<String, SmtpListener> listeners = new ConcurrentHashMap<>();

  /**
   * @param routes who answers the questions of a consumer's clients
   */
  public SmtpServer(
      ServerOptions options, Function<NettyConsumer, Questions> routes, Gatehouse gatehouse) {
    this.options = options;
    this.routes = routes;
    this.gatehouse = gatehouse;
    this.connections = new Connections(options);
    this.memory = new MemoryBudget(options.memoryMax());
  }

  /**
   * A listener's pipeline, for camel-netty.
   *
   * @throws IllegalArgumentException when there is a listener of this name
   */
  public SmtpListener listener(
      ListenerOptions listener, Authentication authentication, Encryption encryption) {
    Door door =
        new Door(
            options,
            listener,
            authentication,
            encryption,
            connections,
            memory,
            gatehouse,
            Clock.systemUTC());
    SmtpListener made = new SmtpListener(door, routes);
    String name = listener.listening().name();
    if (listeners.putIfAbsent(name, made) != null) {
      throw new IllegalArgumentException("there are two listeners of the name " + name);
    }
    return made;
  }

  /** Forgets a listener whose route has gone. */
  public void remove(SmtpListener listener) {
    listeners.values().remove(listener);
  }

  /** Where each listener really listens; port 0 has become a port. Only those that are on. */
  public Map<String, InetSocketAddress> addresses() {
    Map<String, InetSocketAddress> addresses = new LinkedHashMap<>();
    listeners.forEach((name, l) -> l.address().ifPresent(a -> addresses.put(name, a)));
    return addresses;
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
    return connections.drain(max);
  }
}
