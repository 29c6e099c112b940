package dev.caravan.delivery.tls;

import dev.caravan.dns.Answer;
import dev.caravan.dns.Resolver;
import dev.caravan.dns.Resolver.Tlsa;
import dev.caravan.dns.Resolver.Vouched;
import dev.caravan.mail.Domain;
import dev.caravan.mail.Networks;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Which TLS mail for a domain needs: what the operator's rules say, and what the domain publishes.
 * Of that DANE counts before MTA-STS (RFC 8461, 2). Safe for many threads.
 */
public final class TlsPolicies {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Resolver resolver;
  private final TlsLevel standard;
  private final DaneLookup dane;
  private final boolean useDane;
  private final StsPolicies sts;
  private final boolean useSts;
  private final int port;
  private final List<TlsRule> rules = new CopyOnWriteArrayList<>();
  private volatile Optional<TlsReports> reports = Optional.empty();

  /**
   * @param level one of {@link TlsLevel}, for domains without a rule
   * @param useDane whether what is published with DANE is kept
   * @param useSts the same for MTA-STS
   * @param port where servers listen
   * @param tls knows the authorities for HTTPS
   * @param data where policies are kept
   * @param proxy {@code host:port} for HTTPS; empty = none
   * @param refuseNetworks never asked over HTTPS without a proxy; see {@link Networks#parse}
   */
  public TlsPolicies(
      Resolver resolver,
      String level,
      boolean useDane,
      boolean useSts,
      int port,
      TlsClient tls,
      String data,
      String proxy,
      String refuseNetworks) {
    this(
        resolver,
        TlsLevel.of(level),
        useDane,
        useSts,
        port,
        new StsPolicies(
            resolver,
            new HttpsStsFetcher(new Https(tls, proxy, resolver, refuseNetworks)),
            new StsStore(Path.of(data)),
            Clock.systemUTC(),
            PATIENCE));
  }

  TlsPolicies(
      Resolver resolver,
      TlsLevel level,
      boolean useDane,
      boolean useSts,
      int port,
      StsPolicies sts) {
    this.resolver = resolver;
    this.standard = level;
    this.dane = new DaneLookup(resolver, port);
    this.useDane = useDane;
    this.useSts = useSts;
    this.port = port;
    this.sts = sts;
  }

  /** Counts how connections begin; set before the first mail. */
  public void setReports(TlsReports reports) {
    this.reports = Optional.of(reports);
  }

  /** For some domains, instead of what the constructor says; set before the first mail. */
  public void setRules(List<TlsRule> rules) {
    this.rules.clear();
    this.rules.addAll(rules);
  }

  /** The list itself: Camel adds to it what XML has. */
  public List<TlsRule> getRules() {
    return rules;
  }

  /**
   * For mail to this domain.
   *
   * @param carefree whether the sender does not mind (RFC 8689, 5: {@code TLS-Required: No}): what
   *     the domain publishes is then left aside, what the operator wants is not
   */
  public Plan plan(Domain domain, boolean carefree) {
    Optional<TlsRule> rule = rules.stream().filter(r -> r.isFor(domain)).findFirst();
    return new Plan(
        domain,
        rule.map(TlsRule::level).orElse(standard),
        rule.map(TlsRule::names).orElse(List.of()),
        carefree);
  }

  /** For the servers of one domain, in one attempt. */
  public final class Plan {
    private final Domain domain;
    private final TlsLevel level;
    private final List<String> names;
    private final boolean carefree;
    private Optional<Vouched<Resolver.Mx>> mx = Optional.empty();
    private Optional<StsPolicies.Lookup> policy = Optional.empty();
    private final Map<String, Choice> choices = new ConcurrentHashMap<>();

    private Plan(Domain domain, TlsLevel level, List<String> names, boolean carefree) {
      this.domain = domain;
      this.level = level;
      this.names = names;
      this.carefree = carefree;
    }

