package dev.caravan.camel.broker;

import jakarta.jms.ConnectionFactory;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQNotConnectedException;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.api.core.client.ActiveMQClient;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.api.core.client.ServerLocator;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.messaginghub.pooled.jms.JmsPoolConnectionFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How this process reaches the broker: the core client for the mail's way, JMS for the edges. */
final class Connector implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Connector.class);

  /**
   * How many octets one side sends until the other confirms them. Both keep what is not confirmed,
   * per session: hence small, and none where a commit confirms.
   */
  private static final int CONFIRMATION_WINDOW = 256 * 1024;

  /**
   * How many octets a session sends until the broker has worked them off. Without it the pieces of
   * a large message would pile up in the heap before a broker in this process.
   */
  private static final int PRODUCER_WINDOW = 1024 * 1024;

  private static final int NO_CONFIRMATIONS = -1;

  /**
   * How long a broker waits for a sign of life before it gives to others what we have fetched, when
   * our machine or the network is gone without a word; and how often we give one, and expect the
   * broker's. The client's own minute would keep that mail longer than anybody wants to wait for
   * it. What the URL says ({@code connectionTTL}, {@code clientFailureCheckPeriod}) counts more.
   */
  private static final long LIFE_MILLIS = 20_000;

  private static final long SIGN_MILLIS = 8_000;

  /**
   * How long a connection may take. A broker that is just starting takes one, and may never say
   * which brokers there are, for which the client waits as long as for any answer: 30 s.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final int JMS_CONNECTIONS = 2;
  private static final int JMS_SESSIONS = 200;

  private final Credentials credentials;
  private final Duration patience;

  /**
   * Read what the broker says. A connection that reconnects holds one until it succeeds, and needs
   * another to succeed: with the client's limit (8 for each processor, shared by all) some dozen
   * connections that are lost together would wait for each other.
   */
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("broker-client-", 0).factory());

  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("broker-clock").factory());

  private final ServerLocator plain;
  private final ServerLocator once;
  private final ServerLocator confirming;
  private final JmsPoolConnectionFactory jms;

  /** Makes something that leads to the broker; each call another one. */
  private interface Way {
    ServerLocator open() throws Exception;
  }

  private Connector(Way way, Credentials credentials, Duration patience) throws ActiveMQException {
    this.credentials = credentials;
    this.patience = patience;
    this.plain = locator(way, NO_CONFIRMATIONS);
    this.once = locator(way, NO_CONFIRMATIONS);
    once.setReconnectAttempts(0);
    this.confirming = locator(way, CONFIRMATION_WINDOW);
    this.jms = new JmsPoolConnectionFactory();
    jms.setConnectionFactory(factory(open(way)));
    jms.setMaxConnections(JMS_CONNECTIONS);
    jms.setMaxSessionsPerConnection(JMS_SESSIONS);
  }

  /** To the broker at this URL of Artemis' core client. */
  static Connector to(String url, Credentials credentials) throws ActiveMQException {
    return to(url, credentials, PATIENCE);
  }

  /**
   * The same.
   *
   * @param patience how long a connection may take
   */
  static Connector to(String url, Credentials credentials, Duration patience)
      throws ActiveMQException {
    return new Connector(
        () -> mortal(ActiveMQClient.createServerLocator(url)), credentials, patience);
  }

  private static ServerLocator mortal(ServerLocator locator) {
    if (locator.getConnectionTTL() == ActiveMQClient.DEFAULT_CONNECTION_TTL) {
      locator.setConnectionTTL(LIFE_MILLIS);
    }
    if (locator.getClientFailureCheckPeriod()
        == ActiveMQClient.DEFAULT_CLIENT_FAILURE_CHECK_PERIOD) {
      locator.setClientFailureCheckPeriod(Math.min(SIGN_MILLIS, locator.getConnectionTTL() / 2));
    }
    return locator;
  }

  /** To the broker in this process that has an acceptor of this number for it. */
  static Connector inProcess(int serverId, Credentials credentials) throws ActiveMQException {
    TransportConfiguration here =
        new TransportConfiguration(
            InProcessConnectorFactory.class.getName(), Map.of("serverId", serverId));
    return new Connector(() -> only(here), credentials, PATIENCE);
  }

  /**
   * Each connection goes there: what the broker says of itself would lead the second one and all
   * after it to the same broker, but by Artemis' own connector.
   */
  private static ServerLocator only(TransportConfiguration here) {
    ServerLocator locator = ActiveMQClient.createServerLocatorWithoutHA(here);
    locator.setUseTopologyForLoadBalancing(false);
    return locator;
  }

  private ActiveMQConnectionFactory factory(ServerLocator locator) {
    ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(locator);
    factory.setUser(credentials.user());
    factory.setPassword(credentials.password());
    factory.setMinLargeMessageSize(Broker.LARGE_MESSAGE);
    factory.setReconnectAttempts(-1);
    factory.setDeserializationDenyList("*");
    return factory;
  }

  private ServerLocator open(Way way) throws ActiveMQException {
    ServerLocator locator;
    try {
      locator = way.open();
    } catch (Exception e) {
      throw new ActiveMQException("there is no way to the broker", e, null);
    }
    locator.setThreadPools(threads, clock, threads);
    return locator;
  }

  private ServerLocator locator(Way way, int confirmationWindow) throws ActiveMQException {
    ServerLocator locator = open(way);
    locator.setMinLargeMessageSize(Broker.LARGE_MESSAGE);
    locator.setConsumerWindowSize(Broker.NO_PREFETCH);
    locator.setConfirmationWindowSize(confirmationWindow);
    locator.setProducerWindowSize(PRODUCER_WINDOW);
    // A commit tells whether all went well, or the confirmation does.
    locator.setBlockOnDurableSend(false);
    locator.setBlockOnAcknowledge(false);
    locator.setReconnectAttempts(-1);
    return locator;
  }

  ClientSessionFactory connect() throws ActiveMQException {
    return connect(plain);
  }

  ClientSessionFactory connectOnce() throws ActiveMQException {
    return connect(once);
  }

  ClientSessionFactory connectConfirming() throws ActiveMQException {
    return connect(confirming);
  }

  /** Whoever has no connection then tries again; one that is made later is closed at once. */
  private ClientSessionFactory connect(ServerLocator locator) throws ActiveMQException {
    FutureTask<ClientSessionFactory> made = new FutureTask<>(locator::createSessionFactory);
    Thread.ofVirtual().name("broker-connect").start(made);
    try {
      return made.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof ActiveMQException known
          ? known
          : new ActiveMQException("the broker can't be reached", e.getCause(), null);
    } catch (TimeoutException e) {
      giveUp(made);
      throw new ActiveMQNotConnectedException("the broker does not say what it is part of");
    } catch (InterruptedException e) {
      giveUp(made);
      Thread.currentThread().interrupt();
      throw new ActiveMQNotConnectedException("interrupted while the broker was connected");
    }
  }

  private static void giveUp(Future<ClientSessionFactory> made) {
    Thread.ofVirtual()
        .name("broker-connect")
        .start(
            () -> {
              try {
                made.get().close();
              } catch (ExecutionException e) {
                LOG.debug("a connection that was given up has failed", e);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  ClientSession session(ClientSessionFactory connection, boolean transacted)
      throws ActiveMQException {
    return connection.createSession(
        credentials.user(),
        credentials.password(),
        /* xa= */ false,
        /* autoCommitSends= */ !transacted,
        /* autoCommitAcks= */ !transacted,
        /* preAcknowledge= */ false,
        /* ackBatchSize= */ 0);
  }

  ConnectionFactory jms() {
    return jms;
  }

  @Override
  public void close() {
    jms.stop();
    plain.close();
    once.close();
    confirming.close();
    clock.shutdownNow();
    threads.shutdown();
  }
}
