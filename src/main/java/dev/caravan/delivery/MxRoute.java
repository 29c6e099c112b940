package dev.caravan.delivery;

import dev.caravan.dns.Answer;
import dev.caravan.dns.Resolver;
import dev.caravan.mail.Domain;
import dev.caravan.mail.Networks;
import dev.caravan.mail.SmtpReply;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * The servers of a domain in the order to try them (RFC 5321, 5.1): MX hosts by preference, the
 * domain itself where it has none, nobody where it says so (RFC 7505).
 */
final class MxRoute {
  private static final int HOSTS_MAX = 10;
  private static final int ADDRESSES_MAX = 20;

  /** Of one host: others are to have a chance, too. */
  private static final int HOST_ADDRESSES_MAX = 8;

  private final Resolver resolver;
  private final String hostname;
  private final Networks refused;

  MxRoute(Resolver resolver, String hostname, Networks refused) {
    this.resolver = resolver;
    this.hostname = hostname;
    this.refused = refused;
  }

  /** Where to go, or why not. */
  sealed interface Result {
    /**
     * At least one.
     *
     * @param group equal for domains that have the same servers in the same order
     */
    record Servers(List<Server> servers, String group) implements Result {}

    /** Never. */
    record Fail(SmtpReply reply) implements Result {}

    /** Not now. */
    record Later(SmtpReply reply) implements Result {}
  }

  record Server(String host, InetAddress address) {}

  /**
   * @param luck by which one of several hosts of equal preference comes first; with the same luck
   *     it is the same one
   */
  Result find(Domain domain, RandomGenerator luck) {
    if (domain.isLiteral()) {
      return literal(domain);
    }
    return switch (resolver.mx(domain.name())) {
      case Answer.Found<Resolver.Mx> found -> byMx(domain, found.records(), luck);
      case Answer.NoData<Resolver.Mx> n ->
          byMx(domain, List.of(new Resolver.Mx(0, domain.name())), luck);
      case Answer.NoSuchName<Resolver.Mx> n ->
          new Result.Fail(SmtpReply.of(550, "5.1.2", "The domain " + domain + " does not exist"));
      case Answer.Failed<Resolver.Mx> f -> unknown(domain);
    };
  }

  /** Nobody knows for now. */
  static Result.Later unknown(Domain domain) {
    return new Result.Later(
        SmtpReply.of(451, "4.4.3", "The MX of " + domain + " can't be looked up now"));
  }

  /** RFC 5321, 4.1.3. Never looked up, and in no form but the one of the RFC. */
  private Result literal(Domain domain) {
    String text = domain.name().substring(1, domain.name().length() - 1);
    boolean v6 = text.regionMatches(true, 0, "IPv6:", 0, 5);
    String bare = v6 ? text.substring(5) : text;
    String form = v6 ? "[0-9a-fA-F.]*:[0-9a-fA-F:.]*" : "\\d{1,3}(\\.\\d{1,3}){3}";
    try {
      if (!bare.matches(form)) {
        throw new IllegalArgumentException("no address");
      }
      InetAddress address = InetAddress.ofLiteral(bare);
      return refused.contains(address)
          ? refusedTarget(domain)
          : new Result.Servers(List.of(new Server(bare, address)), bare);
    } catch (IllegalArgumentException e) {
      return new Result.Fail(SmtpReply.of(550, "5.1.2", "No address literal: " + domain));
    }
  }

  private Result byMx(Domain domain, List<Resolver.Mx> records, RandomGenerator luck) {
    if (records.stream().allMatch(mx -> mx.host().isEmpty())) {
      return new Result.Fail(
          SmtpReply.of(556, "5.1.10", "The domain " + domain + " takes no mail (null MX)"));
    }
    List<Resolver.Mx> hosts = new ArrayList<>(records);
    hosts.removeIf(mx -> mx.host().isEmpty());
    hosts.sort(Comparator.comparing(mx -> mx.host().toLowerCase(Locale.ROOT)));
    Collections.shuffle(hosts, Random.from(luck));
    hosts.sort(Comparator.comparingInt(Resolver.Mx::preference));
    Optional<Resolver.Mx> ourselves =
        hosts.stream().filter(mx -> mx.host().equalsIgnoreCase(hostname)).findFirst();
    if (ourselves.isPresent()) {
      // Only a server that is preferred to us may be tried, or the mail would loop.
      hosts.removeIf(mx -> mx.preference() >= ourselves.get().preference());
      if (hosts.isEmpty()) {
        return new Result.Fail(
            SmtpReply.of(554, "5.4.6", "The mail for " + domain + " loops back to us"));
      }
    }
    return addresses(domain, hosts);
  }

  private Result addresses(Domain domain, List<Resolver.Mx> hosts) {
    List<Server> servers = new ArrayList<>();
    boolean failed = false;
    boolean anyRefused = false;
    for (Resolver.Mx mx : hosts.subList(0, Math.min(hosts.size(), HOSTS_MAX))) {
      Answer<InetAddress> v4 = resolver.a(mx.host());
      Answer<InetAddress> v6 = resolver.aaaa(mx.host());
      failed |= v4 instanceof Answer.Failed || v6 instanceof Answer.Failed;
      int ofHost = 0;
      for (InetAddress address : inTurn(v6.recordsOrEmpty(), v4.recordsOrEmpty())) {
        if (refused.contains(address)) {
          anyRefused = true;
        } else if (servers.size() < ADDRESSES_MAX && ofHost < HOST_ADDRESSES_MAX) {
          servers.add(new Server(mx.host(), address));
          ofHost++;
        }
      }
    }
    if (!servers.isEmpty()) {
      return new Result.Servers(servers, group(hosts));
    }
    if (failed) {
      return new Result.Later(
          SmtpReply.of(451, "4.4.3", "The addresses of " + domain + " can't be looked up now"));
    }
    return anyRefused
        ? refusedTarget(domain)
        : new Result.Fail(
            SmtpReply.of(550, "5.4.4", "The servers of " + domain + " have no address"));
  }

  /** IPv6 and IPv4 in turn, each in the order that the DNS gave. */
  private static List<InetAddress> inTurn(List<InetAddress> first, List<InetAddress> second) {
    List<InetAddress> all = new ArrayList<>(first.size() + second.size());
    for (int i = 0; i < Math.max(first.size(), second.size()); i++) {
      if (i < first.size()) {
        all.add(first.get(i));
      }
      if (i < second.size()) {
        all.add(second.get(i));
      }
    }
    return all;
  }

  /** Which of several equal ones comes first is a matter of luck and not of the group. */
  private static String group(List<Resolver.Mx> hosts) {
    StringBuilder group = new StringBuilder();
    int rank = 0;
    int last = -1;
    for (Resolver.Mx mx :
        hosts.stream()
            .sorted(
                Comparator.comparingInt(Resolver.Mx::preference)
                    .thenComparing(mx -> mx.host().toLowerCase(Locale.ROOT)))
            .toList()) {
      rank += mx.preference() == last ? 0 : 1;
      last = mx.preference();
      group.append(rank).append(' ').append(mx.host().toLowerCase(Locale.ROOT)).append(' ');
    }
    return group.toString();
  }

  private static Result refusedTarget(Domain domain) {
    return new Result.Fail(
        SmtpReply.of(
            550, "5.4.4", "The servers of " + domain + " are in networks we do not send to"));
  }
}
