package dev.caravan.policy.spf;

import dev.caravan.dns.FakeResolver;
import dev.caravan.dns.Resolver;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Evaluation with a DNS in memory: what is left when every answer is in the cache. */
@State(Scope.Benchmark)
public class SpfJmh {
  private final InetAddress inside = InetAddress.ofLiteral("192.0.2.130");
  private final InetAddress outside = InetAddress.ofLiteral("203.0.113.9");
  private SpfEvaluator spf;

  @Setup
  public void prepare() {
    FakeResolver dns = new FakeResolver();
    dns.txt("plain.example", "v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 -all");
    dns.txt("big.example", "v=spf1 include:a.example include:b.example mx a -all");
    dns.txt("a.example", "v=spf1 ip4:198.51.100.0/24 include:c.example ~all");
    dns.txt("b.example", "v=spf1 ip6:2001:db8::/32 ~all");
    dns.txt("c.example", "v=spf1 ip4:198.51.100.7 ip4:198.51.100.8 ~all");
    dns.mx("big.example", 10, "mx.big.example").a("mx.big.example", "198.51.100.9");
    dns.a("big.example", "198.51.100.10");
    spf = new SpfEvaluator(remembering(dns), "relay.example");
  }

  /** The fake itself keeps a list of all that it was asked. */
  private static Resolver remembering(Resolver dns) {
    Map<String, Object> answers = new ConcurrentHashMap<>();
    return (Resolver)
        Proxy.newProxyInstance(
            Resolver.class.getClassLoader(),
            new Class<?>[] {Resolver.class},
            (proxy, method, arguments) -> {
              String question = method.getName() + " " + arguments[0];
              Object known = answers.get(question);
              if (known == null) {
                known = method.invoke(dns, arguments);
                answers.put(question, known);
              }
              return known;
            });
  }

  @Benchmark
  public SpfResult plainPass() {
    return spf.check(inside, "helo.example", "a@plain.example");
  }

  /** Three includes, mx and a: every term is looked at. */
  @Benchmark
  public SpfResult includesFail() {
    return spf.check(outside, "helo.example", "a@big.example");
  }
}
