package dev.caravan.delivery.tls;

import dev.caravan.mail.Domain;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Over HTTPS from {@code mta-sts.DOMAIN} (RFC 8461, 3.3): a certificate for that name, no
 * redirects, {@code text/plain}, at most 64 KB, 60 seconds in all. Nothing of the address comes
 * from elsewhere than the domain.
 */
final class HttpsStsFetcher implements StsFetcher {
  private static final Duration TIME_MAX = Duration.ofSeconds(60);
  private static final int OK = 200;
  private static final int CAUSES_MAX = 10;

  private final Https https;

  HttpsStsFetcher(Https https) {
    this.https = https;
  }

  @Override
  public String fetch(Domain domain) throws FetchException, InterruptedException {
    String host = "mta-sts." + domain.name();
    try {
      return text(
          https.send(
              HttpRequest.newBuilder(new URI("https", host, "/.well-known/mta-sts.txt", null))
                  .header("Accept", "text/plain")
                  .GET(),
              TIME_MAX));
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw new FetchException(TlsResult.STS_POLICY_FETCH_ERROR, host + " is no host name");
    } catch (IOException e) {
      throw failed(host, e);
    }
  }

  private static FetchException failed(String host, IOException e) {
    @Nullable Throwable cause = e;
    for (int i = 0; i < CAUSES_MAX && cause != null; i++) {
      if (cause instanceof SSLException tls) {
        return new FetchException(
            TlsResult.STS_WEBPKI_INVALID, host + ": " + TlsTrouble.of(tls).reason());
      }
      cause = cause.getCause();
    }
    return new FetchException(TlsResult.STS_POLICY_FETCH_ERROR, host + ": " + e);
  }

  private static String text(HttpResponse<byte[]> response) throws FetchException {
    String host = response.uri().getHost();
    if (response.statusCode() != OK) {
      throw new FetchException(
          TlsResult.STS_POLICY_FETCH_ERROR, host + " answered " + response.statusCode());
    }
    String type = response.headers().firstValue("Content-Type").orElse("");
    String bare = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (!bare.equals("text/plain")) {
      throw new FetchException(
          TlsResult.STS_POLICY_INVALID, host + " sent '" + bare + "', not text/plain");
    }
    return new String(response.body(), StandardCharsets.UTF_8);
  }
}
