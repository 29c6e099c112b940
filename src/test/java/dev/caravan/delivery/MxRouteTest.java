package dev.caravan.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.caravan.dns.FakeResolver;
import dev.caravan.mail.Domain;
import dev.caravan.mail.Networks;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the mail of {@code dest.example} goes, by what its DNS says. */
final class MxRouteTest {
  /** As the default of {@code caravan.mx.refuse-networks}. */
  private static final String REFUSED = "loopback,link-local,multicast,unspecified";

  private static FakeResolver dns() {
    return new FakeResolver();
  }

  private static List<String> find(FakeResolver dns, String domain) {
    return find(dns, domain, REFUSED, 1);
  }

  private static List<String> find(FakeResolver dns, String domain, String refused, int seed) {
    MxRoute route = new MxRoute(dns, "relay.example", Networks.parse(refused));
    return switch (route.find(new Domain(domain), new Random(seed * 1_000_003L))) {
      case MxRoute.Result.Servers found ->
          found.servers().stream().map(s -> s.host() + " " + s.address().getHostAddress()).toList();
      case MxRoute.Result.Fail fail -> List.of("never " + fail.reply().status());
      case MxRoute.Result.Later later -> List.of("later " + later.reply().status());
    };
  }

  static Stream<Arguments> routes() {
    return Stream.of(
        route(
            "by preference",
            dns()
                .mx("dest.example", 20, "b.example")
                .mx("dest.example", 10, "a.example")
                .a("a.example", "192.0.2.1")
                .a("b.example", "192.0.2.2"),
            "a.example 192.0.2.1",
            "b.example 192.0.2.2"),
        route(
            "all addresses of a host, the families in turn",
            dns()
                .mx("dest.example", 10, "a.example")
                .a("a.example", "192.0.2.1", "192.0.2.2")
                .aaaa("a.example", "2001:db8::1"),
            "a.example 2001:db8:0:0:0:0:0:1",
            "a.example 192.0.2.1",
            "a.example 192.0.2.2"),
        route(
            "IPv6 only",
            dns().mx("dest.example", 10, "a.example").aaaa("a.example", "2001:db8::1"),
            "a.example 2001:db8:0:0:0:0:0:1"),
        route(
            "no MX: the domain itself",
            dns().a("dest.example", "192.0.2.1"),
            "dest.example 192.0.2.1"),
        route(
            "an MX that is an alias",
            dns()
                .mx("dest.example", 10, "alias.example")
                .cname("alias.example", "a.example")
                .a("a.example", "192.0.2.1"),
            "alias.example 192.0.2.1"),
        route(
            "a domain that is an alias",
            dns()
                .cname("dest.example", "real.example")
                .mx("real.example", 10, "a.example")
                .a("a.example", "192.0.2.1"),
            "a.example 192.0.2.1"),
        route("null MX", dns().nullMx("dest.example"), "never 5.1.10"),
        route(
            "null MX though it has an address",
            dns().nullMx("dest.example").a("dest.example", "192.0.2.1"),
            "never 5.1.10"),
        route("no such domain", dns(), "never 5.1.2"),
        route("neither MX nor address", dns().exists("dest.example"), "never 5.4.4"),
        route("the MX can't be looked up", dns().timeout("dest.example"), "later 4.4.3"),
        route("an MX without address", dns().mx("dest.example", 10, "a.example"), "never 5.4.4"),
        route(
            "the address can't be looked up",
            dns().mx("dest.example", 10, "a.example").timeout("a.example"),
            "later 4.4.3"),
        route(
            "the address of one of two can't be looked up",
            dns()
                .mx("dest.example", 10, "a.example")
                .timeout("a.example")
                .mx("dest.example", 20, "b.example")
                .a("b.example", "192.0.2.2"),
            "b.example 192.0.2.2"),
        route(
            "we are the only MX",
            dns().mx("dest.example", 10, "relay.example").a("relay.example", "192.0.2.9"),
            "never 5.4.6"),
        route(
            "we are the best MX",
            dns()
                .mx("dest.example", 10, "RELAY.example.")
                .a("relay.example", "192.0.2.9")
                .mx("dest.example", 20, "b.example")
                .a("b.example", "192.0.2.2"),
            "never 5.4.6"),
        route(
            "we are a backup: only better ones are tried",
            dns()
                .mx("dest.example", 10, "a.example")
                .a("a.example", "192.0.2.1")
                .mx("dest.example", 20, "relay.example")
                .a("relay.example", "192.0.2.9")
                .mx("dest.example", 20, "b.example")
                .a("b.example", "192.0.2.2")
                .mx("dest.example", 30, "c.example")
                .a("c.example", "192.0.2.3"),
            "a.example 192.0.2.1"),
        route(
            "one address refused, one not",
            dns().mx("dest.example", 10, "a.example").a("a.example", "127.0.0.1", "192.0.2.1"),
            "a.example 192.0.2.1"));
  }

