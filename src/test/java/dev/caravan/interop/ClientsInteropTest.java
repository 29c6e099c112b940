package dev.caravan.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.auth.Account;
import dev.caravan.auth.UsersFile;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.james.mime4j.dom.Entity;
import org.apache.james.mime4j.dom.Message;
import org.apache.james.mime4j.dom.Multipart;
import org.apache.james.mime4j.dom.SingleBody;
import org.apache.james.mime4j.message.DefaultMessageBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real clients of others, each in a process of its own: a mail in every format that it can say,
 * with an attachment of 20 MB, and the answer to each.
 */
@Tag("interop")
final class ClientsInteropTest {
  private static final String USER = "shop";
  private static final String PASSWORD = "secret";
  private static final int ATTACHMENT = 20 * 1024 * 1024;
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final List<String> FORMATS =
      List.of("bytes", "rawtext", "large", "text", "map", "json");

  @TempDir Path folder;

  @BeforeEach
  void tools() {
    Tools.need("smtp-sink", "postfix");
  }

  private Relay relay() throws Exception {
    Path file = folder.resolve("users");
    new UsersFile(file).add(new Account(USER, true, List.of(), 0, 0), PASSWORD, false);
    return Relay.start(folder, Map.of("caravan.users-file", file.toString()));
  }

  @ParameterizedTest
  @CsvSource({
    "artemis,       org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory, tcp",
    "artemis-javax, org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory, tcp",
    "classic5,      org.apache.activemq.ActiveMQConnectionFactory, tcp",
    "classic6,      org.apache.activemq.ActiveMQConnectionFactory, tcp",
    "qpid,          org.apache.qpid.jms.JmsConnectionFactory, amqp"
  })
  void javaClients(String client, String factory, String scheme) throws Exception {
    boolean old = client.equals("artemis-javax") || client.equals("classic5");
    Path source = Tools.script("JmsClient.java", folder);
    if (old) {
      Files.writeString(
          source, Files.readString(source).replace("import jakarta.jms", "import javax.jms"));
    }
    // OpenWire writes what is beyond 16 bits as two halves, and Artemis reads each as no character.
    String smile = client.startsWith("classic") ? "\uFFFD\uFFFD" : "😀";
    String path = Jars.path(client);
    try (Relay relay = relay()) {
      String url = scheme + "://127.0.0.1:" + relay.port("broker");
      Run run =
          Run.command(
              Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
              "-Xmx512m",
              "-cp",
              path,
              source.toString(),
              factory,
              url,
              USER,
              PASSWORD);
      assertAnswers(run, FORMATS);
      assertMails(relay, FORMATS, smile);
    }
  }

  @Test
  void qpidProtonInPython() throws Exception {
    Tools.needModule("proton", "python3-qpid-proton");
    try (Relay relay = relay()) {
      String script = Tools.script("proton_client.py", folder).toString();
      Run run = Run.command(Tools.PYTHON, script, port(relay), USER, PASSWORD);
      assertAnswers(run, FORMATS);
      assertMails(relay, FORMATS);
    }
  }

