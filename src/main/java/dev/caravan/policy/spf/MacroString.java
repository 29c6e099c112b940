package dev.caravan.policy.spf;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Text with macros (RFC 7208, 7.1): parsed once, so that all errors show before anything runs.
 *
 * @param tail the literal text behind the last macro
 */
record MacroString(List<Part> parts, String tail) {
  private static final String LETTERS = "slodiphv";
  private static final String ALL_LETTERS = LETTERS + "crt";
  private static final String DELIMITERS = ".-+,/_=";
  private static final int KEEP_MAX = 1000;

  /** What a macro letter, always lower case, stands for. */
  interface Values {
    String of(char letter) throws SpfException;
  }

  sealed interface Part {}

  record Literal(String text) implements Part {}

  /**
   * One expansion.
   *
   * @param letter lower case
   * @param escaped whether the value is URL-escaped
   * @param keep how many right-hand parts stay; {@value #KEEP_MAX} or more for all
   */
  record Macro(char letter, boolean escaped, int keep, boolean reversed, String delimiters)
      implements Part {}

  /** A domain-spec: ends in a macro, or in a dot and a label that is not all numeric. */
  static MacroString domain(String text) throws SpfException {
    MacroString parsed = parse(text, LETTERS, false);
    if (text.isEmpty() || !parsed.tail.isEmpty() && !endsInTopLabel(parsed.tail)) {
      throw SpfException.permanent("malformed domain '" + text + "'");
    }
    return parsed;
  }

  /** The value of a modifier that nobody knows. */
  static MacroString modifier(String text) throws SpfException {
    return parse(text, ALL_LETTERS, false);
  }

  /** The text that {@code exp=} points to: may hold spaces, and three letters more. */
  static MacroString explanation(String text) throws SpfException {
    return parse(text, ALL_LETTERS, true);
  }

  private static boolean endsInTopLabel(String literal) {
    String bare = literal.endsWith(".") ? literal.substring(0, literal.length() - 1) : literal;
    int dot = bare.lastIndexOf('.');
    String label = bare.substring(dot + 1);
    if (dot < 0 || label.isEmpty() || label.startsWith("-") || label.endsWith("-")) {
      return false;
    }
    boolean numeric = true;
    for (int i = 0; i < label.length(); i++) {
      char c = label.charAt(i);
      boolean digit = c >= '0' && c <= '9';
      if (!digit && !isAlpha(c) && c != '-') {
        return false;
      }
      numeric &= digit;
    }
    return !numeric;
  }

  private static boolean isAlpha(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }

  private static MacroString parse(String text, String letters, boolean spaces)
      throws SpfException {
    List<Part> parts = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    int tail = 0;
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i++);
      if (c != '%') {
        if (c > '~' || c < (spaces ? ' ' : '!')) {
          throw SpfException.permanent("a character that is not allowed");
        }
        literal.append(c);
        continue;
      }
      switch (i < text.length() ? text.charAt(i) : 0) {
        case '%' -> literal.append('%');
        case '_' -> literal.append(' ');
        case '-' -> literal.append("%20");
        case '{' -> {
          int end = text.indexOf('}', i);
          if (end < 0) {
            throw SpfException.permanent("a macro without end");
          }
          parts.add(new Literal(literal.toString()));
          literal.setLength(0);
          parts.add(macro(text.substring(i + 1, end), letters));
          i = end;
        }
        default -> throw SpfException.permanent("a % that begins no macro");
      }
      tail = ++i;
    }
    parts.add(new Literal(literal.toString()));
    return new MacroString(List.copyOf(parts), text.substring(tail));
  }

  private static Macro macro(String body, String letters) throws SpfException {
    char letter = body.isEmpty() ? 0 : body.charAt(0);
    char lower = isAlpha(letter) ? (char) (letter | 0x20) : 0;
    int at = 1;
    int keep = 0;
    while (at < body.length() && body.charAt(at) >= '0' && body.charAt(at) <= '9') {
      keep = Math.min(KEEP_MAX, keep * 10 + body.charAt(at) - '0');
      at++;
    }
    boolean noneKept = at > 1 && keep == 0;
    boolean reversed = at < body.length() && (body.charAt(at) | 0x20) == 'r';
    String delimiters = at < body.length() ? body.substring(reversed ? at + 1 : at) : "";
    if (lower == 0 || letters.indexOf(lower) < 0 || noneKept || !allDelimiters(delimiters)) {
      throw SpfException.permanent("malformed macro");
    }
    return new Macro(lower, letter != lower, at == 1 ? KEEP_MAX : keep, reversed, delimiters);
  }

  private static boolean allDelimiters(String text) {
    return text.chars().allMatch(c -> DELIMITERS.indexOf(c) >= 0);
  }

  /** The text with these values put in. */
  String expand(Values values) throws SpfException {
    StringBuilder out = new StringBuilder();
    for (Part part : parts) {
      switch (part) {
        case Literal(String text) -> out.append(text);
        case Macro macro -> {
          String value = transformed(macro, values.of(macro.letter));
          out.append(macro.escaped ? urlEscaped(value) : value);
        }
      }
    }
    return out.toString();
  }

  private static String transformed(Macro macro, String value) {
    if (macro.keep == KEEP_MAX && !macro.reversed && macro.delimiters.isEmpty()) {
      return value;
    }
    String delimiters = macro.delimiters.isEmpty() ? "." : macro.delimiters;
    List<String> pieces = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= value.length(); i++) {
      if (i == value.length() || delimiters.indexOf(value.charAt(i)) >= 0) {
        pieces.add(value.substring(start, i));
        start = i + 1;
      }
    }
    if (macro.reversed) {
      Collections.reverse(pieces);
    }
    int from = Math.max(0, pieces.size() - macro.keep);
    return String.join(".", pieces.subList(from, pieces.size()));
  }

  /** RFC 3986, 2.3: everything but unreserved characters. */
  private static String urlEscaped(String value) {
    StringBuilder out = new StringBuilder();
    for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xFF);
      if (isAlpha(c) || c >= '0' && c <= '9' || "-._~".indexOf(c) >= 0) {
        out.append(c);
      } else {
        out.append('%').append("0123456789ABCDEF".charAt(c >> 4));
        out.append("0123456789ABCDEF".charAt(c & 15));
      }
    }
    return out.toString();
  }
}
