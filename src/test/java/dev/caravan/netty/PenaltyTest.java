package dev.caravan.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Who is turned away at the door for what it did before. */
final class PenaltyTest {
  private static final String TOO_OFTEN = "421 4.7.0 You connect too often, try again later";
  private static final String OFFENDER =
      "421 4.7.0 Your address was cut off too often, try again later";
  private static final String GREETING = "220 relay.example ESMTP Caravan";
  private static final String NONSENSE = "NONSENSE\r\n".repeat(3);

  @TempDir Path spool;

  /** What each of four connections hears first, after those before it did this. */
  static Stream<Arguments> conduct() {
    List<String> welcome = List.of(GREETING, GREETING, GREETING, GREETING);
    List<String> third = List.of(GREETING, GREETING, OFFENDER, OFFENDER);
    return Stream.of(
        Arguments.of("polite", Map.of("offences", "1"), "QUIT\r\n", welcome),
        Arguments.of("nonsense", Map.of("offences", "1"), NONSENSE, third),
        Arguments.of("HTTP", Map.of("offences", "1"), "GET / HTTP/1.1\r\n", third),
        Arguments.of("TLS", Map.of("offences", "1"), "\u0016\u0003\u0001\u0002", third),
        Arguments.of("without a limit", Map.of("offences", "0"), NONSENSE, welcome),
        Arguments.of("trusted", Map.of("offences", "1", "trusted", "loopback"), NONSENSE, welcome),
        Arguments.of("silence", Map.of("offences", "1", "commandTimeout", "20"), "", welcome),
        Arguments.of(
            "another's nonsense",
            Map.of("offences", "1", "xclient", "loopback"),
            "EHLO r.example\r\nXCLIENT ADDR=192.0.2.9\r\nEHLO c.example\r\n" + NONSENSE,
            welcome),
        Arguments.of(
            "too often",
            Map.of("connectionRate", "3"),
            "QUIT\r\n",
            List.of(GREETING, GREETING, GREETING, TOO_OFTEN)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("conduct")
  void hears(String name, Map<String, String> options, String says, List<String> heard)
      throws Exception {
    Map<String, String> all = new java.util.HashMap<>(options);
    all.put("errors", "2");
    List<String> first = new ArrayList<>();
    try (WireServer server = new WireServer(all, spool, false)) {
      for (int i = 0; i < heard.size(); i++) {
        server.connect();
        String reply = server.line().orElse("");
        first.add(reply);
        if (reply.startsWith("220")) {
          server.send(says);
        }
        for (Optional<String> more = server.line(); more.isPresent(); more = server.line()) {}
        server.disconnect();
      }
      assertThat(first).isEqualTo(heard);
      if (!heard.getLast().equals(GREETING)) {
        assertThat(server.cutOffs()).contains("127.0.0.1 " + heard.getLast());
      }
    }
  }

  @Test
  void whoIsTurnedAwayWaitsAndIsStillConnected() throws Exception {
    Map<String, String> options = Map.of("connectionRate", "1", "offenderDelay", "3600000");
    try (WireServer server = new WireServer(options, spool, false)) {
      server.connect();
      assertThat(server.line()).hasValue(GREETING);
      server.disconnect();
      server.await("it has left", () -> server.connections() == 0);
      server.connect();
      server.send("EHLO c.example\r\n");
      server.await("it is turned away", () -> server.cutOffs().size() == 1);
      assertThat(server.connections()).isEqualTo(1);
      // It keeps nobody up who wants to stop.
      assertThat(server.drain(Duration.ofMinutes(1))).isTrue();
      assertThat(server.line()).isEmpty();
    }
  }

  @Test
  void aNetworkOfIpv6IsOneAddressAndOthersAreNotMeant() throws Exception {
    PenaltyBox box =
        new PenaltyBox(
            new PenaltyTerms(0, 1, Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ZERO));
    box.offended(InetAddress.ofLiteral("2001:db8::1"));
    assertThat(box.visited(InetAddress.ofLiteral("2001:db8::3"))).isEmpty();
    box.offended(InetAddress.ofLiteral("2001:db8::2"));
    assertThat(box.visited(InetAddress.ofLiteral("2001:db8::3"))).isPresent();
    assertThat(box.visited(InetAddress.ofLiteral("2001:db8:0:1::3"))).isEmpty();
    assertThat(box.visited(InetAddress.ofLiteral("192.0.2.1"))).isEmpty();
  }
}
