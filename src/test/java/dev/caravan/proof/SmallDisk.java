package dev.caravan.proof;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A file system of its own in a file, which can be filled. Needs root. */
final class SmallDisk implements AutoCloseable {
  private static final int BLOCK = 1 << 16;

  private final Path mount;

  /** Makes and mounts it. */
  SmallDisk(Path image, Path mount, long octets) throws IOException, InterruptedException {
    this.mount = mount;
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(octets);
    }
    Command.run("mkfs.ext4", "-q", "-F", "-m", "0", image.toString());
    Files.createDirectories(mount);
    Command.run("mount", "-o", "loop", image.toString(), mount.toString());
  }

  /** Why none can be made here. */
  static Optional<String> missing() {
    Optional<String> tool = Command.missing("mkfs.ext4", "mount", "umount");
    if (tool.isPresent()) {
      return tool;
    }
    try {
      Path folder = Files.createTempDirectory("caravan-disk");
      new SmallDisk(folder.resolve("image"), folder.resolve("mount"), 4 << 20).close();
      Ward.remove(folder);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("no file system of its own: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }

  /** Leaves so many octets free, or none, which is more than anybody can be promised. */
  void fill(long left) throws IOException {
    byte[] block = new byte[BLOCK];
    try (OutputStream out =
        Files.newOutputStream(filler(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (left == 0 || Files.getFileStore(mount).getUsableSpace() > left) {
        out.write(block);
      }
    } catch (IOException e) {
      if (left > 0) {
        throw e;
      }
    }
  }

  void empty() throws IOException {
    Files.deleteIfExists(filler());
  }

  private Path filler() {
    return mount.resolve("filler");
  }

  @Override
  public void close() throws IOException, InterruptedException {
    Command.run("umount", "-l", mount.toString());
  }
}
