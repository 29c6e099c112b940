package dev.caravan.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The file that operators read says what the code does. */
class ConfigDocTest {
  private static final Path FILE = Path.of("config/caravan.properties");
  private static final Pattern DOCUMENTED = Pattern.compile("# (caravan\\.[a-z.-]+) =(?: (.*))?");
  private static final Pattern SET = Pattern.compile("\\s*caravan\\..*");
  private static final Pattern USED = Pattern.compile("\\{\\{\\??(caravan\\.[^}:]*)");

  @Test
  void everyKeyIsDocumentedWithItsDefaultInTheOrderOfTheCode() throws IOException {
    Map<String, String> documented = new LinkedHashMap<>();
    List<String> lines = Files.readAllLines(FILE);
    for (int i = 0; i < lines.size(); i++) {
      assertThat(SET.matcher(lines.get(i)).matches()).as("set: " + lines.get(i)).isFalse();
      Matcher m = DOCUMENTED.matcher(lines.get(i));
      if (m.matches()) {
        assertThat(lines.get(i - 1))
            .as("explanation of " + m.group(1))
            .matches("# [^-].{20,}|# .{1,}\\.");
        documented.put(m.group(1), m.group(2) == null ? "" : m.group(2));
      }
    }
    Map<String, String> defaults = new LinkedHashMap<>();
    Keys.ALL.forEach(k -> defaults.put(k.name(), k.defaultValue()));
    defaults.put("caravan.hostname", "");

    assertThat(documented).containsExactlyEntriesOf(defaults);
  }

  @Test
  void theFileAsShippedIsRight() throws Exception {
    Settings s =
        new SettingsReader(Path.of("").toAbsolutePath(), Map.of(), Map.of(), Map.of()).read();
    assertThat(s.text("caravan.delivery.mode")).isEqualTo("sandbox");
  }

  @Test
  void routesUseOnlyKeysThatExist() throws Exception {
    Map<String, String> used = new TreeMap<>();
    try (Stream<Path> routes = Files.list(Path.of("routes"))) {
      routes
          .filter(f -> f.toString().endsWith(".xml"))
          .forEach(f -> USED.matcher(text(f)).results().forEach(m -> used.put(m.group(1), "" + f)));
    }
    assertThat(used).isNotEmpty();
    Settings s = new SettingsReader(Path.of(""), Map.of(), Map.of(), Map.of()).read();
    assertThat(s.placeholders().keySet()).containsAll(used.keySet());
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
