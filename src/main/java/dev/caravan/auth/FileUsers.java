package dev.caravan.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Users in a file, read again within a second of a change. A line that can't be read is told in the
 * log and left out; the others count.
 */
public final class FileUsers implements Users {
  private static final Logger LOG = LoggerFactory.getLogger(FileUsers.class);
  private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();
  private static final Duration REMEMBERED = Duration.ofMinutes(5);
  private static final int REMEMBERED_MAX = 10_000;
  private static final int USERS_MAX = 1_000_000;
  private static final int SALT_OCTETS = 32;

  private final Path file;
  private final Passwords passwords = new Passwords();
  private final byte[] cacheKey = new byte[SALT_OCTETS];

  /** Passwords that were right lately: so that not each connection pays for Argon2. */
  private final Cache<String, Boolean> right =
      Caffeine.newBuilder().maximumSize(REMEMBERED_MAX).expireAfterWrite(REMEMBERED).build();

  private Map<String, UserLine> users = Map.of();
  private String seen = "";
  private long looked = System.nanoTime() - LOOK_NANOS;

  /**
   * @param file may be missing: nobody can log in then
   */
  public FileUsers(String file) {
    this.file = Path.of(file);
    new SecureRandom().nextBytes(cacheKey);
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
        right.invalidateAll();
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

  private Optional<UserLine> line(String name) {
    return Optional.ofNullable(users().get(name));
  }

  @Override
  public Optional<Account> find(String name) {
    return line(name).map(UserLine::account);
  }

  @Override
  public boolean verify(String name, String password) {
    Optional<UserLine> user = line(name);
    Optional<String> argon2 = user.flatMap(UserLine::argon2);
    if (argon2.isEmpty()) {
      passwords.waste(password);
      return false;
    }
    String remembered =
        HexFormat.of()
            .formatHex(ScramKeys.hmac(cacheKey, argon2.get() + '\0' + name + '\0' + password));
    if (right.getIfPresent(remembered) != null) {
      return true;
    }
    boolean matches = passwords.matches(password, argon2.get());
    if (matches) {
      right.put(remembered, true);
    }
    return matches;
  }

  @Override
  public Optional<ScramKeys> scram(String name) {
    return line(name).flatMap(UserLine::scram);
  }

  @Override
  public Optional<String> secret(String name) {
    return line(name).flatMap(UserLine::secret);
  }

  @Override
  public boolean isEmpty() {
    return users().isEmpty();
  }
}
