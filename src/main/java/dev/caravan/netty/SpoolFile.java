package dev.caravan.netty;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A message on its way to a file. Used by one thread at a time; all of it blocks. */
final class SpoolFile extends OutputStream {
  private static final Logger LOG = LoggerFactory.getLogger(SpoolFile.class);

  private final Path file;
  private final OutputStream out;
  private long size;

  SpoolFile(Path dir) throws IOException {
    file = Files.createTempFile(dir, "in-", ".eml");
    out = Files.newOutputStream(file);
  }

  @Override
  public void write(int b) throws IOException {
    out.write(b);
    size++;
  }

  @Override
  public void write(byte[] octets, int from, int count) throws IOException {
    out.write(octets, from, count);
    size += count;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  Path file() {
    return file;
  }

  long size() {
    return size;
  }

  /** Closes and deletes it; says nothing, because nobody could do anything about it. */
  void discard() {
    try {
      out.close();
    } catch (IOException e) {
      LOG.debug("{} was not closed properly before it was deleted", file, e);
    }
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // The start of the next run sweeps the folder.
      LOG.warn("a spool file stays behind: {}", e.toString());
    }
  }
}
