package dev.caravan.mail;

import java.util.Optional;

/**
 * What is known of a connection's TLS once the handshake is done.
 *
 * @param protocol such as {@code TLSv1.3}
 * @param cipher such as {@code TLS_AES_128_GCM_SHA256}
 * @param serverName the name the client asked for (SNI)
 * @param client the client's certificate, if it showed one that our authority vouches for
 * @param exporter channel binding {@code tls-exporter} (RFC 9266)
 * @param serverEndPoint channel binding {@code tls-server-end-point} (RFC 5929, 4)
 */
public record TlsFacts(
    String protocol,
    String cipher,
    Optional<String> serverName,
    Optional<ClientCertificate> client,
    Optional<Octets> exporter,
    Optional<Octets> serverEndPoint) {

  /** Octets that compare by value. */
  public record Octets(String hex) {
    public static Octets of(byte[] octets) {
      return new Octets(java.util.HexFormat.of().formatHex(octets));
    }

    public byte[] bytes() {
      return java.util.HexFormat.of().parseHex(hex);
    }
  }

  public TlsFacts(String protocol, String cipher) {
    this(protocol, cipher, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** Protocol and cipher: {@code TLSv1.3 TLS_AES_128_GCM_SHA256}. */
  public String text() {
    return protocol + ' ' + cipher;
  }
}
