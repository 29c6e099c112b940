package dev.caravan.delivery.auth;

import dev.caravan.mail.Durations;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Access tokens of a token endpoint (RFC 6749): with a refresh token (section 6) where one is set,
 * else with the client's own credentials (4.4). A bean; its properties are set in XML.
 *
 * <p>A token is kept until shortly before it expires; the next one is fetched while the old one can
 * still be used, once for all who need it. Nobody holds a lock meanwhile. After a failure the
 * endpoint is left alone for a while.
 */
public final class OAuth implements SelfCheck {
  private static final Logger LOG = LoggerFactory.getLogger(OAuth.class);

  /** So long before its end a token is renewed, or a tenth of its life when that is less. */
  private static final Duration EARLY = Duration.ofMinutes(1);

  /** It must not end while it is on its way. */
  private static final Duration LAST = Duration.ofSeconds(5);

  /** What a fetch may take beyond its time-out: until its thread runs, the client's first use. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  /** A token that a server refuses is replaced once in this time. */
  private static final Duration REPLACED = Duration.ofMinutes(1);

  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();

  private Optional<URI> endpoint = Optional.empty();
  private String clientId = "";
  private Optional<Secret> clientSecret = Optional.empty();
  private Optional<Secret> refreshToken = Optional.empty();
  private Optional<TokenFile> store = Optional.empty();
  private String scope = "";
  private boolean basic;
  private Duration timeout = Duration.ofSeconds(10);
  private Duration pause = Duration.ofSeconds(10);

  private @Nullable TokenEndpoint asked;
  private @Nullable CompletableFuture<String> fetching;
  private Optional<Held> held = Optional.empty();
  private Optional<Failure> failure = Optional.empty();

  /** A rotated refresh token, and the configured one that it is in place of. */
  private Optional<Rotated> rotated = Optional.empty();

  private boolean replaced;
  private long replacedAt;

  private record Held(String token, long renewAt, long endsAt) {
    @Override
    public String toString() {
      return "Held";
    }
  }

  private record Rotated(String token, String configured) {
    @Override
    public String toString() {
      return "Rotated";
    }
  }

  private record Failure(String message, long until) {}

  public OAuth() {
    this(System::nanoTime);
  }

  OAuth(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** The token endpoint, {@code https://…}; {@code http:} on this machine only. */
  public void setEndpoint(String url) {
    try {
      URI uri = new URI(url);
      String host = uri.getHost() == null ? "" : uri.getHost();
      boolean here = host.matches("localhost|127\\.\\d+\\.\\d+\\.\\d+|\\[::1]");
      boolean safe = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme()) && here;
      if (host.isEmpty() || !safe || uri.getUserInfo() != null) {
        throw new IllegalArgumentException("a token endpoint is an https: URL");
      }
      endpoint = Optional.of(uri);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("a token endpoint is an https: URL", e);
    }
  }

  public void setClientId(String id) {
    clientId = id;
  }

  /** See {@link Secret#of}; without one the client is a public one. */
  public void setClientSecret(String source) {
    clientSecret = Optional.of(Secret.of(source));
  }

  /** What is asked for; empty = what the endpoint gives by default. */
  public void setScope(String scope) {
    this.scope = scope;
  }

  /** See {@link Secret#of}; with it the grant is refresh_token, else client_credentials. */
  public void setRefreshToken(String source) {
    refreshToken = Optional.of(Secret.of(source));
  }

  /** The file to keep a refresh token in that the endpoint gives in place of the configured one. */
  public void setStore(String file) {
    if (file.isBlank()) {
      throw new IllegalArgumentException("the store is a file");
    }
    store = Optional.of(new TokenFile(Path.of(file)));
  }

  /**
   * How the client proves who it is: {@code post} (in the form) or {@code basic} (in the
   * Authorization header); RFC 6749, 2.3.1.
   */
  public void setAuthentication(String how) {
    basic =
        switch (how) {
          case "post" -> false;
          case "basic" -> true;
          default -> throw new IllegalArgumentException("it is post or basic, not " + how);
        };
  }

  /** How long the endpoint may take to answer, 100ms to 1m; 10s when not set. */
  public void setTimeout(String duration) {
    timeout = bounded(duration, Duration.ofMillis(100), Duration.ofMinutes(1));
  }

  /** How long it is left alone after a failure, 0s to 10m; 10s when not set. */
  public void setPause(String duration) {
    pause = bounded(duration, Duration.ZERO, Duration.ofMinutes(10));
  }

  private static Duration bounded(String text, Duration min, Duration max) {
    Duration duration = Durations.parse(text);
    if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
      throw new IllegalArgumentException("it is from " + min + " to " + max + ", not " + text);
    }
    return duration;
  }

  @Override
  public Optional<String> problem() {
    if (endpoint.isEmpty() || clientId.isEmpty()) {
      return Optional.of("a token source needs an endpoint and a clientId");
    }
    return refreshToken.isEmpty() && clientSecret.isEmpty()
        ? Optional.of("a token source needs a clientSecret or a refreshToken")
        : Optional.empty();
  }

