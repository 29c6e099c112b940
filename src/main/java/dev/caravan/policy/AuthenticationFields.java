package dev.caravan.policy;

import dev.caravan.mail.Finding;
import dev.caravan.mail.Mail;
import java.util.List;
import java.util.Map;

/**
 * Spells header fields about authentication (RFC 8601, 2.2; RFC 7208, 9.1). Whatever comes from a
 * peer becomes a token, a quoted string or a comment that it can't get out of, and no line grows
 * beyond the 998 octets of RFC 5322.
 */
final class AuthenticationFields {
  private static final int VALUE_MAX = 330;
  private static final int COMMENT_MAX = 300;
  private static final int KEYWORD_MAX = 64;
  private static final int LINE = 78;
  private static final String FOLD = "\r\n\t";
  private static final String ATOM_SPECIALS = "!#$%&'*+-/=?^_`{|}~";

  /** Printable ASCII without the tspecials of RFC 2045, 5.1. */
  private static final String TSPECIALS = "()<>@,;:\\\"/[]?=";

  private final String hostname;
  private final Mail mail;

  AuthenticationFields(String hostname, Mail mail) {
    this.hostname = hostname;
    this.mail = mail;
  }

  /** The whole field with its CRLF. */
  String authenticationResults(List<Finding> findings) {
    StringBuilder field = new StringBuilder("Authentication-Results: ").append(value(hostname));
    for (Finding finding : findings) {
      field.append(';').append(FOLD);
      int start = field.length();
      field.append(keyword(finding.method())).append('=').append(keyword(finding.result()));
      start = comment(field, start, finding.reason());
      for (Map.Entry<String, String> property : finding.properties().entrySet()) {
        String text = property(property.getKey()) + '=' + value(property.getValue());
        start = word(field, start, text);
      }
    }
    return field.append("\r\n").toString();
  }

  /** The whole field with its CRLF. */
  String receivedSpf(Finding spf) {
    StringBuilder field = new StringBuilder("Received-SPF: ").append(keyword(spf.result()));
    int start = comment(field, 0, hostname + ": " + spf.reason());
    boolean helo = spf.properties().containsKey("smtp.helo");
    start = word(field, start, "receiver=" + atom(hostname) + ';');
    start = word(field, start, "client-ip=" + atom(clientIp()) + ';');
    start =
        word(field, start, "envelope-from=" + quoted(mail.envelope().sender().toString()) + ';');
    start = word(field, start, "helo=" + atom(mail.origin().helo()) + ';');
    word(field, start, "identity=" + (helo ? "helo" : "mailfrom"));
    return field.append("\r\n").toString();
  }

  private String clientIp() {
    String address = mail.origin().address();
    int zone = address.indexOf('%');
    return zone < 0 ? address : address.substring(0, zone);
  }

  private static int comment(StringBuilder field, int start, String text) {
    StringBuilder clean = new StringBuilder();
    for (int i = 0; i < text.length() && clean.length() < COMMENT_MAX; i++) {
      char c = text.charAt(i);
      boolean plain = c >= ' ' && c < 127 && c != '\\' && c != '(' && c != ')';
      clean.append(plain ? c : '?');
    }
    return text.isBlank() ? start : word(field, start, "(" + clean.toString().strip() + ')');
  }

  /**
   * Appends a word after a space, or on a new line when it does not fit.
   *
   * @param start where the current line begins
   * @return where it begins now
   */
  private static int word(StringBuilder field, int start, String text) {
    if (field.length() - start + 1 + text.length() <= LINE) {
      field.append(' ').append(text);
      return start;
    }
    field.append(FOLD).append(text);
    return field.length() - text.length();
  }

  /** A Keyword of RFC 5321: letters, digits and hyphens. Ours, but checked all the same. */
  private static String keyword(String text) {
    String clean =
        text.substring(0, Math.min(text.length(), KEYWORD_MAX)).replaceAll("[^A-Za-z0-9-]", "-");
    return clean.isEmpty() ? "unknown" : clean;
  }

  /** {@code ptype.property}. */
  private static String property(String text) {
    int dot = text.indexOf('.');
    return dot < 0
        ? "policy." + keyword(text)
        : keyword(text.substring(0, dot)) + '.' + keyword(text.substring(dot + 1));
  }

  /** A pvalue: a token or an address as it is, everything else quoted. */
  private String value(String text) {
    int at = text.lastIndexOf('@');
    boolean plain =
        at < 0
            ? isToken(text)
            : isAtomOrEmpty(text.substring(0, at)) && isToken(text.substring(at + 1));
    return plain && text.length() <= VALUE_MAX ? text : quoted(text);
  }

  private String atom(String text) {
    return text.length() <= VALUE_MAX && !text.isEmpty() && isAtomOrEmpty(text)
        ? text
        : quoted(text);
  }

  private static boolean isToken(String text) {
    return !text.isEmpty()
        && text.chars().allMatch(c -> c > ' ' && c < 127 && TSPECIALS.indexOf(c) < 0);
  }

  /** A dot-atom, or nothing: {@code @example.com} is an address here. */
  private static boolean isAtomOrEmpty(String text) {
    boolean dots = text.startsWith(".") || text.endsWith(".") || text.contains("..");
    return !dots
        && text.chars()
            .allMatch(
                c ->
                    c >= 'a' && c <= 'z'
                        || c >= 'A' && c <= 'Z'
                        || c >= '0' && c <= '9'
                        || c == '.'
                        || ATOM_SPECIALS.indexOf(c) >= 0);
  }

  /** Other than ASCII stays only in mail that may hold it (RFC 6532). */
  private String quoted(String text) {
    boolean utf8 = mail.envelope().smtpUtf8();
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length() && out.length() < VALUE_MAX; i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\');
      }
      boolean plain = c >= ' ' && c < 127 || utf8 && c >= 0xA0;
      out.append(plain ? c : '?');
    }
    return out.append('"').toString();
  }
}
