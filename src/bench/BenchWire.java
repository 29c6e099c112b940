import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;

/** What clients and servers of the benchmarks read of SMTP. */
final class BenchWire {
  /** What may be read beyond the end of a message, and must fit where it is put back. */
  static final int PART = 16 * 1024;

  private static final byte[] END_OF_DATA = "\r\n.\r\n".getBytes(StandardCharsets.US_ASCII);

  private BenchWire() {}

  /** A line without its end. */
  static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder(80);
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("closed");
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  /** Passes over a message and its final dot, without a look at its lines. */
  static void skipMessage(PushbackInputStream in) throws IOException {
    byte[] part = new byte[PART];
    // A line has ended before the first.
    int found = 2;
    while (true) {
      int length = in.read(part);
      if (length < 0) {
        throw new IOException("closed");
      }
      for (int i = 0; i < length; i++) {
        if (part[i] == END_OF_DATA[found]) {
          found++;
        } else {
          found = part[i] == END_OF_DATA[0] ? 1 : 0;
        }
        if (found == END_OF_DATA.length) {
          in.unread(part, i + 1, length - i - 1);
          return;
        }
      }
    }
  }

  /** The last line of a reply. */
  static String reply(InputStream in) throws IOException {
    String line = line(in);
    while (line.length() > 3 && line.charAt(3) == '-') {
      line = line(in);
    }
    return line;
  }

  /** Throws what was said instead. */
  static void expect(String code, String reply) throws IOException {
    if (!reply.startsWith(code)) {
      throw new IOException("instead of " + code + ": " + reply);
    }
  }
}
