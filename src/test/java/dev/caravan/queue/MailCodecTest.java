package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.mail.AnswerTo;
import dev.caravan.mail.Content;
import dev.caravan.mail.DsnRequest;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.MailId;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.Origin;
import dev.caravan.mail.ReversePath;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MailCodecTest {
  private static final Content CONTENT = Content.of("Subject: x\r\n\r\ny\r\n");
  private static final QueuedMail FULL =
      new QueuedMail(
          new MailId("01M855SD4NQ0ZJT0"),
          new Envelope(
              ReversePath.parse("\"a,b\"@sender.example"),
              List.of(
                  EmailAddress.parse("\"c, d\"@dest.example"),
                  EmailAddress.parse("jörg@dest.example")),
              new MailOptions(
                  MailOptions.Body.SEVEN_BIT,
                  true,
                  true,
                  MailOptions.Returned.HEADERS,
                  "QQ+2B314159",
                  -3,
                  Optional.of(QueuedMails.QUEUED_AT),
                  "spring",
                  Optional.of(QueuedMails.QUEUED_AT.plusSeconds(60)),
                  Optional.of(
                      new AnswerTo("queue://mail.reply.app", "c-1", Set.of(AnswerTo.On.BOUNCED)))),
              Map.of(
                  EmailAddress.parse("jörg@dest.example"),
                  new DsnRequest(
                      Set.of(DsnRequest.Notify.SUCCESS, DsnRequest.Notify.DELAY),
                      "utf-8;jörg@other.example"))),
          CONTENT,
          "mx.dest.example:25",
          7,
          QueuedMails.QUEUED_AT,
          "450 4.2.0 Not now",
          Origin.Source.JMS,
          true,
          new Notes("app", "a rule", List.of("== 7, at noon", "> QUIT", "< 221 2.0.0 Bye")),
          false);

  private final MailCodec codec = new MailCodec();

  @Test
  void everyFieldComesBack() {
    assertThat(codec.read(codec.properties(FULL), CONTENT)).isEqualTo(FULL);
  }

  /** Three attempts, and of long ones their ends. */
  @Test
  void whatWasSaidIsBounded() {
    Notes notes = Notes.NONE;
    for (int i = 1; i <= 5; i++) {
      notes = notes.withAttempt("attempt " + i, List.of("> MAIL", "< 451\r\n4.0.0"));
    }
    assertThat(notes.history())
        .containsExactly(
            "== attempt 3",
            "> MAIL",
            "< 451  4.0.0",
            "== attempt 4",
            "> MAIL",
            "< 451  4.0.0",
            "== attempt 5",
            "> MAIL",
            "< 451  4.0.0");
    Notes many = notes.withAttempt("long", Collections.nCopies(1000, "x".repeat(600)));
    assertThat(String.join("\n", many.history()))
        .hasSizeBetween(Notes.HISTORY_MAX - 600, Notes.HISTORY_MAX)
        .doesNotContain("attempt 5");
    assertThat(many.withAttempt("6", List.of()).history()).isEqualTo(many.history());
  }

  @Test
  void whatWasAskedForIsReadable() {
    assertThat(codec.properties(FULL))
        .containsEntry("notify", ",success+delay")
        .containsEntry("orcpt", ",utf-8;jörg@other.example")
        .containsEntry("ret", "hdrs")
        .containsEntry("envid", "QQ+2B314159")
        .containsEntry("priority", -3)
        .containsEntry("holdUntil", QueuedMails.QUEUED_AT.toEpochMilli());
  }

  /** Most mails have none of it, and old messages have none. */
  @Test
  void whatWasNotAskedForIsNoProperty() {
    QueuedMail plain = QueuedMails.mail("a@sender.example", List.of("b@dest.example"), "\r\n");
    assertThat(codec.properties(plain))
        .containsOnlyKeys(
            "mailId",
            "mailFrom",
            "rcptTo",
            "site",
            "attempts",
            "queuedAt",
            "lastReply",
            "source",
            "size");
    assertThat(codec.read(codec.properties(plain), plain.content())).isEqualTo(plain);
  }

  @ParameterizedTest
  @EnumSource(MailOptions.Body.class)
  void everyBodyComesBack(MailOptions.Body body) {
    QueuedMail mail =
        FULL.afterAttempt(
            FULL.envelope().withOptions(FULL.envelope().options().withBody(body)), "");
    assertThat(codec.read(codec.properties(mail), CONTENT)).isEqualTo(mail);
  }

  @Test
  void recipientsThatAnOperatorEditedHaveAskedForNothing() {
    Map<String, Object> properties = new HashMap<>(codec.properties(FULL));
    properties.put("rcptTo", "b@dest.example");
    assertThat(codec.read(properties, CONTENT).envelope().dsn()).isEmpty();
  }

  @Test
  void theNullSenderComesBack() {
    QueuedMail bounce = QueuedMails.mail("", List.of("b@dest.example"), "\r\n");
    assertThat(codec.read(codec.properties(bounce), bounce.content()).envelope().sender())
        .isEqualTo(ReversePath.NULL);
  }

  @Test
  void aProtocolThatKnowsOnlyTextsIsUnderstood() {
    Map<String, Object> texts = new LinkedHashMap<>();
    codec.properties(FULL).forEach((name, value) -> texts.put(name, value.toString()));
    assertThat(codec.read(texts, CONTENT)).isEqualTo(FULL);
  }

  @Test
  void aLongReplyIsCutSoThatPropertiesStaySmall() {
    QueuedMail long500 = FULL.afterAttempt(FULL.envelope(), "x".repeat(499) + "\uD83D\uDE00yyy");
    assertThat(codec.properties(long500)).containsEntry("lastReply", "x".repeat(499));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mailId", "mailFrom", "rcptTo", "site"})
  void whatIsMissingIsNamed(String name) {
    Map<String, Object> properties = new HashMap<>(codec.properties(FULL));
    properties.remove(name);
    assertThatThrownBy(() -> codec.read(properties, CONTENT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("missing");
  }

  @ParameterizedTest
  @CsvSource({
    "mailId, ../x",
    "mailFrom, no address",
    "rcptTo, ','",
    "rcptTo, 'b@dest.example,nobody'",
    "attempts, -1",
    "attempts, many",
    "queuedAt, yesterday",
    "site, ' '",
  })
  void whatIsWrongIsNamed(String name, String value) {
    Map<String, Object> properties = new HashMap<>(codec.properties(FULL));
    properties.put(name, value);
    assertThatThrownBy(() -> codec.read(properties, CONTENT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name);
  }
}
