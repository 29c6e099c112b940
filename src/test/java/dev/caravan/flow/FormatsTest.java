package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.caravan.auth.Account;
import dev.caravan.auth.UsersFile;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Runs every example of {@code src/docs/formats.md} as it stands there. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FormatsTest {
  private static final String PYTHON = "/usr/bin/python3";
  private static final String LARGE = "x".repeat(76) + "\r\n";

  private final Remote remote = new Remote();
  private TestGateway gateway;
  private Path data;
  private String token = "";
  private String page = "";

  @BeforeAll
  void start(@TempDir Path dir) throws Exception {
    data = dir;
    page = Files.readString(Path.of("src/docs/formats.md"));
    UsersFile users = new UsersFile(data.resolve("users"));
    users.add(new Account("shop", true, List.of("example.com"), 0, 0), "secret", false);
    token = users.addToken("shop", false).orElseThrow();
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.users-file", data.resolve("users").toString());
    gateway = TestGateway.start(data, options);
  }

  @AfterAll
  void stop() {
    gateway.close();
    remote.close();
  }

  private List<String> examples(String language) {
    return Pattern.compile("(?ms)^```" + language + "\n(.*?)^```$")
        .matcher(page)
        .results()
        .map(m -> m.group(1))
        .toList();
  }

  /** With the ports of this gateway. */
  private String here(String example) {
    return example
        .replace("localhost:61616", "localhost:" + gateway.brokerPort())
        .replace("(\"localhost\", 61616)", "(\"localhost\", " + gateway.brokerPort() + ")")
        .replace("localhost:8025", "localhost:" + gateway.httpPort());
  }

  @Test
  void nothingIsLeftOut() {
    assertThat(page.lines().filter(line -> line.startsWith("```") && line.length() > 3).count())
        .isEqualTo(
            List.of("java", "python", "sh", "stomp", "csharp").stream()
                .mapToInt(language -> examples(language).size())
                .sum());
  }

  @Test
  void java() throws Exception {
    List<String> examples = examples("java");
    assertThat(examples).hasSize(7);
    String frame = here(examples.getFirst());
    Path large = data.resolve("large.eml");
    Files.writeString(large, "Subject: Large\r\n\r\n" + LARGE.repeat(40_000));
    Path invoice = data.resolve("invoice.pdf");
    Files.writeString(invoice, "%PDF");
    List<String> shown =
        List.of(
            "multipart/alternative",
            "filename*=utf-8''Rechnung%20M%C3%A4rz.pdf",
            "Subject: Made before\r\n\r\nHello\r\n",
            "Subject: Large\r\n",
            "X-Order: 4711",
            "filename=\"invoice.pdf\"");
    for (int i = 1; i < examples.size(); i++) {
      String program =
          frame.replace(
              "// one of the examples below",
              examples
                  .get(i)
                  .replace("\"large.eml\"", '"' + large.toString() + '"')
                  .replace("FileInputStream(\"invoice.pdf", "FileInputStream(\"" + invoice));
      Path file = data.resolve("example" + i).resolve("Send.java");
      Files.createDirectories(file.getParent());
      Files.writeString(file, program);
      run(
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-XX:TieredStopAtLevel=1",
              "-cp",
              System.getProperty("java.class.path"),
              file.toString()));
      Remote.Received got = remote.take();
      assertThat(got.text()).contains(shown.get(i - 1));
      assertThat(got.to()).contains("ann@example.org");
      assertThat(got.text().length() > 3_000_000).isEqualTo(i == 4);
    }
  }

  @Test
  void stomp() throws Exception {
    List<String> examples = examples("stomp");
    assertThat(examples).hasSize(2);
    List<String> shown = List.of("Subject: From a terminal", "Subject: Whole, by hand");
    for (int i = 0; i < examples.size(); i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.brokerPort())) {
        OutputStream out = socket.getOutputStream();
        out.write(examples.get(i).replace("^@", "\0").getBytes(StandardCharsets.UTF_8));
        out.flush();
        InputStream in = socket.getInputStream();
        StringBuilder answer = new StringBuilder();
        for (int c = in.read();
            c >= 0 && !answer.toString().contains("receipt-id:2");
            c = in.read()) {
          answer.append((char) c);
        }
        assertThat(answer).contains("CONNECTED", "receipt-id:1").doesNotContain("ERROR");
      }
      Remote.Received got = remote.take();
      assertThat(got.text()).contains(shown.get(i)).contains("HELLO");
      assertThat(got.to()).containsExactly("ann@example.org");
    }
  }

  @Test
  @Tag("interop")
  void python() throws Exception {
    need(PYTHON, "python3");
    need(exit(List.of(PYTHON, "-c", "import stomp")) == 0, "python3-stomp is not installed");
    List<String> examples = examples("python");
    List<String> shown = List.of("filename=\"a.pdf\"", "Subject: From urllib");
    assertThat(examples).hasSize(2);
    for (int i = 0; i < examples.size(); i++) {
      run(List.of(PYTHON, "-c", here(examples.get(i))));
      assertThat(remote.take().text()).contains(shown.get(i));
    }
  }

  @Test
  @Tag("interop")
  void curl() throws Exception {
    need("/usr/bin/curl", "curl");
    List<String> examples = examples("sh");
    assertThat(examples).hasSize(1);
    run(List.of("/bin/sh", "-c", here(examples.getFirst())));
    assertThat(remote.take().text()).contains("Subject: From curl");
  }

  /** Compiled and run with Mono. */
  @Test
  @Tag("interop")
  void csharp() throws Exception {
    need("/usr/bin/mcs", "mono-mcs");
    need("/usr/bin/mono", "mono-runtime");
    List<String> examples = examples("csharp");
    List<String> shown = List.of("Grüße from C#", "Grüße from C# by hand");
    assertThat(examples).hasSize(2);
    for (int i = 0; i < examples.size(); i++) {
      Path source = data.resolve("csharp" + i).resolve("Send.cs");
      Files.createDirectories(source.getParent());
      Files.writeString(source, here(examples.get(i)));
      run(List.of("/usr/bin/mcs", "-r:System.Net.Http.dll", source.toString()));
      run(List.of("/usr/bin/mono", source.resolveSibling("Send.exe").toString()));
      Remote.Received got = remote.take();
      assertThat(
              new MimeMessage(
                      Session.getInstance(new Properties()), new ByteArrayInputStream(got.data()))
                  .getSubject())
          .isEqualTo(shown.get(i));
      assertThat(got.to()).containsExactly("ann@example.org");
    }
  }

  private static void need(String program, String debianPackage) {
    need(Files.isExecutable(Path.of(program)), debianPackage + " is not installed");
  }

  /** Skips with this reason, or fails where everything has to run. */
  private static void need(boolean there, String reason) {
    if (Boolean.getBoolean("caravan.interop.required")) {
      assertThat(there).as(reason).isTrue();
    }
    assumeTrue(there, reason);
  }

  private void run(List<String> command) throws Exception {
    Path output = data.resolve("output");
    assertThat(exit(command)).as(() -> read(output)).isZero();
  }

  private int exit(List<String> command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("TOKEN", token);
    builder.redirectOutput(data.resolve("output").toFile());
    Process process = builder.start();
    process.getOutputStream().close();
    if (!process.waitFor(240, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(command.getFirst() + " did not end");
    }
    return process.exitValue();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (java.io.IOException e) {
      return e.toString();
    }
  }
}
