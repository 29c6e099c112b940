package dev.caravan.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DataReaderTest {
  private static final SmtpLimits LIMITS = new SmtpLimits(1_000_000, 100_000, 1, 1, 1, 1, 1000);

  private static byte[] octets(String text) {
    return text.translateEscapes().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String text(byte[] octets) {
    return new String(octets, StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @CsvSource({
    ".\\r\\n, ''",
    "a\\r\\n.\\r\\n, a\\r\\n",
    "..\\r\\n.\\r\\n, .\\r\\n",
    ".a\\r\\n.\\r\\n, a\\r\\n",
    "a.\\r\\n..b\\r\\n.\\r\\n, a.\\r\\n.b\\r\\n",
    "\\r\\n\\r\\n.\\r\\n, \\r\\n\\r\\n"
  })
  void endsAtItsDotWhereverItIsCut(String sent, String expected) {
    byte[] octets = octets(sent + "NOOP\\r\\n");
    for (int cut = 0; cut <= octets.length; cut++) {
      DataReader reader = new DataReader(LIMITS);
      int used = reader.feed(octets, 0, cut);
      used += reader.feed(octets, used, octets.length - used);
      assertThat(reader.hasEnded()).isTrue();
      assertThat(used).isEqualTo(octets.length - 6);
      assertThat(reader.isRefused()).isFalse();
      assertThat(text(reader.take().toBytes())).isEqualTo(text(octets(expected)));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\\n.\\n",
        "a\\r.\\r",
        "a\\n.\\r\\n",
        "a\\r\\n.\\n",
        "a\\r\\n.\\rb",
        "a\\r.\\r\\n",
        "a\\r\\r\\n",
        "\\n",
        ".\\n",
        ".\\r\\r\\n",
        "a\\r\\n.\\r\\r\\n"
      })
  void nothingElseEndsIt(String sent) {
    DataReader reader = new DataReader(LIMITS);
    byte[] octets = octets(sent);
    for (byte b : octets) {
      reader.feed(new byte[] {b}, 0, 1);
    }
    assertThat(reader.hasEnded()).isFalse();
    assertThat(reader.hasBareLineEnd()).isTrue();
    assertThat(reader.capacity()).isZero();
    byte[] end = octets("x\\r\\n.\\r\\n");
    assertThat(reader.feed(end, 0, end.length)).isEqualTo(end.length);
    assertThat(reader.hasEnded()).isTrue();
  }

  @Test
  void limitsAreExact() {
    SmtpLimits small = new SmtpLimits(10, 100, 1, 1, 1, 1, 8);
    assertThat(read(small, "123456\\r\\n\\r\\n.\\r\\n").isRefused()).isFalse();
    assertThat(read(small, "123456\\r\\na\\r\\n.\\r\\n").isTooBig()).isTrue();
    assertThat(read(small, "1234567\\r\\n.\\r\\n").hasLongLine()).isTrue();
    assertThat(read(small, "1234567\\r\\n.\\r\\n").isTooBig()).isFalse();
  }

  private static DataReader read(SmtpLimits limits, String sent) {
    DataReader reader = new DataReader(limits);
    byte[] octets = octets(sent);
    reader.feed(octets, 0, octets.length);
    assertThat(reader.hasEnded()).isTrue();
    return reader;
  }

  @Test
  void readsWhatTheStufferWroteWhateverItIs() throws IOException {
    Random random = new Random(2);
    String[] parts = {"a", ".", "..", "\r\n", "\r\n.", "\r\n.\r\n", "\r", "\n", ".\r"};
    for (int run = 0; run < 5000; run++) {
      StringBuilder message = new StringBuilder();
      for (int i = random.nextInt(12); i > 0; i--) {
        message.append(parts[random.nextInt(parts.length)]);
      }
      ByteArrayOutputStream wire = new ByteArrayOutputStream();
      DotStuffer stuffer = new DotStuffer(wire);
      byte[] octets = message.toString().getBytes(StandardCharsets.ISO_8859_1);
      int cut = random.nextInt(octets.length + 1);
      stuffer.write(octets, 0, cut);
      stuffer.write(octets, cut, octets.length - cut);
      stuffer.end();
      DataReader reader = new DataReader(LIMITS);
      assertThat(reader.feed(wire.toByteArray(), 0, wire.size())).isEqualTo(wire.size());
      assertThat(reader.hasEnded()).isTrue();
      assertThat(reader.isRefused()).isFalse();
      String proper = message.toString().replaceAll("\r\n|\r|\n", "\r\n");
      boolean open = !proper.isEmpty() && !proper.endsWith("\r\n");
      assertThat(text(reader.take().toBytes())).isEqualTo(open ? proper + "\r\n" : proper);
    }
  }

  @Test
  void memoryForWhatIsExpectedIsTakenOnceSomeOfItHasCome() {
    SmtpLimits large = new SmtpLimits(100_000, 100_000, 1, 1, 1, 1, 100_000);
    byte[] octets = "x".repeat(10_000).getBytes(StandardCharsets.US_ASCII);
    DataReader reader = new DataReader(large, DataReader.Framing.DOTS, 50_000);
    reader.feed(octets, 0, 100);
    assertThat(reader.capacity()).isLessThan(10_000);
    reader.feed(octets, 0, octets.length);
    assertThat(reader.capacity()).isEqualTo(50_000);
    for (int i = 0; i < 5; i++) {
      reader.feed(octets, 0, octets.length);
    }
    assertThat(reader.pending()).isEqualTo(60_100);
    reader.feed(new byte[] {'\r', '\n', '.', '\r', '\n'}, 0, 5);
    assertThat(reader.take().size()).isEqualTo(60_102);
  }
}
