package dev.caravan.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.mail.Mail;
import dev.caravan.smtp.FalseEnds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Nothing but {@code <CRLF>.<CRLF>} ends a message (RFC 5321, 4.1.1.4), and no message with a bare
 * CR or LF is taken (2.3.8): so what a client sends as one mail is one mail here, or a refusal,
 * however it is cut into packets.
 */
final class SmugglingTest {
  private static final String ENVELOPE =
      "EHLO client.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n";

  /** What somebody would like us to take for commands. */
  private static final String SMUGGLED =
      "MAIL FROM:<x@b.example>\r\nRCPT TO:<y@d.example>\r\nDATA\r\n2\r\n";

  private static final String BARE = "\r(?!\n)|(?<!\r)\n";
  private static final String END = "\r\n.\r\n";
  private static final String AFTER = "NOOP\r\nQUIT\r\n";

  /** What contains a true end, with neighbours that must not hide it. */
  private static final List<String> ENDS =
      List.of(
          "\r\n.\r\n",
          " \r\n.\r\n",
          ".\r\n.\r\n",
          "\r\n..\r\n.\r\n",
          "\r\n\r\n.\r\n",
          "\u00e4\r\n.\r\n",
          "\0\r\n.\r\n",
          "\r\r\n.\r\n",
          "\n\r\n.\r\n",
          "\r\n\r\r\n.\r\n",
          "\r\n.\n\r\n.\r\n",
          "\r\n.\r\r\n.\r\n",
          "\n.\n\r\n.\r\n",
          "\r\n.\r\r\n\r\n.\r\n");

  /** What the client sends behind DATA, and what a server that reads the RFC makes of it. */
  record Row(String name, String sent) {
    /** Where the data ends: the first line that is a dot and nothing else. */
    int end() {
      return ("\r\n" + sent).indexOf(END) + END.length() - 2;
    }

    boolean isRefused() {
      return Pattern.compile(BARE).matcher(sent.substring(0, end())).find();
    }

    String content() {
      String data = ("\r\n" + sent.substring(0, end() - 3)).replace("\r\n.", "\r\n");
      return data.substring(2);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (String sequence : FalseEnds.ALL) {
      String name = FalseEnds.visible(sequence);
      rows.add(new Row(name, "first" + sequence + "rest" + END + AFTER));
      rows.add(new Row("first: " + name, sequence + "rest" + END + AFTER));
      rows.add(new Row("last: " + name, "first" + sequence + END + AFTER));
      rows.add(new Row(name + " + mail", "first" + sequence + SMUGGLED + ".\r\n" + AFTER));
      rows.add(new Row("first: " + name + " + mail", sequence + SMUGGLED + ".\r\n" + AFTER));
    }
    return rows.stream();
  }

