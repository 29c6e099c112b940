package dev.caravan.mail;

import java.util.List;

/**
 * A client's certificate that our authority vouches for.
 *
 * @param subject its distinguished name (RFC 2253)
 * @param names e-mail addresses and DNS names of its subjectAltName
 * @param fingerprint SHA-256 of the certificate in lower-case hexadecimal digits
 */
public record ClientCertificate(String subject, List<String> names, String fingerprint) {
  public ClientCertificate {
    names = List.copyOf(names);
  }
}
