package dev.caravan.policy;

import dev.caravan.dns.Resolver;
import dev.caravan.mail.Connection;
import dev.caravan.mail.Origin;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * The client's name: a PTR record whose name has the client's address ({@code iprev} of RFC 8601,
 * 2.7.3). For the route {@code connection}; later questions see {@code ${body.origin.reverseName}}.
 */
public final class ReverseName {
  private static final int NAMES_MAX = 5;

  /** The client waits for its greeting: after this time no further question is begun. */
  private static final Duration TIME_MAX = Duration.ofSeconds(10);

  private final Resolver resolver;
  private final InstantSource clock;

  public ReverseName(Resolver resolver) {
    this(resolver, Clock.systemUTC());
  }

  ReverseName(Resolver resolver, InstantSource clock) {
    this.resolver = resolver;
    this.clock = clock;
  }

  /** The same question with the name, if one is found and confirmed. */
  public Connection find(Connection question) {
    Origin origin = question.origin();
    if (question.isDecided() || origin.peer().isEmpty()) {
      return question;
    }
    return question.withOrigin(origin.withReverseName(confirmed(origin.peer().get().getAddress())));
  }

  private Optional<String> confirmed(InetAddress address) {
    Instant end = clock.instant().plus(TIME_MAX);
    return resolver.ptr(address).recordsOrEmpty().stream()
        .limit(NAMES_MAX)
        .takeWhile(name -> clock.instant().isBefore(end))
        .filter(name -> addresses(name, address).contains(address))
        .findFirst();
  }

  private List<InetAddress> addresses(String name, InetAddress like) {
    return like instanceof Inet6Address
        ? resolver.aaaa(name).recordsOrEmpty()
        : resolver.a(name).recordsOrEmpty();
  }
}