    /** Asks the DNS, and may wait some seconds for a policy. */
    public Choice choose(String host) {
      boolean first = policy.isEmpty();
      Choice choice = decide(host);
      choices.put(host, choice);
      boolean pending = policy.filter(StsPolicies.Lookup.Pending.class::isInstance).isPresent();
      if (choice instanceof Choice.Not(TlsTrouble trouble, Found found) && !pending) {
        reports.ifPresent(r -> r.bad(found, trouble, host, Optional.empty()));
      }
      if (first && policy.isPresent() && policy.get() instanceof StsPolicies.Lookup.Failed f) {
        Found unknown = new Found(Found.Type.STS, domain, List.of(), List.of());
        reports.ifPresent(r -> r.bad(unknown, f.trouble(), "", Optional.empty()));
      }
      return choice;
    }

    /** Counts how connections to the chosen hosts begin. */
    public TlsObserver observer() {
      return new TlsObserver() {
        @Override
        public void began(String host, InetAddress address, Optional<TlsTrouble> flaw) {
          if (choices.get(host) instanceof Choice.Go go && go.need() != Choice.Need.NEVER) {
            go.wrong()
                .or(() -> flaw)
                .ifPresentOrElse(
                    t -> reports.ifPresent(r -> r.bad(go.found(), t, host, Optional.of(address))),
                    () -> reports.ifPresent(r -> r.good(go.found())));
          }
        }

        @Override
        public void failed(String host, InetAddress address, TlsTrouble trouble) {
          if (choices.get(host) instanceof Choice.Go go) {
            reports.ifPresent(r -> r.bad(go.found(), trouble, host, Optional.of(address)));
          }
        }
      };
    }

    private Choice decide(String host) {
      return switch (level) {
        case NONE -> new Choice.Go(Choice.Need.NEVER, Expected.RUMOURED, Found.none(domain));
        case OPPORTUNISTIC -> published(host, Choice.Need.IF_OFFERED);
        case REQUIRED -> published(host, Choice.Need.ALWAYS);
        case VERIFIED ->
            new Choice.Go(
                Choice.Need.ALWAYS,
                Expected.of(
                    new PeerCheck.Pkix(names.isEmpty() ? List.of(host) : names),
                    !names.isEmpty() || isSecure()),
                Found.none(domain));
        case DANE -> {
          Choice choice = byDane(host).orElse(missing(TlsResult.DANE_REQUIRED, "TLSA records"));
          yield choice instanceof Choice.Go go && !go.isChecked()
              ? new Choice.Not(
                  new TlsTrouble(
                      TlsResult.TLSA_INVALID, "no TLSA record of " + host + " can be used"),
                  go.found())
              : choice;
        }
        case MTA_STS -> bySts(host).orElse(missing(TlsResult.STS_POLICY_INVALID, "MTA-STS policy"));
      };
    }

    private Choice missing(TlsResult result, String what) {
      return new Choice.Not(
          new TlsTrouble(result, "our policy needs it, and " + domain + " has no " + what),
          Found.none(domain));
    }

    private Choice published(String host, Choice.Need least) {
      Expected unknown = new Expected("", Optional.empty(), Optional.empty(), isSecure());
      Choice unpublished = new Choice.Go(least, unknown, Found.none(domain));
      if (carefree) {
        return unpublished;
      }
      Optional<Choice> byDane = useDane ? byDane(host) : Optional.empty();
      boolean decided =
          byDane.filter(c -> !(c instanceof Choice.Go go) || go.isChecked()).isPresent();
      if (decided || !useSts) {
        return byDane.orElse(unpublished);
      }
      // also where no TLSA record can be used, which by itself asks for any encryption only
      Choice otherwise = byDane.orElse(unpublished);
      if (sts() instanceof StsPolicies.Lookup.Policy(StsPolicy p)
          && p.mode() == StsPolicy.Mode.TESTING
          && byDane.isEmpty()) {
        return new Choice.Go(
            least,
            new Expected(
                "",
                Optional.empty(),
                Optional.of(new PeerCheck.Pkix(List.of(host))),
                unknown.authentic()),
            found(p),
            p.names(host) ? Optional.empty() : Optional.of(unnamed(host)));
      }
      return bySts(host).orElse(otherwise);
    }