  static Stream<Row> ends() {
    return ENDS.stream().map(e -> new Row(FalseEnds.visible(e), "first" + e + AFTER));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void theTableOfWhatIsNoEndHasNone(Row row) {
    assertThat(row.sent().substring(row.end())).isEqualTo(AFTER);
  }

  @ParameterizedTest
  @MethodSource({"rows", "ends"})
  void oneMailOrARefusalWhereverItIsCut(Row row) {
    byte[] sent = row.sent().getBytes(StandardCharsets.ISO_8859_1);
    for (int cut = 0; cut <= sent.length; cut++) {
      for (EmbeddedDoor.Routes when : EmbeddedDoor.Routes.values()) {
        try (EmbeddedDoor door = new EmbeddedDoor(when)) {
          door.answerAll().feed(ENVELOPE).answerAll();
          door.feed(sent, 0, cut).feed(sent, cut, sent.length).answerAll();
          check(row, "cut at " + cut + ", routes answer " + when, door);
        }
      }
    }
  }

  /** As no client may do it (RFC 2920, 3.1), and as who smuggles does it. */
  @ParameterizedTest
  @MethodSource({"rows", "ends"})
  void alsoWithTheEnvelopeInOnePacket(Row row) {
    byte[] sent = (ENVELOPE + row.sent()).getBytes(StandardCharsets.ISO_8859_1);
    for (int cut = 0; cut <= sent.length; cut++) {
      try (EmbeddedDoor door = new EmbeddedDoor(EmbeddedDoor.Routes.LATE)) {
        door.answerAll().feed(sent, 0, cut).feed(sent, cut, sent.length).answerAll();
        check(row, "cut at " + cut, door);
      }
    }
    try (EmbeddedDoor door = new EmbeddedDoor(EmbeddedDoor.Routes.LATE)) {
      door.answerAll();
      for (int i = 0; i < sent.length; i++) {
        door.feed(sent, i, i + 1);
      }
      check(row, "octet by octet", door.answerAll());
    }
  }

  /** Within chunks nothing is an end (RFC 3030, 2), wherever the chunks and the packets are cut. */
  @ParameterizedTest
  @MethodSource("chunked")
  void inChunksNothingIsAnEnd(String content) {
    boolean bare = Pattern.compile(BARE).matcher(content).find();
    for (int split = 0; split <= content.length(); split++) {
      String sent =
          "BDAT %s\r\n%sBDAT %s LAST\r\n%s%s"
              .formatted(
                  split,
                  content.substring(0, split),
                  content.length() - split,
                  content.substring(split),
                  AFTER);
      String envelope = ENVELOPE.replace("DATA\r\n", "");
      for (int cut : new int[] {split + 6, sent.length() - AFTER.length() - 3}) {
        try (EmbeddedDoor door = new EmbeddedDoor(EmbeddedDoor.Routes.LATE)) {
          door.answerAll().feed(envelope + sent.substring(0, cut)).feed(sent.substring(cut));
          String said = door.answerAll().replies();
          List<String> replies = said.lines().filter(r -> r.charAt(3) == ' ').toList();
          String how = "split at " + split + ", cut at " + cut + ": " + said;
          assertThat(replies).as(how).hasSize(8);
          assertThat(replies.get(6)).as(how).startsWith("250 2.0.0 ");
          assertThat(replies.get(7)).as(how).startsWith("221 ");
          assertThat(replies.get(5).contains("queued as")).as(how).isEqualTo(!bare);
          assertThat(door.mails()).as(how).hasSize(bare ? 0 : 1);
          if (!bare) {
            assertThat(Dialogue.alike(door.mails().getFirst()))
                .as(how)
                .isEqualTo("a@b.example -> [c@d.example] | " + content);
          }
        }
      }
    }
  }

  static Stream<String> chunked() {
    return Stream.concat(FalseEnds.ALL.stream(), ENDS.stream())
        .flatMap(e -> Stream.of("first" + e + SMUGGLED, e));
  }

  private static void check(Row row, String how, EmbeddedDoor door) {
    List<String> replies = door.replies().lines().dropWhile(r -> !r.startsWith("354")).toList();
    assertThat(replies).as("%s: replies behind 354", how).hasSize(4);
    assertThat(replies.get(1)).as(how).startsWith(row.isRefused() ? "550 5.6.0 " : "250 2.0.0 ");
    assertThat(replies.get(2)).as("%s: to NOOP", how).startsWith("250 2.0.0 ");
    assertThat(replies.get(3)).as("%s: to QUIT", how).startsWith("221 ");
    if (row.isRefused()) {
      assertThat(door.mails()).as(how).isEmpty();
    } else {
      assertThat(door.mails()).as(how).hasSize(1);
      Mail mail = door.mails().getFirst();
      assertThat(mail.sender()).as(how).hasToString("a@b.example");
      assertThat(mail.recipients()).as(how).hasToString("[c@d.example]");
      String content = new String(mail.content().toBytes(), StandardCharsets.ISO_8859_1);
      assertThat(content.substring(afterTrace(content))).as(how).isEqualTo(row.content());
    }
    assertThat(door.isOpen()).as(how).isFalse();
    assertThat(door.memoryUsed()).as(how).isZero();
  }

  /** Behind our own Received field. */
  static int afterTrace(String content) {
    int at = content.indexOf("\r\n") + 2;
    while (content.startsWith("\t", at)) {
      at = content.indexOf("\r\n", at) + 2;
    }
    return at;
  }
}
