package dev.caravan.smtp;

import dev.caravan.mail.Header;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Any data ends where the RFC says, wherever it is cut; what is taken has proper lines, and comes
 * back octet for octet when it is sent again. The first octet says where it is cut.
 */
public final class DataFuzz {
  private static final SmtpLimits LIMITS = new SmtpLimits(2000, 300, 1, 1, 1, 1, 200);

  private DataFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    byte[] data = Arrays.copyOfRange(input, 1, input.length);
    int cut = data.length == 0 ? 0 : (input[0] & 0xFF) * data.length / 255;
    DataReader reader = new DataReader(LIMITS);
    int used = reader.feed(data, 0, cut);
    used += reader.feed(data, used, data.length - used);

    String text = "\r\n" + new String(data, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n.\r\n");
    require(reader.hasEnded() == end >= 0, "it ends where it ends");
    require(used == (end < 0 ? data.length : end + 3), "octets that were used");
    if (end < 0) {
      return;
    }
    String message = (text.substring(0, end) + "\r\n").replace("\r\n.", "\r\n").substring(2);
    boolean bare = message.replace("\r\n", "").matches("(?s).*[\r\n].*");
    require(reader.hasBareLineEnd() == bare, "bare line ends are seen");
    require(reader.size() == message.length(), "the size");
    if (reader.isRefused()) {
      require(reader.capacity() == 0, "nothing is kept of what is refused");
      return;
    }
    byte[] taken = reader.take().toBytes();
    require(message.equals(new String(taken, StandardCharsets.ISO_8859_1)), "the message");
    require(Header.parse(taken).octets() <= LIMITS.header(), "the header's limit");

    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    DotStuffer stuffer = new DotStuffer(wire);
    stuffer.write(taken, 0, Math.min(cut, taken.length));
    stuffer.write(taken, Math.min(cut, taken.length), taken.length - Math.min(cut, taken.length));
    stuffer.end();
    DataReader again = new DataReader(new SmtpLimits(9000, 9000, 1, 1, 1, 1, 9000));
    require(again.feed(wire.toByteArray(), 0, wire.size()) == wire.size(), "sent again, its end");
    String back = new String(again.take().toBytes(), StandardCharsets.ISO_8859_1);
    require(again.hasEnded(), "sent again, it ends");
    require(message.indexOf('\0') >= 0 || back.equals(message), "sent again, it is the same");
  }

  private static void require(boolean truth, String what) {
    if (!truth) {
      throw new AssertionError(what);
    }
  }
}
