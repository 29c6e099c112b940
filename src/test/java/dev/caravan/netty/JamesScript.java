package dev.caravan.netty;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A dialogue of Apache James's protocol tests: {@code C:} is a line that the client sends, with
 * {@code \r\n} inside where more goes with it; {@code S:} is a regular expression for a line of the
 * server. What the client says in a row is sent together; then as many server lines are read.
 *
 * @param turns in order
 */
record JamesScript(String name, List<Turn> turns) {

  /**
   * What the client sends at once, and the replies to it as James gives them.
   *
   * @param sent lines with their CRLF
   * @param replies the codes, one for each reply, whatever its lines
   * @param keywords the lines of an EHLO reply behind the first
   */
  record Turn(String sent, List<String> replies, List<String> keywords) {}

  static JamesScript read(Path file) throws IOException {
    List<Turn> turns = new ArrayList<>();
    StringBuilder sent = new StringBuilder();
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
      if (line.startsWith("C:")) {
        if (!lines.isEmpty()) {
          turns.add(turn(sent, lines));
          sent.setLength(0);
          lines.clear();
        }
        sent.append(text(line).replace("\\r", "\r").replace("\\n", "\n"));
        if (!line.endsWith("\\r\\n")) {
          sent.append("\r\n");
        }
      } else if (line.startsWith("S:")) {
        lines.add(text(line));
      } else if (!line.isBlank()) {
        throw new IOException(file.getFileName() + " has a line that is neither C nor S: " + line);
      }
    }
    turns.add(turn(sent, lines));
    return new JamesScript(String.valueOf(file.getFileName()), turns);
  }

  private static Turn turn(StringBuilder sent, List<String> lines) {
    return new Turn(sent.toString(), replies(lines), keywords(lines));
  }

  /** From the reply to EHLO. */
  private static List<String> keywords(List<String> lines) {
    List<String> keywords = new ArrayList<>();
    for (int i = lines.indexOf("250.*") + 1; i > 0 && i < lines.size(); i++) {
      keywords.add(lines.get(i).substring(4));
      if (lines.get(i).startsWith(" ", 3)) {
        break;
      }
    }
    return keywords;
  }

  private static String text(String line) {
    return line.length() > 3 ? line.substring(3) : "";
  }

  /** The lines of one reply have the same code; {@code 250.*} is the first of an EHLO reply. */
  private static List<String> replies(List<String> lines) {
    List<String> codes = new ArrayList<>();
    boolean open = false;
    for (String line : lines) {
      if (!open) {
        codes.add(line.substring(0, 3));
      }
      open = line.startsWith("-", 3) || line.startsWith(".*", 3);
    }
    return codes;
  }

  @Override
  public String toString() {
    return name;
  }
}
