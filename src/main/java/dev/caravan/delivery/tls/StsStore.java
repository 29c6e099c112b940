package dev.caravan.delivery.tls;

import dev.caravan.mail.Domain;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Policies on disk, so that a restart forgets none: a file for each domain, of its name. What can't
 * be written is logged and fetched again after a restart.
 */
final class StsStore {
  private static final Logger LOG = LoggerFactory.getLogger(StsStore.class);
  private static final long FILE_MAX = 128 * 1024;

  private final Path folder;

  StsStore(Path folder) {
    this.folder = folder;
  }

  /**
   * A policy as it was fetched.
   *
   * @param id of the TXT record that it was fetched for
   */
  record Kept(Domain domain, String id, Instant fetched, StsPolicy policy) {
    Instant expires() {
      return fetched.plus(policy.maxAge());
    }
  }

  /** What an earlier run left; files that it can't read are passed over. */
  List<Kept> load(int max) {
    List<Kept> all = new ArrayList<>();
    if (!Files.isDirectory(folder)) {
      return all;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (all.size() == max) {
          break;
        }
        try {
          all.add(read(file));
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
          LOG.warn("{} is not read: {}", file, e.toString());
        }
      }
    } catch (IOException e) {
      LOG.warn("{} is not read: {}", folder, e.toString());
    }
    return all;
  }

  private static Kept read(Path file) throws IOException {
    if (Files.size(file) > FILE_MAX) {
      throw new IOException("too large");
    }
    String[] parts = Files.readString(file).split("\n", 3);
    if (parts.length != 3) {
      throw new IOException("cut off");
    }
    return new Kept(
        new Domain(String.valueOf(file.getFileName())),
        parts[0].strip(),
        Instant.parse(parts[1].strip()),
        StsPolicy.parse(parts[2]));
  }

  void save(Kept kept) {
    try {
      Files.createDirectories(folder);
      Path fresh = Files.createTempFile(folder.getParent(), "mta-sts", ".tmp");
      Files.writeString(
          fresh,
          kept.id() + "\n" + kept.fetched() + "\n" + String.join("\n", kept.policy().lines()));
      Files.move(fresh, file(kept.domain()), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.warn("the MTA-STS policy of {} is not kept: {}", kept.domain(), e.toString());
    }
  }

  void delete(Domain domain) {
    try {
      Files.deleteIfExists(file(domain));
    } catch (IOException e) {
      LOG.warn("the MTA-STS policy of {} is not removed: {}", domain, e.toString());
    }
  }

  /** A domain holds neither slashes nor dots in a row: it can't name a file elsewhere. */
  private Path file(Domain domain) {
    return folder.resolve(domain.name());
  }
}
