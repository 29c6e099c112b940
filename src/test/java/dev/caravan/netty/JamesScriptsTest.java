package dev.caravan.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.caravan.mail.Origin;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.TlsFacts;
import dev.caravan.smtp.Authentication;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The dialogues of Apache James against this server. Texts are each server's own (RFC 5321, 4.2:
 * only the code counts), so codes are compared, and the lines of EHLO as a set (4.1.1.1: in any
 * order). Where we answer otherwise, {@link #DIFFERENCES} has exactly what we say and why.
 */
final class JamesScriptsTest {
  private static final Path FOLDER =
      Path.of(System.getProperty("caravan.data", "../shared/data"), "smtp-james-mpt");

  /**
   * An answer that differs.
   *
   * @param turn which turn of the dialogue, from 0
   * @param ours the codes that we answer
   */
  private record Difference(String script, int turn, List<String> ours, String why) {}

  private static final List<Difference> DIFFERENCES =
      List.of(
          new Difference(
              "authplain.test",
              1,
              List.of("503"),
              "RFC 5321, 4.1.4: a session MUST first be initialized by EHLO; AUTH is an extension"),
          new Difference("authplain.test", 2, List.of("500"), "no exchange has begun (4.2.2)"),
          new Difference("authplain.test", 3, List.of("500"), "no exchange has begun (4.2.2)"),
          new Difference(
              "starttls_session_fixation.test",
              6,
              List.of("503"),
              "RFC 5321, 4.2.2: 503 is for a bad sequence; RFC 3207, 4: 501 is for parameters"),
          new Difference(
              "starttls_with_injection.test",
              2,
              List.of("554", "closed"),
              "RFC 3207, 4: STARTTLS must be the last command in a group; who knows who wrote the"
                  + " next one? 451 would ask the client to try that again"));

  /** Which we don't say, and why. */
  private static final Map<String, String> NO_KEYWORDS =
      Map.of("AUTH=LOGIN PLAIN", "RFC 4954, 3: the keyword is AUTH and a space; '=' was a draft's");

  static Stream<Path> scripts() throws IOException {
    if (!Files.isDirectory(FOLDER)) {
      return Stream.of(FOLDER);
    }
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(f -> f.toString().endsWith(".test")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void answersAsJamesOrAsTheTableSays(Path file) throws Exception {
    assumeTrue(Files.isDirectory(FOLDER), "the scripts are not in " + FOLDER);
    JamesScript script = JamesScript.read(file);
    List<List<String>> expected = new ArrayList<>();
    List<List<String>> actual = new ArrayList<>();
    try (EmbeddedDoor door = open()) {
      int read = 0;
      for (int turn = 0; turn < script.turns().size(); turn++) {
        expected.add(expected(script, turn));
        door.feed(script.turns().get(turn).sent());
        List<String> codes = codes(door.replies());
        List<String> ours = new ArrayList<>(codes.subList(read, codes.size()));
        if (!door.isOpen()) {
          ours.add("closed");
        }
        actual.add(ours);
        read = codes.size();
        Set<String> keywords = new HashSet<>(script.turns().get(turn).keywords());
        keywords.removeAll(NO_KEYWORDS.keySet());
        assertThat(keywords(door.replies())).containsAll(keywords);
      }
    }
    assertThat(actual).isEqualTo(expected);
  }

  private static List<String> expected(JamesScript script, int turn) {
    return DIFFERENCES.stream()
        .filter(d -> d.script().equals(script.name()) && d.turn() == turn)
        .findFirst()
        .map(Difference::ours)
        .orElse(script.turns().get(turn).replies());
  }

  private static Set<String> keywords(String said) {
    return said.lines()
        .filter(l -> l.startsWith("250"))
        .map(l -> l.substring(4))
        .collect(Collectors.toSet());
  }

  /** As James is set up for these: LOGIN and PLAIN in clear text, and a certificate. */
  private static EmbeddedDoor open() {
    return new EmbeddedDoor(
        EmbeddedDoor.Routes.AT_ONCE,
        Map.of("auth", "OPTIONAL", "tls", "OPTIONAL"),
        List.of(),
        door ->
            new Door(
                door.options(),
                door.listener(),
                new Bob(),
                new Certificate(),
                door.connections(),
                door.memory(),
                door.gatehouse(),
                door.clock()));
  }

  /** The one user that the scripts have, who uses LOGIN. */
  private static final class Bob implements Authentication {
    @Override
    public List<String> offered(Origin origin) {
      return List.of("LOGIN", "PLAIN");
    }

    @Override
    public boolean hasUsers() {
      return true;
    }

    @Override
    public Optional<Exchange> begin(String mechanism, Origin origin) {
      Deque<String> prompts = new ArrayDeque<>(List.of("Username:", "Password:"));
      Deque<String> wanted = new ArrayDeque<>(List.of("bob@mydomain.tld", "secret"));
      return Optional.of(response -> next(prompts, wanted, response));
    }

    private static Result next(
        Deque<String> prompts, Deque<String> wanted, Optional<byte[]> response) {
      if (response.isPresent()
          && !wanted.remove().equals(new String(response.get(), StandardCharsets.UTF_8))) {
        return new Result.Failure(SmtpReply.of(535, "5.7.8", "No"), Duration.ZERO);
      }
      return prompts.isEmpty()
          ? new Result.Success("bob@mydomain.tld")
          : new Result.Challenge(prompts.remove().getBytes(StandardCharsets.UTF_8));
    }
  }

  /** There is one; no script comes to a handshake. */
  private static final class Certificate implements Encryption {
    @Override
    public boolean isAvailable() {
      return true;
    }

    @Override
    public SslHandler handler(ByteBufAllocator alloc, String profile) {
      try {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(false);
        return new SslHandler(engine);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public TlsFacts facts(SslHandler handler) {
      throw new IllegalStateException("there was no handshake");
    }
  }

  /** One for each reply. */
  static List<String> codes(String said) {
    return said.lines().filter(l -> l.charAt(3) == ' ').map(l -> l.substring(0, 3)).toList();
  }
}
