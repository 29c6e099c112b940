package dev.caravan.camel.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.settings.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A template is filled in with its data, and does nothing else. */
final class TemplatesTest {
  private static final Map<String, Object> DATA =
      Map.of(
          "name",
          "<Ann> & Bob",
          "no",
          "",
          "yes",
          true,
          "list",
          List.of(Map.of("n", "1"), Map.of("n", "2")),
          "sub",
          Map.of("name", "Sub"));

  @TempDir Path root;
  private Path folder = Path.of("");

  @BeforeEach
  void folder() throws IOException {
    folder = Files.createDirectories(root.resolve("templates"));
    Files.writeString(root.resolve("secret.txt"), "secret");
    Files.writeString(folder.resolve("part.txt"), "[{{name}}]");
    Files.writeString(folder.resolve("part.html"), "<i>{{name}}</i>");
  }

  private Templates templates() {
    return new Templates(folder.toString(), 1000, 100);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "Hello {{name}}|Hello <Ann> & Bob|Hello &lt;Ann&gt; &amp; Bob",
        "{{{name}}}|<Ann> & Bob|<Ann> & Bob",
        "{{#yes}}x{{/yes}}{{#no}}y{{/no}}{{^no}}z{{/no}}|xz|xz",
        "{{#gone}}x{{/gone}}{{^gone}}none{{/gone}}|none|none",
        "{{#list}}{{n}},{{/list}}|1,2,|1,2,",
        "{{#sub}}{{name}}{{/sub}} {{sub.name}}|Sub Sub|Sub Sub",
        "{{>part}}|[<Ann> & Bob]|<i>&lt;Ann&gt; &amp; Bob</i>",
        "{{!a comment}}x|x|x",
      })
  void textAndHtml(String template, String text, String html) throws Exception {
    Files.writeString(folder.resolve("t.txt"), template);
    Files.writeString(folder.resolve("t.html"), template);
    Rendered rendered = templates().render("t", DATA);
    assertThat(rendered.text()).contains(text);
    assertThat(rendered.html()).contains(html);
    assertThat(rendered.subject()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{{gone}}|t.txt, line 1: no value for gone",
        "{{name.class}}|no value for name.class",
        "{{name.length}}|no value for name.length",
        "{{list.size}}|no value for list.size",
        "{{sub.class.name}}|no value for sub.class.name",
        "{{>../secret}}|is no file of the templates' folder",
        "{{>missing}}|there is no missing.txt",
        "{{>t}}|includes more than 50 files, or itself",
        "{{#yes}}x|broken",
        "{{#yes}}x{{/no}}|broken",
      })
  void whatIsWrongIsSaid(String template, String sentence) throws Exception {
    Files.writeString(folder.resolve("t.txt"), template);
    assertThatThrownBy(() -> templates().render("t", DATA))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining(sentence);
  }

  @ParameterizedTest
  @CsvSource({"../secret", "gone", "part.txt", "''", "a/b"})
  void onlyNamesOfTemplatesAreNames(String name) {
    assertThatThrownBy(() -> templates().render(name, DATA)).isInstanceOf(TemplateException.class);
  }

  @Test
  void limits() throws Exception {
    Files.writeString(folder.resolve("t.txt"), "x".repeat(1000));
    assertThatThrownBy(() -> templates().render("t", DATA)).hasMessageContaining("too long");
    Files.writeString(folder.resolve("u.txt"), "x".repeat(1001));
    assertThatThrownBy(() -> templates().render("u", DATA)).hasMessageContaining("1000 octets");
    Files.writeString(folder.resolve("v.txt"), "{{#list}}{{name}}{{/list}}");
    Map<String, Object> atLimit = Map.of("name", "x".repeat(50), "list", List.of("a", "b"));
    assertThat(templates().render("v", atLimit).text()).map(String::length).contains(100);
    Map<String, Object> over = Map.of("name", "x".repeat(51), "list", List.of("a", "b"));
    assertThatThrownBy(() -> templates().render("v", over)).hasMessageContaining("too long");
  }

  @Test
  void aChangeIsSeenAndABrokenOneChangesNothing() throws Exception {
    Templates templates = templates();
    Files.writeString(folder.resolve("t.txt"), "one {{>part}}");
    assertThat(templates.render("t", DATA).text()).contains("one [<Ann> & Bob]");
    Files.writeString(folder.resolve("part.txt"), "changed");
    assertThat(templates.render("t", DATA).text()).contains("one changed");
    Files.writeString(folder.resolve("t.subject"), " S\n");
    assertThat(templates.render("t", DATA).subject()).isEqualTo(Optional.of("S"));
    Files.writeString(folder.resolve("t.txt"), "{{#broken}}");
    assertThat(templates.render("t", DATA).text()).contains("one changed");
    Files.writeString(folder.resolve("t.txt"), "mended now");
    assertThat(templates.render("t", DATA).text()).contains("mended now");
  }

  @Test
  void theCheckTellsFileAndLine() throws Exception {
    Files.writeString(folder.resolve("a.html"), "x\ny\n{{#open}}\n");
    Files.writeString(folder.resolve("b.txt"), "{{>missing}}");
    Files.writeString(folder.resolve("notes.md"), "{{#open}}");
    List<Problem> problems = Templates.problems(folder, 1000);
    assertThat(problems).hasSize(2);
    assertThat(problems.get(0).toString()).contains("a.html:3: ");
    assertThat(problems.get(1).toString()).contains("b.txt:1: there is no missing.txt");
    assertThat(Templates.problems(root.resolve("nothing"), 1000)).isEmpty();
    assertThat(Templates.problems(Path.of("config/templates"), 256 * 1024)).isEmpty();
  }
}
