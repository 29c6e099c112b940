package dev.caravan.mail;

import java.util.List;
import java.util.Optional;

/**
 * What a server answers (RFC 5321, 4.2): a code, for most replies an enhanced code (RFC 2034), and
 * one or more lines of text. The lines hold neither the codes nor a CR or LF.
 */
public record SmtpReply(int code, Optional<EnhancedCode> enhanced, List<String> lines) {
  private static final int MAX_LINES = 100;

  /**
   * @throws IllegalArgumentException when the code is outside 200 to 599, the enhanced code is of
   *     another class, or a line holds CR, LF or NUL
   */
  public SmtpReply {
    lines = List.copyOf(lines);
    if (code < 200 || code > 599) {
      throw new IllegalArgumentException("a reply code is 200 to 599");
    }
    if (lines.isEmpty() || lines.size() > MAX_LINES) {
      throw new IllegalArgumentException("a reply has 1 to 100 lines");
    }
    for (String line : lines) {
      if (line.indexOf('\r') >= 0 || line.indexOf('\n') >= 0 || line.indexOf(0) >= 0) {
        throw new IllegalArgumentException("a reply line holds no CR, LF or NUL");
      }
    }
    int category = code / 100;
    if (enhanced.isPresent() && enhanced.get().category() != category) {
      throw new IllegalArgumentException("the enhanced code must be of the reply's class");
    }
  }

  /** A reply of one line without an enhanced code. */
  public static SmtpReply of(int code, String text) {
    return new SmtpReply(code, Optional.empty(), List.of(text));
  }

  /** A reply of one line with an enhanced code such as {@code 5.7.1}. */
  public static SmtpReply of(int code, String enhanced, String text) {
    return new SmtpReply(
        code,
        Optional.of(
            EnhancedCode.parse(enhanced)
                .orElseThrow(() -> new IllegalArgumentException("no enhanced code: " + enhanced))),
        List.of(text));
  }

  /**
   * Reads one line as an operator writes it: {@code 550 5.7.1 Not from there}; the enhanced code
   * may be absent.
   *
   * @throws IllegalArgumentException when it has not this form
   */
  public static SmtpReply parse(String line) {
    if (line.length() < 3 || !line.substring(0, 3).chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new IllegalArgumentException("a reply has the form '550 5.7.1 text': " + line);
    }
    int code = Integer.parseInt(line.substring(0, 3));
    String rest = line.substring(3).strip();
    int space = rest.indexOf(' ');
    String first = space < 0 ? rest : rest.substring(0, space);
    Optional<EnhancedCode> enhanced =
        EnhancedCode.parse(first).filter(e -> e.category() == code / 100);
    String text = enhanced.isPresent() ? rest.substring(first.length()).strip() : rest;
    return new SmtpReply(code, enhanced, List.of(text));
  }

  public boolean isPositive() {
    return code < 400;
  }

  public boolean isTemporary() {
    return code >= 400 && code < 500;
  }

  public boolean isPermanent() {
    return code >= 500;
  }

  /** The enhanced code, or {@code x.0.0} of the reply's class where there is none. */
  public EnhancedCode status() {
    int category = code / 100;
    return enhanced.orElseGet(() -> new EnhancedCode(category == 3 ? 2 : category, 0, 0));
  }

  /** All lines joined by a space. */
  public String text() {
    return String.join(" ", lines);
  }

  /** In one line: {@code 550 5.7.1 Not from there}. */
  @Override
  public String toString() {
    return code + enhanced.map(e -> " " + e).orElse("") + (text().isEmpty() ? "" : " " + text());
  }
}
