package dev.caravan.bounce;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.james.mime4j.codec.QuotedPrintableOutputStream;

/**
 * One part of a report.
 *
 * @param type the value of Content-Type
 * @param description for mail programs that list parts
 * @param octets with CRLF lines, each ended
 */
record ReportPart(String type, String description, byte[] octets) {
  /** The CR included. */
  private static final int LINE_MAX = 999;

  static ReportPart text(String type, String description, String text) {
    return new ReportPart(type, description, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether these are lines of text, each ended by CRLF and short enough to be sent. */
  static boolean isProper(byte[] octets) {
    int length = 0;
    for (int i = 0; i < octets.length; i++) {
      boolean crBefore = i > 0 && octets[i - 1] == '\r';
      if (octets[i] == 0 || (octets[i] == '\n') != crBefore) {
        return false;
      }
      length = octets[i] == '\n' ? 0 : length + 1;
      if (length > LINE_MAX) {
        return false;
      }
    }
    return octets.length == 0 || octets[octets.length - 1] != '\r';
  }

  /** A whole mail may not be encoded (RFC 2046, 5.2.1): then the report is 8-bit as well. */
  boolean isEightBit() {
    return type.equals("message/rfc822") && !isAscii();
  }

  /**
   * As it is where it fits, else quoted-printable, so that no server on the way has to convert it.
   *
   * @param eightBit whether the report as a whole goes as 8bit
   */
  void writeTo(ByteArrayOutputStream out, boolean eightBit) {
    boolean ascii = isAscii();
    boolean asIs = (ascii || eightBit) && hasShortLines();
    String encoding = !asIs ? "quoted-printable" : ascii ? "7bit" : "8bit";
    String head =
        "Content-Type: %s\r\nContent-Transfer-Encoding: %s\r\nContent-Description: %s\r\n\r\n"
            .formatted(type, encoding, description);
    out.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    if (asIs) {
      out.writeBytes(octets);
      return;
    }
    // Closing it flushes it; the array stream below has nothing to close.
    try (OutputStream encoded = new QuotedPrintableOutputStream(out, false)) {
      encoded.write(octets);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isAscii() {
    for (byte b : octets) {
      if (b < 0) {
        return false;
      }
    }
    return true;
  }

  private boolean hasShortLines() {
    int length = 0;
    for (byte b : octets) {
      length = b == '\n' ? 0 : length + 1;
      if (length > LINE_MAX) {
        return false;
      }
    }
    return true;
  }
}
