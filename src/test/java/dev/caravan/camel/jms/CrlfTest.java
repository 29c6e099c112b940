package dev.caravan.camel.jms;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CrlfTest {
  @ParameterizedTest
  @ValueSource(strings = {"a|b|", "a\nb\n", "a\rb\r", "a\rb\n", "a\nb|", "a|b\r"})
  void everyLineEndsInCrlf(String text) throws Exception {
    byte[] octets = text.replace("|", "\r\n").getBytes(StandardCharsets.US_ASCII);
    assertThat(new String(Crlf.of(octets), StandardCharsets.US_ASCII)).isEqualTo("a\r\nb\r\n");
    ByteArrayOutputStream oneByOne = new ByteArrayOutputStream();
    try (Crlf crlf = new Crlf(oneByOne)) {
      for (byte octet : octets) {
        crlf.write(new byte[] {octet});
      }
    }
    assertThat(oneByOne.toString(StandardCharsets.US_ASCII)).isEqualTo("a\r\nb\r\n");
  }

  @Test
  void properLinesStayTheSameArray() {
    byte[] proper = "a\r\n\r\nb".getBytes(StandardCharsets.US_ASCII);
    assertThat(Crlf.of(proper)).isSameAs(proper);
  }
}