  /**
   * A token that can be used now.
   *
   * @throws AuthException when there is none, with what the endpoint said
   */
  String token() throws AuthException {
    CompletableFuture<String> coming;
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      if (held.isPresent() && held.get().renewAt() - now > 0) {
        return held.get().token();
      }
      boolean usable = held.isPresent() && held.get().endsAt() - now > 0;
      if (failure.isPresent() && failure.get().until() - now > 0) {
        if (usable) {
          return held.get().token();
        }
        throw new AuthException(failure.get().message());
      }
      CompletableFuture<String> begun = fetching;
      coming = begun == null ? begin() : begun;
      if (usable) {
        return held.get().token();
      }
    } finally {
      lock.unlock();
    }
    return await(coming);
  }

  /** With the lock. A thread of its own: whoever asked first may be interrupted. */
  private CompletableFuture<String> begin() {
    CompletableFuture<String> begun = new CompletableFuture<>();
    fetching = begun;
    Thread thread = Thread.ofVirtual().name("token-fetcher").start(() -> fetch(begun));
    assert thread.isVirtual();
    return begun;
  }

  private String await(CompletableFuture<String> coming) throws AuthException {
    try {
      return coming.get(timeout.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new AuthException("no access token within " + Durations.text(timeout.plus(GRACE)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AuthException("stopping");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof AuthException known
          ? known
          : new AuthException("the access token can't be fetched: " + e.getCause());
    }
  }

  private void fetch(CompletableFuture<String> result) {
    try {
      TokenEndpoint.Grant grant = ask();
      lock.lock();
      try {
        hold(grant);
      } finally {
        lock.unlock();
      }
      result.complete(grant.accessToken());
    } catch (TokenEndpoint.NoGrantException e) {
      fail(result, e.getMessage(), e.pause());
    } catch (AuthException e) {
      fail(result, e.getMessage(), Duration.ZERO);
    } catch (InterruptedException e) {
      fail(result, "stopping", Duration.ZERO);
    } catch (RuntimeException e) {
      LOG.error("fetching an access token", e);
      fail(result, "the access token can't be fetched", Duration.ZERO);
    }
  }

  private void hold(TokenEndpoint.Grant grant) {
    long now = nanoTime.getAsLong();
    Duration life = grant.lifetime();
    Duration early = EARLY.compareTo(life.dividedBy(10)) < 0 ? EARLY : life.dividedBy(10);
    Duration last = LAST.compareTo(early) < 0 ? LAST : early.dividedBy(2);
    held =
        Optional.of(
            new Held(
                grant.accessToken(),
                now + life.minus(early).toNanos(),
                now + life.minus(last).toNanos()));
    failure = Optional.empty();
    fetching = null;
  }

  private void fail(CompletableFuture<String> result, @Nullable String why, Duration longer) {
    String message = why == null ? "no access token" : why;
    LOG.warn("no access token: {}", message);
    lock.lock();
    try {
      Duration wait = longer.compareTo(pause) > 0 ? longer : pause;
      failure = Optional.of(new Failure(message, nanoTime.getAsLong() + wait.toNanos()));
      fetching = null;
    } finally {
      lock.unlock();
    }
    result.completeExceptionally(new AuthException(message));
  }

  /** Only one thread at a time is here. */
  private TokenEndpoint.Grant ask()
      throws AuthException, TokenEndpoint.NoGrantException, InterruptedException {
    Optional<String> wrong = problem();
    if (wrong.isPresent()) {
      throw new AuthException(wrong.get());
    }
    Map<String, String> form = new LinkedHashMap<>();
    List<String> secrets = new ArrayList<>();
    String configured = "";
    if (refreshToken.isPresent()) {
      configured = refreshToken.get().value();
      String current = current(configured);
      form.put("grant_type", "refresh_token");
      form.put("refresh_token", current);
      secrets.add(current);
      secrets.add(configured);
    } else {
      form.put("grant_type", "client_credentials");
    }
    if (!scope.isEmpty()) {
      form.put("scope", scope);
    }
    String header = "";
    if (clientSecret.isPresent()) {
      String secret = clientSecret.get().value();
      secrets.add(secret);
      if (basic) {
        header = TokenEndpoint.encoded(clientId) + ':' + TokenEndpoint.encoded(secret);
      } else {
        form.put("client_secret", secret);
      }
    }
    if (header.isEmpty()) {
      form.put("client_id", clientId);
    }
    TokenEndpoint.Grant grant = endpoint().ask(form, header, secrets);
    if (refreshToken.isPresent() && !grant.refreshToken().isEmpty()) {
      keep(grant.refreshToken(), configured);
    }
    return grant;
  }

  private TokenEndpoint endpoint() {
    TokenEndpoint known = asked;
    if (known == null) {
      known = new TokenEndpoint(endpoint.orElseThrow(), timeout);
      asked = known;
    }
    return known;
  }

  private String current(String configured) throws AuthException {
    if (rotated.isPresent() && rotated.get().configured().equals(configured)) {
      return rotated.get().token();
    }
    return store.isPresent() ? store.get().successorOf(configured).orElse(configured) : configured;
  }

  /** The old one may be void from now on (RFC 6749, 6). */
  private void keep(String token, String configured) throws AuthException {
    if (token.equals(current(configured))) {
      return;
    }
    rotated = Optional.of(new Rotated(token, configured));
    if (store.isEmpty()) {
      LOG.warn(
          "the token endpoint has given a new refresh token that the next start won't know: "
              + "set the property store of the token source");
      return;
    }
    try {
      store.get().store(token, configured);
    } catch (IOException e) {
      LOG.error("the new refresh token can't be kept for the next start: {}", e.toString());
    }
  }

  /**
   * A server has refused this token.
   *
   * @return whether another one is worth a try
   */
  boolean refused(String token) {
    lock.lock();
    try {
      if (held.isEmpty() || !held.get().token().equals(token)) {
        return true;
      }
      long now = nanoTime.getAsLong();
      if (replaced && now - replacedAt < REPLACED.toNanos()) {
        return false;
      }
      replaced = true;
      replacedAt = now;
      held = Optional.empty();
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return "OAuth[" + endpoint.map(URI::getHost).orElse("") + "]";
  }
}
