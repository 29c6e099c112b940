package dev.caravan.delivery.tls;

import java.io.IOException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong with TLS to one server.
 *
 * @param reason for people, one line
 */
public record TlsTrouble(TlsResult result, String reason) {
  private static final int REASON_MAX = 300;
  private static final int CAUSES_MAX = 10;

  public TlsTrouble {
    String line = reason.replaceAll("[\\p{Cntrl}]+", " ");
    reason = line.length() <= REASON_MAX ? line : line.substring(0, REASON_MAX);
  }

  /** Why a handshake failed. */
  public static TlsTrouble of(IOException failure) {
    return of((Throwable) failure);
  }

  /** Why a chain was not believed. */
  static TlsTrouble of(CertificateException failure) {
    return of((Throwable) failure);
  }

  private static TlsTrouble of(Throwable failure) {
    TlsResult result = TlsResult.VALIDATION_FAILURE;
    @Nullable Throwable cause = failure;
    for (int i = 0; cause != null && i < CAUSES_MAX; i++) {
      if (cause instanceof UntrustedException untrusted) {
        return new TlsTrouble(untrusted.result(), String.valueOf(untrusted.getMessage()));
      }
      if (cause instanceof CertificateExpiredException
          || cause instanceof CertPathValidatorException path
              && path.getReason() == CertPathValidatorException.BasicReason.EXPIRED) {
        return new TlsTrouble(TlsResult.CERTIFICATE_EXPIRED, "its certificate has expired");
      }
      if (cause instanceof CertificateException) {
        result = TlsResult.CERTIFICATE_NOT_TRUSTED;
      }
      cause = cause.getCause();
    }
    return new TlsTrouble(result, String.valueOf(failure.getMessage()));
  }
}
