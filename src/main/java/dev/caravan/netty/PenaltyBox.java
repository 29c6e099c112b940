package dev.caravan.netty;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.caravan.mail.AddressBlock;
import dev.caravan.mail.SmtpReply;
import dev.caravan.smtp.Replies;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * Strangers' addresses ({@link AddressBlock}) that come too often, or were cut off too often for
 * what they did. Whoever is in it is turned away at the door, and hears so late: a flood that waits
 * for its replies becomes a trickle.
 */
final class PenaltyBox {
  private static final int ADDRESSES_MAX = 100_000;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** Connections since a minute began. Guarded by its lock. */
  private static final class Visits {
    private long since;
    private int count;

    /** One more; gives their number in this minute. */
    synchronized int add(long now) {
      if (count == 0 || now - since >= MINUTE.toNanos()) {
        since = now;
        count = 0;
      }
      return ++count;
    }
  }

  private final PenaltyTerms terms;
  private final Cache<InetAddress, Visits> visits =
      Caffeine.newBuilder()
          .executor(Runnable::run)
          .maximumSize(ADDRESSES_MAX)
          .expireAfterAccess(MINUTE)
          .build();
  private final Cache<InetAddress, Integer> offences;
  private final Cache<InetAddress, Boolean> blocked;

  PenaltyBox(PenaltyTerms terms) {
    this.terms = terms;
    this.offences =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumSize(ADDRESSES_MAX)
            .expireAfterWrite(terms.offenceWindow())
            .build();
    this.blocked =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumSize(ADDRESSES_MAX)
            .expireAfterWrite(terms.block())
            .build();
  }

  /** How long one that is turned away waits for its reply. */
  Duration delay() {
    return terms.delay();
  }

  /** A stranger is at the door; why it is turned away, if it is. */
  Optional<SmtpReply> visited(InetAddress address) {
    InetAddress network = AddressBlock.of(address);
    if (terms.offencesMax() > 0 && blocked.getIfPresent(network) != null) {
      return Optional.of(Replies.OFFENDER);
    }
    if (terms.connectionRateMax() > 0
        && visits.get(network, n -> new Visits()).add(System.nanoTime())
            > terms.connectionRateMax()) {
      return Optional.of(Replies.TOO_OFTEN);
    }
    return Optional.empty();
  }

  /** A stranger was cut off for what it did. */
  void offended(InetAddress address) {
    InetAddress network = AddressBlock.of(address);
    if (terms.offencesMax() > 0
        && offences.asMap().merge(network, 1, Integer::sum) > terms.offencesMax()) {
      offences.invalidate(network);
      blocked.put(network, true);
    }
  }
}
