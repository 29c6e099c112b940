package dev.caravan.camel.jms;

import dev.caravan.camel.http.Problem;
import dev.caravan.camel.http.RequestBody;
import io.vertx.core.http.HttpServerRequest;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Takes the body of a request in: a small one into memory, a large one into a file. */
final class HttpIntake {
  /** Below it the rest of a body that is refused is read past. */
  private static final long SMALL = 64 * 1024;

  private final Path room;
  private final int inMemoryMax;
  private final long bodyMax;
  private final Duration within;

  /**
   * @param within time for all of a body
   */
  HttpIntake(Path room, long inMemoryMax, long bodyMax, Duration within) {
    this.room = room;
    this.inMemoryMax = (int) Math.min(inMemoryMax, Integer.MAX_VALUE - 8);
    this.bodyMax = bodyMax;
    this.within = within;
  }

  /** What can be seen before the body is read. */
  Optional<Problem> wrong(HttpServerRequest request) {
    String type = Optional.ofNullable(request.getHeader("Content-Type")).orElse("");
    String bare = type.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
    String charset = type.toLowerCase(Locale.ROOT).replaceAll("[\\s\"]", "");
    boolean otherCharset = charset.contains(";charset=") && !charset.contains(";charset=utf-8");
    if (!bare.equals("application/json") || otherCharset) {
      return Optional.of(Problem.of(415, "5.6.1", "the body must be application/json in UTF-8"));
    }
    String encoding = Optional.ofNullable(request.getHeader("Content-Encoding")).orElse("");
    if (!encoding.isEmpty() && !encoding.equalsIgnoreCase("identity")) {
      return Optional.of(Problem.of(415, "5.6.1", "the body must not be compressed"));
    }
    return length(request) > bodyMax ? Optional.of(tooLarge()) : Optional.empty();
  }

  Problem tooLarge() {
    return Problem.of(413, "5.3.4", "the request has more than " + bodyMax + " octets");
  }

  /** What the client says; -1 when it does not. */
  private static long length(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    return length != null && length.matches("\\d{1,18}") ? Long.parseLong(length) : -1;
  }

  /** The body of a request that is refused is not wanted any more. */
  static void leave(HttpServerRequest request) {
    RequestBody.leave(request, length(request) < 0 || length(request) > SMALL);
  }

  /** {@code byte[]}, or a {@link Path}, which the caller deletes. */
  Object body(HttpServerRequest request) throws IOException {
    try (RequestBody in = RequestBody.of(request, bodyMax, within)) {
      byte[] first = in.readNBytes(inMemoryMax);
      if (first.length < inMemoryMax) {
        return first;
      }
      Path file = Files.createTempFile(room, "http-", ".eml");
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
        out.write(first);
        in.transferTo(out);
      } catch (IOException e) {
        Files.deleteIfExists(file);
        throw e;
      }
      return file;
    }
  }

  /** Reads what {@link #body} gave, or a text that was made of it. */
  static InputStream open(Object body) throws IOException {
    return switch (body) {
      case byte[] octets -> new ByteArrayInputStream(octets);
      case Path file -> Files.newInputStream(file);
      default -> new ByteArrayInputStream(body.toString().getBytes(StandardCharsets.UTF_8));
    };
  }
}
