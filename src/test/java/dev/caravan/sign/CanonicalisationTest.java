package dev.caravan.sign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.mail.Header;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The relaxed canonicalisations of RFC 6376, 3.4.2 and 3.4.4. */
final class CanonicalisationTest {
  /** In the tables: {@code <CRLF>} {@code <HT>} {@code <SP>} {@code <LF>} {@code <CR>}. */
  private static String plain(String written) {
    return written
        .replace("<CRLF>", "\r\n")
        .replace("<HT>", "\t")
        .replace("<SP>", " ")
        .replace("<LF>", "\n")
        .replace("<CR>", "\r");
  }

  @ParameterizedTest(name = "{index}: {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "A:<SP>X<CRLF>|a:X<CRLF>",
        "B<SP>:<SP>Y<HT><CRLF><HT>Z<SP><SP><CRLF>|b:Y Z<CRLF>",
        "Subject:<CRLF>|subject:<CRLF>",
        "Subject:<SP><HT><CRLF>|subject:<CRLF>",
        "SUBJECT:a:b<CRLF>|subject:a:b<CRLF>",
        "Subject<HT>:a<CRLF><SP><CRLF><SP>b<CRLF>|subject:a b<CRLF>",
        "Subject:<CRLF><SP>folded at once<CRLF>|subject:folded at once<CRLF>",
        "Subject:<SP>a<SP><CRLF><HT><HT>b<CRLF>|subject:a b<CRLF>",
        "Subject:<SP>\u00fc\u0080\u00ff<CRLF>|subject:\u00fc\u0080\u00ff<CRLF>",
        "Subject:<SP>\u00a0x\u00a0<CRLF>|subject:\u00a0x\u00a0<CRLF>",
      })
  void header(String field, String canonical) {
    Header read = Header.parse(plain(field).getBytes(StandardCharsets.ISO_8859_1));
    assertThat(read.fields().stream().map(RelaxedHeader::canonical).collect(Collectors.joining()))
        .isEqualTo(plain(canonical));
  }

  @ParameterizedTest(name = "{index}: {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        // RFC 6376, 3.4.5
        "<SP>C<SP><CRLF>D<SP><HT><SP>E<CRLF><CRLF><CRLF>|<SP>C<CRLF>D E<CRLF>",
        "''|''",
        "<CRLF>|''",
        "<CRLF><CRLF><CRLF>|''",
        "<SP><HT><CRLF>|''",
        "<SP><CRLF><HT><CRLF>|''",
        "<SP>|''",
        "a|a<CRLF>",
        "a<SP>|a<CRLF>",
        "a<CRLF><SP>|a<CRLF>",
        "a<CRLF>b|a<CRLF>b<CRLF>",
        "<CRLF>a<CRLF>|<CRLF>a<CRLF>",
        "<SP><CRLF>a<CRLF>|<CRLF>a<CRLF>",
        "a<CRLF><SP><CRLF><CRLF>b<CRLF><CRLF>|a<CRLF><CRLF><CRLF>b<CRLF>",
        "a<HT>b<CRLF>|a b<CRLF>",
        "<HT><SP>a<CRLF>|<SP>a<CRLF>",
        "a\u00a0<SP><CRLF>|a\u00a0<CRLF>",
        "a<CR>b<CRLF>|a<CR>b<CRLF>",
        ".<CRLF>..<CRLF>|.<CRLF>..<CRLF>",
      })
  void body(String body, String canonical) throws Exception {
    byte[] octets = plain(body).getBytes(StandardCharsets.ISO_8859_1);
    String expected = hash(plain(canonical).getBytes(StandardCharsets.ISO_8859_1));

    RelaxedBody whole = new RelaxedBody(MessageDigest.getInstance("SHA-256"));
    whole.write(octets, 0, octets.length);
    assertThat(Base64.getEncoder().encodeToString(whole.hash())).isEqualTo(expected);

    RelaxedBody single = new RelaxedBody(MessageDigest.getInstance("SHA-256"));
    for (byte octet : octets) {
      single.write(octet);
    }
    assertThat(Base64.getEncoder().encodeToString(single.hash())).isEqualTo(expected);
  }

  /** RFC 6376 tells the hash of an empty body in 3.4.4. */
  @Test
  void anEmptyBodyHasTheHashOfTheRfc() throws Exception {
    RelaxedBody body = new RelaxedBody(MessageDigest.getInstance("SHA-256"));
    assertThat(Base64.getEncoder().encodeToString(body.hash()))
        .isEqualTo("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  }

  @Test
  void moreThanABufferAndManyEmptyLines() throws Exception {
    String line = "0123456789\r\n";
    String text = line.repeat(5000) + "\r\n".repeat(20_000) + "x \t\r\n" + "\r\n".repeat(9000);
    RelaxedBody body = new RelaxedBody(MessageDigest.getInstance("SHA-256"));
    byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
    body.write(octets, 0, octets.length);
    String canonical = line.repeat(5000) + "\r\n".repeat(20_000) + "x\r\n";
    assertThat(Base64.getEncoder().encodeToString(body.hash()))
        .isEqualTo(hash(canonical.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private static String hash(byte[] octets) throws Exception {
    return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(octets));
  }
}
