package dev.caravan.auth;

import dev.caravan.mail.Origin;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.TlsFacts;
import dev.caravan.smtp.Authentication;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs clients in (RFC 4954): who may, by which mechanism, and how often it may fail. */
public final class Mechanisms implements Authentication {
  private static final Logger LOG = LoggerFactory.getLogger(Mechanisms.class);
  private static final String SCRAM = "SCRAM-SHA-256";
  private static final String SCRAM_PLUS = "SCRAM-SHA-256-PLUS";
  private static final List<String> KNOWN =
      List.of(SCRAM_PLUS, SCRAM, "OAUTHBEARER", "XOAUTH2", "PLAIN", "LOGIN", "CRAM-MD5");
  private static final int NONCE_OCTETS = 18;

  private static final SmtpReply WRONG =
      SmtpReply.of(535, "5.7.8", "Authentication credentials invalid");
  private static final SmtpReply DISABLED = SmtpReply.of(535, "5.7.13", "User account disabled");
  private static final SmtpReply UNAVAILABLE =
      SmtpReply.of(454, "4.7.0", "Temporary authentication failure");
  private static final SmtpReply BLOCKED =
      SmtpReply.of(454, "4.7.0", "Too many failed logins, try again later");

  private final Users users;
  private final Tokens tokens;
  private final LoginGuard guard;
  private final List<String> enabled;
  private final SecureRandom random = new SecureRandom();
  private final byte[] decoyKey = new byte[NONCE_OCTETS];

  /**
   * @param enabled mechanisms with commas between; offered in our own order, the strongest first
   * @throws IllegalArgumentException naming what is no mechanism
   */
  public Mechanisms(Users users, Tokens tokens, LoginGuard guard, String enabled) {
    this.users = users;
    this.tokens = tokens;
    this.guard = guard;
    List<String> wanted =
        Arrays.stream(enabled.split(","))
            .map(s -> s.strip().toUpperCase(Locale.ROOT))
            .filter(s -> !s.isEmpty())
            .toList();
    wanted.stream()
        .filter(w -> !KNOWN.contains(w))
        .findFirst()
        .ifPresent(
            w -> {
              throw new IllegalArgumentException(
                  "caravan.auth.mechanisms: there is no mechanism " + w);
            });
    this.enabled = KNOWN.stream().filter(wanted::contains).toList();
    random.nextBytes(decoyKey);
  }

  @Override
  public boolean hasUsers() {
    return tokens.isOn() || !users.isEmpty();
  }

  @Override
  public List<String> offered(Origin origin) {
    List<String> offered = new ArrayList<>();
    boolean anybody = !users.isEmpty();
    for (String mechanism : enabled) {
      boolean can =
          switch (mechanism) {
            case SCRAM_PLUS -> anybody && users.keepsKeys() && canBind(origin);
            case SCRAM, "CRAM-MD5" -> anybody && users.keepsKeys();
            case "OAUTHBEARER", "XOAUTH2" -> tokens.isOn();
            default -> anybody;
          };
      if (can) {
        offered.add(mechanism);
      }
    }
    return offered;
  }

  private static boolean canBind(Origin origin) {
    return origin.tlsFacts().flatMap(TlsFacts::serverEndPoint).isPresent();
  }

  @Override
  public Optional<Exchange> begin(String mechanism, Origin origin) {
    boolean plus = enabled.contains(SCRAM_PLUS) && canBind(origin);
    Optional<Mechanism> begun =
        Optional.ofNullable(
            switch (mechanism) {
              case SCRAM_PLUS ->
                  new ScramSha256(users, nonce(), decoyKey, true, plus, origin.tlsFacts());
              case SCRAM ->
                  new ScramSha256(users, nonce(), decoyKey, false, plus, origin.tlsFacts());
              case "OAUTHBEARER" -> new Bearer(tokens, true);
              case "XOAUTH2" -> new Bearer(tokens, false);
              case "PLAIN" -> new Plain(users);
              case "LOGIN" -> new Login(users);
              case "CRAM-MD5" -> new CramMd5(users, "<" + nonce() + "@caravan>");
              default -> null;
            });
    InetAddress address =
        origin.peer().map(p -> p.getAddress()).orElse(InetAddress.getLoopbackAddress());
    return begun.map(m -> response -> next(m, response, address));
  }

  private String nonce() {
    byte[] octets = new byte[NONCE_OCTETS];
    random.nextBytes(octets);
    return Base64.getEncoder().encodeToString(octets);
  }

  private Result next(Mechanism mechanism, Optional<byte[]> response, InetAddress address) {
    if (guard.isBlocked(address)) {
      return new Result.Failure(BLOCKED, Duration.ZERO);
    }
    try {
      return switch (mechanism.next(response)) {
        case Attempt.Challenge challenge -> new Result.Challenge(challenge.data());
        case Attempt.Proven proven -> admit(proven.name(), address);
        case Attempt.Failed f -> {
          LOG.info("{}: a login failed", address.getHostAddress());
          yield new Result.Failure(WRONG, guard.failed(address));
        }
      };
    } catch (Users.UsersUnavailableException e) {
      LOG.error("nobody can log in now: {}", e.getMessage(), e);
      return new Result.Failure(UNAVAILABLE, Duration.ZERO);
    }
  }

  private Result admit(String name, InetAddress address) {
    boolean disabled = users.find(name).filter(a -> !a.enabled()).isPresent();
    if (disabled) {
      LOG.info("{}: {} is disabled and can't log in", address.getHostAddress(), name);
      return new Result.Failure(DISABLED, Duration.ZERO);
    }
    guard.succeeded(address);
    return new Result.Success(name);
  }
}
