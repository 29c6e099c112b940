package dev.caravan.interop;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Class paths of others' programs: what -Pinterop copies, and what both have in common. */
final class Jars {
  private static final Path CLIENTS = Path.of("target/clients").toAbsolutePath();

  /** Part of a file's name that tells whose it is. */
  private static final List<String> ARTEMIS_JAVAX =
      List.of("/netty-", "/commons-", "/slf4j-api", "/jcl-over", "/jctools", "/johnzon", "json");

  private static final List<String> ARTEMIS =
      Stream.concat(
              ARTEMIS_JAVAX.stream(),
              Stream.of(
                  "/artemis-core-client",
                  "/artemis-commons",
                  "/artemis-selector",
                  "/artemis-jakarta-client",
                  "/jakarta."))
          .toList();
  private static final List<String> QPID =
      List.of("/qpid-jms", "/proton-j", "/jakarta.jms", "/netty-", "/slf4j-api");
  private static final List<String> CLASSIC = List.of("/slf4j-api");

  private Jars() {}

  /** Skips the test when it has not been copied. */
  static String path(String program) throws Exception {
    List<String> jars = new ArrayList<>();
    boolean ours = program.equals("artemis") || program.equals("qpid");
    if (!ours) {
      Path dir = CLIENTS.resolve(program);
      Tools.need(Files.isDirectory(dir), program + " is not there (mvn -Pinterop copies it)");
      try (Stream<Path> files = Files.list(dir)) {
        files.forEach(file -> jars.add(file.toString()));
      }
    }
    List<String> shared =
        switch (program) {
          case "artemis" -> ARTEMIS;
          case "artemis-javax" -> ARTEMIS_JAVAX;
          case "qpid" -> QPID;
          default -> CLASSIC;
        };
    Arrays.stream(System.getProperty("java.class.path", "").split(File.pathSeparator, -1))
        .filter(jar -> shared.stream().anyMatch(jar::contains))
        .forEach(jars::add);
    return jars.stream().collect(Collectors.joining(File.pathSeparator));
  }
}
