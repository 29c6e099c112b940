package dev.caravan.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Lets Jazzer look for inputs that fail, guided by the coverage of our classes: {@code mvn -Pfuzz
 * test}, a JVM for each target. {@code -Dcaravan.fuzz.seconds=N} says how long for each, {@code
 * -Dcaravan.fuzz.target=DoorFuzz} which one. What it has learnt stays in {@code target/fuzz} and is
 * the start of the next run; an input that fails is left there too.
 */
@Tag("fuzz")
final class JazzerTest {
  private static final int SECONDS = Integer.getInteger("caravan.fuzz.seconds", 30);
  private static final String ONLY = System.getProperty("caravan.fuzz.target", "");

  private static final int FINDING_LINES_MAX = 150;

  static List<Targets.Target> targets() {
    return Targets.all().stream().filter(t -> t.toString().endsWith(ONLY)).toList();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void findsNothing(Targets.Target target) throws Exception {
    Path work = Path.of("target", "fuzz", target.toString()).toAbsolutePath();
    Path corpus = Files.createDirectories(work.resolve("corpus"));
    Path log = work.resolve("log");
    Process jazzer =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx1g",
                    "-XX:+EnableDynamicAgentLoading",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-cp",
                    classPath(),
                    "com.code_intelligence.jazzer.Jazzer",
                    "--target_class=" + target.className(),
                    "--instrumentation_includes=dev.caravan.**",
                    // Elsewhere hooks only cost time, and that for Unsafe breaks Netty's start.
                    "--custom_hook_includes=dev.caravan.**",
                    "--reproducer_path=" + work,
                    "-artifact_prefix=" + work + File.separator,
                    "-dict=" + Targets.dictionary(),
                    "-max_total_time=" + SECONDS,
                    "-timeout=10",
                    "-rss_limit_mb=3000",
                    "-print_final_stats=1",
                    corpus.toString(),
                    target.seeds().toString()))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    int exit = jazzer.waitFor();
    List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
    lines.stream()
        .filter(l -> l.startsWith("stat::number_of_executed") || l.contains(" DONE "))
        .forEach(l -> System.out.println(target + ": " + l));
    assertThat(exit).as(() -> finding(lines)).isZero();
  }

  /** What was found and the input that shows it, without the fuzzer's talk of its progress. */
  private static String finding(List<String> lines) {
    return lines.stream()
        .filter(l -> !l.matches("(INFO: |#\\d|Dictionary: |stat::|#* |\\s*\\[?\"?\\\\x).*"))
        .limit(FINDING_LINES_MAX)
        .collect(Collectors.joining("\n"));
  }

  /** Surefire puts its own class path into a manifest. */
  private static String classPath() {
    String own = System.getProperty("surefire.test.class.path");
    return own == null ? Objects.requireNonNull(System.getProperty("java.class.path")) : own;
  }
}