  private static Arguments route(String what, FakeResolver dns, String... expected) {
    return arguments(what, dns, List.of(expected));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void routes(String what, FakeResolver dns, List<String> expected) {
    assertThat(find(dns, "dest.example")).as(what).isEqualTo(expected);
  }

  @Test
  void mailForOurselvesByNameLoops() {
    assertThat(find(dns().a("relay.example", "192.0.2.9"), "relay.example"))
        .containsExactly("never 5.4.6");
  }

  @Test
  void hostsOfEqualPreferenceTakeTurns() {
    FakeResolver dns = dns().mx("dest.example", 5, "first.example").a("first.example", "192.0.2.9");
    for (String name : List.of("a", "b", "c")) {
      dns.mx("dest.example", 10, name + ".example").a(name + ".example", "192.0.2.1");
    }
    TreeSet<String> seconds = new TreeSet<>();
    for (int seed = 0; seed < 50; seed++) {
      List<String> servers = find(dns, "dest.example", REFUSED, seed);
      assertThat(servers).hasSize(4);
      assertThat(servers.getFirst()).isEqualTo("first.example 192.0.2.9");
      assertThat(find(dns, "dest.example", REFUSED, seed)).isEqualTo(servers);
      seconds.add(servers.get(1));
    }
    assertThat(seconds).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.255.0.1",
        "169.254.1.1",
        "224.0.0.1",
        "0.0.0.0",
        "0.1.2.3",
        "::1",
        "::",
        "fe80::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.1.1"
      })
  void someNetworksAreNeverConnectedTo(String address) {
    FakeResolver dns = dns().mx("dest.example", 10, "a.example");
    FakeResolver full =
        address.contains(":") ? dns.aaaa("a.example", address) : dns.a("a.example", address);
    assertThat(find(full, "dest.example")).containsExactly("never 5.4.4");
  }

  @Test
  void withNothingRefusedLoopbackIsAnAddressLikeAnother() {
    assertThat(find(dns().a("dest.example", "127.0.0.1"), "dest.example", "", 1))
        .containsExactly("dest.example 127.0.0.1");
  }

  @ParameterizedTest
  @CsvSource({
    "[192.0.2.1],            192.0.2.1 192.0.2.1",
    "[IPv6:2001:db8::1],     2001:db8::1 2001:db8:0:0:0:0:0:1",
    "[ipv6:2001:db8::1],     2001:db8::1 2001:db8:0:0:0:0:0:1",
    "[127.0.0.1],            never 5.4.4",
    "[IPv6:::1],             never 5.4.4",
    "[IPv6:::ffff:127.0.0.1],never 5.4.4",
  })
  void addressLiterals(String domain, String expected) {
    FakeResolver dns = dns();
    assertThat(find(dns, domain)).containsExactly(expected);
    assertThat(dns.queries()).isEmpty();
  }

  /** The system's resolver would take some of them for addresses. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "[127.1]",
        "[2130706433]",
        "[deadbeef]",
        "[192.0.2.256]",
        "[2001:db8::1]",
        "[IPv6:192.0.2.1]",
        "[IPv6:fe80::1%eth0]",
        "[tag:what]",
      })
  void whatIsNoAddressLiteralIsNoDomain(String domain) {
    FakeResolver dns = dns();
    assertThatThrownBy(() -> find(dns, domain)).isInstanceOf(IllegalArgumentException.class);
    assertThat(dns.queries()).isEmpty();
  }

  @Test
  void notMoreThanTenHostsAndTwentyAddressesAndEightOfAHost() {
    FakeResolver hosts = dns();
    for (int i = 0; i < 30; i++) {
      hosts.mx("dest.example", i, "h" + i + ".example").a("h" + i + ".example", "192.0.2." + i);
    }
    assertThat(find(hosts, "dest.example")).hasSize(10);
    FakeResolver addresses =
        dns()
            .mx("dest.example", 10, "a.example")
            .a(
                "a.example",
                IntStream.range(0, 30).mapToObj(i -> "192.0.2." + i).toArray(String[]::new));
    assertThat(find(addresses, "dest.example")).hasSize(8);
    for (int host = 0; host < 4; host++) {
      addresses.mx("dest.example", 20 + host, "h" + host + ".example");
      for (int i = 0; i < 5; i++) {
        addresses.a("h" + host + ".example", "192.0.2." + (100 + 10 * host + i));
      }
    }
    assertThat(find(addresses, "dest.example"))
        .hasSize(20)
        .last()
        .isEqualTo("h2.example 192.0.2.121");
  }
}
