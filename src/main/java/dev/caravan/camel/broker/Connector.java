package dev.caravan.camel.broker;

import jakarta.jms.ConnectionFactory;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.client.ActiveMQClient;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.api.core.client.ServerLocator;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.messaginghub.pooled.jms.JmsPoolConnectionFactory;

/** How this process reaches the broker: the core client for the mail's way, JMS for the edges. */
final class Connector implements AutoCloseable {
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
   * Of the threads that read what the broker says. A connection that reconnects holds one until it
   * succeeds, and needs another to succeed: with the client's limit (8 for each processor, shared
   * by all) some dozen connections that are lost together would wait for each other.
   */
  private static final int NO_LIMIT = -1;

  private static final int JMS_CONNECTIONS = 2;
  private static final int JMS_SESSIONS = 200;

  private final Credentials credentials;
  private final ServerLocator plain;
  private final ServerLocator confirming;
  private final JmsPoolConnectionFactory jms;

  Connector(String url, Credentials credentials) throws ActiveMQException {
    this.credentials = credentials;
    this.plain = locator(url, NO_CONFIRMATIONS);
    this.confirming = locator(url, CONFIRMATION_WINDOW);
    ActiveMQConnectionFactory factory =
        new ActiveMQConnectionFactory(url, credentials.user(), credentials.password());
    factory.setMinLargeMessageSize(Broker.LARGE_MESSAGE);
    factory.setReconnectAttempts(-1);
    factory.setUseGlobalPools(false);
    factory.setThreadPoolMaxSize(NO_LIMIT);
    factory.setDeserializationDenyList("*");
    this.jms = new JmsPoolConnectionFactory();
    jms.setConnectionFactory(factory);
    jms.setMaxConnections(JMS_CONNECTIONS);
    jms.setMaxSessionsPerConnection(JMS_SESSIONS);
  }

  private static ServerLocator locator(String url, int confirmationWindow)
      throws ActiveMQException {
    ServerLocator locator;
    try {
      locator = ActiveMQClient.createServerLocator(url);
    } catch (Exception e) {
      throw new ActiveMQException("no broker URL: " + url, e, null);
    }
    locator.setMinLargeMessageSize(Broker.LARGE_MESSAGE);
    locator.setConsumerWindowSize(Broker.NO_PREFETCH);
    locator.setConfirmationWindowSize(confirmationWindow);
    locator.setProducerWindowSize(PRODUCER_WINDOW);
    // A commit tells whether all went well, or the confirmation does.
    locator.setBlockOnDurableSend(false);
    locator.setBlockOnAcknowledge(false);
    locator.setReconnectAttempts(-1);
    locator.setUseGlobalPools(false);
    locator.setThreadPoolMaxSize(NO_LIMIT);
    return locator;
  }

  ClientSessionFactory connect() throws ActiveMQException {
    return connect(plain);
  }

  ClientSessionFactory connectConfirming() throws ActiveMQException {
    return connect(confirming);
  }

  private static ClientSessionFactory connect(ServerLocator locator) throws ActiveMQException {
    try {
      return locator.createSessionFactory();
    } catch (ActiveMQException e) {
      throw e;
    } catch (Exception e) {
      throw new ActiveMQException("the broker can't be reached", e, null);
    }
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
    confirming.close();
  }
}
