package dev.caravan.smtp;

import dev.caravan.mail.EmailAddress;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The argument of MAIL and RCPT: a path and its parameters (RFC 5321, 4.1.2), read as leniently as
 * deployed clients need: a space behind the colon, no angle brackets, a source route.
 *
 * @param address without brackets and source route; empty for {@code <>}
 * @param parameters names in upper case; a parameter without value has an empty one
 */
record MailParameters(String address, Map<String, String> parameters) {
  private static final Pattern ROUTE =
      Pattern.compile("@(?:[\\w.-]+|\\[[^\\]]*])(?:,@(?:[\\w.-]+|\\[[^\\]]*]))*:");

  private static final Pattern PARAMETER =
      Pattern.compile("([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~\\x{80}-\\x{10FFFF}]+))?");

  /**
   * Reads what follows the verb.
   *
   * @param keyword {@code FROM} or {@code TO}
   * @return empty when it has another form
   */
  static Optional<MailParameters> parse(String argument, String keyword) {
    String text = argument;
    if (!text.regionMatches(true, 0, keyword, 0, keyword.length())) {
      return Optional.empty();
    }
    text = text.substring(keyword.length()).stripLeading();
    if (!text.startsWith(":")) {
      return Optional.empty();
    }
    text = text.substring(1).stripLeading();
    int end;
    String path;
    if (text.startsWith("<")) {
      end = closingBracket(text);
      if (end < 0) {
        return Optional.empty();
      }
      Optional<String> mailbox = withoutRoute(text.substring(1, end).strip());
      if (mailbox.isEmpty()) {
        return Optional.empty();
      }
      path = mailbox.get();
      end++;
      if (end < text.length() && text.charAt(end) != ' ') {
        return Optional.empty();
      }
    } else {
      end = text.indexOf(' ');
      end = end < 0 ? text.length() : end;
      path = text.substring(0, end);
      if (path.isEmpty()) {
        return Optional.empty();
      }
    }
    return parameters(text.substring(end)).map(p -> new MailParameters(path, p));
  }

  private static int closingBracket(String text) {
    boolean quoted = false;
    for (int i = 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && quoted) {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == '>' && !quoted) {
        return i;
      }
    }
    return -1;
  }

  /**
   * {@code @relay,@[IPv6:2001:db8::1]:user@domain} to {@code user@domain}: routes are accepted and
   * ignored (RFC 5321, 4.1.1.3 and appendix C). Empty when the route is none.
   */
  private static Optional<String> withoutRoute(String path) {
    if (!path.startsWith("@")) {
      return Optional.of(path);
    }
    Matcher m = ROUTE.matcher(path);
    boolean leadsSomewhere = m.lookingAt() && m.end() < path.length();
    return leadsSomewhere ? Optional.of(path.substring(m.end())) : Optional.empty();
  }

  private static Optional<Map<String, String>> parameters(String text) {
    if (text.isBlank()) {
      return Optional.of(Map.of());
    }
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String one : text.strip().split(" +")) {
      Matcher m = PARAMETER.matcher(one);
      if (!m.matches()) {
        return Optional.empty();
      }
      String value = Optional.ofNullable(m.group(2)).orElse("");
      if (parameters.put(m.group(1).toUpperCase(Locale.ROOT), value) != null) {
        return Optional.empty();
      }
    }
    return Optional.of(parameters);
  }

  static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 128) {
        return false;
      }
    }
    return true;
  }

  /**
   * The address.
   *
   * @throws IllegalArgumentException when it is none
   */
  EmailAddress mailbox() {
    return EmailAddress.parse(address);
  }
}
