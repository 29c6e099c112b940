package dev.caravan.ops;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * {@code data/run.json}: where the running gateway is.
 *
 * @param ports {@code HOST:PORT} by listener
 */
record RunFile(long pid, Map<String, String> ports, Instant started) {
  private static final JsonMapper JSON = new JsonMapper();

  String toJson() {
    ObjectNode root = JSON.createObjectNode();
    root.put("pid", pid);
    ObjectNode all = root.putObject("ports");
    ports.forEach(all::put);
    root.put("started", started.toString());
    try {
      return JSON.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The gateway that uses this data dir; empty when none runs.
   *
   * @throws Failure when the file is there but can't be read
   */
  static Optional<RunFile> read(Path dataDir) throws Failure {
    Path file = DataDir.runFile(dataDir);
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode root = JSON.readTree(Files.readString(file));
      Map<String, String> ports = new LinkedHashMap<>();
      root.path("ports")
          .properties()
          .forEach(port -> ports.put(port.getKey(), port.getValue().asText()));
      return Optional.of(
          new RunFile(
              root.path("pid").asLong(), ports, Instant.parse(root.path("started").asText())));
    } catch (IOException | java.time.DateTimeException e) {
      throw new Failure(file + " can't be read: " + Failure.sentence(e), e);
    }
  }
}
