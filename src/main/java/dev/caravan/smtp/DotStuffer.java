package dev.caravan.smtp;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes a message as data after DATA (RFC 5321, 4.5.2): a dot before each line that begins with
 * one, and {@code <CRLF>.<CRLF>} at the end. A bare CR or LF becomes CRLF, so that no message of
 * ours smuggles another one past the next server, and a dot behind NULs at the beginning of a line
 * is doubled too, for servers that drop NULs. A proper message passes octet for octet.
 */
public final class DotStuffer extends OutputStream {
  private static final byte[] CRLF = {'\r', '\n'};
  private static final byte[] END = {'.', '\r', '\n'};

  private final OutputStream out;
  private boolean lineStart = true;

  /** Nothing but NULs has come on this line. */
  private boolean blank = true;

  private boolean afterCr;

  public DotStuffer(OutputStream out) {
    this.out = out;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] octets, int offset, int count) throws IOException {
    int end = offset + count;
    int start = offset;
    for (int i = properUntil(octets, offset, end); i < end; i = properUntil(octets, i + 1, end)) {
      byte b = octets[i];
      if (b == '\n') {
        if (!afterCr) {
          out.write(octets, start, i - start);
          start = i;
          out.write('\r');
        }
        afterCr = false;
        lineStart = true;
        blank = true;
        continue;
      }
      if (afterCr) {
        // A CR alone ended a line: it leaves as CRLF.
        out.write(octets, start, i - start);
        start = i;
        out.write('\n');
        blank = true;
      }
      if (blank && b == '.') {
        out.write(octets, start, i - start);
        start = i;
        out.write('.');
      }
      afterCr = b == '\r';
      lineStart = false;
      blank &= b == 0;
    }
    if (start < end) {
      out.write(octets, start, end - start);
    }
  }

  /**
   * Where it stops being so that it can be left as it is: whole lines, and the inside of one.
   *
   * @param from at the beginning of a line, or in one
   */
  private int properUntil(byte[] octets, int from, int end) {
    int at = from;
    while (!afterCr && at < end && (!blank || octets[at] != '.' && octets[at] != 0)) {
      int stop = LineEnds.next(octets, at, end);
      if (stop > at) {
        lineStart = false;
        blank = false;
      }
      if (stop + 1 >= end || octets[stop] != '\r' || octets[stop + 1] != '\n') {
        return stop;
      }
      lineStart = true;
      blank = true;
      at = stop + 2;
    }
    return at;
  }

  /** Ends the message; does not flush. */
  public void end() throws IOException {
    if (afterCr) {
      out.write('\n');
      afterCr = false;
      lineStart = true;
    }
    if (!lineStart) {
      out.write(CRLF);
      lineStart = true;
    }
    out.write(END);
  }
}
