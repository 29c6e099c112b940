package dev.caravan.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** One mistake in a copy of the routes: {@code check} tells it, and {@code run} starts nothing. */
final class BrokenConfigurationTest {
  private static final String FROM = "<from id=\"sender.in\" uri=\"direct:sender\"/>";

  @TempDir Path home = Path.of("");

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "<bean ref=\"rejekt\" method=\"with('550 no')\"/>     | rejekt",
        "<bean ref=\"reject\" method=\"wiht('550 no')\"/>     | wiht",
        "<filter><simple>${body.sendr} == 'x'</simple><bean ref=\"reject\" method=\"with('550"
            + " no')\"/></filter> | sendr",
        "<filter><simple>${body.sender == 'x'</simple><bean ref=\"reject\" method=\"with('550"
            + " no')\"/></filter> | ",
        "<to uri=\"direct:nowhere\"/>                         | direct:nowhere",
        "<to uri=\"smpt:somewhere\"/>                         | smpt",
        "<log message=\"{{caravan.hostnam}}\"/>               | caravan.hostnam",
        "<fliter><simple>true</simple></fliter>               | fliter",
        "<to uri=\"direct:recipient\">                        | ",
      })
  void aMistakeInARouteIsToldWithFileAndLine(String mistake, String word) throws Exception {
    Path routes = Files.createDirectories(home.resolve("routes"));
    int line = 0;
    try (Stream<Path> shipped = Files.list(Path.of("routes"))) {
      for (Path file : shipped.toList()) {
        String text = Files.readString(file);
        if (file.endsWith("policy.xml")) {
          assertThat(text).contains(FROM);
          line = (int) text.substring(0, text.indexOf(FROM)).lines().count() + 1;
          text = text.replace(FROM, FROM + "\n" + mistake);
        }
        Files.writeString(routes.resolve(file.getFileName()), text);
      }
    }
    for (String command : List.of("check", "run")) {
      AtomicBoolean started = new AtomicBoolean();
      StringWriter told = new StringWriter();
      CommandLine commands =
          Commands.line(
              (settings, check) -> {
                check.run();
                started.set(true);
                throw new IllegalStateException("started");
              });
      commands.setOut(new PrintWriter(told));
      commands.setErr(new PrintWriter(told));
      int status =
          commands.execute(
              command,
              "-P",
              "caravan.routes-dir=" + routes,
              "-P",
              "caravan.data-dir=" + home.resolve("data"));
      assertThat(status).as(command).isEqualTo(1);
      assertThat(started).as(command).isFalse();
      assertThat(DataDir.runFile(home.resolve("data"))).doesNotExist();
      assertThat(Files.exists(home.resolve("data"))).as(command).isEqualTo(command.equals("run"));
      String expected = "policy.xml:" + line + ": ";
      String unclosed = "policy.xml:";
      assertThat(told.toString())
          .as(command)
          .contains(mistake.endsWith("/>") || mistake.endsWith("</filter>") ? expected : unclosed)
          .contains(word == null ? "" : word)
          .doesNotContain("Exception");
    }
  }
}
