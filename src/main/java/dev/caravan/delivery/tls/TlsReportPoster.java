package dev.caravan.delivery.tls;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Posts reports over HTTPS (RFC 8460, 5.4); what fails is logged and not repeated. */
final class TlsReportPoster {
  private static final Logger LOG = LoggerFactory.getLogger(TlsReportPoster.class);
  private static final Duration TIME_MAX = Duration.ofSeconds(30);

  private final Https https;

  TlsReportPoster(Https https) {
    this.https = https;
  }

  void post(URI uri, byte[] gzip) throws InterruptedException {
    try {
      int status =
          https
              .send(
                  HttpRequest.newBuilder(uri)
                      .header("Content-Type", "application/tlsrpt+gzip")
                      .POST(HttpRequest.BodyPublishers.ofByteArray(gzip)),
                  TIME_MAX)
              .statusCode();
      if (status / 100 != 2) {
        LOG.warn("the TLS report for {} was not taken: {}", uri.getHost(), status);
      }
    } catch (IOException e) {
      LOG.warn("the TLS report for {} was not taken: {}", uri.getHost(), e.toString());
    }
  }
}
