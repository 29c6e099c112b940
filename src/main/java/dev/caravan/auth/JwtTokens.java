package dev.caravan.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Access tokens that are JWTs (RFC 7519), checked with the keys of a JWKS (RFC 7517) in a file or
 * at a URL. Only asymmetric signatures count; issuer, audience and times are checked.
 */
public final class JwtTokens implements Tokens {
  private static final Logger LOG = LoggerFactory.getLogger(JwtTokens.class);
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512,
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512);
  private static final int SKEW_SECONDS = 60;
  private static final Set<String> LOCAL = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final int TIMEOUT_MILLIS = 5000;
  private static final int JWKS_OCTETS_MAX = 1 << 20;
  private static final Duration KEPT = Duration.ofMinutes(5);
  private static final Duration REFRESH = Duration.ofSeconds(15);
  private static final Duration BETWEEN_FETCHES = Duration.ofSeconds(30);
  private static final Duration OUTAGE = Duration.ofHours(4);

  private final Optional<DefaultJWTProcessor<SecurityContext>> processor;
  private final String userClaim;

  /**
   * @param jwks a file or an {@code https:} URL; empty = no tokens are taken
   * @param issuer that a token must be from
   * @param audience that a token must be for
   * @param userClaim the claim that names the user, such as {@code email}
   */
  public JwtTokens(String jwks, String issuer, String audience, String userClaim) {
    this.userClaim = userClaim;
    this.processor =
        jwks.isEmpty() ? Optional.empty() : Optional.of(processor(source(jwks), issuer, audience));
  }

  private static DefaultJWTProcessor<SecurityContext> processor(
      JWKSource<SecurityContext> keys, String issuer, String audience) {
    if (issuer.isEmpty() || audience.isEmpty()) {
      throw new IllegalArgumentException(
          "caravan.oauth.issuer and caravan.oauth.audience must say whose tokens are taken");
    }
    DefaultJWTClaimsVerifier<SecurityContext> claims =
        new DefaultJWTClaimsVerifier<>(
            audience, new JWTClaimsSet.Builder().issuer(issuer).build(), Set.of("exp"));
    claims.setMaxClockSkew(SKEW_SECONDS);
    DefaultJWTProcessor<SecurityContext> made = new DefaultJWTProcessor<>();
    // Access tokens have the type at+jwt (RFC 9068), older issuers' have JWT or none.
    made.setJWSTypeVerifier((type, context) -> {});
    made.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, keys));
    made.setJWTClaimsSetVerifier(claims);
    return made;
  }

  private static JWKSource<SecurityContext> source(String jwks) {
    if (!jwks.startsWith("https:") && !jwks.startsWith("http:")) {
      Path file = Path.of(jwks);
      return (selector, context) -> selector.select(read(file));
    }
    try {
      URL url = URI.create(jwks).toURL();
      if (url.getProtocol().equals("http") && !LOCAL.contains(url.getHost())) {
        throw new IllegalArgumentException(
            "caravan.oauth.jwks must be a file or an https: URL: whoever changes the keys on their"
                + " way can log in as anybody");
      }
      // Kept for minutes, fetched ahead of their end, and at once for a key that is new. While the
      // issuer can't be reached the keys before stay good for hours.
      return JWKSourceBuilder.<SecurityContext>create(
              url,
              new DefaultResourceRetriever(TIMEOUT_MILLIS, TIMEOUT_MILLIS, JWKS_OCTETS_MAX, true))
          .cache(KEPT.toMillis(), REFRESH.toMillis())
          .rateLimited(BETWEEN_FETCHES.toMillis())
          .outageTolerant(OUTAGE.toMillis())
          .build();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException("caravan.oauth.jwks is no URL", e);
    }
  }

  private static JWKSet read(Path file) throws KeySourceException {
    try {
      return JWKSet.parse(Files.readString(file));
    } catch (IOException | ParseException e) {
      throw new KeySourceException("the keys can't be read: " + e, e);
    }
  }

  @Override
  public boolean isOn() {
    return processor.isPresent();
  }

  @Override
  public Optional<String> user(String token) {
    if (processor.isEmpty()) {
      return Optional.empty();
    }
    try {
      JWTClaimsSet claims = processor.get().process(token, null);
      @Nullable String user = claims.getStringClaim(userClaim);
      return Optional.ofNullable(user).filter(UserLine::isName);
    } catch (KeySourceException e) {
      throw new Users.UsersUnavailableException("the keys of tokens can't be had now", e);
    } catch (ParseException | BadJOSEException | JOSEException e) {
      LOG.debug("a token is refused: {}", e.toString());
      return Optional.empty();
    }
  }
}
