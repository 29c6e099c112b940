package dev.caravan.smtp;

import dev.caravan.mail.SmtpReply;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/** Whatever a server answers is a reply, nonsense or the end; each reply can be said again. */
public final class ReplyReaderFuzz {
  private static final int REPLIES_MAX = 1000;

  private ReplyReaderFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    ReplyReader reader = new ReplyReader(new ByteArrayInputStream(input));
    try {
      for (int i = 0; i < REPLIES_MAX; i++) {
        check(reader.read());
      }
    } catch (IOException e) {
      // the end
    }
  }

  private static void check(SmtpReply reply) {
    for (String line : Replies.wire(reply).split("\r\n")) {
      if (line.length() > 510 || !line.matches("[2-5]\\d\\d[ -][^\\r\\n\\x00]*")) {
        throw new AssertionError("no reply line: " + line);
      }
    }
  }
}
