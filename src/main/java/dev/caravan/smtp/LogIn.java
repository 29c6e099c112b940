package dev.caravan.smtp;

import dev.caravan.mail.Origin;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The dialogue of AUTH (RFC 4954, 4): one exchange at a time, in base64. */
final class LogIn {
  /** Which send a password as it is. */
  private static final List<String> CLEAR_TEXT =
      List.of("PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER");

  /** In which the server speaks first, so that nothing can come with AUTH. */
  private static final String SERVER_FIRST = "CRAM-MD5";

  private final Surroundings around;
  private Optional<Authentication.Exchange> exchange = Optional.empty();

  LogIn(Surroundings around) {
    this.around = around;
  }

  /** Whether the next line belongs to the exchange. */
  boolean isOpen() {
    return exchange.isPresent();
  }

  void end() {
    exchange = Optional.empty();
  }

  /** The mechanisms for EHLO: no password travels in clear text unless the listener says so. */
  static List<String> offered(Surroundings around, Origin origin) {
    boolean safe = origin.tlsFacts().isPresent() || around.listening().passwordsInClear();
    return around.authentication().offered(origin).stream()
        .filter(mechanism -> safe || !CLEAR_TEXT.contains(mechanism))
        .toList();
  }

  Step begin(String argument, Origin origin) throws Refusal {
    String[] words = argument.split(" +", 2);
    String mechanism = words[0].toUpperCase(Locale.ROOT);
    if (mechanism.isEmpty()) {
      throw new Refusal(Replies.SYNTAX_ERROR);
    }
    Authentication authentication = around.authentication();
    if (!offered(around, origin).contains(mechanism)) {
      boolean needsTls = authentication.offered(origin).contains(mechanism);
      throw new Refusal(needsTls ? Replies.AUTH_NEEDS_TLS : Replies.AUTH_UNKNOWN);
    }
    Optional<byte[]> initial = Optional.empty();
    if (words.length > 1) {
      if (mechanism.equals(SERVER_FIRST)) {
        throw new Refusal(Replies.AUTH_SERVER_FIRST);
      }
      // An empty response is written as "=" here.
      initial = Optional.of(words[1].equals("=") ? new byte[0] : decoded(words[1]));
    }
    Authentication.Exchange begun =
        authentication
            .begin(mechanism, origin)
            .orElseThrow(() -> new Refusal(Replies.AUTH_UNKNOWN));
    exchange = Optional.of(begun);
    return new Step.Authenticate(begun, initial);
  }

  Step challenge(byte[] data) {
    return new Step.Reply(Replies.challenge(Base64.getEncoder().encodeToString(data)));
  }

  Step response(String line) throws Refusal {
    Authentication.Exchange begun = exchange.orElseThrow();
    String text = line.stripTrailing(); // some old devices end it with a space
    if (text.equals("*")) {
      end();
      throw new Refusal(Replies.AUTH_CANCELLED);
    }
    try {
      return new Step.Authenticate(begun, Optional.of(decoded(text)));
    } catch (Refusal refusal) {
      end();
      throw refusal;
    }
  }

  private static byte[] decoded(String text) throws Refusal {
    try {
      return Base64.getDecoder().decode(text.getBytes(StandardCharsets.ISO_8859_1));
    } catch (IllegalArgumentException e) {
      throw new Refusal(Replies.AUTH_NO_BASE64);
    }
  }
}
