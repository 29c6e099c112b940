package dev.caravan.delivery.tls;

import dev.caravan.dns.Resolver;
import dev.caravan.mail.Networks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * HTTPS to hosts that strangers name: certificate and name are checked, redirects are not followed,
 * answers are at most 64 KB, everything has an end, and networks that mail is never sent to are not
 * asked either.
 */
final class Https {
  private static final Duration CONNECT_MAX = Duration.ofSeconds(20);
  private static final int OCTETS_MAX = 64 * 1024;

  private final TlsClient tls;
  private final String proxy;
  private final Resolver resolver;
  private final Networks refused;
  private final boolean proxied;
  private @Nullable HttpClient http;

  /**
   * @param proxy {@code host:port} that connections are made through (HTTP CONNECT), and that looks
   *     names up; empty = none
   * @param refused networks that are not asked without a proxy; see {@link Networks#parse}
   */
  Https(TlsClient tls, String proxy, Resolver resolver, String refused) {
    this.resolver = resolver;
    this.refused = Networks.parse(refused);
    proxied = !proxy.isEmpty();
    this.proxy = proxy;
    this.tls = tls;
  }

  /** Made when it is first asked for: it has threads, and not every gateway needs it. */
  private synchronized HttpClient http() {
    HttpClient known = http;
    if (known == null) {
      known =
          HttpClient.newBuilder()
              .sslContext(tls.pkix())
              .followRedirects(HttpClient.Redirect.NEVER)
              .connectTimeout(CONNECT_MAX)
              .version(HttpClient.Version.HTTP_1_1)
              // without one, Java would ask the system properties for a proxy
              .proxy(proxied ? ProxySelector.of(address(proxy)) : HttpClient.Builder.NO_PROXY)
              .build();
      http = known;
    }
    return known;
  }

  private static InetSocketAddress address(String proxy) {
    int colon = proxy.lastIndexOf(':');
    return new InetSocketAddress(
        proxy.substring(0, colon), Integer.parseInt(proxy.substring(colon + 1)));
  }

  /**
   * Sends it and waits.
   *
   * @param limit for all of it
   */
  HttpResponse<byte[]> send(HttpRequest.Builder builder, Duration limit)
      throws IOException, InterruptedException {
    HttpRequest request = builder.timeout(limit).build();
    if (!proxied) {
      refuseInnerNetworks(request.uri().getHost());
    }
    CompletableFuture<HttpResponse<byte[]>> answer =
        http()
            .sendAsync(
                request,
                HttpResponse.BodyHandlers.limiting(
                    HttpResponse.BodyHandlers.ofByteArray(), OCTETS_MAX));
    try {
      return answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new HttpTimeoutException("timed out");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e);
    } finally {
      answer.cancel(true);
    }
  }

  private void refuseInnerNetworks(String host) throws IOException {
    List<InetAddress> addresses =
        Stream.concat(
                resolver.a(host).recordsOrEmpty().stream(),
                resolver.aaaa(host).recordsOrEmpty().stream())
            .toList();
    if (addresses.isEmpty()) {
      throw new IOException("it has no address");
    }
    if (addresses.stream().anyMatch(refused::contains)) {
      throw new IOException("it is in a network that we do not ask");
    }
  }
}
