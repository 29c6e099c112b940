package dev.caravan.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Rcode;

class CachingResolverTest {
  private final FakeDnsServer dns = FakeDnsServer.start();
  private final Resolver resolver = new CachingResolver(dns.address(), Duration.ofSeconds(5), 2);

  @AfterEach
  void stop() {
    dns.close();
  }

  @Test
  void finds_records_of_each_type() {
    dns.a("host.example", "192.0.2.1", "192.0.2.2").aaaa("host.example", "2001:db8::1");
    dns.mx("d.example", 20, "b.example").mx("d.example", 10, "A.example").nullMx("no.example");
    dns.ptr("192.0.2.1", "host.example").ptr("2001:db8::1", "six.example");
    assertThat(resolver.a("Host.Example.").recordsOrEmpty())
        .containsExactlyInAnyOrder(ip("192.0.2.1"), ip("192.0.2.2"));
    assertThat(resolver.aaaa("host.example").recordsOrEmpty()).containsExactly(ip("2001:db8::1"));
    assertThat(resolver.mx("d.example").recordsOrEmpty())
        .containsExactly(new Resolver.Mx(10, "a.example"), new Resolver.Mx(20, "b.example"));
    assertThat(resolver.mx("no.example").recordsOrEmpty()).containsExactly(new Resolver.Mx(0, ""));
    assertThat(resolver.ptr(ip("192.0.2.1")).recordsOrEmpty()).containsExactly("host.example");
    assertThat(resolver.ptr(ip("2001:db8::1")).recordsOrEmpty()).containsExactly("six.example");
  }

  @Test
  void joins_the_strings_of_a_text_and_keeps_its_octets() {
    String text = "v=spf1 \u00e9\u0080 \"quoted\\\" " + "x".repeat(300);
    dns.txt("t.example", text).txt("t.example", "");
    assertThat(resolver.txt("t.example").recordsOrEmpty()).containsExactlyInAnyOrder(text, "");
  }

  @Test
  void tells_no_name_from_no_data() {
    dns.a("host.example", "192.0.2.1").cname("alias.example", "gone.example");
    assertThat(resolver.mx("host.example")).isEqualTo(new Answer.NoData<>());
    assertThat(resolver.mx("example")).isEqualTo(new Answer.NoData<>());
    assertThat(resolver.mx("nowhere.example")).isEqualTo(new Answer.NoSuchName<>());
    assertThat(resolver.a("alias.example")).isEqualTo(new Answer.NoSuchName<>());
  }

  @Test
  void follows_aliases_but_not_for_ever() {
    dns.cname("www.example", "web.example").cname("web.example", "host.example");
    dns.a("host.example", "192.0.2.1");
    dns.cname("loop.example", "pool.example").cname("pool.example", "loop.example");
    assertThat(resolver.a("www.example").recordsOrEmpty()).containsExactly(ip("192.0.2.1"));
    assertThat(resolver.mx("www.example")).isEqualTo(new Answer.NoData<>());
    assertThat(resolver.a("loop.example")).isInstanceOf(Answer.Failed.class);
  }

  @Test
  void asks_again_over_tcp_when_the_answer_was_cut() {
    for (int i = 0; i < 200; i++) {
      dns.a("many.example", "192.0.2." + i);
    }
    assertThat(resolver.a("many.example").recordsOrEmpty()).hasSize(200);
    assertThat(dns.queries()).containsExactly("udp A many.example.", "tcp A many.example.");
  }

  @Test
  void what_goes_wrong_is_a_failure() {
    dns.servfail("sick.example").rcode("shut.example", Rcode.REFUSED).timeout("mute.example");
    Resolver hasty = new CachingResolver(dns.address(), Duration.ofMillis(50), 2);
    assertThat(resolver.txt("sick.example")).isEqualTo(new Answer.Failed<>("SERVFAIL"));
    assertThat(resolver.txt("shut.example")).isEqualTo(new Answer.Failed<>("REFUSED"));
    assertThat(hasty.txt("mute.example")).isEqualTo(new Answer.Failed<>("time-out"));
    assertThat(dns.queries().stream().filter(q -> q.contains("mute"))).hasSize(2);
  }

