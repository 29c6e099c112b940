package dev.caravan.delivery.tls;

import java.util.Optional;

/**
 * What is known of a server before it is connected to.
 *
 * @param serverName what it is called in the handshake (SNI); empty = its host name
 * @param check whom its certificate must belong to; empty = as the way of encryption has it. Names
 *     are host names, addresses, or {@code .example.com} for whatever is below that name
 * @param audit what its certificate is compared with for reports only
 * @param authentic whether nobody could have forged the server's name: it is from our own
 *     configuration, from signed DNS, or in an MTA-STS policy (RFC 8689, 4.2.1)
 */
public record Expected(
    String serverName, Optional<PeerCheck> check, Optional<PeerCheck> audit, boolean authentic) {
  /** A server that we were told to use. */
  public static final Expected CONFIGURED =
      new Expected("", Optional.empty(), Optional.empty(), true);

  /** A server that unsigned DNS names. */
  public static final Expected RUMOURED =
      new Expected("", Optional.empty(), Optional.empty(), false);

  static Expected of(PeerCheck check, boolean authentic) {
    return new Expected("", Optional.of(check), Optional.empty(), authentic);
  }

  Expected calledBy(String name) {
    return new Expected(name, check, audit, authentic);
  }
}
