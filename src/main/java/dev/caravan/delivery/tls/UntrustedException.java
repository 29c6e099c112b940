package dev.caravan.delivery.tls;

import java.security.cert.CertificateException;

/** A chain that does not prove what it has to. */
final class UntrustedException extends CertificateException {
  private static final long serialVersionUID = 1L;

  private final TlsResult result;

  UntrustedException(TlsResult result, String reason) {
    super(reason);
    this.result = result;
  }

  TlsResult result() {
    return result;
  }
}
