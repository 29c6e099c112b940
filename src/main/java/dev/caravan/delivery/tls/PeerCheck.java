package dev.caravan.delivery.tls;

import dev.caravan.dns.Resolver.Tlsa;
import java.util.List;

/** Whom a server's certificate must belong to. */
public sealed interface PeerCheck {
  /** Anybody: protects against who only listens (RFC 7435). */
  record Anybody() implements PeerCheck {}

  /**
   * One of these names, for which an authority vouches that we trust.
   *
   * @param names as {@link Expected} explains them; at least one
   */
  record Pkix(List<String> names) implements PeerCheck {
    public Pkix {
      names = List.copyOf(names);
    }
  }

  /**
   * Whoever these records describe.
   *
   * @param records usable ones, at least one; see {@link DaneRecords#usable}
   * @param names which of them a certificate of a described authority must be for
   */
  record Dane(List<Tlsa> records, List<String> names) implements PeerCheck {
    public Dane {
      records = List.copyOf(records);
      names = List.copyOf(names);
    }
  }

  PeerCheck ANYBODY = new Anybody();
}
