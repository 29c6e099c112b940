package dev.caravan.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.mail.SmtpReply;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ReplyReaderTest {
  private static SmtpReply read(String text) throws IOException {
    return new ReplyReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)))
        .read();
  }

  @ParameterizedTest
  @CsvSource({
    "250 2.1.0 Ok, 250 2.1.0 Ok",
    "250 Ok, 250 Ok",
    "250, 250",
    "'250 ', 250",
    "550 5.7.1, 550 5.7.1",
    "550 4.7.1 of another class, 550 4.7.1 of another class",
    "354 go on, 354 go on"
  })
  void oneLine(String line, String expected) throws IOException {
    assertThat(read(line + "\r\n")).hasToString(expected);
    assertThat(read(line + "\n")).hasToString(expected);
  }

  @Test
  void manyLines() throws IOException {
    SmtpReply reply = read("550-5.7.1 First\r\n550-5.7.1 second\r\n550 5.7.1 third\r\n");
    assertThat(reply.status()).hasToString("5.7.1");
    assertThat(reply.lines()).isEqualTo(List.of("First", "second", "third"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\r\n",
        "25\r\n",
        "abc hello\r\n",
        "25O ok\r\n",
        "099 x\r\n",
        "600 x\r\n",
        "199 x\r\n",
        "250x\r\n",
        "250-a\r\n251 b\r\n",
        "HTTP/1.1 400 Bad Request\r\n",
        " 250 x\r\n"
      })
  void isNoReply(String text) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(ReplyReader.GarbageException.class);
  }

  @Test
  void hasLimits() throws IOException {
    assertThatThrownBy(() -> read("250 " + "x".repeat(5000) + "\r\n"))
        .isInstanceOf(ReplyReader.GarbageException.class);
    assertThatThrownBy(() -> read("250-x\r\n".repeat(101) + "250 x\r\n"))
        .isInstanceOf(ReplyReader.GarbageException.class);
    assertThat(read("250-x\r\n".repeat(99) + "250 x\r\n").lines()).hasSize(100);
  }

  @Test
  void controlCharactersDoNotGetThrough() throws IOException {
    assertThat(read("550 a\0b\rc\r\n").text()).isEqualTo("a?b c");
  }

  @Test
  void theEndIsNoReply() {
    assertThatThrownBy(() -> read("")).isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> read("250-x\r\n")).isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> read("250 x")).isInstanceOf(EOFException.class);
  }
}
