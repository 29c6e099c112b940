package dev.caravan.netty;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A dialogue in a file: one step a line, the rest are comments.
 *
 * <pre>
 * O: messageSize=100       an option of the server
 * A: recipient b@c 550 No  what the route answers a question of this phase and subject; 'fail' throws
 * C: line                  the client sends it with CRLF
 * R: octets                the client sends it as it is
 * S: pattern               the server's next reply line; * stands for anything
 * X:                       the server has closed the connection
 * D:                       the client is gone
 * M: a@b -> c@d, e@f | octets   a mail was asked about (without our Received field)
 * </pre>
 *
 * Escapes: \r \n \t \0 \\ \xNN, and \{text*N} for N times the text.
 */
record WireScript(String name, List<Step> steps) {
  /** One line of the file. */
  record Step(int line, char kind, String text) {
    @Override
    public String toString() {
      return "line " + line + " '" + kind + ": " + text + "'";
    }
  }

  static WireScript read(Path file) {
    List<Step> steps = new ArrayList<>();
    try {
      List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i);
        if (line.isBlank() || line.startsWith("#")) {
          continue;
        }
        if (line.length() < 2 || line.charAt(1) != ':' || "OACRSXDM".indexOf(line.charAt(0)) < 0) {
          throw new IllegalArgumentException(file + ":" + (i + 1) + ": no step: " + line);
        }
        String text = line.length() > 3 ? line.substring(3) : "";
        steps.add(new Step(i + 1, line.charAt(0), text));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new WireScript(String.valueOf(file.getFileName()), List.copyOf(steps));
  }

  Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>();
    for (Step step : steps) {
      if (step.kind() == 'O') {
        String[] pair = step.text().split("=", 2);
        options.put(pair[0], pair[1]);
      }
    }
    return options;
  }

  /** What the escapes stand for; octets as ISO 8859-1 characters. */
  static String unescape(String text) {
    StringBuilder out = new StringBuilder();
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i++);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char e = text.charAt(i++);
      switch (e) {
        case 'r' -> out.append('\r');
        case 'n' -> out.append('\n');
        case 't' -> out.append('\t');
        case '0' -> out.append('\0');
        case '\\' -> out.append('\\');
        case 'x' -> {
          out.append((char) Integer.parseInt(text.substring(i, i + 2), 16));
          i += 2;
        }
        case '{' -> {
          int close = text.indexOf('}', i);
          int star = text.lastIndexOf('*', close);
          int times = Integer.parseInt(text.substring(star + 1, close));
          out.append(unescape(text.substring(i, star)).repeat(times));
          i = close + 1;
        }
        default -> throw new IllegalArgumentException("no escape: \\" + e);
      }
    }
    return out.toString();
  }

  @Override
  public String toString() {
    return name;
  }
}
