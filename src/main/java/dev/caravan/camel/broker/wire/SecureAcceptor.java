package dev.caravan.camel.broker.wire;

import dev.caravan.netty.Encryption;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptor;
import org.apache.activemq.artemis.core.remoting.impl.netty.TransportConstants;
import org.apache.activemq.artemis.core.server.cluster.ClusterConnection;
import org.apache.activemq.artemis.core.server.metrics.MetricsManager;
import org.apache.activemq.artemis.spi.core.protocol.ProtocolManager;
import org.apache.activemq.artemis.spi.core.remoting.Acceptor;
import org.apache.activemq.artemis.spi.core.remoting.AcceptorFactory;
import org.apache.activemq.artemis.spi.core.remoting.BufferHandler;
import org.apache.activemq.artemis.spi.core.remoting.ServerConnectionLifeCycleListener;
import org.apache.activemq.artemis.utils.actors.OrderedExecutor;

/**
 * The broker's listener for encrypted connections. Each gets what the gateway has at that time, so
 * a new certificate is used from the next connection on, as at the SMTP listeners.
 */
public final class SecureAcceptor extends NettyAcceptor {
  /** To be added to those of the listener: no key store of the broker's own is looked for. */
  public static final Map<String, Object> PARAMETERS =
      Map.of(
          TransportConstants.SSL_ENABLED_PROP_NAME, "true",
          TransportConstants.SSL_CONTEXT_PROP_NAME, "caravan");

  private static final String PROFILE = "modern";

  private final Encryption encryption;

  private SecureAcceptor(
      Encryption encryption,
      String name,
      ClusterConnection cluster,
      Map<String, Object> configuration,
      BufferHandler handler,
      ServerConnectionLifeCycleListener listener,
      ScheduledExecutorService scheduled,
      Executor failures,
      Map<String, ProtocolManager> protocols,
      String threads,
      MetricsManager metrics) {
    super(
        name,
        cluster,
        configuration,
        handler,
        listener,
        scheduled,
        failures,
        protocols,
        threads,
        metrics);
    this.encryption = encryption;
  }

  @Override
  public SslHandler getSslHandler(ByteBufAllocator alloc, String peerHost, int peerPort) {
    return encryption.handler(alloc, PROFILE);
  }

  /**
   * Makes it.
   *
   * @param encryption what each connection gets
   */
  public record Factory(Encryption encryption) implements AcceptorFactory {
    @Override
    public Acceptor createAcceptor(
        String name,
        ClusterConnection cluster,
        Map<String, Object> configuration,
        BufferHandler handler,
        ServerConnectionLifeCycleListener listener,
        Executor threadPool,
        ScheduledExecutorService scheduled,
        Map<String, ProtocolManager> protocols,
        String threads,
        MetricsManager metrics) {
      return new SecureAcceptor(
          encryption,
          name,
          cluster,
          configuration,
          handler,
          listener,
          scheduled,
          new OrderedExecutor(threadPool),
          protocols,
          threads,
          metrics);
    }
  }
}
