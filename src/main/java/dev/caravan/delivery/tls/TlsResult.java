package dev.caravan.delivery.tls;

import java.util.Locale;

/** What can go wrong with TLS to a server, in the words of RFC 8460, 4.3. */
public enum TlsResult {
  STARTTLS_NOT_SUPPORTED,
  CERTIFICATE_HOST_MISMATCH,
  CERTIFICATE_EXPIRED,
  CERTIFICATE_NOT_TRUSTED,
  VALIDATION_FAILURE,
  TLSA_INVALID,
  DNSSEC_INVALID,
  DANE_REQUIRED,
  STS_POLICY_FETCH_ERROR,
  STS_POLICY_INVALID,
  STS_WEBPKI_INVALID;

  /** As reports write it: {@code certificate-expired}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
