package dev.caravan.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The dialogues of Apache James against this server. Texts are each server's own (RFC 5321, 4.2:
 * only the code counts), so codes are compared, and the lines of EHLO as a set (4.1.1.1: in any
 * order). Where we answer otherwise, {@link #DIFFERENCES} has exactly what we say and why.
 */
final class JamesScriptsTest {
  private static final Path FOLDER =
      Path.of(System.getProperty("caravan.data", "../shared/data"), "smtp-james-mpt");

  /**
   * An answer that differs.
   *
   * @param turn which turn of the dialogue, from 0
   * @param ours the codes that we answer
   */
  private record Difference(String script, int turn, List<String> ours, String why) {}

  private static final List<Difference> DIFFERENCES = List.of();

  static Stream<Path> scripts() throws IOException {
    if (!Files.isDirectory(FOLDER)) {
      return Stream.of(FOLDER);
    }
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(f -> f.toString().endsWith(".test")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void answersAsJamesOrAsTheTableSays(Path file) throws Exception {
    assumeTrue(Files.isDirectory(FOLDER), "the scripts are not in " + FOLDER);
    JamesScript script = JamesScript.read(file);
    List<List<String>> expected = new ArrayList<>();
    List<List<String>> actual = new ArrayList<>();
    try (EmbeddedDoor door = new EmbeddedDoor(EmbeddedDoor.Routes.AT_ONCE, Map.of(), List.of())) {
      int read = 0;
      for (int turn = 0; turn < script.turns().size(); turn++) {
        expected.add(expected(script, turn));
        door.feed(script.turns().get(turn).sent());
        List<String> codes = codes(door.replies());
        actual.add(codes.subList(read, codes.size()));
        read = codes.size();
      }
    }
    assertThat(actual).isEqualTo(expected);
  }

  private static List<String> expected(JamesScript script, int turn) {
    return DIFFERENCES.stream()
        .filter(d -> d.script().equals(script.name()) && d.turn() == turn)
        .findFirst()
        .map(Difference::ours)
        .orElse(script.turns().get(turn).replies());
  }

  /** One for each reply. */
  static List<String> codes(String said) {
    return said.lines().filter(l -> l.charAt(3) == ' ').map(l -> l.substring(0, 3)).toList();
  }
}
