package dev.caravan.camel.broker;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.core.remoting.impl.invm.InVMAcceptor;
import org.apache.activemq.artemis.core.remoting.impl.invm.InVMConnector;
import org.apache.activemq.artemis.core.remoting.impl.invm.InVMConnectorFactory;
import org.apache.activemq.artemis.core.server.ActiveMQComponent;
import org.apache.activemq.artemis.spi.core.remoting.BufferHandler;
import org.apache.activemq.artemis.spi.core.remoting.ClientConnectionLifeCycleListener;
import org.apache.activemq.artemis.spi.core.remoting.ClientProtocolManager;
import org.apache.activemq.artemis.spi.core.remoting.Connection;
import org.apache.activemq.artemis.spi.core.remoting.Connector;
import org.apache.activemq.artemis.utils.actors.ArtemisExecutor;
import org.apache.activemq.artemis.utils.actors.OrderedExecutorFactory;
import org.jspecify.annotations.Nullable;

/**
 * The broker's connection within one process, with fewer threads in its way: what the client says
 * is read by the broker on the client's own thread, and what the broker says on one of those that
 * the client was given. Artemis takes a platform thread for each, and waking these was a fifth of
 * the cost of a mail.
 *
 * <p>To read on the client's thread is safe because the broker's side of a connection only decodes
 * a packet and puts it into the queue of its session, which other threads work off: no lock of the
 * broker is taken while a client holds one of its own. The way back needs a thread: the broker
 * speaks while it holds locks.
 */
public final class InProcessConnectorFactory extends InVMConnectorFactory {
  @Override
  public Connector createConnector(
      Map<String, Object> configuration,
      BufferHandler handler,
      ClientConnectionLifeCycleListener listener,
      Executor closeExecutor,
      Executor threadPool,
      ScheduledExecutorService scheduledThreadPool,
      ClientProtocolManager protocolManager) {
    return new InProcess(
        configuration, handler, listener, closeExecutor, threadPool, protocolManager);
  }

  private static final class InProcess extends InVMConnector {
    private static final ArtemisExecutor AT_ONCE = ArtemisExecutor.delegate(Runnable::run);

    private final ConcurrentMap<Object, Connection> connections = new ConcurrentHashMap<>();
    private final OrderedExecutorFactory answers;
    private final ClientConnectionLifeCycleListener listener;
    private final Executor closeExecutor;

    InProcess(
        Map<String, Object> configuration,
        BufferHandler handler,
        ClientConnectionLifeCycleListener listener,
        Executor closeExecutor,
        Executor threadPool,
        ClientProtocolManager protocolManager) {
      super(configuration, handler, listener, closeExecutor, threadPool, protocolManager);
      this.answers = new OrderedExecutorFactory(threadPool);
      this.listener = listener;
      this.closeExecutor = closeExecutor;
    }

    private @Nullable InVMAcceptor acceptor() {
      return (InVMAcceptor) getAcceptor();
    }

    /** None when the broker is not there. */
    @Override
    public @Nullable Connection createConnection() {
      InVMAcceptor acceptor = acceptor();
      if (acceptor == null) {
        return null;
      }
      Connection made = internalCreateConnection(acceptor.getHandler(), new Events(), AT_ONCE);
      acceptor.connect((String) made.getID(), getHandler(), this, answers.getExecutor());
      return made;
    }

    @Override
    public void disconnect(String id) {
      Connection connection = connections.get(id);
      if (connection != null) {
        connection.close();
      }
    }

    @Override
    public synchronized void close() {
      if (isStarted()) {
        for (Connection connection : connections.values()) {
          listener.connectionDestroyed(connection.getID(), false);
        }
      }
      super.close();
    }

    private final class Events implements ClientConnectionLifeCycleListener {
      @Override
      public void connectionCreated(
          @Nullable ActiveMQComponent component,
          Connection connection,
          ClientProtocolManager protocol) {
        connections.put(connection.getID(), connection);
        listener.connectionCreated(component, connection, protocol);
      }

      @Override
      public void connectionDestroyed(Object id, boolean failed) {
        InVMAcceptor acceptor = acceptor();
        if (connections.remove(id) != null && acceptor != null) {
          acceptor.disconnect((String) id);
          closeExecutor.execute(() -> listener.connectionDestroyed(id, failed));
        }
      }

      @Override
      public void connectionException(Object id, ActiveMQException failure) {
        closeExecutor.execute(() -> listener.connectionException(id, failure));
      }

      @Override
      public void connectionReadyForWrites(Object id, boolean ready) {
        // Within a process there is always room.
      }
    }
  }
}
