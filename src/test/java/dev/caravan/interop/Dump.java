package dev.caravan.interop;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One message as smtp-sink got it.
 *
 * @param from the reverse path, without brackets
 * @param to the recipients, without brackets
 * @param text with CRLF, octets as ISO 8859-1, without what smtp-sink adds
 */
record Dump(String from, List<String> to, String text) {
  /** Reads a dump: X- fields, smtp-sink's Received, the message with LF, an empty line. */
  static Dump read(Path file) throws Exception {
    String dump = Files.readString(file, StandardCharsets.ISO_8859_1);
    List<String> to = new ArrayList<>();
    String from = "";
    int at = 0;
    while (dump.startsWith("X-", at)) {
      String line = dump.substring(at, dump.indexOf('\n', at));
      if (line.startsWith("X-Mail-Args: ")) {
        from = address(line);
      } else if (line.startsWith("X-Rcpt-Args: ")) {
        to.add(address(line));
      }
      at += line.length() + 1;
    }
    String message = dump.substring(endOfField(dump, at), dump.length() - 1);
    return new Dump(from, List.copyOf(to), message.replace("\n", "\r\n"));
  }

  private static String address(String line) {
    return line.substring(line.indexOf('<') + 1, line.indexOf('>'));
  }

  /** Where the field that begins here ends, its folded lines included. */
  private static int endOfField(String text, int from) {
    int end = text.indexOf('\n', from) + 1;
    while (end < text.length() && (text.charAt(end) == '\t' || text.charAt(end) == ' ')) {
      end = text.indexOf('\n', end) + 1;
    }
    return end;
  }

  byte[] octets() {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** How many fields of this name there are. */
  long fields(String name) {
    String header = text.substring(0, text.indexOf("\r\n\r\n") + 2);
    return header.lines().filter(line -> line.startsWith(name + ":")).count();
  }

  /** The message below the fields that a relay puts on top: its trace and its signatures. */
  String sent() {
    String rest = text;
    while (rest.startsWith("Received:") || rest.startsWith("DKIM-Signature:")) {
      rest = rest.substring(endOfField(rest, 0));
    }
    return rest;
  }
}
