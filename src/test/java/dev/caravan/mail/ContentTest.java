package dev.caravan.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** A message in a part of an array is the same as in one of its own, whatever is put before it. */
final class ContentTest {
  private static final String MESSAGE = "Subject: one\r\nTo: b@dest.example\r\n\r\nA line.\r\n";

  private static Content part() {
    byte[] array = ("before" + MESSAGE + "\r\nbehind").getBytes(StandardCharsets.US_ASCII);
    return Content.of(array, "before".length(), MESSAGE.length());
  }

  private static void holds(Content content, String text) throws IOException {
    assertThat(content.size()).isEqualTo(text.length());
    assertThat(new String(content.toBytes(), StandardCharsets.US_ASCII)).isEqualTo(text);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    content.writeTo(out);
    assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo(text);
    try (InputStream in = content.open()) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.US_ASCII)).isEqualTo(text);
    }
  }

  @Test
  void aPartOfAnArrayIsAllThatThereIs() throws IOException {
    holds(part(), MESSAGE);
    assertThat(part().header().value("To")).isEqualTo("b@dest.example");
    assertThat(part().header().octets()).isEqualTo(MESSAGE.indexOf("\r\n\r\n") + 2);
    holds(Content.of(new byte[] {'x', 'y'}, 1, 0), "");
  }

  @Test
  void fieldsCanBePutBeforeIt() throws IOException {
    Content traced = part().prepend("Received: by us\r\n");
    holds(traced, "Received: by us\r\n" + MESSAGE);
    assertThat(traced.header().value("Subject")).isEqualTo("one");
  }

  @Test
  void itsHeaderCanBeReplaced() throws IOException {
    Content traced = part().prepend("Received: by us\r\n");
    Content other =
        traced.withHeader("X: y\r\n".getBytes(StandardCharsets.US_ASCII), traced.header().octets());
    holds(other, "X: y\r\n\r\nA line.\r\n");
  }
}
