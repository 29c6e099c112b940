package dev.caravan.auth;

import dev.caravan.mail.Origin;
import dev.caravan.smtp.Authentication.Exchange;
import dev.caravan.smtp.Authentication.Result;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;

/**
 * Whatever a client answers, an exchange ends in a few steps, and nobody gets in who has not said
 * the password or the token. The first octet chooses the mechanism, a line is a response.
 */
public final class MechanismsFuzz {
  private static final String NAME = "bob";
  private static final String SECRET = "x9-k2";
  private static final int STEPS_MAX = 6;
  private static final int CHALLENGE_MAX = 2000;
  private static final Users USERS = MapUsers.of(NAME, SECRET);
  private static final List<String> NAMES =
      List.of("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2");

  private static final Tokens TOKENS =
      new Tokens() {
        @Override
        public boolean isOn() {
          return true;
        }

        @Override
        public Optional<String> user(String token) {
          return token.equals(SECRET) ? Optional.of(NAME) : Optional.empty();
        }
      };

  private static final Origin ORIGIN =
      Origin.smtp(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), false, Instant.EPOCH);

  static {
    // Failed logins are no news here.
    Configurator.setLevel(Mechanisms.class, Level.OFF);
  }

  private MechanismsFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    String mechanism = NAMES.get((input[0] & 0xFF) % NAMES.size());
    String[] responses =
        new String(input, 1, input.length - 1, StandardCharsets.ISO_8859_1).split("\n", 10);
    Exchange exchange =
        new Mechanisms(
                USERS,
                TOKENS,
                new LoginGuard(Integer.MAX_VALUE, "1h", "1h", "0s"),
                String.join(",", NAMES))
            .begin(mechanism, ORIGIN)
            .orElseThrow();
    Result result = exchange.next(first(responses[0]));
    int steps = 1;
    for (; result instanceof Result.Challenge challenge && steps < responses.length; steps++) {
      if (challenge.data().length > CHALLENGE_MAX) {
        throw new AssertionError("a challenge of " + challenge.data().length + " octets");
      }
      result = exchange.next(Optional.of(octets(responses[steps])));
    }
    if (steps > STEPS_MAX) {
      throw new AssertionError(mechanism + " goes on for ever");
    }
    if (result instanceof Result.Success success) {
      boolean said = String.join("\n", responses).contains(SECRET);
      if (!said || !success.user().equals(NAME)) {
        throw new AssertionError(mechanism + " let in " + success.user());
      }
    }
  }

  /** An empty first line stands for none. */
  private static Optional<byte[]> first(String line) {
    return line.isEmpty() ? Optional.empty() : Optional.of(octets(line));
  }

  private static byte[] octets(String line) {
    return line.getBytes(StandardCharsets.ISO_8859_1);
  }
}
