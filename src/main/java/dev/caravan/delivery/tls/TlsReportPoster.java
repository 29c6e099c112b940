package dev.caravan.delivery.tls;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts reports over HTTPS (RFC 8460, 5.4). What could not be posted is tried again for a day (RFC
 * 8460, 5.5), as long as the gateway runs; what was refused is not.
 */
final class TlsReportPoster {
  private static final Logger LOG = LoggerFactory.getLogger(TlsReportPoster.class);
  private static final Duration TIME_MAX = Duration.ofSeconds(30);
  private static final Duration AGAIN_MAX = Duration.ofDays(1);

  /** Reports that are kept for another try; the oldest goes first. */
  private static final int KEPT_MAX = 200;

  private static final int TOO_MANY_REQUESTS = 429;

  private final Https https;
  private final InstantSource clock;
  private final Deque<Report> kept = new ArrayDeque<>();

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Report(URI uri, byte[] gzip, Instant since) {}

  TlsReportPoster(Https https, InstantSource clock) {
    this.https = https;
    this.clock = clock;
  }

  void post(URI uri, byte[] gzip) throws InterruptedException {
    post(new Report(uri, gzip, clock.instant()));
  }

  /** Tries once more what could not be posted. */
  void again() throws InterruptedException {
    List<Report> all;
    synchronized (kept) {
      all = new ArrayList<>(kept);
      kept.clear();
    }
    for (Report report : all) {
      post(report);
    }
  }

  private void post(Report report) throws InterruptedException {
    String host = report.uri().getHost();
    try {
      int status =
          https
              .send(
                  HttpRequest.newBuilder(report.uri())
                      .header("Content-Type", "application/tlsrpt+gzip")
                      .POST(HttpRequest.BodyPublishers.ofByteArray(report.gzip())),
                  TIME_MAX)
              .statusCode();
      if (status / 100 == 5 || status == TOO_MANY_REQUESTS) {
        keep(report, Integer.toString(status));
      } else if (status / 100 != 2) {
        LOG.warn("the TLS report for {} was not taken: {}", host, status);
      }
    } catch (IOException e) {
      keep(report, e.toString());
    }
  }

  private void keep(Report report, String why) {
    String host = report.uri().getHost();
    if (!clock.instant().isBefore(report.since().plus(AGAIN_MAX))) {
      LOG.warn("the TLS report for {} was not taken for a day: {}", host, why);
      return;
    }
    LOG.info("the TLS report for {} was not taken, it is posted again: {}", host, why);
    synchronized (kept) {
      kept.add(report);
      if (kept.size() > KEPT_MAX) {
        LOG.warn("the TLS report for {} is given up", kept.remove().uri().getHost());
      }
    }
  }
}
