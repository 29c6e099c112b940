package dev.caravan.netty.tls;

import java.util.List;
import java.util.Locale;

/** Which protocols and ciphers a listener takes. */
enum Profile {
  /** TLS 1.2 and 1.3, with forward secrecy and authenticated encryption only (RFC 9325). */
  MODERN(
      List.of("TLSv1.3", "TLSv1.2"),
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256")),

  /** TLS 1.3 only. */
  STRICT(
      List.of("TLSv1.3"),
      List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")),

  /**
   * What else old devices can: TLS 1.0 and 1.1, which need the key caravan.tls.legacy as well, and
   * ciphers without forward secrecy.
   */
  LEGACY(
      List.of("TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1"),
      List.of(
          "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
          "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
          "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
          "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
          "TLS_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_RSA_WITH_AES_128_CBC_SHA",
          "TLS_RSA_WITH_AES_256_CBC_SHA"));

  private final List<String> protocols;
  private final List<String> ciphers;

  Profile(List<String> protocols, List<String> ciphers) {
    this.protocols = protocols;
    this.ciphers = ciphers;
  }

  static Profile of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  List<String> protocols() {
    return protocols;
  }

  /** In the order of preference. */
  List<String> ciphers() {
    return this == LEGACY
        ? java.util.stream.Stream.concat(MODERN.ciphers.stream(), ciphers.stream()).toList()
        : ciphers;
  }
}
