package dev.caravan.auth;

import dev.caravan.mail.Sizes;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One line of the users file: {@code name:hash hash … option=value …}. Hashes are Argon2id or
 * bcrypt, the keys of SCRAM-SHA-256, {@code {CLEAR}} with the password in base64, or digests of
 * {@link AppToken}; options {@code senders=a,b}, {@code messages=100}, {@code recipients=500},
 * {@code size=10MB} and {@code disabled}.
 */
record UserLine(
    Account account,
    Optional<String> hash,
    Optional<ScramKeys> scram,
    Optional<String> secret,
    List<String> tokens) {
  UserLine {
    tokens = List.copyOf(tokens);
  }

  private static final int TOKENS_MAX = 10;
  private static final String CLEAR = "{CLEAR}";
  private static final Pattern NAME = Pattern.compile("[^\\s:\\p{Cntrl}]{1,255}");
  private static final Pattern SENDER = Pattern.compile("[^\\s,:\\p{Cntrl}]{1,254}");

  /** Whether it may be a user's name: no white space, colon or control character; 1 to 255. */
  static boolean isName(String text) {
    return NAME.matcher(text).matches() && !text.startsWith("#");
  }

  /**
   * A user with a new password.
   *
   * @param keepSecret whether the password is kept as it is, for CRAM-MD5
   */
  static UserLine of(Account account, String password, boolean keepSecret, SecureRandom random) {
    return new UserLine(
        account,
        Optional.of(Passwords.hash(password, random)),
        Optional.of(ScramKeys.of(password, random)),
        keepSecret ? Optional.of(password) : Optional.empty(),
        List.of());
  }

  /** The same with these digests of tokens. */
  UserLine withTokens(List<String> words) {
    if (words.size() > TOKENS_MAX) {
      throw new IllegalArgumentException("a user has at most " + TOKENS_MAX + " tokens");
    }
    return new UserLine(account, hash, scram, secret, words);
  }

  /**
   * @throws IllegalArgumentException saying what is wrong
   */
  static UserLine parse(String line) {
    int colon = line.indexOf(':');
    if (colon < 0 || !isName(line.substring(0, colon))) {
      throw new IllegalArgumentException("a line is name:hash");
    }
    Optional<String> hash = Optional.empty();
    Optional<ScramKeys> scram = Optional.empty();
    Optional<String> secret = Optional.empty();
    List<String> tokens = new ArrayList<>();
    boolean enabled = true;
    List<String> senders = List.of();
    int messages = 0;
    int recipients = 0;
    long size = 0;
    for (String word : line.substring(colon + 1).strip().split("\\s+")) {
      if (Passwords.isHash(word)) {
        hash = Optional.of(word);
      } else if (word.startsWith("SCRAM-")) {
        scram = ScramKeys.parse(word);
        if (scram.isEmpty()) {
          throw new IllegalArgumentException("the keys of SCRAM-SHA-256 are malformed");
        }
      } else if (word.startsWith(CLEAR)) {
        secret = Optional.of(decoded(word.substring(CLEAR.length())));
      } else if (AppToken.isWord(word)) {
        tokens.add(word);
      } else if (word.equals("disabled")) {
        enabled = false;
      } else if (word.startsWith("senders=")) {
        senders = senders(word.substring("senders=".length()));
      } else if (word.startsWith("messages=")) {
        messages = number(word);
      } else if (word.startsWith("recipients=")) {
        recipients = number(word);
      } else if (word.startsWith("size=")) {
        size = Sizes.parse(word.substring("size=".length()));
      } else if (!word.isEmpty()) {
        throw new IllegalArgumentException(
            // not which: it may be a password
            "there is a word that is neither a hash nor an option");
      }
    }
    Account account =
        new Account(line.substring(0, colon), enabled, senders, messages, recipients, size);
    return new UserLine(account, hash, scram, secret, tokens);
  }

  /**
   * @throws IllegalArgumentException naming what is no address or domain
   */
  static List<String> senders(String list) {
    List<String> senders = Arrays.stream(list.split(",")).filter(s -> !s.isEmpty()).toList();
    for (String sender : senders) {
      if (!SENDER.matcher(sender).matches()) {
        throw new IllegalArgumentException("'" + sender + "' is no address or domain");
      }
    }
    return senders;
  }

  private static int number(String word) {
    String digits = word.substring(word.indexOf('=') + 1);
    if (!digits.matches("\\d{1,9}")) {
      throw new IllegalArgumentException("'" + word + "' needs a number");
    }
    return Integer.parseInt(digits);
  }

  private static String decoded(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }

  UserLine withEnabled(boolean enabled) {
    return new UserLine(account.withEnabled(enabled), hash, scram, secret, tokens);
  }

  /** As it stands in the file. */
  String text() {
    List<String> words = new ArrayList<>();
    hash.ifPresent(words::add);
    scram.ifPresent(s -> words.add(s.text()));
    secret.ifPresent(
        s ->
            words.add(
                CLEAR + Base64.getEncoder().encodeToString(s.getBytes(StandardCharsets.UTF_8))));
    words.addAll(tokens);
    if (!account.senders().isEmpty()) {
      words.add("senders=" + String.join(",", account.senders()));
    }
    if (account.messagesPerHour() > 0) {
      words.add("messages=" + account.messagesPerHour());
    }
    if (account.recipientsPerHour() > 0) {
      words.add("recipients=" + account.recipientsPerHour());
    }
    if (account.sizeMax() > 0) {
      words.add("size=" + Sizes.text(account.sizeMax()));
    }
    if (!account.enabled()) {
      words.add("disabled");
    }
    return account.name() + ':' + String.join(" ", words);
  }

  /** Without secrets. */
  @Override
  public String toString() {
    return "UserLine[" + account + "]";
  }
}
