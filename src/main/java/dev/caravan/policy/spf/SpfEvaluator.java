package dev.caravan.policy.spf;

import dev.caravan.dns.Resolver;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;

/**
 * {@code check_host()} of RFC 7208, complete with macros, redirects and explanations. Safe to share
 * between threads; blocks while the DNS is asked.
 */
public final class SpfEvaluator {
  /** What RFC 7208, 4.6.4 wants at least. */
  public static final Duration DEFAULT_TIME_LIMIT = Duration.ofSeconds(20);

  private final Resolver resolver;
  private final String hostname;
  private final InstantSource clock;
  private final Duration timeLimit;

  /**
   * With the usual clock and limit.
   *
   * @param hostname our name, for the macro {@code r}
   */
  public SpfEvaluator(Resolver resolver, String hostname) {
    this(resolver, hostname, InstantSource.system(), DEFAULT_TIME_LIMIT);
  }

  /**
   * With a clock and a limit.
   *
   * @param timeLimit no question is asked later than this after the first; then the result is
   *     temperror
   */
  public SpfEvaluator(Resolver resolver, String hostname, InstantSource clock, Duration timeLimit) {
    this.resolver = resolver;
    this.hostname = hostname;
    this.clock = clock;
    this.timeLimit = timeLimit;
  }

  /**
   * May this address send mail in this name?
   *
   * @param helo what the client said in HELO or EHLO
   * @param mailFrom the reverse path without brackets; empty means {@code postmaster@} the HELO
   *     name (2.4)
   */
  public SpfResult check(InetAddress ip, String helo, String mailFrom) {
    int at = mailFrom.lastIndexOf('@');
    String local = at > 0 ? mailFrom.substring(0, at) : "postmaster";
    String domain = mailFrom.isEmpty() ? helo : mailFrom.substring(at + 1);
    SpfMacros macros =
        new SpfMacros(IpNetwork.octets(ip), helo, local, domain, hostname, clock.instant());
    SpfDns dns = new SpfDns(resolver, ip, clock, clock.instant().plus(timeLimit));
    return new SpfSession(dns, macros).check(domain);
  }
}
