package dev.caravan.policy.spf;

import dev.caravan.dns.Answer;
import dev.caravan.dns.Resolver;
import dev.caravan.policy.spf.SpfResult.Kind;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** One check of one client: evaluates policies, directive by directive (RFC 7208, 4 to 6). */
final class SpfSession {
  private static final int MAX_MX = 10;

  /**
   * How the policy of one domain ended.
   *
   * @param domain whose policy it was, after redirects
   * @param explanation the {@code exp=} that applies
   */
  private record Ending(
      Kind kind, String domain, String mechanism, Optional<MacroString> explanation) {
    static Ending none(String domain) {
      return new Ending(Kind.NONE, domain, "", Optional.empty());
    }
  }

  private final SpfDns dns;
  private final SpfMacros macros;

  SpfSession(SpfDns dns, SpfMacros macros) {
    this.dns = dns;
    this.macros = macros;
  }

  SpfResult check(String domain) {
    try {
      Ending ending = evaluate(domain);
      String problem = ending.kind == Kind.NONE ? "no policy" : "";
      return new SpfResult(ending.kind, domain, ending.mechanism, explain(ending), problem);
    } catch (SpfException e) {
      return new SpfResult(e.kind(), domain, "", "", e.problem());
    }
  }

  private Ending evaluate(String domain) throws SpfException {
    Optional<String> policy = policy(domain);
    if (policy.isEmpty()) {
      return Ending.none(domain);
    }
    SpfRecord record = SpfRecord.parse(policy.get());
    for (SpfRecord.Directive directive : record.directives()) {
      if (matches(directive.mechanism(), domain)) {
        return new Ending(directive.result(), domain, directive.text(), record.explanation());
      }
    }
    if (record.redirect().isEmpty()) {
      return new Ending(Kind.NEUTRAL, domain, "default", Optional.empty());
    }
    dns.countTerm();
    String target = macros.name(record.redirect().get(), domain, dns);
    Ending redirected = evaluate(target);
    if (redirected.kind == Kind.NONE) {
      throw SpfException.permanent("redirected to " + target + ", which has no policy");
    }
    return redirected;
  }

  /** The one policy of this domain (4.3 to 4.5). */
  private Optional<String> policy(String domain) throws SpfException {
    String bare = withoutDot(domain);
    if (!SpfDns.isName(bare) || bare.indexOf('.') < 0 || bare.startsWith("[")) {
      return Optional.empty();
    }
    List<String> policies =
        SpfDns.orFail(dns.txt(bare), bare).stream().filter(SpfRecord::isPolicy).toList();
    if (policies.size() > 1) {
      throw SpfException.permanent(bare + " has more than one policy");
    }
    return policies.stream().findFirst();
  }

  private boolean matches(Mechanism mechanism, String domain) throws SpfException {
    return switch (mechanism) {
      case Mechanism.All() -> true;
      case Mechanism.Ip(IpNetwork network) -> dns.isIn(network);
      case Mechanism.Include(MacroString spec) -> {
        dns.countTerm();
        yield includes(macros.name(spec, domain, dns));
      }
      case Mechanism.A(Optional<MacroString> spec, Mechanism.Cidr cidr) -> {
        dns.countTerm();
        String name = target(spec, domain);
        yield SpfDns.isName(name) && dns.matches(dns.found(dns.addresses(name), name), cidr);
      }
      case Mechanism.Mx(Optional<MacroString> spec, Mechanism.Cidr cidr) -> {
        dns.countTerm();
        String name = target(spec, domain);
        yield SpfDns.isName(name) && mx(name, cidr);
      }
      case Mechanism.Ptr(Optional<MacroString> spec) -> {
        dns.countTerm();
        String name = target(spec, domain);
        yield dns.validatedNames().stream().anyMatch(n -> SpfDns.isWithin(n, name));
      }
      case Mechanism.Exists(MacroString spec) -> {
        dns.countTerm();
        String name = macros.name(spec, domain, dns);
        yield SpfDns.isName(name) && !dns.found(dns.a(name), name).isEmpty();
      }
    };
  }

  private String target(Optional<MacroString> spec, String domain) throws SpfException {
    return spec.isPresent() ? macros.name(spec.get(), domain, dns) : withoutDot(domain);
  }

  private static String withoutDot(String domain) {
    return domain.endsWith(".") ? domain.substring(0, domain.length() - 1) : domain;
  }

  /** The table in 5.2; errors end the whole check. */
  private boolean includes(String target) throws SpfException {
    return switch (evaluate(target).kind) {
      case PASS -> true;
      case FAIL, SOFTFAIL, NEUTRAL -> false;
      case NONE -> throw SpfException.permanent(target + " is included, but has no policy");
      case TEMPERROR, PERMERROR -> throw SpfException.permanent("an error without a reason");
    };
  }

  private boolean mx(String name, Mechanism.Cidr cidr) throws SpfException {
    List<Resolver.Mx> hosts = dns.found(dns.mx(name), name);
    if (hosts.size() > MAX_MX) {
      throw SpfException.permanent(name + " has more than " + MAX_MX + " MX records");
    }
    for (Resolver.Mx mx : hosts) {
      if (SpfDns.isName(mx.host())) {
        List<InetAddress> addresses = SpfDns.orFail(dns.addresses(mx.host()), mx.host());
        if (dns.matches(addresses, cidr)) {
          return true;
        }
      }
    }
    return false;
  }

  /** What the domain says to those it refuses; whatever goes wrong, it says nothing (6.2). */
  private String explain(Ending ending) {
    if (ending.kind != Kind.FAIL || ending.explanation.isEmpty()) {
      return "";
    }
    try {
      String name = macros.name(ending.explanation.get(), ending.domain, dns);
      Answer<String> texts = SpfDns.isName(name) ? dns.txt(name) : new Answer.NoSuchName<>();
      return texts instanceof Answer.Found<String>(List<String> records) && records.size() == 1
          ? macros.expand(MacroString.explanation(records.getFirst()), ending.domain, dns)
          : "";
    } catch (SpfException e) {
      return "";
    }
  }
}
