package dev.caravan.sign;

import java.io.OutputStream;
import java.security.MessageDigest;

/**
 * The relaxed body canonicalisation (RFC 6376, 3.4.4), streaming into a digest: white space within
 * a line becomes one space, at its end nothing; empty lines at the end of the body are left out.
 */
final class RelaxedBody extends OutputStream {
  private static final int BUFFER = 8192;

  private final MessageDigest digest;
  private final byte[] buffer = new byte[BUFFER];
  private int used;
  private long emptyLines;
  private boolean space;
  private boolean lineHasText;
  private boolean afterCr;

  RelaxedBody(MessageDigest digest) {
    this.digest = digest;
  }

  @Override
  public void write(int b) {
    octet((byte) b);
  }

  @Override
  public void write(byte[] octets, int from, int count) {
    for (int i = from; i < from + count; i++) {
      octet(octets[i]);
    }
  }

  private void octet(byte b) {
    if (afterCr) {
      afterCr = false;
      if (b == '\n') {
        endLine();
        return;
      }
      text((byte) '\r');
    }
    switch (b) {
      case '\r' -> afterCr = true;
      case '\n' -> endLine();
      case ' ', '\t' -> space = true;
      default -> text(b);
    }
  }

  private void text(byte b) {
    for (; emptyLines > 0; emptyLines--) {
      put((byte) '\r');
      put((byte) '\n');
    }
    if (space) {
      put((byte) ' ');
      space = false;
    }
    lineHasText = true;
    put(b);
  }

  private void endLine() {
    space = false;
    if (lineHasText) {
      put((byte) '\r');
      put((byte) '\n');
      lineHasText = false;
    } else {
      emptyLines++;
    }
  }

  private void put(byte b) {
    if (used == BUFFER) {
      digest.update(buffer, 0, used);
      used = 0;
    }
    buffer[used++] = b;
  }

  /** The hash; a last line without CRLF gets one. */
  byte[] hash() {
    if (afterCr) {
      afterCr = false;
      text((byte) '\r');
    }
    if (lineHasText) {
      endLine();
    }
    digest.update(buffer, 0, used);
    used = 0;
    return digest.digest();
  }
}
