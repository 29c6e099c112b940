package dev.caravan.camel.jms;

import dev.caravan.mail.Content;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/** Writes the body of a message in its parts (RFC 2045, RFC 2046), 7-bit clean. */
final class MimeParts {
  private static final byte[] CRLF = {'\r', '\n'};
  private static final Base64.Encoder BASE64 = Base64.getMimeEncoder(76, CRLF);
  private static final Pattern LINE_END = Pattern.compile("\r\n|\r|\n");
  private static final int LINE_MAX = 998;
  private static final int PART_OCTETS = 500;

  private final OutputStream out;
  private final String boundary;
  private int boundaries;

  private MimeParts(OutputStream out, String boundary) {
    this.out = out;
    this.boundary = boundary;
  }

  /** A part of a message. */
  sealed interface Part {
    /** About how many octets it takes. */
    long estimate();
  }

  /** A text of this type. */
  record Text(String type, String text) implements Part {
    @Override
    public long estimate() {
      return PART_OCTETS + text.length() * 2L;
    }
  }

  /**
   * A file.
   *
   * @param name as a parameter of Content-Disposition
   * @param id its Content-ID without brackets; empty when it is attached only
   */
  record File(String type, String name, String id, Content octets) implements Part {
    @Override
    public long estimate() {
      // 57 octets make a line of 76 and CRLF.
      return PART_OCTETS + octets.size() * 78 / 57;
    }
  }

  /**
   * Several parts.
   *
   * @param kind {@code mixed}, {@code alternative} or {@code related}, with its parameters
   */
  record Several(String kind, List<Part> parts) implements Part {
    Several {
      parts = List.copyOf(parts);
    }

    @Override
    public long estimate() {
      return parts.stream().mapToLong(Part::estimate).sum();
    }
  }

  /**
   * A whole message.
   *
   * @param header complete fields
   * @param boundary how the boundaries begin; no encoded line can begin so
   */
  static Content content(String header, Part body, String boundary, Workspace room) {
    return room.write(
        header.length() + body.estimate(),
        out -> {
          MimeParts writer = new MimeParts(out, boundary);
          writer.print(header);
          writer.part(body);
        });
  }

  private void part(Part part) throws IOException {
    switch (part) {
      case Text text -> text(text);
      case File file -> file(file);
      case Several several -> several(several);
    }
  }

  private void several(Several several) throws IOException {
    String own = boundaries == 0 ? boundary : boundary + "_" + boundaries;
    boundaries++;
    print("Content-Type: multipart/" + several.kind() + ";\r\n boundary=\"" + own + "\"\r\n");
    for (Part part : several.parts()) {
      print("\r\n--" + own + "\r\n");
      part(part);
    }
    print("\r\n--" + own + "--\r\n");
  }

  private void text(Text part) throws IOException {
    String lines = LINE_END.matcher(part.text()).replaceAll("\r\n");
    boolean asIs = isSevenBit(lines) && !lines.contains("--=_");
    print("Content-Type: " + part.type() + "; charset=utf-8\r\n");
    print("Content-Transfer-Encoding: " + (asIs ? "7bit" : "base64") + "\r\n\r\n");
    if (asIs) {
      print(lines);
      if (!lines.endsWith("\n")) {
        out.write(CRLF);
      }
    } else {
      base64(Content.of(lines));
    }
  }

  private void file(File part) throws IOException {
    print("Content-Type: " + part.type() + "\r\n");
    if (!part.id().isEmpty()) {
      print("Content-ID: <" + part.id() + ">\r\n");
    }
    print("Content-Disposition: " + (part.id().isEmpty() ? "attachment" : "inline") + ";\r\n ");
    print(part.name() + "\r\n");
    print("Content-Transfer-Encoding: base64\r\n\r\n");
    base64(part.octets());
  }

  /** Not in one piece: it may be large. */
  private void base64(Content octets) throws IOException {
    try (OutputStream encoded = BASE64.wrap(new Open(out))) {
      octets.writeTo(encoded);
    }
    out.write(CRLF);
  }

  /** A stream that stays open when its user closes it. */
  private static final class Open extends OutputStream {
    private final OutputStream out;

    Open(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int octet) throws IOException {
      out.write(octet);
    }

    @Override
    public void write(byte[] octets, int from, int count) throws IOException {
      out.write(octets, from, count);
    }
  }

  private void print(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** ASCII in lines that every server takes (RFC 2045, 2.7). */
  private static boolean isSevenBit(String text) {
    int length = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      length = c == '\n' || c == '\r' ? 0 : length + 1;
      boolean printable = c >= ' ' && c < 127 || c == '\t' || c == '\r' || c == '\n';
      if (!printable || length > LINE_MAX) {
        return false;
      }
    }
    return true;
  }
}
