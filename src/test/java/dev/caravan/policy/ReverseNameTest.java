package dev.caravan.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.dns.FakeResolver;
import dev.caravan.mail.Connection;
import dev.caravan.mail.Origin;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReverseNameTest {
  private final FakeResolver dns =
      new FakeResolver()
          .ptr("192.0.2.1", "liar.example", "mx.example")
          .a("liar.example", "192.0.2.99")
          .a("mx.example", "192.0.2.7", "192.0.2.1")
          .ptr("192.0.2.2", "liar.example")
          .ptr("192.0.2.3", "sick.example")
          .timeout("sick.example")
          .ptr("192.0.2.4", "a.example", "b.example", "c.example", "d.example", "e.example")
          .ptr("192.0.2.4", "sixth.example")
          .a("sixth.example", "192.0.2.4")
          .timeoutPtr("192.0.2.5")
          .ptr("2001:db8::1", "six.example")
          .aaaa("six.example", "2001:db8::1");

  private static Connection from(String address) {
    return new Connection(
        Origin.smtp(
            new InetSocketAddress(InetAddress.ofLiteral(address), 1), false, Instant.EPOCH));
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1,mx.example",
    "192.0.2.2,",
    "192.0.2.3,",
    "192.0.2.4,",
    "192.0.2.5,",
    "192.0.2.6,",
    "2001:db8::1,six.example",
    "2001:db8::2,"
  })
  void aNameCountsWhenItPointsBack(String address, String name) {
    Connection answer = new ReverseName(dns).find(from(address));
    assertThat(answer.origin().reverseName().orElse(null)).isEqualTo(name);
    assertThat(answer.isDecided()).isFalse();
  }

  @Test
  void whatIsDecidedIsNotLookedUp() {
    Connection closed =
        from("192.0.2.1").decide(new Verdict.Close(SmtpReply.of(421, "4.7.0", "No")));
    assertThat(new ReverseName(dns).find(closed)).isSameAs(closed);
    assertThat(dns.queries()).isEmpty();
  }

  /** Each look takes six seconds here: the second name is not looked up any more. */
  @Test
  void aSlowDnsKeepsNobodyWaiting() {
    AtomicLong seconds = new AtomicLong();
    ReverseName slow = new ReverseName(dns, () -> Instant.ofEpochSecond(seconds.getAndAdd(6)));
    assertThat(slow.find(from("192.0.2.1")).origin().reverseName()).isEmpty();
    assertThat(dns.queries()).hasSize(2);
  }
}