  @Test
  void the_next_server_helps_out() {
    try (FakeDnsServer other = FakeDnsServer.start()) {
      dns.servfail("host.example");
      other.a("host.example", "192.0.2.1");
      Resolver both =
          new CachingResolver(dns.address() + ", " + other.address(), Duration.ofSeconds(5), 1);
      assertThat(both.a("host.example").recordsOrEmpty()).containsExactly(ip("192.0.2.1"));
    }
  }

  @Test
  void remembers_what_it_was_told_and_what_there_is_not() {
    dns.a("host.example", "192.0.2.1");
    for (int i = 0; i < 3; i++) {
      assertThat(resolver.a("host.example").recordsOrEmpty()).hasSize(1);
      assertThat(resolver.a("nowhere.example")).isEqualTo(new Answer.NoSuchName<>());
    }
    assertThat(dns.queries()).hasSize(2);
  }

  @Test
  void forgets_what_may_not_be_remembered() {
    dns.ttl(0).a("host.example", "192.0.2.1");
    assertThat(resolver.a("host.example").recordsOrEmpty()).containsExactly(ip("192.0.2.1"));
    dns.remove("host.example").a("host.example", "192.0.2.2");
    assertThat(resolver.a("host.example").recordsOrEmpty()).containsExactly(ip("192.0.2.2"));
  }

  /** Otherwise a resolver that was broken for a moment would make mail fail for longer. */
  @Test
  void forgets_a_denial_that_nobody_vouches_for() {
    dns.withoutSoa();
    assertThat(resolver.a("host.example")).isEqualTo(new Answer.NoSuchName<>());
    dns.exists("host.example");
    assertThat(resolver.a("host.example")).isEqualTo(new Answer.NoData<>());
    dns.a("host.example", "192.0.2.1");
    assertThat(resolver.a("host.example").recordsOrEmpty()).containsExactly(ip("192.0.2.1"));
  }

  @Test
  void callers_at_the_same_time_share_a_question() throws Exception {
    dns.a("host.example", "192.0.2.1");
    List<Future<Answer<InetAddress>>> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 5_000; i++) {
        String name = i % 2 == 0 ? "host.example" : "h" + i % 100 + ".example";
        answers.add(threads.submit(() -> resolver.a(name)));
      }
    }
    for (int i = 0; i < answers.size(); i++) {
      assertThat(answers.get(i).get())
          .isInstanceOf(i % 2 == 0 ? Answer.Found.class : Answer.NoSuchName.class);
    }
    assertThat(dns.queries()).hasSize(51);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "a..example", ".example", "\u00fc.example", "exa\u212ample"})
  void what_is_no_name_does_not_exist(String name) {
    assertThat(resolver.a(name)).isEqualTo(new Answer.NoSuchName<>());
    assertThat(resolver.mx("a".repeat(64) + ".example")).isEqualTo(new Answer.NoSuchName<>());
    assertThat(resolver.txt("a.".repeat(127) + "example")).isEqualTo(new Answer.NoSuchName<>());
    assertThat(dns.queries()).isEmpty();
  }

  @Test
  void a_name_may_hold_anything_else() {
    dns.exists("example");
    assertThat(resolver.a("a b\\.(x)/;\".example")).isEqualTo(new Answer.NoSuchName<>());
    assertThat(dns.queries()).hasSize(1);
  }

  @Test
  void names_that_nobody_has_are_dropped() {
    dns.ptr("192.0.2.1", "evil\\013\\010host.example", "dot\\.dot.example");
    assertThat(resolver.ptr(ip("192.0.2.1"))).isEqualTo(new Answer.NoData<>());
  }

  @Test
  void localhost_is_known() {
    assertThat(resolver.a("LocalHost").recordsOrEmpty()).containsExactly(ip("127.0.0.1"));
    assertThat(resolver.aaaa("x.localhost.").recordsOrEmpty()).containsExactly(ip("::1"));
    assertThat(dns.queries()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:x", "127.0.0.1:99999", "127.0.0.1:0", ":53", "[::1", "[::1]x"})
  void a_wrong_server_is_named(String server) {
    assertThatThrownBy(() -> new CachingResolver(server))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + server + "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "192.0.2.1", "192.0.2.1:5353,[2001:db8::1]:53", "2001:db8::1 [::1]"})
  void servers_have_many_forms(String servers) {
    assertThat(new CachingResolver(servers)).isNotNull();
  }

  private static InetAddress ip(String text) {
    return InetAddress.ofLiteral(text);
  }
}
