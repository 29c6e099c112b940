package dev.caravan.dns;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.TLSARecord;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/**
 * Asks recursive name servers over UDP, over TCP when an answer is truncated, and remembers what
 * they said for as long as they allow, negative answers included (RFC 2308). Callers who ask the
 * same at the same time share one question. Failures are remembered for a second. {@code localhost}
 * is never asked about (RFC 6761, 6.3). Safe for any number of virtual threads.
 */
public final class CachingResolver implements Resolver {
  private static final Duration FAILURE_TTL = Duration.ofSeconds(1);

  /** An answer of this many octets takes as much of the cache as any smaller one. */
  private static final int WEIGHT_UNIT_OCTETS = 1024;

  private record Key(Name name, int type) {}

  private record Known(
      Answer<Record> answer, Duration ttl, int weight, boolean secure, Name name) {}

  /**
   * How long, how often, how much.
   *
   * @param timeout for each try over UDP; as much again for TCP
   * @param tries how often a question is sent before it failed; every server is tried once at least
   * @param concurrency questions on their way at a time
   * @param cacheSize answers that are remembered (one of more than 1 KB counts as several)
   * @param ttlMin answers are remembered at least so long, even when they should not be
   * @param ttlMax and at most so long
   * @param negativeTtlMax that a name or data does not exist is remembered at most so long
   */
  public record Limits(
      Duration timeout,
      int tries,
      int concurrency,
      int cacheSize,
      Duration ttlMin,
      Duration ttlMax,
      Duration negativeTtlMax) {
    /** 3 s, 3 tries, 500 at a time; 20,000 answers; 0 s to 1 h, negative ones to 5 min. */
    public static final Limits DEFAULT =
        new Limits(
            Duration.ofSeconds(3),
            3,
            500,
            20_000,
            Duration.ZERO,
            Duration.ofHours(1),
            Duration.ofMinutes(5));

    /**
     * @throws IllegalArgumentException when a number is below one or a time is negative
     */
    public Limits {
      if (timeout.isNegative() || timeout.isZero() || tries < 1 || concurrency < 1) {
        throw new IllegalArgumentException("timeout, tries and concurrency are above zero");
      }
      if (cacheSize < 0 || ttlMin.isNegative() || negativeTtlMax.isNegative()) {
        throw new IllegalArgumentException("sizes and times of the cache are not negative");
      }
      if (ttlMax.compareTo(ttlMin) < 0) {
        throw new IllegalArgumentException("the longest TTL is below the shortest");
      }
    }

    public Limits withTimeout(Duration each, int howOften) {
      return new Limits(each, howOften, concurrency, cacheSize, ttlMin, ttlMax, negativeTtlMax);
    }
  }

  private final DnsClient client;
  private final Limits limits;
  private final AsyncCache<Key, Known> cache;

  /**
   * With the default limits.
   *
   * @param servers {@code host:port} separated by commas or white space; the port may be absent;
   *     empty means the system's
   * @throws IllegalArgumentException when one of them is no address
   */
  public CachingResolver(String servers) {
    this(List.of(servers.split("[,\\s]+", -1)), Limits.DEFAULT);
  }

  /**
   * With timing of its own and otherwise the default limits; as {@link #CachingResolver(String)}.
   */
  public CachingResolver(String servers, Duration timeout, int tries) {
    this(servers, timeout, tries, "loopback");
  }

  /**
   * With servers that validate DNSSEC.
   *
   * @param trust whose word counts that an answer is secure: {@code loopback} (servers on this
   *     machine), {@code true} (all), {@code false} (none)
   */
  public CachingResolver(String servers, Duration timeout, int tries, String trust) {
    this(
        List.of(servers.split("[,\\s]+", -1)),
        Limits.DEFAULT.withTimeout(timeout, tries),
        DnsServers.Trust.valueOf(trust.toUpperCase(Locale.ROOT)));
  }

