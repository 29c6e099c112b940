package dev.caravan.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.caravan.dns.CachingResolver;
import dev.caravan.dns.FakeDnsServer;
import dev.caravan.mail.Domain;
import dev.caravan.mail.Networks;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.xbill.DNS.Rcode;

/**
 * What becomes of the mail for {@code dest.example}, by what a name server on the wire does: the
 * servers to try in order, {@code later}, or {@code never}.
 */
final class DnsTroubleTest {
  private static final String REFUSED = "loopback,link-local,multicast,unspecified";
  private static final String ONE = "mx1.example 192.0.2.1";
  private static final String TWO = "mx2.example 192.0.2.2";

  static Stream<Arguments> zones() {
    return Stream.of(
        zone("no answer", d -> d.timeout("dest.example"), "later 4.4.3"),
        zone("SERVFAIL", d -> d.servfail("dest.example"), "later 4.4.3"),
        zone("REFUSED", d -> d.rcode("dest.example", Rcode.REFUSED), "later 4.4.3"),
        zone("NOTIMP", d -> d.rcode("dest.example", Rcode.NOTIMP), "later 4.4.3"),
        zone("FORMERR", d -> d.rcode("dest.example", Rcode.FORMERR), "later 4.4.3"),
        zone("NXDOMAIN", d -> {}, "never 5.1.2"),
        zone("neither MX nor address", d -> d.exists("dest.example"), "never 5.4.4"),
        zone("no MX", d -> d.a("dest.example", "192.0.2.9"), "dest.example 192.0.2.9"),
        zone(
            "no MX, IPv6 only",
            d -> d.aaaa("dest.example", "2001:db8::9"),
            "dest.example 2001:db8:0:0:0:0:0:9"),
        // null MX
        zone("null MX", d -> d.nullMx("dest.example"), "never 5.1.10"),
        zone(
            "null MX and an address",
            d -> d.nullMx("dest.example").a("dest.example", "192.0.2.9"),
            "never 5.1.10"),
        zone("null MX beside others", d -> mx(d.nullMx("dest.example"), 10, 1), ONE),
        zone(
            "null MX beside one that fails",
            d ->
                d.nullMx("dest.example")
                    .mx("dest.example", 10, "mx1.example")
                    .servfail("mx1.example"),
            "later 4.4.3"),
        // aliases
        zone(
            "a chain of aliases to the domain",
            d -> mx(chain(d, "dest.example", "real.example", 8), "real.example", 10, 1),
            ONE),
        zone(
            "a chain of aliases too long",
            d -> mx(chain(d, "dest.example", "real.example", 12), "real.example", 10, 1),
            "later 4.4.3"),
        zone(
            "aliases in a circle",
            d -> d.cname("dest.example", "b.example").cname("b.example", "dest.example"),
            "later 4.4.3"),
        zone("an alias of itself", d -> d.cname("dest.example", "dest.example"), "later 4.4.3"),
        zone("an alias of nothing", d -> d.cname("dest.example", "nothing.example"), "never 5.1.2"),
        zone(
            "an alias of what fails",
            d -> d.cname("dest.example", "b.example").servfail("b.example"),
            "later 4.4.3"),
        zone(
            "MX to an alias",
            d ->
                d.mx("dest.example", 10, "alias.example")
                    .cname("alias.example", "mx1.example")
                    .a("mx1.example", "192.0.2.1"),
            "alias.example 192.0.2.1"),
        zone(
            "MX to aliases in a circle",
            d ->
                d.mx("dest.example", 10, "b.example")
                    .cname("b.example", "c.example")
                    .cname("c.example", "b.example"),
            "later 4.4.3"),
        // MX to what is no host
        zone("MX to an address", d -> d.mx("dest.example", 10, "192.0.2.7"), "never 5.4.4"),
        zone("MX to a literal", d -> d.mx("dest.example", 10, "[192.0.2.7]"), "never 5.4.4"),
        zone(
            "MX to an address beside a host",
            d -> mx(d.mx("dest.example", 5, "192.0.2.7"), 10, 1),
            ONE),
        zone("MX without address", d -> d.mx("dest.example", 10, "mx1.example"), "never 5.4.4"),
        zone("MX to localhost", d -> d.mx("dest.example", 10, "localhost"), "never 5.4.4"),
        zone(
            "MX to our own network beside a proper one",
            d -> mx(d.mx("dest.example", 5, "in.example").a("in.example", "127.0.0.9"), 10, 1),
            ONE),
        // some can be looked up
        zone(
            "the first does not exist",
            d -> mx(d.mx("dest.example", 5, "gone.example"), 10, 2),
            TWO),
        zone(
            "the first fails",
            d -> mx(d.mx("dest.example", 5, "bad.example").servfail("bad.example"), 10, 2),
            TWO),
        zone(
            "the first is silent",
            d -> mx(d.mx("dest.example", 5, "bad.example").timeout("bad.example"), 10, 2),
            TWO),
        zone(
            "one does not exist, one fails",
            d ->
                d.mx("dest.example", 5, "gone.example")
                    .mx("dest.example", 10, "bad.example")
                    .servfail("bad.example"),
            "later 4.4.3"),
        zone(
            "the implicit MX fails",
            d -> d.exists("sub.dest.example").rcode("dest.example", Rcode.SERVFAIL),
            "later 4.4.3"),
        // ourselves
        zone(
            "we are the only one",
            d -> d.mx("dest.example", 10, "relay.example").a("relay.example", "192.0.2.8"),
            "never 5.4.6"),
        zone(
            "we are the first",
            d -> mx(d.mx("dest.example", 5, "RELAY.example"), 10, 1),
            "never 5.4.6"),
        zone(
            "we are the second of three",
            d -> mx(mx(d.mx("dest.example", 20, "relay.example"), 10, 1), 30, 2),
            ONE),
        zone(
            "we are as good as another",
            d -> mx(d.mx("dest.example", 10, "relay.example"), 10, 1),
            "never 5.4.6"),
        zone("all is well", d -> mx(d, 10, 1), ONE));
  }

