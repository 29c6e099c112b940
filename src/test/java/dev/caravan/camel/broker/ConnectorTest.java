package dev.caravan.camel.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.apache.activemq.artemis.api.core.ActiveMQNotConnectedException;
import org.junit.jupiter.api.Test;

class ConnectorTest {
  /** As a broker does that is just starting. */
  @Test
  void aBrokerThatTakesAConnectionAndSaysNothingIsGivenUp() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"));
        Connector connector =
            Connector.to(
                "tcp://127.0.0.1:" + silent.getLocalPort(),
                Credentials.random("test"),
                Duration.ofMillis(300))) {
      assertThatExceptionOfType(ActiveMQNotConnectedException.class)
          .isThrownBy(connector::connectOnce)
          .withMessageContaining("does not say");
      try (Socket asked = silent.accept()) {
        assertThat(asked.getInputStream().read()).isNotNegative();
      }
    }
  }

  @Test
  void whereNobodyListensItIsToldAtOnce() throws Exception {
    int port;
    try (ServerSocket gone = new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"))) {
      port = gone.getLocalPort();
    }
    try (Connector connector =
        Connector.to("tcp://127.0.0.1:" + port, Credentials.random("test"))) {
      assertThatExceptionOfType(ActiveMQNotConnectedException.class)
          .isThrownBy(connector::connectOnce)
          .withMessageContaining("AMQ219007");
    }
  }
}
