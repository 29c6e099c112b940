package dev.caravan.smtp;

import dev.caravan.mail.EnhancedCode;
import dev.caravan.mail.SmtpReply;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads a server's replies (RFC 5321, 4.2), bounded in line length, lines and octets. */
public final class ReplyReader {
  private static final int LINE_MAX = 4096;
  private static final int LINES_MAX = 100;
  private static final int OCTETS_MAX = 32 * 1024;

  private final InputStream in;

  /**
   * @param in buffered
   */
  public ReplyReader(InputStream in) {
    this.in = in;
  }

  /** What came was no reply: a temporary failure, and the end of the connection. */
  public static final class GarbageException extends IOException {
    private static final long serialVersionUID = 1L;

    GarbageException(String message) {
      super(message);
    }
  }

  /**
   * The next reply.
   *
   * @throws EOFException when the connection was closed
   * @throws GarbageException when it is no reply
   */
  public SmtpReply read() throws IOException {
    List<String> lines = new ArrayList<>();
    int code = 0;
    int octets = 0;
    Optional<EnhancedCode> enhanced = Optional.empty();
    while (true) {
      String line = line();
      octets += line.length();
      if (line.length() < 3 || !digits(line)) {
        throw new GarbageException("the server answered something that is no SMTP reply");
      }
      int thisCode = Integer.parseInt(line.substring(0, 3));
      char separator = line.length() > 3 ? line.charAt(3) : ' ';
      boolean broken = separator != ' ' && separator != '-' || code != 0 && code != thisCode;
      if (broken
          || thisCode < 200
          || thisCode > 599
          || lines.size() >= LINES_MAX
          || octets > OCTETS_MAX) {
        throw new GarbageException("the server answered something that is no SMTP reply");
      }
      String text = line.length() > 4 ? line.substring(4) : "";
      int space = text.indexOf(' ');
      String first = space < 0 ? text : text.substring(0, space);
      Optional<EnhancedCode> here =
          EnhancedCode.parse(first).filter(e -> e.category() == thisCode / 100);
      if (code == 0) {
        enhanced = here;
      }
      lines.add(here.isPresent() ? text.substring(first.length()).strip() : text);
      code = thisCode;
      if (separator == ' ') {
        return new SmtpReply(code, enhanced, lines);
      }
    }
  }

  private static boolean digits(String line) {
    for (int i = 0; i < 3; i++) {
      if (line.charAt(i) < '0' || line.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  private String line() throws IOException {
    byte[] line = new byte[LINE_MAX];
    int length = 0;
    while (true) {
      int b = in.read();
      if (b < 0) {
        throw new EOFException("the server closed the connection");
      }
      if (b == '\n') {
        break;
      }
      if (length == LINE_MAX) {
        throw new GarbageException("the server answered a line that is too long");
      }
      line[length++] = (byte) (b == 0 ? '?' : b);
    }
    if (length > 0 && line[length - 1] == '\r') {
      length--;
    }
    return new String(line, 0, length, StandardCharsets.UTF_8).replace('\r', ' ');
  }
}
