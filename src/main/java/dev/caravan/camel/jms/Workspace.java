package dev.caravan.camel.jms;

import dev.caravan.mail.Content;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where messages are put together: small ones in memory, large ones in a spool file, which whoever
 * settles the mail deletes.
 *
 * @param dir empty = all in memory
 * @param inMemoryMax octets
 */
record Workspace(Optional<Path> dir, long inMemoryMax) {
  static final Workspace MEMORY = new Workspace(Optional.empty(), Long.MAX_VALUE);

  /** Writes a message. */
  interface Writer {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * @param estimate about how many octets it will have
   */
  Content write(long estimate, Writer writer) {
    try {
      if (dir.isEmpty() || estimate <= inMemoryMax) {
        ByteArrayOutputStream out =
            new ByteArrayOutputStream((int) Math.min(estimate, Integer.MAX_VALUE - 8));
        writer.writeTo(out);
        return Content.of(out.toByteArray());
      }
      Path file = Files.createTempFile(dir.get(), "made-", ".eml");
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
        writer.writeTo(out);
      } catch (IOException | RuntimeException e) {
        Files.deleteIfExists(file);
        throw e;
      }
      return Content.of(file, Files.size(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A message that is not to be settled. */
  static void discard(Content content) {
    content
        .spoolFile()
        .ifPresent(
            file -> {
              try {
                Files.deleteIfExists(file);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }
}
