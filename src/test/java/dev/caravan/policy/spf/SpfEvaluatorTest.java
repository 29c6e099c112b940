package dev.caravan.policy.spf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.dns.FakeResolver;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases of our own, many of them from the text of RFC 7208. */
class SpfEvaluatorTest {
  private final FakeResolver dns = new FakeResolver();
  private final SpfEvaluator spf = new SpfEvaluator(dns, "mx.receiver.example");

  @ParameterizedTest // RFC 7208, 7.4
  @CsvSource({
    "%{s},strong-bad@email.example.com",
    "%{o},email.example.com",
    "%{d},email.example.com",
    "%{d4},email.example.com",
    "%{d3},email.example.com",
    "%{d2},example.com",
    "%{d1},com",
    "%{d999999999999},email.example.com",
    "%{dr},com.example.email",
    "%{d2r},example.email",
    "%{l},strong-bad",
    "%{l-},strong.bad",
    "%{lr},strong-bad",
    "%{lr-},bad.strong",
    "%{l1r-},strong",
    "%{ir}.%{v}._spf.%{d2},3.2.0.192.in-addr._spf.example.com",
    "%{lr-}.lp._spf.%{d2},bad.strong.lp._spf.example.com",
    "%{lr-}.lp.%{ir}.%{v}._spf.%{d2},bad.strong.lp.3.2.0.192.in-addr._spf.example.com",
    "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2},3.2.0.192.in-addr.strong.lp._spf.example.com",
    "%{d2}.trusted-domains.example.net,example.com.trusted-domains.example.net",
    "%{S},strong-bad%40email.example.com",
    "%{LR-},bad.strong",
    "%%_%_%-,%_ %20",
    "%{h} %{c} %{r},helo.example.org 192.0.2.3 mx.receiver.example",
    "%{p},mx.example.org",
  })
  void expands_macros(String macros, String expanded) {
    dns.txt("email.example.com", "v=spf1 -all exp=why.example.com").txt("why.example.com", macros);
    dns.ptr("192.0.2.3", "mx.example.org").a("mx.example.org", "192.0.2.3");
    SpfResult result = check("192.0.2.3", "strong-bad@email.example.com");
    assertThat(result.kind()).isEqualTo(SpfResult.Kind.FAIL);
    assertThat(result.explanation()).isEqualTo(expanded);
  }

  @Test
  void expands_an_ipv6_address_and_the_time() {
    dns.txt("example.com", "v=spf1 -all exp=why.example.com");
    dns.txt("why.example.com", "%{ir}.%{v}._spf.%{d2} %{c} %{t}");
    SpfEvaluator then =
        new SpfEvaluator(
            dns, "mx", () -> Instant.ofEpochSecond(1234), SpfEvaluator.DEFAULT_TIME_LIMIT);
    assertThat(then.check(ip("2001:db8::cb01"), "helo", "a@example.com").explanation())
        .isEqualToIgnoringCase(
            "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"
                + ".ip6._spf.example.com 2001:db8::cb01 1234");
  }

