package dev.caravan.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** swaks, which tells by its exit status at which command a server refused. */
@Tag("interop")
final class SwaksInteropTest {
  /** From swaks' own list: no recipient was accepted, and an error behind the message. */
  private static final int NO_RECIPIENT = 24;

  private static final int MESSAGE_REFUSED = 26;

  @TempDir Path folder;
  private String swaks = "";

  @BeforeEach
  void tools() {
    swaks = Tools.need("swaks", "swaks");
    Tools.need("smtp-sink", "postfix");
  }

  @Test
  void aPlainMessage() throws Exception {
    try (Relay relay = Relay.forStrangers(folder)) {
      Run run = send(relay, "b@ours.example", "--header", "Subject: plain", "--body", "one\\n.two");
      assertThat(run.exit()).as(run.output()).isZero();
      assertThat(run.output()).contains("<-  250 2.0.0 Ok: queued as ");
      Dump dump = relay.delivered(1).getFirst();
      assertThat(dump.from()).isEqualTo("a@sender.example");
      assertThat(dump.to()).containsExactly("b@ours.example");
      assertThat(dump.text())
          .contains("\r\nSubject: plain\r\n")
          .contains("\r\n\r\none\r\n.two\r\n");
    }
  }

  @Test
  void pipeliningWithAttachmentsOfEightBitText() throws Exception {
    Path text = Files.writeString(folder.resolve("größe.txt"), "Grüße\n.\nübrig\n");
    try (Relay relay = Relay.forStrangers(folder)) {
      Run run =
          send(
              relay,
              "b@ours.example,c@ours.example,d@ours.example",
              "--pipeline",
              "--attach-type",
              "text/plain",
              "--attach",
              "@" + text,
              "--attach-body",
              "Schöne Grüße");
      assertThat(run.exit()).as(run.output()).isZero();
      assertThat(run.output()).contains("250-PIPELINING");
      Dump dump = relay.delivered(1).getFirst();
      assertThat(dump.to()).containsExactly("b@ours.example", "c@ours.example", "d@ours.example");
      assertThat(new String(dump.octets(), StandardCharsets.UTF_8))
          .contains("Schöne Grüße")
          .contains("Content-Type: multipart/mixed");
    }
  }

  @Test
  void someRecipientsAreRefused() throws Exception {
    try (Relay relay = Relay.forStrangers(folder)) {
      Run run = send(relay, "b@ours.example,x@other.example,c@ours.example");
      assertThat(run.exit()).as(run.output()).isZero();
      assertThat(run.output()).contains("<** 550 5.7.1 ");
      assertThat(relay.delivered(1))
          .singleElement()
          .extracting(Dump::to)
          .isEqualTo(List.of("b@ours.example", "c@ours.example"));
    }
  }

  @Test
  void aWrongRecipientAndARefusedMessageAreToldByTheExitStatus() throws Exception {
    try (Relay relay = Relay.forStrangers(folder)) {
      assertThat(send(relay, "x@other.example").exit()).isEqualTo(NO_RECIPIENT);
      assertThat(send(relay, "x@other.example", "--pipeline").exit()).isEqualTo(NO_RECIPIENT);
      Run refused =
          send(relay, "b@ours.example", "--attach-name", "game.exe", "--attach", "MZ of a program");
      assertThat(refused.exit()).as(refused.output()).isEqualTo(MESSAGE_REFUSED);
      assertThat(refused.output()).contains("<** 550 5.7.1 Executable attachments");
      assertThat(send(relay, "b@ours.example").exit()).isZero();
      assertThat(relay.delivered(1)).hasSize(1);
    }
  }

  private Run send(Relay relay, String to, String... options) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(swaks, "--server", "127.0.0.1", "--port", relay.port("smtp") + ""));
    command.addAll(List.of("--helo", "client.example", "--from", "a@sender.example", "--to", to));
    command.addAll(List.of(options));
    return Run.command(command);
  }
}