  private static Arguments zone(String what, Consumer<FakeDnsServer> zone, String... servers) {
    return arguments(what, zone, List.of(servers));
  }

  private static FakeDnsServer mx(FakeDnsServer dns, int preference, int number) {
    return mx(dns, "dest.example", preference, number);
  }

  private static FakeDnsServer mx(FakeDnsServer dns, String domain, int preference, int number) {
    String host = "mx" + number + ".example";
    return dns.mx(domain, preference, host).a(host, "192.0.2." + number);
  }

  private static FakeDnsServer chain(FakeDnsServer dns, String from, String to, int aliases) {
    String name = from;
    for (int i = 1; i < aliases; i++) {
      dns.cname(name, "alias" + i + ".example");
      name = "alias" + i + ".example";
    }
    return dns.cname(name, to);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("zones")
  void whatTheZoneSays(String what, Consumer<FakeDnsServer> zone, List<String> servers) {
    try (FakeDnsServer dns = FakeDnsServer.start()) {
      zone.accept(dns);
      assertThat(find(dns.address())).as(what).isEqualTo(servers);
    }
  }

  @Test
  void fiftyServersComeOverTcpAndTheBestTenAreTried() {
    try (FakeDnsServer dns = FakeDnsServer.start()) {
      IntStream.rangeClosed(1, 50)
          .map(i -> 51 - i)
          .forEach(i -> dns.mx("dest.example", i, longName(i)).a(longName(i), "192.0.2." + i));
      assertThat(find(dns.address()))
          .containsExactlyElementsOf(
              IntStream.rangeClosed(1, 10).mapToObj(i -> longName(i) + " 192.0.2." + i).toList());
      assertThat(dns.queries()).contains("tcp MX dest.example.");
    }
  }

  private static String longName(int number) {
    return "mx" + number + ".a-rather-long-name-that-is-" + number + ".example";
  }

  /** A server that does not serve: another of the list does. */
  @ParameterizedTest
  @MethodSource("lame")
  void aLameServerIsNotTheLastWord(Consumer<FakeDnsServer> lameness) {
    try (FakeDnsServer lame = FakeDnsServer.start();
        FakeDnsServer good = FakeDnsServer.start()) {
      mx(good, 10, 1);
      for (String name : List.of("dest.example", "mx1.example")) {
        lame.remove(name);
      }
      lameness.accept(lame);
      for (int i = 0; i < 4; i++) {
        assertThat(find(lame.address() + "," + good.address())).containsExactly(ONE);
      }
    }
  }

  static Stream<Consumer<FakeDnsServer>> lame() {
    return Stream.<Consumer<FakeDnsServer>>of(
        d -> d.rcode("dest.example", Rcode.REFUSED).rcode("mx1.example", Rcode.REFUSED),
        d -> d.servfail("dest.example").servfail("mx1.example"),
        d -> d.timeout("dest.example").timeout("mx1.example"),
        FakeDnsServer::close);
  }

  @Test
  void noServerAtAllIsLater() {
    String address;
    try (FakeDnsServer gone = FakeDnsServer.start()) {
      address = gone.address();
    }
    assertThat(find(address)).containsExactly("later 4.4.3");
  }

  private static List<String> find(String servers) {
    MxRoute route =
        new MxRoute(
            new CachingResolver(servers, Duration.ofMillis(700), 1),
            "relay.example",
            Networks.parse(REFUSED));
    return switch (route.find(new Domain("dest.example"), new Random(1))) {
      case MxRoute.Result.Servers found ->
          found.servers().stream().map(s -> s.host() + " " + s.address().getHostAddress()).toList();
      case MxRoute.Result.Fail fail -> List.of("never " + fail.reply().status());
      case MxRoute.Result.Later later -> List.of("later " + later.reply().status());
    };
  }
}
