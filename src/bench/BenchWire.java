import java.io.IOException;
import java.io.InputStream;

/** What clients and servers of the benchmarks read of SMTP. */
final class BenchWire {
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
