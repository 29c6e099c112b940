package dev.caravan.ops;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The data directory of one running gateway: locked against a second one, with the token for the
 * HTTP API, and {@code run.json} while mail can be accepted.
 */
final class DataDir implements AutoCloseable {
  private static final int TOKEN_OCTETS = 24;
  private static final String TOKEN = "admin.token";
  private static final String RUN = "run.json";

  private final Path dir;
  private final FileChannel lockFile;

  private DataDir(Path dir, FileChannel lockFile) {
    this.dir = dir;
    this.lockFile = lockFile;
  }

  /**
   * Makes it where it is missing, and locks it.
   *
   * @throws Failure when another gateway has it, or it can't be written
   */
  static DataDir open(Path dir) throws Failure {
    try {
      Files.createDirectories(dir);
      FileChannel lockFile =
          FileChannel.open(
              dir.resolve("caravan.lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      try {
        lock(dir, lockFile);
        DataDir opened = new DataDir(dir, lockFile);
        opened.removeRunFile();
        opened.makeToken();
        return opened;
      } catch (IOException | Failure e) {
        lockFile.close();
        throw e;
      }
    } catch (IOException e) {
      throw new Failure(
          "the data dir " + dir + " can't be used (caravan.data-dir): " + Failure.sentence(e), e);
    }
  }

  private static void lock(Path dir, FileChannel file) throws IOException, Failure {
    if (tryLock(file) == null) {
      ByteBuffer holder = ByteBuffer.allocate(20);
      file.read(holder, 0);
      String pid = new String(holder.array(), 0, holder.position(), StandardCharsets.US_ASCII);
      throw new Failure(
          "another gateway"
              + (pid.isBlank() ? "" : " (pid " + pid.strip() + ")")
              + " is using the data dir "
              + dir
              + ": stop it, or set caravan.data-dir");
    }
    file.truncate(0);
    String pid = ProcessHandle.current().pid() + "\n";
    file.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
  }

  private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
    try {
      return file.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /** A token that is there stays: whoever keeps it elsewhere can go on using it. */
  private void makeToken() throws IOException {
    Path file = dir.resolve(TOKEN);
    var ownerOnly = PosixFilePermissions.fromString("rw-------");
    if (Files.exists(file) && Files.size(file) > 0) {
      Files.setPosixFilePermissions(file, ownerOnly);
      return;
    }
    byte[] secret = new byte[TOKEN_OCTETS];
    new SecureRandom().nextBytes(secret);
    Path draft = dir.resolve(TOKEN + ".tmp");
    Files.deleteIfExists(draft);
    Files.createFile(draft, PosixFilePermissions.asFileAttribute(ownerOnly));
    Files.writeString(
        draft,
        HexFormat.of().formatHex(secret) + "\n",
        StandardOpenOption.WRITE,
        StandardOpenOption.SYNC);
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The token of the gateway that uses, or used, this directory. */
  static String token(Path dir) throws Failure {
    Path file = dir.resolve(TOKEN);
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new Failure("the token " + file + " can't be read: " + Failure.sentence(e), e);
    }
  }

  /** Tells other commands where the gateway is. */
  void writeRunFile(RunFile run) throws IOException {
    Path draft = dir.resolve(RUN + ".tmp");
    Files.writeString(draft, run.toJson() + "\n");
    Files.move(
        draft,
        dir.resolve(RUN),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  void removeRunFile() throws IOException {
    Files.deleteIfExists(dir.resolve(RUN));
  }

  static Path runFile(Path dir) {
    return dir.resolve(RUN);
  }

  /** Removes {@code run.json} and unlocks. */
  @Override
  public void close() throws IOException {
    try {
      removeRunFile();
    } finally {
      lockFile.close();
    }
  }
}