  /**
   * With limits of its own.
   *
   * @throws IllegalArgumentException when a server is no {@code host:port}
   */
  public CachingResolver(List<String> servers, Limits limits) {
    this(servers, limits, DnsServers.Trust.LOOPBACK);
  }

  private CachingResolver(List<String> servers, Limits limits, DnsServers.Trust trust) {
    this.limits = limits;
    this.client =
        new DnsClient(
            DnsServers.of(servers), trust, limits.timeout(), limits.tries(), limits.concurrency());
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(limits.cacheSize())
            .weigher((Key key, Known known) -> known.weight())
            .expireAfter(Expiry.creating((Key key, Known known) -> known.ttl()))
            .executor(Runnable::run)
            .buildAsync();
  }

  @Override
  public Answer<InetAddress> a(String name) {
    return vouchedA(name).answer();
  }

  @Override
  public Vouched<InetAddress> vouchedA(String name) {
    return isLocalhost(name)
        ? localhost(name, "127.0.0.1")
        : ask(name, Type.A, r -> r instanceof ARecord a ? bare(a.getAddress()) : Optional.empty());
  }

  @Override
  public Answer<InetAddress> aaaa(String name) {
    return vouchedAaaa(name).answer();
  }

  @Override
  public Vouched<InetAddress> vouchedAaaa(String name) {
    return isLocalhost(name)
        ? localhost(name, "::1")
        : ask(
            name,
            Type.AAAA,
            r -> r instanceof AAAARecord a ? bare(a.getAddress()) : Optional.empty());
  }

  @Override
  public Answer<Mx> mx(String name) {
    return vouchedMx(name).answer();
  }

  @Override
  public Vouched<Mx> vouchedMx(String name) {
    Vouched<Mx> vouched =
        ask(
            name,
            Type.MX,
            r ->
                r instanceof MXRecord mx
                    ? Names.text(mx.getTarget()).map(host -> new Mx(mx.getPriority(), host))
                    : Optional.empty());
    if (vouched.answer() instanceof Answer.Found<Mx>(List<Mx> records)) {
      return new Vouched<>(
          new Answer.Found<>(
              records.stream().sorted(Comparator.comparingInt(Mx::preference)).toList()),
          vouched.secure(),
          vouched.name());
    }
    return vouched;
  }

  @Override
  public Vouched<String> vouchedCname(String name) {
    return ask(
        name,
        Type.CNAME,
        r -> r instanceof CNAMERecord c ? Names.text(c.getTarget()) : Optional.empty());
  }

  @Override
  public Vouched<Tlsa> tlsa(String name) {
    return ask(
        name,
        Type.TLSA,
        r ->
            r instanceof TLSARecord t
                ? Optional.of(
                    new Tlsa(
                        t.getCertificateUsage(),
                        t.getSelector(),
                        t.getMatchingType(),
                        HexFormat.of().formatHex(t.getCertificateAssociationData())))
                : Optional.empty());
  }

  @Override
  public Answer<String> txt(String name) {
    return ask(
            name,
            Type.TXT,
            r -> r instanceof TXTRecord t ? Optional.of(joined(t)) : Optional.empty())
        .answer();
  }

  @Override
  public Answer<String> ptr(InetAddress address) {
    return ask(
            Optional.of(ReverseMap.fromAddress(address)),
            Type.PTR,
            r -> r instanceof PTRRecord p ? Names.text(p.getTarget()) : Optional.empty())
        .answer();
  }

  private static Vouched<InetAddress> localhost(String name, String address) {
    return new Vouched<>(new Answer.Found<>(List.of(InetAddress.ofLiteral(address))), false, name);
  }

  private <T> Vouched<T> ask(String name, int type, Function<Record, Optional<T>> read) {
    return ask(Names.parse(name), type, read);
  }

