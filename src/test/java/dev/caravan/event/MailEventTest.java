package dev.caravan.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.mail.SmtpReply;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class MailEventTest {
  private static final Instant AT = Instant.parse("2026-03-01T10:00:00Z");

  @Test
  void aDeliveryIsOneLineOfJson() {
    MailEvent event = event(Optional.of(SmtpReply.of(250, "2.0.0", "Ok")), "a@sender.example");
    assertThat(event.toJson())
        .isEqualTo(
            "{\"type\":\"delivered\",\"at\":\"2026-03-01T10:00:00Z\",\"mailId\":\"01M855SD4NQ0ZJT0\","
                + "\"from\":\"a@sender.example\",\"to\":[\"b@dest.example\"],\"site\":\"dest.example\","
                + "\"attempt\":2,\"reply\":{\"code\":250,\"enhanced\":\"2.0.0\",\"text\":\"Ok\"},"
                + "\"peer\":\"mx.dest.example[192.0.2.1]:25\",\"tls\":\"TLSv1.3\",\"ms\":44,"
                + "\"source\":\"smtp\",\"maybeDuplicate\":true}");
  }

  @ParameterizedTest
  @EnumSource(MailEvent.Type.class)
  void whatIsEmptyIsLeftOut(MailEvent.Type type) {
    MailEvent bare =
        new MailEvent(type, AT, "", "", List.of(), "", 0, Optional.empty(), "", "", -1, "", false);
    assertThat(bare.toJson())
        .isEqualTo(
            "{\"type\":\""
                + type.name().toLowerCase(Locale.ROOT)
                + "\",\"at\":\"2026-03-01T10:00:00Z\",\"from\":\"\",\"to\":[]}");
    assertThat(MailEvent.fromJson(bare.toJson())).isEqualTo(bare);
  }

  @Test
  void itComesBack() {
    MailEvent event = event(Optional.of(SmtpReply.of(450, "4.2.0", "später \u2028")), "");
    assertThat(MailEvent.fromJson(event.toJson())).isEqualTo(event);
  }

  @Test
  void aHostileTextStaysOneLineOfAscii() {
    String line =
        event(
                Optional.of(
                    SmtpReply.of(550, "5.0.0", "\u001b[31m\u2028\u0085 ü" + "x".repeat(3000))),
                "")
            .toJson();
    assertThat(line).matches("[ -~]{1,2600}");
  }

  @Test
  void whatIsNoEventIsSaid() {
    assertThatThrownBy(() -> MailEvent.fromJson("{\"type\":\"delivered\"}"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MailEvent.fromJson("hello"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static MailEvent event(Optional<SmtpReply> reply, String from) {
    return new MailEvent(
        MailEvent.Type.DELIVERED,
        AT,
        "01M855SD4NQ0ZJT0",
        from,
        List.of("b@dest.example"),
        "dest.example",
        2,
        reply,
        "mx.dest.example[192.0.2.1]:25",
        "TLSv1.3",
        44,
        "smtp",
        true);
  }
}
