package dev.caravan.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A load from smtp-source to smtp-sink: everything once, signed, and otherwise as it was sent. */
@Tag("interop")
final class LoadInteropTest {
  private static final int MESSAGES = 20_000;
  private static final int OCTETS = 5 * 1024;
  private static final int SAMPLE = 20;
  private static final Duration PATIENCE = Duration.ofSeconds(200);
  private static final String SENDER = "a@sender.example";

  @TempDir Path folder;
  private String source = "";
  private List<String> key = List.of();

  @BeforeEach
  void tools() throws Exception {
    source = Tools.need("smtp-source", "postfix");
    Tools.need("smtp-sink", "postfix");
    Tools.needModule("dkim", "python3-dkim");
    Tools.need("opendkim-testmsg", "opendkim-tools");
    Tools.need("unshare", "util-linux");
    Tools.need(
        Run.command("unshare", "-r", "-n", "-m", "true").exit() == 0,
        "opendkim-testmsg needs a name server of its own, in namespaces that this machine refuses");
    key = Relay.keygen(folder, "sender.example", "s1");
  }

  @Test
  void twentyThousandMessagesArriveOnceSignedAndOtherwiseAsSent() throws Exception {
    Dump direct = unrelayed("-N", "-l", OCTETS);
    String unrelayed = masked(direct.text(), direct.to().getFirst());
    try (Relay relay = Relay.forUsers(folder)) {
      assertThat(send(relay.smtp(), MESSAGES, "-s", "20", "-N", "-l", OCTETS).exit()).isZero();
      List<Dump> all = relay.delivered(MESSAGES, PATIENCE);

      assertThat(all).hasSize(MESSAGES);
      assertThat(all.stream().flatMap(dump -> dump.to().stream()).toList())
          .containsExactlyInAnyOrderElementsOf(recipients());
      Set<String> ids = new HashSet<>();
      for (Dump dump : all) {
        ids.add(field(dump.text(), "Message-Id"));
        assertThat(dump.from()).isEqualTo(SENDER);
        assertThat(dump.fields("DKIM-Signature")).isEqualTo(1);
        assertThat(dump.fields("Received")).isEqualTo(1);
        assertThat(masked(dump.sent(), dump.to().getFirst())).isEqualTo(unrelayed);
      }
      assertThat(ids).hasSize(MESSAGES);
      assertThat(verifiers(sample(all))).containsOnly("ok");
    }
  }

  /** Dots, white space that canonicalisation removes, 8-bit text, folded and doubled fields. */
  @Test
  void aMessageThatIsEasilyDamagedArrivesByteForByte() throws Exception {
    String message =
        "From: =?utf-8?q?Ann_B=C3=A9e?=  <a@sender.example>\n"
            + "To: b@dest.example,\n\tc@dest.example \n"
            + "Subject:   two  spaces\n  folded\t \n"
            + "Date: Mon, 1 Jan 2024 00:00:00 +0000\n"
            + "Message-ID: <1@sender.example>\n"
            + "X-Same: 1\n"
            + "X-Same: 2\n"
            + "MIME-Version: 1.0\n"
            + "Content-Type: text/plain; charset=utf-8\n"
            + "Content-Transfer-Encoding: 8bit\n"
            + "\n"
            + ".\n..\n.dot\n"
            + "Grüße \t \n"
            + " \n"
            + "\ta  b\n"
            + "From here\n"
            + "x".repeat(990)
            + "\n\n\n";
    Path file = Files.writeString(folder.resolve("message"), message);
    String unrelayed = unrelayed("-F", file).text();
    String octets =
        new String(message.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)
            .replace("\n", "\r\n");
    // smtp-source puts an empty line behind a file.
    assertThat(unrelayed).isEqualTo(octets + "\r\n");
    try (Relay relay = Relay.forUsers(folder)) {
      assertThat(send(relay.smtp(), SAMPLE, "-s", "4", "-N", "-F", file).exit()).isZero();
      List<Dump> all = relay.delivered(SAMPLE);
      assertThat(all).extracting(Dump::sent).containsOnly(unrelayed).hasSize(SAMPLE);
      assertThat(verifiers(all)).containsOnly("ok");
    }
  }

  /** The verifiers are no rubber stamps. */
  @Test
  void theVerifiersRefuseWhatWasChanged() throws Exception {
    try (Relay relay = Relay.forUsers(folder)) {
      assertThat(send(relay.smtp(), 1, "-l", OCTETS).exit()).isZero();
      Dump dump = relay.delivered(1).getFirst();
      Dump body = new Dump(dump.from(), dump.to(), dump.text() + "more\r\n");
      Dump from = new Dump(dump.from(), dump.to(), "From: x@sender.example\r\n" + dump.text());
      Dump subject = new Dump(dump.from(), dump.to(), "Subject: added\r\n" + dump.text());
      assertThat(verifiers(List.of(body, from, subject))).hasSize(6).doesNotContain("ok");
    }
  }

  private Run send(String to, int messages, Object... options) throws Exception {
    List<Object> more = new ArrayList<>(List.of("-c", "-d", "-m", messages));
    more.addAll(List.of("-f", SENDER, "-t", "b@dest.example"));
    more.addAll(List.of(options));
    more.add(to);
    return Run.command(Tools.line(List.of(source), more));
  }

  /** A message of smtp-source as smtp-sink gets it without a relay between. */
  private Dump unrelayed(Object... options) throws Exception {
    try (Sink sink = Sink.start(Files.createDirectory(folder.resolve("direct")))) {
      assertThat(send("127.0.0.1:" + sink.port(), 1, options).exit()).isZero();
      return sink.messages().getFirst();
    }
  }

  /** Without what differs from one message of smtp-source to the next. */
  private static String masked(String message, String recipient) {
    return message
        .replace("<" + recipient + ">", "<recipient>")
        .replace(field(message, "Date"), "Date: masked")
        .replace(field(message, "Message-Id"), "Message-Id: masked");
  }

  private static String field(String message, String name) {
    int at = message.indexOf("\r\n" + name + ": ") + 2;
    return message.substring(at, message.indexOf("\r\n", at));
  }

  /** smtp-source numbers them from 1. */
  private static List<String> recipients() {
    return IntStream.rangeClosed(1, MESSAGES).mapToObj(n -> n + "b@dest.example").toList();
  }

  private static List<Dump> sample(List<Dump> all) {
    int step = all.size() / SAMPLE;
    return IntStream.range(0, SAMPLE).mapToObj(n -> all.get(n * step)).toList();
  }

  /** What dkimpy and then opendkim-testmsg say about each message. */
  private List<String> verifiers(List<Dump> messages) throws Exception {
    List<Object> arguments = new ArrayList<>(List.of(key.get(0), key.get(2)));
    for (Dump message : messages) {
      Path file = Files.createTempFile(folder, "signed", ".eml");
      Files.write(file, message.octets());
      arguments.add(file);
    }
    List<String> said = new ArrayList<>();
    List<String> dkimpy = List.of(Tools.PYTHON, Tools.script("dkimpy.py", folder).toString());
    said.addAll(Run.command(Tools.line(dkimpy, arguments)).lines());
    List<String> opendkim =
        List.of(
            "unshare", "-r", "-n", "-m", Tools.PYTHON, Tools.script("opendkim.py", folder) + "");
    said.addAll(Run.command(Tools.line(opendkim, arguments)).lines());
    assertThat(said).hasSize(2 * messages.size());
    return said;
  }
}
