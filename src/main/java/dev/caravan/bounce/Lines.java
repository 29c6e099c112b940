package dev.caravan.bounce;

import java.util.ArrayList;
import java.util.List;

/** Text that others wrote, made fit for the lines of a mail. */
final class Lines {
  /** Where lines are broken; RFC 5322 wants at most 78. */
  static final int WIDTH = 76;

  /** A line has at most 998 octets (RFC 5322, 2.1.1), and a character at most four. */
  private static final int WORD_MAX = 220;

  /** More of one reply is not repeated. */
  private static final int TEXT_MAX = 2000;

  private Lines() {}

  /**
   * Without controls and line breaks, and not longer than 2000 characters.
   *
   * @param ascii whether what is no ASCII becomes "?"
   */
  static String clean(String text, boolean ascii) {
    StringBuilder clean = new StringBuilder(Math.min(text.length(), TEXT_MAX));
    for (int i = 0; i < text.length() && clean.length() < TEXT_MAX; ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (c == '\t' || c == '\r' || c == '\n') {
        clean.append(' ');
      } else if (c >= ' ' && c < 127 || !ascii && isText(c)) {
        clean.appendCodePoint(c);
      } else {
        clean.append('?');
      }
    }
    return clean.toString();
  }

  /** No control, no lone surrogate, no separator of lines, nothing that turns the text around. */
  private static boolean isText(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.PRIVATE_USE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 128);
  }

  /**
   * Breaks a text at spaces so that lines have at most {@link #WIDTH} characters. A longer word (an
   * address, a link) stays whole as long as the line can be sent at all.
   *
   * @param first begins the first line
   * @param next begins the other lines
   */
  static List<String> fold(String first, String next, String text) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder(first);
    boolean empty = true;
    for (String word : words(text)) {
      if (!empty && line.length() + 1 + word.length() > WIDTH) {
        lines.add(line.toString());
        line = new StringBuilder(next);
        empty = true;
      }
      line.append(empty ? "" : " ").append(word);
      empty = false;
    }
    lines.add(line.toString());
    return lines;
  }

  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    for (String word : text.strip().split(" +")) {
      String rest = word;
      while (rest.length() > WORD_MAX) {
        int cut = Character.isHighSurrogate(rest.charAt(WORD_MAX - 1)) ? WORD_MAX - 1 : WORD_MAX;
        words.add(rest.substring(0, cut));
        rest = rest.substring(cut);
      }
      words.add(rest);
    }
    return words;
  }
}
