package dev.caravan.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuiltRulesTest {
  @TempDir Path dir = Path.of("");

  private Path program = Path.of("");
  private Path routes = Path.of("");

  @BeforeEach
  void built() throws IOException {
    routes = Files.createDirectories(dir.resolve("routes"));
    Files.writeString(routes.resolve("a.xml"), "<camel/>");
    Files.writeString(routes.resolve("b.xml"), "<camel>b</camel>");
    program = dir.resolve("caravan.jar");
    jar("routes/a.xml", "<camel/>", "routes/b.xml", "<camel>b</camel>", "x/c.xml", "<camel/>");
  }

  private void jar(String... namesAndTexts) throws IOException {
    try (OutputStream file = Files.newOutputStream(program);
        ZipOutputStream jar = new ZipOutputStream(file)) {
      for (int i = 0; i < namesAndTexts.length; i += 2) {
        jar.putNextEntry(new ZipEntry(namesAndTexts[i]));
        jar.write(namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private boolean areIn() {
    return BuiltRules.areIn(routes, program);
  }

  @Test
  void theyAreWhereNothingWasChanged() {
    assertThat(areIn()).isTrue();
  }

  @Test
  void whatIsNoRuleMayBeBesideThem() throws IOException {
    Files.writeString(routes.resolve("notes.txt"), "mine");
    assertThat(areIn()).isTrue();
  }

  @Test
  void aChangeOfTheSameLengthIsSeen() throws IOException {
    Files.writeString(routes.resolve("b.xml"), "<camel>c</camel>");
    assertThat(areIn()).isFalse();
  }

  @Test
  void oneMoreIsSeen() throws IOException {
    Files.writeString(routes.resolve("c.xml"), "<camel/>");
    assertThat(areIn()).isFalse();
  }

  @Test
  void oneLessIsSeen() throws IOException {
    Files.delete(routes.resolve("a.xml"));
    assertThat(areIn()).isFalse();
  }

  @Test
  void aProgramWithoutRulesHasNone() throws IOException {
    jar("x/c.xml", "<camel/>");
    assertThat(areIn()).isFalse();
    Files.delete(routes.resolve("a.xml"));
    Files.delete(routes.resolve("b.xml"));
    assertThat(areIn()).isFalse();
  }

  @Test
  void withoutAJarItIsNotKnown() {
    assertThat(BuiltRules.areIn(routes, dir)).isFalse();
  }

  @Test
  void withoutAFolderItIsNotKnown() {
    assertThat(BuiltRules.areIn(dir.resolve("nowhere"), program)).isFalse();
  }
}
