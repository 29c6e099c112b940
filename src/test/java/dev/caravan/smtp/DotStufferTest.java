package dev.caravan.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DotStufferTest {
  @ParameterizedTest
  @CsvSource({
    "'', .\\r\\n",
    "a, a\\r\\n.\\r\\n",
    "a\\r\\n, a\\r\\n.\\r\\n",
    ".\\r\\n.a\\r\\n..\\r\\n, ..\\r\\n..a\\r\\n...\\r\\n.\\r\\n",
    "a\\n.\\r.b, a\\r\\n..\\r\\n..b\\r\\n.\\r\\n",
    "a\\r, a\\r\\n.\\r\\n",
    "a\\r\\r\\n, a\\r\\n\\r\\n.\\r\\n",
    "\\0\\0.\\r\\n\\0a.\\r\\n, \\0\\0..\\r\\n\\0a.\\r\\n.\\r\\n"
  })
  void everyLineEndsInCrlfAndNoneIsTheEnd(String message, String sent) throws IOException {
    assertThat(stuffed(message.translateEscapes(), Integer.MAX_VALUE))
        .isEqualTo(sent.translateEscapes());
  }

  @Test
  void itIsTheSameHoweverItIsCut() throws IOException {
    Random random = new Random(1);
    String[] pieces = {"\r\n", "\r\n", "\r", "\n", ".", "\0", "a", "a long piece of a line"};
    for (int round = 0; round < 5_000; round++) {
      StringBuilder message = new StringBuilder();
      for (int i = random.nextInt(20); i > 0; i--) {
        message.append(pieces[random.nextInt(pieces.length)]);
      }
      String octetByOctet = stuffed(message.toString(), 1);
      assertThat(stuffed(message.toString(), Integer.MAX_VALUE)).isEqualTo(octetByOctet);
      assertThat(stuffed(message.toString(), 1 + random.nextInt(9))).isEqualTo(octetByOctet);
      assertThat(octetByOctet.substring(0, octetByOctet.length() - 3))
          .as("no end before the end")
          .doesNotContainPattern("(^|\r\n)\\.\r\n")
          .doesNotContainPattern("\r(?!\n)|(?<!\r)\n");
    }
  }

  private static String stuffed(String message, int atOnce) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DotStuffer stuffer = new DotStuffer(out)) {
      byte[] octets = message.getBytes(StandardCharsets.ISO_8859_1);
      for (int at = 0; at < octets.length; at += Math.min(atOnce, octets.length - at)) {
        stuffer.write(octets, at, Math.min(atOnce, octets.length - at));
      }
      stuffer.end();
    }
    return out.toString(StandardCharsets.ISO_8859_1);
  }
}
