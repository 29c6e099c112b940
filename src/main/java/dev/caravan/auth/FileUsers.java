package dev.caravan.auth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Users in a file, read again within a second of a change. A line that can't be read is told in the
 * log and left out; the others count.
 */
public final class FileUsers extends UserLines {
  private static final Logger LOG = LoggerFactory.getLogger(FileUsers.class);
  private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();
  private static final int USERS_MAX = 1_000_000;

  private final Path file;

  private Map<String, UserLine> users = Map.of();
  private String seen = "";
  private long looked = System.nanoTime() - LOOK_NANOS;

  /**
   * @param file may be missing: nobody can log in then
   */
  public FileUsers(String file) {
    this.file = Path.of(file);
  }

  private synchronized Map<String, UserLine> users() {
    long now = System.nanoTime();
    if (now - looked >= LOOK_NANOS) {
      looked = now;
      read();
    }
    return users;
  }

  private void read() {
    try {
      String state = Files.getLastModifiedTime(file).toString() + ' ' + Files.size(file);
      if (!state.equals(seen)) {
        users = parse(Files.readAllLines(file));
        seen = state;
        LOG.info("{}: {} users", file, users.size());
      }
    } catch (NoSuchFileException e) {
      users = Map.of();
      seen = "";
    } catch (IOException e) {
      LOG.error("{} can't be read, the users before stay: {}", file, e.toString());
    }
  }

  private Map<String, UserLine> parse(List<String> lines) {
    Map<String, UserLine> all = new HashMap<>();
    for (int i = 0; i < lines.size() && all.size() < USERS_MAX; i++) {
      String line = lines.get(i);
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      try {
        UserLine user = UserLine.parse(line.strip());
        if (all.putIfAbsent(user.account().name(), user) != null) {
          LOG.warn("{}:{}: a second line of the same user counts for nothing", file, i + 1);
        }
      } catch (IllegalArgumentException e) {
        LOG.error("{}:{}: {}", file, i + 1, e.getMessage());
      }
    }
    return all;
  }

  @Override
  Optional<UserLine> line(String name) {
    return Optional.ofNullable(users().get(name));
  }

  @Override
  public boolean isEmpty() {
    return users().isEmpty();
  }
}