  @Test
  void rheaInNodeJs() throws Exception {
    String node = Tools.need("node", "nodejs");
    Path modules = Path.of("target/clients/rhea/node_modules").toAbsolutePath();
    Tools.need(
        Files.isDirectory(modules.resolve("rhea")),
        "rhea is not installed (npm install --prefix target/clients/rhea rhea)");
    try (Relay relay = relay()) {
      String script = Tools.script("rhea_client.js", folder).toString();
      Run run =
          Run.command(
              "/usr/bin/env", "NODE_PATH=" + modules, node, script, port(relay), USER, PASSWORD);
      assertAnswers(run, FORMATS);
      assertMails(relay, FORMATS);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.0", "1.1", "1.2"})
  void stompPy(String version) throws Exception {
    Tools.needModule("stomp", "python3-stomp");
    List<String> formats = FORMATS.stream().filter(f -> !f.equals("map")).toList();
    try (Relay relay = relay()) {
      String script = Tools.script("stomp_formats.py", folder).toString();
      Run run = Run.command(Tools.PYTHON, script, version, port(relay), USER, PASSWORD);
      assertAnswers(run, formats);
      assertMails(relay, formats);
    }
  }

  /** Version 5 by mosquitto_rr, which waits for the answer; 3.1.1 knows none. */
  @Test
  void mosquitto() throws Exception {
    String pub = Tools.need("mosquitto_pub", "mosquitto-clients");
    String rr = Tools.need("mosquitto_rr", "mosquitto-clients");
    Path json = folder.resolve("json");
    Files.writeString(
        json,
        "{\"from\":\"a@sender.example\",\"to\":\"b@dest.example\",\"subject\":\"json Größe 😀\","
            + "\"text\":\"Schöne Grüße\"}");
    Path large = folder.resolve("large");
    String header =
        "From: a@sender.example\r\n"
            + "To: b@dest.example\r\n"
            + "Subject: raw =?utf-8?q?Gr=C3=B6=C3=9Fe?=\r\n"
            + "MIME-Version: 1.0\r\n"
            + "Content-Type: application/octet-stream\r\n"
            + "Content-Transfer-Encoding: base64\r\n\r\n";
    Files.writeString(
        large, header + java.util.Base64.getMimeEncoder().encodeToString(attachment()) + "\r\n");
    try (Relay relay = relay()) {
      List<String> to =
          List.of("-h", "127.0.0.1", "-p", port(relay), "-u", USER, "-P", PASSWORD, "-q", "1");
      List<String> submit = List.of("-t", "mail/submit");
      for (String version : List.of("311", "5")) {
        for (Path file : List.of(json, large)) {
          List<String> sent =
              Stream.of(List.of(pub, "-V", version), to, submit, List.of("-f", file.toString()))
                  .flatMap(List::stream)
                  .toList();
          Run run = Run.command(sent);
          assertThat(run.exit()).as(run.output()).isZero();
        }
      }
      List<String> asked =
          Stream.of(
                  List.of(rr, "-V", "5", "-W", "100", "-e", "mail/reply/" + USER),
                  to,
                  submit,
                  List.of("-m", Files.readString(json)))
              .flatMap(List::stream)
              .toList();
      assertThat(Run.command(asked).output()).contains("\"status\":\"accepted\"");
      assertMails(relay, List.of("json", "json", "json", "large", "large"));
    }
  }

  private static String port(Relay relay) {
    return Integer.toString(relay.port("broker"));
  }

  private static void assertAnswers(Run run, List<String> formats) {
    assertThat(run.lines())
        .as(run.output())
        .containsAll(formats.stream().map(format -> format + " accepted").toList());
    assertThat(run.exit()).as(run.output()).isZero();
  }

  private static void assertMails(Relay relay, List<String> formats) throws Exception {
    assertMails(relay, formats, "😀");
  }

  /**
   * @param smile what has become of a character beyond 16 bits in a property
   */
  private static void assertMails(Relay relay, List<String> formats, String smile)
      throws Exception {
    List<String> wanted = new ArrayList<>();
    for (String format : formats) {
      wanted.add(
          switch (format) {
            case "bytes", "rawtext" -> "raw Größe";
            case "large" -> "raw Größe, with the attachment";
            case "map" -> "map Größe " + smile + ", with the attachment";
            case "text" -> "text Größe " + smile;
            default -> format + " Größe 😀";
          });
    }
    List<String> found = new ArrayList<>();
    for (Dump dump : relay.delivered(formats.size(), PATIENCE)) {
      DefaultMessageBuilder builder = new DefaultMessageBuilder();
      Message message = builder.parseMessage(new ByteArrayInputStream(dump.octets()));
      found.add(message.getSubject() + (hasAttachment(message) ? ", with the attachment" : ""));
    }
    assertThat(found).containsExactlyInAnyOrderElementsOf(wanted);
  }

  private static boolean hasAttachment(Entity entity) throws Exception {
    if (entity.getBody() instanceof Multipart parts) {
      boolean found = false;
      for (Entity part : parts.getBodyParts()) {
        found |= hasAttachment(part);
      }
      return found;
    }
    try (InputStream in = ((SingleBody) entity.getBody()).getInputStream()) {
      byte[] octets = in.readAllBytes();
      String text = new String(octets, StandardCharsets.UTF_8);
      return octets.length > 1000
          ? Arrays.equals(octets, attachment())
          : text.contains("\0") && !text.isEmpty();
    }
  }

  private static byte[] attachment() {
    byte[] octets = new byte[ATTACHMENT];
    for (int i = 0; i < octets.length; i++) {
      octets[i] = (byte) (i * 31 + (i >> 8));
    }
    return octets;
  }
}
