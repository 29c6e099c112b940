package dev.caravan.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.mail.Header;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HeaderMeterTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "A: b\r\n",
        "A: b\r\n\r\nB: c\r\n",
        "A: b\r\n c\r\n\td\r\n\r\n",
        " A: b\r\n",
        "A : b\r\nB\t:c\r\n\r\n",
        "no field\r\nA: b\r\n",
        "A: b\r\nno field\r\nC: d\r\n",
        ": x\r\n",
        "A: b\n\nB: c\n",
        "\u00e4: b\r\n",
        "A\u0007: b\r\n"
      })
  void measuresWhatTheHeaderReads(String message) {
    byte[] octets = message.getBytes(StandardCharsets.ISO_8859_1);
    assertThat(measure(octets)).isEqualTo(Header.parse(octets).octets());
  }

  @Test
  void measuresWhatTheHeaderReadsOfAnything() {
    byte[] alphabet = "AB: \t\r\n\r\n-\u00e4\u0000".getBytes(StandardCharsets.ISO_8859_1);
    Random random = new Random(1);
    for (int run = 0; run < 20_000; run++) {
      byte[] octets = new byte[random.nextInt(40)];
      for (int i = 0; i < octets.length; i++) {
        octets[i] = alphabet[random.nextInt(alphabet.length)];
      }
      assertThat(measure(octets))
          .as("%s", new String(octets, StandardCharsets.ISO_8859_1))
          .isEqualTo(Header.parse(octets).octets());
    }
  }

  private static long measure(byte[] octets) {
    HeaderMeter whole = new HeaderMeter();
    whole.feed(octets, 0, octets.length);
    HeaderMeter single = new HeaderMeter();
    for (byte b : octets) {
      single.feed(b);
    }
    assertThat(single.octets()).isEqualTo(whole.octets());
    return whole.octets();
  }
}
