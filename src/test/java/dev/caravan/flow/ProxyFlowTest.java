package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Behind a load balancer: the client is who the PROXY protocol says. */
final class ProxyFlowTest {
  private static final String V1 = "PROXY TCP4 %s 192.0.2.250 4711 25\r\n";

  /** Version 2, PROXY, TCP over IPv4: 192.0.2.7 to 192.0.2.250, ports 4711 to 25. */
  private static final String V2 =
      "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u000c"
          + "\u00c0\0\u0002\u0007"
          + "\u00c0\0\u0002\u00fa"
          + "\u0012\u0067\0\u0019";

  /** Version 2, LOCAL: the balancer speaks for itself. */
  private static final String V2_LOCAL = "\r\n\r\n\0\r\nQUIT\n\u0020\0\0\0";

  @TempDir Path data;

  private static Map<String, String> options(Remote remote) {
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.smtp.proxy-networks", "loopback");
    options.put("caravan.relay.networks", "192.0.2.0/24");
    return options;
  }

  private static String relay(Client client) throws Exception {
    assertThat(client.reply()).startsWith("220 ");
    assertThat(client.say("EHLO client.example")).startsWith("250 ");
    assertThat(client.say("MAIL FROM:<a@sender.example>")).startsWith("250 ");
    return client.say("RCPT TO:<b@dest.example>");
  }

  @Test
  void theAddressInTheHeaderIsTheClients() throws Exception {
    try (Remote remote = new Remote();
        TestGateway gateway = TestGateway.start(data, options(remote))) {
      int port = gateway.smtpPort();
      try (Client known = Client.beginning(port, V1.formatted("192.0.2.7"));
          Client stranger = Client.beginning(port, V1.formatted("203.0.113.7"));
          Client binary = Client.beginning(port, V2);
          Client balancer = Client.beginning(port, V2_LOCAL)) {
        assertThat(relay(known)).startsWith("250 ");
        assertThat(relay(stranger)).startsWith("550 5.7.1");
        assertThat(relay(binary)).startsWith("250 ");
        assertThat(relay(balancer)).startsWith("550 5.7.1");
        assertThat(binary.say("DATA")).startsWith("354 ");
        assertThat(binary.say("Subject: x\r\n\r\nx\r\n.")).startsWith("250 ");
      }
      assertThat(remote.take().text()).contains("Received: from client.example ([192.0.2.7])");
    }
  }

  @Test
  void whoLeavesItOutIsClosed() throws Exception {
    try (Remote remote = new Remote();
        TestGateway gateway = TestGateway.start(data, options(remote));
        Client forgot = Client.beginning(gateway.smtpPort(), "EHLO client.example\r\n")) {
      assertThat(forgot.reply()).isEmpty();
    }
  }

  @Test
  void nobodyElseIsBelieved() throws Exception {
    try (Remote remote = new Remote();
        TestGateway gateway = TestGateway.start(data, TestGateway.smarthost(remote));
        Client liar = Client.beginning(gateway.smtpPort(), "")) {
      assertThat(liar.reply()).startsWith("220 ");
      assertThat(liar.say(V1.formatted("192.0.2.7").strip())).startsWith("500 5.5.1");
    }
  }
}