  @ParameterizedTest // RFC 7208, appendix A
  @CsvSource(
      delimiter = '|',
      value = {
        "v=spf1 +all|192.0.2.1|pass|+all",
        "v=spf1 a -all|192.0.2.10|pass|a",
        "v=spf1 a -all|192.0.2.12|fail|-all",
        "v=spf1 a:example.org -all|192.0.2.10|fail|-all",
        "v=spf1 mx -all|192.0.2.129|pass|mx",
        "v=spf1 mx:example.org -all|192.0.2.140|pass|mx:example.org",
        "v=spf1 mx mx:example.org -all|192.0.2.140|pass|mx:example.org",
        "v=spf1 mx/30 mx:example.org/30 -all|192.0.2.131|pass|mx/30",
        "v=spf1 mx/30 mx:example.org/30 -all|192.0.2.143|pass|mx:example.org/30",
        "v=spf1 ptr -all|192.0.2.65|pass|ptr",
        "v=spf1 ptr -all|192.0.2.140|fail|-all",
        "v=spf1 ptr -all|10.0.0.4|fail|-all",
        "v=spf1 ip4:192.0.2.128/28 -all|192.0.2.65|fail|-all",
        "v=spf1 ip4:192.0.2.128/28 -all|192.0.2.129|pass|ip4:192.0.2.128/28",
        "V=SPF1 MX:Example.ORG -ALL|192.0.2.140|pass|MX:Example.ORG",
        "v=spf1   ip4:192.0.2.1   |192.0.2.2|neutral|default",
      })
  void evaluates_the_examples(String policy, String client, String result, String mechanism) {
    dns.txt("example.com", policy).a("example.com", "192.0.2.10", "192.0.2.11");
    dns.mx("example.com", 10, "mail-a.example.com").mx("example.com", 20, "mail-b.example.com");
    dns.mx("example.org", 10, "mail-c.example.org");
    dns.a("mail-a.example.com", "192.0.2.129").a("mail-b.example.com", "192.0.2.130");
    dns.a("mail-c.example.org", "192.0.2.140").a("amy.example.com", "192.0.2.65");
    dns.a("bob.example.com", "192.0.2.66").ptr("192.0.2.65", "amy.example.com");
    dns.ptr("192.0.2.140", "mail-c.example.org").ptr("10.0.0.4", "bob.example.com");
    SpfResult answer = check(client, "a@example.com");
    assertThat(answer.kind()).hasToString(result);
    assertThat(answer.mechanism()).isEqualTo(mechanism);
    assertThat(answer.domain()).isEqualTo("example.com");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "v=spf1 a:",
        "v=spf1 a/",
        "v=spf1 a//",
        "v=spf1 a/1/",
        "v=spf1 mx/024",
        "v=spf1 ip4:",
        "v=spf1 ip4:1.2.3.4/",
        "v=spf1 ip4:01.2.3.4",
        "v=spf1 ip4:1.2.3.256",
        "v=spf1 ip6:1.2.3.4",
        "v=spf1 ip6:::1/",
        "v=spf1 ip6:fe80::1%lo",
        "v=spf1 ip6:[::1]",
        "v=spf1 ip6::",
        "v=spf1 -",
        "v=spf1 --all",
        "v=spf1 +",
        "v=spf1 all:x",
        "v=spf1 ptr:",
        "v=spf1 ptr/24",
        "v=spf1 exists",
        "v=spf1 include",
        "v=spf1 include/24",
        "v=spf1 exists:%{d0}",
        "v=spf1 exists:%{d",
        "v=spf1 exists:%{}",
        "v=spf1 exists:%",
        "v=spf1 exists:%{dx}",
        "v=spf1 exists:%{z}",
        "v=spf1 exists:%{d}x",
        "v=spf1 exists:%{d}.",
        "v=spf1 exists:%{rd}",
        "v=spf1 exists:%{c}",
        "v=spf1 exists:a.b-",
        "v=spf1 \tall",
        "v=spf1 all\t",
        "v=spf1 all;",
        "v=spf1 redirect=",
        "v=spf1 redirect=%{c}",
        "v=spf1 a:b.c redirect=x.y REDIRECT=x.y",
        "v=spf1 x=%",
        "v=spf1 x=%{q}",
        "v=spf1 -x=y",
        "v=spf1 x=\u00e9",
        "v=spf1 ip4:1.2.3.4:25",
        "v=spf1 ipv4:1.2.3.4",
        "v=spf1 all v=spf1 :x",
        "v=spf1 ip6:1::2::3",
        "v=spf1 ip6:12345::",
        "v=spf1 a:b..",
        "v=spf1 exp=%{p}-",
      })
  void a_syntax_error_anywhere_is_permanent(String policy) {
    dns.txt("example.com", policy.replaceFirst(" ", " ip4:192.0.2.1 "));
    SpfResult result = check("192.0.2.1", "a@example.com");
    assertThat(result.kind()).isEqualTo(SpfResult.Kind.PERMERROR);
    assertThat(result.problem()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "v=spf1 exists:%{d}.x. all",
        "v=spf1 exists:%{L2R.-+,/_=} all",
        "v=spf1 a:x.1-2 all",
        "v=spf1 x=%{t}%{R} all",
        "v=spf1 x.y_z-1= all",
        "v=spf1 v=spf1 all",
        "v=spf1 a:x%% all",
        "v=spf1 ip6:::1.2.3.4/96 all",
        "v=spf1 ip6:::/0 all",
        "v=spf1 a:x.y/0//0 all",
        "v=spf1 a:%{d}/24//64 all",
        "v=spf1 all redirect=nowhere.example exp=%{d}",
      })
  void what_is_well_formed_is_read(String policy) {
    dns.txt("example.com", policy);
    assertThat(check("192.0.2.1", "a@example.com").kind()).isEqualTo(SpfResult.Kind.PASS);
  }

  @Test
  void a_mapped_address_is_ipv4() throws Exception {
    byte[] octets = new byte[16];
    octets[10] = -1;
    octets[11] = -1;
    System.arraycopy(new byte[] {(byte) 192, 0, 2, 1}, 0, octets, 12, 4);
    dns.txt("example.com", "v=spf1 ip6:::/0 ptr:example.org -all");
    dns.ptr("192.0.2.1", "a.example.org").a("a.example.org", "192.0.2.1");
    InetAddress mapped = Inet6Address.getByAddress("", octets, -1);
    assertThat(spf.check(mapped, "h", "a@example.com").mechanism()).isEqualTo("ptr:example.org");
  }

  @Test
  void the_null_path_is_checked_by_helo() {
    dns.txt("helo.example.org", "v=spf1 exists:%{l}.%{o} -all")
        .a("postmaster.helo.example.org", "127.0.0.2");
    assertThat(check("192.0.2.1", "").kind()).isEqualTo(SpfResult.Kind.PASS);
  }

  @Test
  void ten_terms_may_ask_and_two_questions_may_find_nothing() {
    dns.txt("ten.example", "v=spf1" + " a:h.example".repeat(10) + " all")
        .a("h.example", "192.0.2.9");
    dns.txt("eleven.example", "v=spf1" + " a:h.example".repeat(11) + " all");
    dns.txt("two.example", "v=spf1 a:no.example mx:h.example all");
    dns.txt("three.example", "v=spf1 a:no.example mx:h.example exists:no.example all");
    assertThat(check("192.0.2.1", "a@ten.example").kind()).isEqualTo(SpfResult.Kind.PASS);
    assertThat(check("192.0.2.1", "a@eleven.example").kind()).isEqualTo(SpfResult.Kind.PERMERROR);
    assertThat(check("192.0.2.1", "a@two.example").kind()).isEqualTo(SpfResult.Kind.PASS);
    assertThat(check("192.0.2.1", "a@three.example").kind()).isEqualTo(SpfResult.Kind.PERMERROR);
  }

  @Test
  void an_international_local_part_matches_nothing() { // RFC 8616, 4
    dns.txt("example.com", "v=spf1 exists:%{l}.example.com -all");
    assertThat(check("192.0.2.1", "\u00fc@example.com").mechanism()).isEqualTo("-all");
    assertThat(dns.queries()).containsExactly("TXT example.com");
  }

  @Test
  void a_failing_ptr_matches_nothing_and_anything_else_that_fails_is_temporary() {
    dns.timeoutPtr("192.0.2.1").timeout("sick.example").mx("m.example", 1, "sick.example");
    dns.txt("p.example", "v=spf1 ptr -all").txt("a.example", "v=spf1 a:sick.example -all");
    dns.txt("mx.example", "v=spf1 mx:m.example -all");
    dns.txt("r.example", "v=spf1 redirect=sick.example");
    assertThat(check("192.0.2.1", "a@p.example").kind()).isEqualTo(SpfResult.Kind.FAIL);
    assertThat(check("192.0.2.1", "a@a.example").kind()).isEqualTo(SpfResult.Kind.TEMPERROR);
    assertThat(check("192.0.2.1", "a@mx.example").kind()).isEqualTo(SpfResult.Kind.TEMPERROR);
    assertThat(check("192.0.2.1", "a@r.example").kind()).isEqualTo(SpfResult.Kind.TEMPERROR);
  }

  @Test
  void it_ends_when_the_time_is_over() {
    AtomicLong seconds = new AtomicLong();
    SpfEvaluator slow =
        new SpfEvaluator(
            dns, "mx", () -> Instant.ofEpochSecond(seconds.addAndGet(9)), Duration.ofSeconds(20));
    dns.txt("example.com", "v=spf1" + " exists:h.example.com".repeat(4) + " all");
    dns.txt("quick.example", "v=spf1 all").exists("h.example.com");
    assertThat(slow.check(ip("192.0.2.1"), "h", "a@example.com").kind())
        .isEqualTo(SpfResult.Kind.TEMPERROR);
    assertThat(slow.check(ip("192.0.2.1"), "h", "a@quick.example").kind())
        .isEqualTo(SpfResult.Kind.PASS);
  }

  @ParameterizedTest
  @CsvSource({
    "1:0:0:2:0:0:0:3,1:0:0:2::3",
    "1:0:2:3:4:5:6:7,1:0:2:3:4:5:6:7",
    "::,::",
    "::1,::1",
    "1::,1::",
    "fe80:0:0:1::,fe80:0:0:1::",
    "2001:DB8::,2001:db8::",
  })
  void writes_addresses_as_people_do(String address, String readable) { // RFC 5952
    assertThat(IpNetwork.readable(ip(address).getAddress())).isEqualTo(readable);
  }

  private SpfResult check(String client, String mailFrom) {
    return spf.check(ip(client), "helo.example.org", mailFrom);
  }

  private static InetAddress ip(String text) {
    return InetAddress.ofLiteral(text);
  }
}