  private <T> Vouched<T> ask(Optional<Name> name, int type, Function<Record, Optional<T>> read) {
    if (name.isEmpty()) {
      return new Vouched<>(new Answer.NoSuchName<>(), false, "");
    }
    String asked = Names.text(name.get()).orElse("");
    try {
      Known known = known(new Key(name.get(), type));
      return new Vouched<>(
          values(known.answer(), read), known.secure(), Names.text(known.name()).orElse(asked));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Vouched<>(new Answer.Failed<>("interrupted"), false, asked);
    } catch (ExecutionException | RuntimeException e) {
      return new Vouched<>(new Answer.Failed<>("unexpected: " + e), false, asked);
    }
  }

  private static <T> Answer<T> values(Answer<Record> answer, Function<Record, Optional<T>> read) {
    return switch (answer) {
      case Answer.Found<Record>(List<Record> records) -> {
        List<T> values = new ArrayList<>(records.size());
        records.forEach(record -> read.apply(record).ifPresent(values::add));
        yield values.isEmpty() ? new Answer.NoData<>() : new Answer.Found<>(values);
      }
      case Answer.NoData<Record>() -> new Answer.NoData<>();
      case Answer.NoSuchName<Record>() -> new Answer.NoSuchName<>();
      case Answer.Failed<Record>(String reason) -> new Answer.Failed<>(reason);
    };
  }

  /** From the cache, or from whoever is asking already, or from the servers. */
  private Known known(Key key) throws InterruptedException, ExecutionException {
    CompletableFuture<Known> known = cache.getIfPresent(key);
    if (known == null) {
      CompletableFuture<Known> mine = new CompletableFuture<>();
      known = cache.asMap().putIfAbsent(key, mine);
      if (known == null) {
        known = mine;
        try {
          mine.complete(known(client.ask(key.name(), key.type())));
        } finally {
          // does nothing after an answer; after an accident nobody waits, and the cache forgets it
          mine.completeExceptionally(new IllegalStateException("the question was not asked"));
        }
      }
    }
    return known.get();
  }

  private Known known(DnsClient.Reply reply) {
    return switch (reply.answer()) {
      case Answer.Found<Record> found ->
          new Known(
              found,
              clamped(Duration.ofSeconds(reply.ttlSeconds()), limits.ttlMax()),
              weight(found),
              reply.secure(),
              reply.name());
      case Answer.NoData<Record> none -> negative(none, reply);
      case Answer.NoSuchName<Record> none -> negative(none, reply);
      case Answer.Failed<Record> failed -> new Known(failed, FAILURE_TTL, 1, false, reply.name());
    };
  }

  private Known negative(Answer<Record> answer, DnsClient.Reply reply) {
    // Without an SOA record it is not remembered (RFC 2308, 5): nobody vouches for it.
    Duration said = Duration.ofSeconds(Math.max(0, reply.ttlSeconds()));
    return new Known(
        answer, clamped(said, limits.negativeTtlMax()), 1, reply.secure(), reply.name());
  }

  private Duration clamped(Duration ttl, Duration longest) {
    Duration atLeast = ttl.compareTo(limits.ttlMin()) < 0 ? limits.ttlMin() : ttl;
    return atLeast.compareTo(longest) > 0 ? longest : atLeast;
  }

  private static int weight(Answer.Found<Record> found) {
    int octets = 0;
    for (Record record : found.records()) {
      octets += record.rdataToWireCanonical().length;
    }
    return 1 + octets / WEIGHT_UNIT_OCTETS;
  }

  private static boolean isLocalhost(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    String bare = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    return bare.equals("localhost") || bare.endsWith(".localhost");
  }

  /** Without the name that was asked for, so that it prints as an address only. */
  private static Optional<InetAddress> bare(InetAddress address) {
    try {
      return Optional.of(InetAddress.getByAddress(address.getAddress()));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  private static String joined(TXTRecord record) {
    StringBuilder out = new StringBuilder();
    for (byte[] string : record.getStringsAsByteArrays()) {
      out.append(new String(string, StandardCharsets.ISO_8859_1));
    }
    return out.toString();
  }
}
