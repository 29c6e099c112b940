package dev.caravan.camel.jms;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** Makes lines end in CRLF, as on the wire: a queue's text often has LF alone. */
final class Crlf extends FilterOutputStream {
  private boolean afterCr;

  Crlf(OutputStream out) {
    super(out);
  }

  /** The same array when all its lines already end so. */
  static byte[] of(byte[] octets) {
    if (isProper(octets)) {
      return octets;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(octets.length + 256);
    try (Crlf crlf = new Crlf(out)) {
      crlf.write(octets, 0, octets.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static boolean isProper(byte[] octets) {
    for (int i = 0; i < octets.length; i++) {
      boolean bareCr = octets[i] == '\r' && (i + 1 == octets.length || octets[i + 1] != '\n');
      boolean bareLf = octets[i] == '\n' && (i == 0 || octets[i - 1] != '\r');
      if (bareCr || bareLf) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void write(int octet) throws IOException {
    if (octet == '\r' || octet == '\n' && !afterCr) {
      out.write('\r');
      out.write('\n');
    } else if (octet != '\n') {
      out.write(octet);
    }
    afterCr = octet == '\r';
  }

  @Override
  public void write(byte[] octets, int from, int count) throws IOException {
    for (int i = from; i < from + count; i++) {
      write(octets[i] & 0xFF);
    }
  }
}
