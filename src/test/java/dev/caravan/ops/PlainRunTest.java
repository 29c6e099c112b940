package dev.caravan.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class PlainRunTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "run",
        "run -P caravan.smtp.port=25",
        "run -P caravan.smtp.port=25 -P caravan.hostname=mx.example",
        "run -P caravan.smtp.port=25 -P caravan.smtp.port=2525",
        "run -P caravan.smarthost.host=",
        "run -P caravan.smarthost.password=a=b",
        "run -P caravan.smarthost.password=\"a\"",
        "run -P caravan.smarthost.password=-P",
        "run -P caravan.smarthost.password=@file",
        "run -P caravan.smarthost.password=${HOME}",
        "run -P no.such.key=1"
      })
  void readsAsTheCommandDoes(String line) {
    String[] arguments = line.split(" ");
    CommandLine command = new CommandLine(new CommonOptions());
    Map<String, String> read =
        command
            .parseArgs(Arrays.copyOfRange(arguments, 1, arguments.length))
            .matchedOptionValue("-P", Map.of());

    assertThat(PlainRun.of(arguments).map(PlainRun::overrides)).contains(read);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "check",
        "check -P caravan.smtp.port=25",
        "run --help",
        "run -h -P caravan.smtp.port=25",
        "run -P",
        "run -P caravan.smtp.port",
        "run -P =25",
        "run -P -P",
        "run -P @file=1",
        "run -P=caravan.smtp.port=25",
        "run -Pcaravan.smtp.port=25",
        "run caravan.smtp.port=25 -P",
        "run --verbose caravan.smtp.port=25",
        "--help run"
      })
  void leavesEverythingElseToTheCommands(String line) {
    assertThat(PlainRun.of(line.split(" "))).isEmpty();
  }

  @Test
  void leavesNothingToTheCommands() {
    assertThat(PlainRun.of()).isEmpty();
  }
}
