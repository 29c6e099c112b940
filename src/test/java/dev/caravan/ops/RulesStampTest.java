package dev.caravan.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.settings.Settings;
import dev.caravan.settings.SettingsReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RulesStampTest {
  @TempDir Path dir = Path.of("");

  private final Map<String, String> overrides = new HashMap<>();

  @BeforeEach
  void rules() throws Exception {
    Files.createDirectories(dir.resolve("routes"));
    Files.writeString(dir.resolve("routes/a.xml"), "<camel/>");
    Files.writeString(dir.resolve("caravan.jar"), "program");
    overrides.put("caravan.routes-dir", dir.resolve("routes").toString());
    overrides.put("caravan.hostname", "mx.example");
    stamp().remember();
  }

  @Test
  void whatHasNotChangedIsRemembered() throws Exception {
    assertThat(stamp().isRemembered()).isTrue();
  }

  @Test
  void aChangedFileIsNot() throws Exception {
    Files.writeString(dir.resolve("routes/a.xml"), "<camel></camel>");
    assertThat(stamp().isRemembered()).isFalse();
  }

  @Test
  void anotherFileIsNot() throws Exception {
    Files.writeString(dir.resolve("routes/b.xml"), "");
    assertThat(stamp().isRemembered()).isFalse();
  }

  @Test
  void aMovedBoundaryBetweenFilesIsNot() throws Exception {
    Files.writeString(dir.resolve("routes/b.xml"), "b");
    stamp().remember();
    Files.writeString(dir.resolve("routes/a.xml"), "<camel/>b");
    Files.writeString(dir.resolve("routes/b.xml"), "");
    assertThat(stamp().isRemembered()).isFalse();
  }

  @Test
  void aChangedKeyIsNot() throws Exception {
    overrides.put("caravan.hostname", "mx2.example");
    assertThat(stamp().isRemembered()).isFalse();
  }

  @Test
  void anotherProgramIsNot() throws Exception {
    Files.writeString(dir.resolve("caravan.jar"), "another program");
    assertThat(stamp().isRemembered()).isFalse();
  }

  @Test
  void withoutAJarNothingIs() throws Exception {
    RulesStamp unknown = RulesStamp.of(settings(), dir.resolve("rules.checked"), dir);
    unknown.remember();
    assertThat(unknown.isRemembered()).isFalse();
  }

  @Test
  void whatCanNotBeReadIsNot() throws Exception {
    Files.delete(dir.resolve("routes/a.xml"));
    Files.delete(dir.resolve("routes"));
    assertThat(stamp().isRemembered()).isFalse();
  }

  private RulesStamp stamp() throws Exception {
    return RulesStamp.of(settings(), dir.resolve("rules.checked"), dir.resolve("caravan.jar"));
  }

  private Settings settings() throws Exception {
    return new SettingsReader(Path.of("").toAbsolutePath(), overrides, Map.of(), Map.of()).read();
  }
}
