package dev.caravan.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The order in which addresses are tried, and what connections tell others. */
final class ReachTest {
  private final AtomicLong now = new AtomicLong();
  private final Reach reach = new Reach(now::get);

  private static Hop hop(String address) {
    return new Hop(
        "mx.example", InetAddress.ofLiteral(address), 25, TlsMode.NONE, Optional.empty());
  }

  private String order(String addresses) {
    List<Hop> hops = Arrays.stream(addresses.split(" ")).map(ReachTest::hop).toList();
    return String.join(
        " ", reach.order(hops).stream().map(h -> h.address().getHostAddress()).toList());
  }

  @Test
  void whatFailedLatelyComesLastAndIsForgotten() {
    String all = "192.0.2.1 192.0.2.2 192.0.2.3";
    assertThat(order(all)).isEqualTo(all);
    reach.failed(hop("192.0.2.1"));
    assertThat(order(all)).isEqualTo("192.0.2.2 192.0.2.3 192.0.2.1");
    reach.failed(hop("192.0.2.2"));
    reach.failed(hop("192.0.2.3"));
    assertThat(order(all)).isEqualTo(all);
    reach.connected(hop("192.0.2.3"));
    assertThat(order(all)).isEqualTo("192.0.2.3 192.0.2.1 192.0.2.2");
    now.addAndGet(Duration.ofMinutes(6).toNanos());
    assertThat(order(all)).isEqualTo(all);
  }

  @Test
  void aFamilyOfWhichNothingAnswersComesLast() {
    String all = "2001:db8:0:0:0:0:0:9 192.0.2.9";
    for (int i = 0; i < 5; i++) {
      // One dead server is not the family's fault, however often it is tried.
      reach.failed(hop("2001:db8::1"));
    }
    reach.failed(hop("2001:db8::2"));
    assertThat(order(all)).isEqualTo(all);
    reach.failed(hop("2001:db8::3"));
    assertThat(order(all)).isEqualTo("192.0.2.9 2001:db8:0:0:0:0:0:9");
    reach.connected(hop("2001:db8::4"));
    assertThat(order(all)).isEqualTo(all);
  }

  @Test
  void aDeadAddressIsTriedOnceNotOnceForEachMail() throws Exception {
    String taken = "C MAIL\nS 250 ok\nC RCPT\nS 250 ok\nC DATA\nS 354 go on\nD\nS 250 taken\n";
    ClientOptions once =
        new ClientOptions(
            "relay.example",
            Deliveries.AMPLE,
            Deliveries.AMPLE,
            Deliveries.AMPLE,
            Deliveries.AMPLE,
            Deliveries.AMPLE,
            Deliveries.AMPLE,
            1);
    String script = "S 220 hello\nC EHLO\nS 250 remote.example\n" + taken;
    try (ScriptedServer server = ScriptedServer.start(script, script);
        HopSender sender = new HopSender(once, 5)) {
      // Nobody listens at this address of the loopback network.
      Hop dead = Deliveries.hop(server);
      List<Hop> hops =
          List.of(
              new Hop(
                  "dead.example",
                  InetAddress.ofLiteral("127.0.0.77"),
                  server.port(),
                  TlsMode.NONE,
                  Optional.empty()),
              dead);
      Attempt first = sender.send(Deliveries.mail("x@dest.example"), hops);
      Attempt second = sender.send(Deliveries.mail("x@dest.example"), hops);
      assertThat(first.transcript().lines().getFirst()).contains("dead.example");
      assertThat(second.delivered()).hasSize(1);
      assertThat(second.transcript().toString()).doesNotContain("dead.example");
    }
  }

  @Test
  void everyConnectionIsCounted() throws Exception {
    String taken = "C MAIL\nS 250 ok\nC RCPT\nS 250 ok\nC DATA\nS 354 go on\nD\nS 250 taken\n";
    List<String> heard = new ArrayList<>();
    ClientOptions two =
        new ClientOptions(
            "relay.example",
            Deliveries.AMPLE,
            Deliveries.AMPLE,
            Deliveries.AMPLE,
            Deliveries.AMPLE,
            Deliveries.AMPLE,
            Deliveries.AMPLE,
            2);
    ClientSettings settings = new ClientSettings();
    settings.setCounts(
        new ConnectionCounts() {
          @Override
          public void opened(String site, String tls) {
            heard.add("opened " + site + tls);
          }

          @Override
          public void reused(String site) {
            heard.add("reused " + site);
          }

          @Override
          public void failed(String site) {
            heard.add("failed " + site);
          }
        });
    try (ScriptedServer server =
            ScriptedServer.start(
                "S 220 hello\nC EHLO\nS 250 remote.example\n" + taken + taken, "S 554 no");
        HopSender sender = new HopSender(two, 5)) {
      sender.use(settings);
      for (int i = 0; i < 3; i++) {
        sender.send(Deliveries.mail("x@dest.example"), List.of(Deliveries.hop(server)));
      }
    }
    assertThat(heard)
        .containsExactly("opened site.example", "reused site.example", "failed site.example");
  }
}
