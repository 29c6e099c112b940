package dev.caravan.delivery;

import dev.caravan.mail.Content;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Whether CR and LF come in pairs only. What is sent by BDAT is stored as it is, and handed on by
 * servers that may find a command behind a bare LF (RFC 3030, 3; RFC 5321, 2.3.8).
 */
final class Canonical extends OutputStream {
  private boolean afterCr;
  private boolean broken;
  private int last = '\n';

  private Canonical() {}

  /** Also whether it ends with a line's end. */
  static boolean is(Content content) throws IOException {
    Canonical check = new Canonical();
    content.writeTo(check);
    return !check.broken && !check.afterCr && check.last == '\n';
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] octets, int offset, int count) {
    boolean cr = afterCr;
    boolean bad = broken;
    for (int i = offset; i < offset + count; i++) {
      byte b = octets[i];
      bad |= cr != (b == '\n');
      cr = b == '\r';
    }
    afterCr = cr;
    broken = bad;
    if (count > 0) {
      last = octets[offset + count - 1];
    }
  }
}
