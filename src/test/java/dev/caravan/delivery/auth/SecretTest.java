package dev.caravan.delivery.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where secrets come from. */
final class SecretTest {
  @TempDir Path dir;

  @Test
  void eachSource() throws Exception {
    Path file = dir.resolve("secret");
    Secret inFile = Secret.of("file:" + file);
    for (String content : List.of("s3cret", "s3cret\n", "s3cret\r\n")) {
      Files.writeString(file, content);
      assertThat(inFile.value()).isEqualTo("s3cret");
    }
    Files.writeString(file, " another \n\n");
    assertThat(inFile.value()).as("read again; only one line end goes").isEqualTo(" another \n");
    assertThat(Secret.of("env:NAME", Map.of("NAME", "s3cret")).value()).isEqualTo("s3cret");
    assertThat(Secret.of("s3cret").value()).isEqualTo("s3cret");
  }

  @Test
  void whatCantBeReadIsTold() throws Exception {
    Path file = dir.resolve("secret");
    Secret inFile = Secret.of("file:" + file);
    assertThatThrownBy(inFile::value).hasMessageContaining(file + " can't be read");
    for (byte[] content :
        List.of(
            new byte[0],
            "\n".getBytes(StandardCharsets.UTF_8),
            new byte[64 * 1024 + 1],
            new byte[] {'a', 0, 'b'},
            new byte[] {(byte) 0xff})) {
      Files.write(file, content);
      assertThatThrownBy(inFile::value).isInstanceOf(AuthException.class);
    }
    assertThatThrownBy(() -> Secret.of("env:NAME", Map.of()).value())
        .hasMessageContaining("env:NAME is not set");
    for (String bad : List.of("", "file:", "env:", "env:A B", "a\0b")) {
      assertThatThrownBy(() -> Secret.of(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void itIsNotShown() {
    assertThat(Secret.of("s3cret")).hasToString("****");
    assertThat(Secret.of("file:/run/secrets/x")).hasToString("file:/run/secrets/x");
    assertThat(new PasswordCredentials("joe", Secret.of("s3cret"), List.of(), false).toString())
        .isEqualTo("joe");
  }
}