    /** Empty where it does not apply. */
    private Optional<Choice> byDane(String host) {
      if (domain.isLiteral() || !isSecure()) {
        return Optional.empty();
      }
      return switch (dane.find(host)) {
        case DaneLookup.Result.None n -> Optional.empty();
        case DaneLookup.Result.Failed(String reason) ->
            Optional.of(
                new Choice.Not(
                    new TlsTrouble(TlsResult.DNSSEC_INVALID, reason), Found.none(domain)));
        case DaneLookup.Result.Records(List<Tlsa> records, String base) -> {
          List<Tlsa> usable = DaneRecords.usable(records);
          Set<String> references = new LinkedHashSet<>();
          if (usable.stream().anyMatch(r -> r.usage() == DaneRecords.TRUST_ANCHOR)) {
            // RFC 7672, 3.2.2: whatever the domain and the host are called, securely
            references.addAll(List.of(base, host, domain.name(), mx().name()));
          }
          PeerCheck check =
              usable.isEmpty()
                  ? PeerCheck.ANYBODY
                  : new PeerCheck.Dane(usable, List.copyOf(references));
          yield Optional.of(
              new Choice.Go(
                  Choice.Need.ALWAYS,
                  Expected.of(check, !usable.isEmpty()).calledBy(base),
                  found(base, records)));
        }
      };
    }

    /** Empty where there is no policy in force. */
    private Optional<Choice> bySts(String host) {
      return switch (sts()) {
        case StsPolicies.Lookup.None n -> Optional.empty();
        case StsPolicies.Lookup.Failed f -> Optional.empty();
        case StsPolicies.Lookup.Pending p ->
            Optional.of(
                new Choice.Not(
                    new TlsTrouble(
                        TlsResult.STS_POLICY_FETCH_ERROR,
                        "the MTA-STS policy of " + domain + " is just being fetched"),
                    Found.none(domain)));
        case StsPolicies.Lookup.Policy(StsPolicy p) -> {
          if (p.mode() != StsPolicy.Mode.ENFORCE) {
            yield Optional.empty();
          }
          yield Optional.of(
              p.names(host)
                  ? new Choice.Go(
                      Choice.Need.ALWAYS,
                      Expected.of(new PeerCheck.Pkix(List.of(host)), true),
                      found(p))
                  : new Choice.Not(unnamed(host), found(p)));
        }
      };
    }

    private TlsTrouble unnamed(String host) {
      return new TlsTrouble(
          TlsResult.VALIDATION_FAILURE,
          "the MTA-STS policy of " + domain + " does not name " + host);
    }

    private Found found(StsPolicy p) {
      return new Found(Found.Type.STS, domain, p.lines(), p.mx());
    }

    private Found found(String base, List<Tlsa> records) {
      List<String> text = new ArrayList<>();
      for (Tlsa r : records) {
        text.add(
            "_%d._tcp.%s. IN TLSA %d %d %d %s"
                .formatted(port, base, r.usage(), r.selector(), r.matching(), r.data()));
      }
      return new Found(Found.Type.TLSA, domain, text, List.of());
    }

    /** Whether nobody could have forged which hosts take the domain's mail. */
    private boolean isSecure() {
      return !domain.isLiteral() && mx().secure() && !(mx().answer() instanceof Answer.Failed);
    }

    private Vouched<Resolver.Mx> mx() {
      Vouched<Resolver.Mx> vouched = mx.orElseGet(() -> resolver.vouchedMx(domain.name()));
      mx = Optional.of(vouched);
      return vouched;
    }

    private StsPolicies.Lookup sts() {
      StsPolicies.Lookup lookup = policy.orElseGet(() -> sts.of(domain));
      policy = Optional.of(lookup);
      return lookup;
    }
  }
}
