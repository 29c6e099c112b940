package dev.caravan.delivery.tls;

import dev.caravan.dns.Resolver;
import dev.caravan.mail.Domain;
import dev.caravan.mail.Networks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/**
 * Over HTTPS from {@code mta-sts.DOMAIN} (RFC 8461, 3.3): a certificate for that name, no
 * redirects, {@code text/plain}, at most 64 KB, 60 seconds in all. Nothing of the address comes
 * from elsewhere than the domain; networks that mail is never sent to are not asked either.
 */
final class HttpsStsFetcher implements StsFetcher {
  private static final Duration TIME_MAX = Duration.ofSeconds(60);
  private static final Duration CONNECT_MAX = Duration.ofSeconds(20);
  private static final int OCTETS_MAX = 64 * 1024;
  private static final int OK = 200;

  private final HttpClient http;
  private final Resolver resolver;
  private final Networks refused;
  private final boolean proxied;

  /**
   * @param proxy that connections are made through (HTTP CONNECT), and that looks names up
   * @param refused networks that are not asked without a proxy
   */
  HttpsStsFetcher(
      TlsClient tls, Optional<InetSocketAddress> proxy, Resolver resolver, Networks refused) {
    this.resolver = resolver;
    this.refused = refused;
    proxied = proxy.isPresent();
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .sslContext(tls.pkix())
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT_MAX)
            .version(HttpClient.Version.HTTP_1_1)
            // without one, Java would ask the system properties for a proxy
            .proxy(proxy.map(ProxySelector::of).orElse(HttpClient.Builder.NO_PROXY));
    http = builder.build();
  }

  @Override
  public String fetch(Domain domain) throws FetchException, InterruptedException {
    String host = "mta-sts." + domain.name();
    if (!proxied) {
      refuseInnerNetworks(host);
    }
    HttpRequest request =
        HttpRequest.newBuilder(uri(host))
            .timeout(TIME_MAX)
            .header("Accept", "text/plain")
            .GET()
            .build();
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(
            request,
            HttpResponse.BodyHandlers.limiting(
                HttpResponse.BodyHandlers.ofByteArray(), OCTETS_MAX));
    try {
      return text(answer.get(TIME_MAX.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      throw new FetchException(TlsResult.STS_POLICY_FETCH_ERROR, host + ": timed out");
    } catch (ExecutionException e) {
      throw failed(host, e.getCause() instanceof IOException io ? io : new IOException(e));
    } finally {
      answer.cancel(true);
    }
  }

  private static URI uri(String host) throws FetchException {
    try {
      return new URI("https", host, "/.well-known/mta-sts.txt", null);
    } catch (java.net.URISyntaxException e) {
      throw new FetchException(TlsResult.STS_POLICY_FETCH_ERROR, host + " is no host name");
    }
  }

  private void refuseInnerNetworks(String host) throws FetchException {
    List<InetAddress> addresses =
        Stream.concat(
                resolver.a(host).recordsOrEmpty().stream(),
                resolver.aaaa(host).recordsOrEmpty().stream())
            .toList();
    if (addresses.isEmpty()) {
      throw new FetchException(TlsResult.STS_POLICY_FETCH_ERROR, host + " has no address");
    }
    if (addresses.stream().anyMatch(refused::contains)) {
      throw new FetchException(
          TlsResult.STS_POLICY_FETCH_ERROR, host + " is in a network that we do not ask");
    }
  }

  private static FetchException failed(String host, IOException e) {
    Throwable cause = e;
    for (int i = 0; i < 10 && cause != null; i++) {
      if (cause instanceof SSLException) {
        return new FetchException(
            TlsResult.STS_WEBPKI_INVALID,
            host + ": " + TlsTrouble.of((IOException) cause).reason());
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
