package dev.caravan.camel.jms;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.james.mime4j.codec.EncoderUtil;

/**
 * Writes header fields: what is not ASCII as encoded words of UTF-8 (RFC 2047), lines folded at 78
 * characters where there is a space (RFC 5322, 2.1.1 and 2.2.3).
 */
final class HeaderText {
  private static final int LINE_MAX = 78;

  /** A longer word would not fit into a line of 998 octets. */
  private static final int WORD_MAX = 900;

  private static final int QUOTED_MAX = 60;
  private static final Pattern ATOMS =
      Pattern.compile("[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*");

  private HeaderText() {}

  /** A value with a line break could begin a field of its own; no other control is of any use. */
  static void requireOneLine(String property, String value) throws RefusedException {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\r' || c == '\n') {
        throw new RefusedException("5.6.0", property + " has a line break in it");
      }
      if (Character.isISOControl(c) && c != '\t') {
        throw new RefusedException("5.6.0", property + " has a control character in it");
      }
    }
  }

  /** A field of free text, such as Subject; words that are encoded already stay as they are. */
  static String unstructured(String name, String value) {
    if (!isAscii(value) || !value.strip().equals(value) || hasLongWord(value)) {
      return name + ": " + encoded(value, EncoderUtil.Usage.TEXT_TOKEN, name.length() + 2) + "\r\n";
    }
    StringBuilder field = new StringBuilder(name).append(':');
    int line = field.length();
    int at = 0;
    String rest = " " + value;
    while (at < rest.length()) {
      int word = at;
      while (rest.charAt(word) == ' ') {
        word++;
      }
      int end = rest.indexOf(' ', word);
      end = end < 0 ? rest.length() : end;
      if (at > 0 && line + end - at > LINE_MAX) {
        field.append("\r\n");
        line = 0;
      }
      field.append(rest, at, end);
      line += end - at;
      at = end;
    }
    return field.append("\r\n").toString();
  }

  /** A field of addresses, such as To. */
  static String addresses(String name, List<Mailbox> mailboxes) {
    StringBuilder field = new StringBuilder(name).append(':');
    int line = field.length();
    for (int i = 0; i < mailboxes.size(); i++) {
      Mailbox mailbox = mailboxes.get(i);
      String end = i < mailboxes.size() - 1 ? "," : "";
      String address = mailbox.address().toString();
      if (mailbox.name().isEmpty()) {
        line = append(field, line, address + end);
      } else {
        for (String word : phrase(mailbox.name()).split("\r\n ")) {
          line = append(field, line, word);
        }
        line = append(field, line, "<" + address + ">" + end);
      }
    }
    return field.append("\r\n").toString();
  }

  /** Puts a space and this on the line, or on the next; gives the line's length. */
  private static int append(StringBuilder field, int line, String piece) {
    boolean fits = line + 1 + piece.length() <= LINE_MAX;
    // A field's first line has to hold something.
    boolean first = field.charAt(field.length() - 1) == ':' && line == field.length();
    field.append(fits || first ? " " : "\r\n ").append(piece);
    return (fits || first ? line : 0) + 1 + piece.length();
  }

  private static String phrase(String name) {
    if (!isAscii(name) || name.contains("=?") || name.length() > QUOTED_MAX) {
      return encoded(name, EncoderUtil.Usage.WORD_ENTITY, 0);
    }
    return ATOMS.matcher(name).matches()
        ? name
        : '"' + name.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** Encoded words of at most 75 characters, one a line. */
  private static String encoded(String text, EncoderUtil.Usage usage, int used) {
    return EncoderUtil.encodeEncodedWord(
            text, usage, used, StandardCharsets.UTF_8, EncoderUtil.Encoding.B)
        .replace(" ", "\r\n ");
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c >= ' ' && c < 127);
  }

  private static boolean hasLongWord(String text) {
    int length = 0;
    for (int i = 0; i < text.length(); i++) {
      length = text.charAt(i) == ' ' ? 0 : length + 1;
      if (length > WORD_MAX) {
        return true;
      }
    }
    return false;
  }
}
