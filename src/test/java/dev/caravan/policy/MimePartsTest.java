package dev.caravan.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.mail.Content;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A message that is one text is known by its header; whoever hides parts behind it is not. */
final class MimePartsTest {
  private static final String PARTS =
      "\r\n--b\r\nContent-Type: application/x; name=a.exe\r\n\r\nx\r\n--b--\r\n";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Subject: x\r\n",
        "Content-Type: text/plain\r\n",
        "Content-Type: text/plain; name=\"b.exe\"\r\n",
        "Content-Type: TEXT/HTML; charset=utf-8\r\n"
            + "Content-Disposition: attachment; filename=c.exe\r\n",
        "content-type:\r\n text/plain;\r\n name=b.exe\r\n",
        "Content-Type: multipart/mixed; boundary=b\r\n",
        "Content-Type : multipart/mixed; boundary=b\r\n",
        "Content-Type:\r\n multipart/mixed; boundary=b\r\n",
        "Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary=b\r\n",
        "Content-Type: multipart/mixed; boundary=b\r\nContent-Type: text/plain\r\n",
        "no field\r\nContent-Type: multipart/mixed; boundary=b\r\n",
        "Content-Type: text/plain\r\nno field\r\nContent-Type: multipart/mixed; boundary=b\r\n",
        "Subject: x\nContent-Type: multipart/mixed; boundary=b\n",
        "Subject: x\rContent-Type: multipart/mixed; boundary=b\r\n",
        "Content-Type: message/rfc822\r\n",
        "Content-Type: text\r\n",
        "Content-Type: text/\r\n",
        "Content-Type: nonsense\r\n",
        "Content-Type: text/pl ain\r\n",
        "Content-Type: (a comment) multipart/mixed; boundary=b\r\n",
        "Content-Type: text/(a comment)plain\r\n",
        "Content-Type: text/plain (a comment)\r\n",
        "Content-Type:\r\n",
      })
  void theSameIsSeenWithAndWithoutTheTexts(String header) throws IOException {
    Content content = Content.of(header + PARTS);
    MimeParts all = MimeParts.read(content, true);
    MimeParts few = MimeParts.read(content, false);
    assertThat(few.names()).isEqualTo(all.names());
    assertThat(few.types()).isEqualTo(all.types());
    assertThat(few.complete()).isEqualTo(all.complete());
    assertThat(few.texts()).isEmpty();
  }
}
