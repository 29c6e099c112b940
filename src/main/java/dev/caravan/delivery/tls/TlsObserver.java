package dev.caravan.delivery.tls;

import java.net.InetAddress;
import java.util.Optional;

/** Hears how connections began, for reports. */
public interface TlsObserver {
  /**
   * A connection is open.
   *
   * @param flaw what is wrong with it though it may be used: it is in clear text, or a policy that
   *     is only tested is not met
   */
  void began(String host, InetAddress address, Optional<TlsTrouble> flaw);

  /** TLS failed, and the connection was given up. */
  void failed(String host, InetAddress address, TlsTrouble trouble);
}
