package dev.caravan.auth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Changes the users file: comments and the order of lines stay, the new file takes the place of the
 * old one at once, and only its owner may read it.
 */
public final class UsersFile {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path file;

  public UsersFile(Path file) {
    this.file = file;
  }

  /**
   * Adds a user.
   *
   * @return false when there is one of this name
   * @throws IllegalArgumentException when the name can't be one
   */
  public boolean add(Account account, String password, boolean keepSecret) throws IOException {
    if (!UserLine.isName(account.name())) {
      throw new IllegalArgumentException(
          "a user's name has 1 to 255 characters, no white space and no colon");
    }
    List<String> lines = lines();
    if (lines.stream().anyMatch(l -> isOf(l, account.name()))) {
      return false;
    }
    lines.add(UserLine.of(account, password, keepSecret, RANDOM).text());
    write(lines);
    return true;
  }

  /**
   * Gives a user another password; what else is set stays.
   *
   * @return false when there is none of this name
   */
  public boolean changePassword(String name, String password) throws IOException {
    return change(
        name,
        old ->
            UserLine.of(old.account(), password, old.secret().isPresent(), RANDOM)
                .withTokens(old.tokens()));
  }

  /**
   * Gives a user a token more.
   *
   * @param alone whether those before end
   * @return the token, which is kept nowhere; empty when there is no user of this name
   * @throws IllegalArgumentException when it has too many
   */
  public Optional<String> addToken(String name, boolean alone) throws IOException {
    String token = AppToken.make(name, RANDOM);
    boolean known =
        change(
            name,
            old -> {
              List<String> words = new ArrayList<>(alone ? List.of() : old.tokens());
              words.add(AppToken.word(token));
              return old.withTokens(words);
            });
    return known ? Optional.of(token) : Optional.empty();
  }

  /** Ends all tokens of a user; false when there is none of this name. */
  public boolean endTokens(String name) throws IOException {
    return change(name, old -> old.withTokens(List.of()));
  }

  /** Lets a user log in or not; false when there is none of this name. */
  public boolean setEnabled(String name, boolean enabled) throws IOException {
    return change(name, old -> old.withEnabled(enabled));
  }

  /** Removes a user; false when there is none of this name. */
  public boolean remove(String name) throws IOException {
    List<String> lines = lines();
    boolean removed = lines.removeIf(l -> isOf(l, name));
    if (removed) {
      write(lines);
    }
    return removed;
  }

  /** The users in the order of the file; lines that can't be read are left out. */
  public List<Account> list() throws IOException {
    List<Account> all = new ArrayList<>();
    for (String line : lines()) {
      parsed(line).map(UserLine::account).ifPresent(all::add);
    }
    return all;
  }

  private static Optional<UserLine> parsed(String line) {
    if (line.isBlank() || line.startsWith("#")) {
      return Optional.empty();
    }
    try {
      return Optional.of(UserLine.parse(line));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private boolean change(String name, UnaryOperator<UserLine> change) throws IOException {
    List<String> lines = lines();
    boolean found = false;
    for (int i = 0; i < lines.size(); i++) {
      if (isOf(lines.get(i), name)) {
        lines.set(i, change.apply(UserLine.parse(lines.get(i))).text());
        found = true;
      }
    }
    if (found) {
      write(lines);
    }
    return found;
  }

  private static boolean isOf(String line, String name) {
    return line.startsWith(name + ":");
  }

  private List<String> lines() throws IOException {
    try {
      return new ArrayList<>(Files.readAllLines(file));
    } catch (NoSuchFileException e) {
      return new ArrayList<>();
    }
  }

  private void write(List<String> lines) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Path fresh =
        Files.createTempFile(
            folder,
            "users-",
            ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      // After a power cut there are the users of before or these, not an empty file.
      Files.write(fresh, lines, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }
}
