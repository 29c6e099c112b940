package dev.caravan.camel.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.settings.Problem;
import dev.caravan.settings.SettingsReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each file in {@code check/} says in comments which problems its lines have: {@code <!-- ! words
 * of the sentence -->}, with {@code !+1} for the next line.
 */
class RoutesCheckTest {
  private static final Path FIXTURES = Path.of("src/test/resources/check");
  private static final Pattern EXPECTED = Pattern.compile("<!-- !(?:\\+(\\d))? (.*?) -->");

  @TempDir Path dir = Path.of("");

  static List<String> fixtures() throws IOException {
    try (Stream<Path> files = Files.list(FIXTURES)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void tellsExactlyWhatIsWrong(String fixture) throws Exception {
    Files.copy(FIXTURES.resolve(fixture), dir.resolve(fixture));
    List<Problem> problems = check(dir);

    List<String> unexpected = new ArrayList<>(problems.stream().map(Problem::toString).toList());
    List<String> missing = new ArrayList<>();
    for (Problem expected : expected(fixture)) {
      boolean found =
          unexpected.removeIf(
              p ->
                  p.startsWith(fixture + ":" + expected.line() + ": ")
                      && p.contains(expected.sentence()));
      if (!found) {
        missing.add(expected.toString());
      }
    }
    assertThat(unexpected).as("not expected; missing: " + missing).isEmpty();
    assertThat(missing).isEmpty();
  }

  @Test
  void theRoutesAsShippedAreRight() throws Exception {
    assertThat(check(Path.of("routes").toAbsolutePath())).isEmpty();
  }

  @Test
  void idsAreUniqueAcrossFilesAndRoutesMayCallThoseOfOtherFiles() throws Exception {
    String route =
        "<camel><route id='%s'><from uri='direct:%s'/><to uri='direct:%s'/></route></camel>";
    Files.writeString(dir.resolve("a.xml"), route.formatted("same", "a", "b"));
    Files.writeString(dir.resolve("b.xml"), route.formatted("same", "b", "a"));

    assertThat(check(dir))
        .singleElement()
        .hasToString("b.xml:1: the id same is already used in a.xml:1");
  }

  @Test
  void phasesMayGoWithoutARoute() throws Exception {
    Files.writeString(
        dir.resolve("a.xml"),
        """
        <camel><route id="a"><from uri="direct:a"/>
          <to uri="direct:connection?block=false&amp;failIfNoConsumers=false"/>
          <to uri="direct:messages"/>
        </route></camel>
        """);
    assertThat(check(dir))
        .singleElement()
        .asString()
        .contains("no route begins with direct:messages");
  }

  @Test
  void aFolderWithoutRoutesIsAProblem() throws Exception {
    assertThat(check(dir)).singleElement().asString().contains("there are no routes");
    assertThat(check(dir.resolve("none"))).singleElement().asString().contains("no such folder");
  }

  @Test
  void entitiesAreNotRead() throws Exception {
    Files.writeString(
        dir.resolve("a.xml"),
        "<!DOCTYPE camel [<!ENTITY e SYSTEM 'file:///etc/hostname'>]>\n<camel>&e;</camel>\n");

    assertThat(check(dir)).isNotEmpty();
  }

  private List<Problem> check(Path routes) throws Exception {
    Map<String, String> keys =
        new SettingsReader(Path.of("").toAbsolutePath(), Map.of(), Map.of(), Map.of())
            .read()
            .placeholders();
    return new RoutesCheck(dir, keys, Provided.BEANS).problems(routes);
  }

  private static List<Problem> expected(String fixture) throws IOException {
    List<Problem> expected = new ArrayList<>();
    List<String> lines = Files.readAllLines(FIXTURES.resolve(fixture));
    for (int i = 0; i < lines.size(); i++) {
      Matcher m = EXPECTED.matcher(lines.get(i));
      while (m.find()) {
        int later = m.group(1) == null ? 0 : Integer.parseInt(m.group(1));
        expected.add(new Problem(fixture, i + 1 + later, m.group(2)));
      }
    }
    return expected;
  }
}
