package dev.caravan.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.caravan.delivery.MoodyServer.Mood;
import dev.caravan.delivery.MoodyServer.Stage;
import dev.caravan.flow.Certificates;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.ReversePath;
import dev.caravan.queue.QueuedMail;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A server that is right at every stage but one, where it answers with any class of reply, talks
 * nonsense, hangs up or hangs: what becomes of a mail for x and y.
 *
 * <p>{@code D} delivered, {@code L} later, {@code M} later, and the server may have it already,
 * {@code F} failed: of x and of y.
 */
final class EveryStageTest {
  /**
   * The first word is the stage, the second how the client is set: {@code plain}, {@code pipe}
   * (PIPELINING is offered), {@code bdat} (CHUNKING too, and it is used), {@code early} (BDAT
   * leaves with the envelope), {@code tls} (opportunistic), {@code must} (TLS is required), {@code
   * auth}.
   */
  private static final String TABLE =
      """
      stage     set    2xx 3xx 4xx 421 5xx garbage drop hang
      greeting  plain  DD  LL  LL  LL  LL  LL      LL   LL
      ehlo      plain  DD  LL  LL  LL  DD  LL      LL   LL
      starttls  must   DD  LL  LL  LL  LL  LL      LL   LL
      starttls  tls    DD  DD  DD  LL  DD  LL      LL   LL
      handshake must   DD  LL  LL  LL  LL  LL      LL   LL
      handshake tls    DD  DD  DD  DD  DD  DD      DD   DD
      ehlo_tls  must   DD  LL  LL  LL  DD  LL      LL   LL
      auth      auth   DD  LL  LL  LL  LL  LL      LL   LL
      mail      plain  DD  LL  LL  LL  FF  LL      LL   LL
      mail      pipe   DD  LL  LL  LL  FF  LL      LL   LL
      mail      bdat   DD  LL  LL  LL  FF  LL      LL   LL
      mail      early  DD  MM  LL  LL  FF  MM      MM   MM
      rcpt      plain  DD  LD  LD  LL  FD  LL      LL   LL
      rcpt      pipe   DD  LD  LD  LL  FD  LL      LL   LL
      rcpt      bdat   DD  LD  LD  LL  FD  LL      LL   LL
      rcpt      early  DD  MD  LD  LL  FD  MM      MM   MM
      data      plain  LL  DD  LL  LL  FF  LL      LL   LL
      data      pipe   LL  DD  LL  LL  FF  LL      LL   LL
      bdat      bdat   DD  MM  LL  LL  FF  MM      MM   MM
      bdat      early  DD  MM  LL  LL  FF  MM      MM   MM
      body      plain  LL  LL  LL  LL  FF  LL      LL   LL
      body      pipe   LL  LL  LL  LL  FF  LL      LL   LL
      dot       plain  DD  MM  LL  LL  FF  MM      MM   MM
      dot       pipe   DD  MM  LL  LL  FF  MM      MM   MM
      dot       must   DD  MM  LL  LL  FF  MM      MM   MM
      quit      plain  DD  DD  DD  DD  DD  DD      DD   DD
      """;

  /** Larger than everything that the two kernels keep for us. */
  private static final int LARGE = 24 * 1024 * 1024;

  private static SSLContext tls;

  @BeforeAll
  static void certificate() throws Exception {
    Certificates made = Certificates.of("moody.example", Optional.empty());
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "key", made.keys().getPrivate(), new char[0], new Certificate[] {made.certificate()});
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, new char[0]);
    tls = SSLContext.getInstance("TLS");
    tls.init(managers.getKeyManagers(), null, null);
  }

  static Stream<Arguments> cells() {
    return TABLE
        .lines()
        .skip(1)
        .map(line -> line.split(" +"))
        .flatMap(
            row ->
                Arrays.stream(Mood.values())
                    .map(
                        mood ->
                            arguments(
                                Stage.valueOf(row[0].toUpperCase(Locale.ROOT)),
                                mood,
                                row[1],
                                row[2 + mood.ordinal()])));
  }

  @ParameterizedTest
  @MethodSource("cells")
  void theOutcome(Stage stage, Mood mood, String set, String expected) throws Exception {
    List<String> offers = new ArrayList<>();
    if (!set.equals("plain")) {
      offers.add("PIPELINING");
    }
    if (set.equals("bdat") || set.equals("early")) {
      offers.add("CHUNKING");
    }
    if (set.equals("tls") || set.equals("must")) {
      offers.add("STARTTLS");
    }
    if (set.equals("auth")) {
      offers.add("AUTH PLAIN");
    }
    TlsMode mode =
        switch (set) {
          case "tls" -> TlsMode.OPPORTUNISTIC;
          case "must" -> TlsMode.REQUIRED;
          default -> TlsMode.NONE;
        };
    Chunking chunking =
        switch (set) {
          case "bdat" -> Chunking.ALWAYS;
          case "early" -> Chunking.PIPELINED;
          default -> Chunking.BINARY;
        };
    ClientOptions options =
        (mood == Mood.HANG ? hasty(stage) : Deliveries.OPTIONS).withChunking(chunking);
    QueuedMail mail =
        stage == Stage.BODY
            ? Deliveries.mailOf("x".repeat(LARGE) + "\r\n", "x@dest.example", "y@dest.example")
            : Deliveries.mail("x@dest.example", "y@dest.example");
    try (MoodyServer server = new MoodyServer(stage, mood, tls, offers, 1)) {
      Attempt attempt = Deliveries.send(mail, options, hop(server, mode, set.equals("auth")));
      assertThat(letters(attempt)).as(attempt.transcript()::toString).isEqualTo(expected);
      // What may be there is never said to be lost, and nothing is there that was not sent whole.
      if (expected.contains("D")) {
        assertThat(server.mails()).isEqualTo(1);
      } else if (!expected.contains("M")) {
        assertThat(attempt.delivered()).isEmpty();
      }
    }
  }

  /**
   * After a mail was refused, the connection is used again only where RSET was answered properly;
   * after one that was taken, only where the server has said nothing since.
   */
  @ParameterizedTest
  @MethodSource
  void theSecondMail(Stage stage, Mood mood, int connections) throws Exception {
    try (MoodyServer server = new MoodyServer(stage, mood, tls, List.of(), 1);
        HopSender sender =
            new HopSender(mood == Mood.HANG ? hasty(stage) : Deliveries.OPTIONS, 5)) {
      Hop hop = hop(server, TlsMode.NONE, false);
      if (stage == Stage.RSET) {
        QueuedMail nobody =
            Deliveries.mail(
                new Envelope(
                    ReversePath.parse("a@sender.example"),
                    List.of(EmailAddress.parse("nobody@dest.example"))),
                Deliveries.MESSAGE);
        assertThat(letters(sender.send(nobody, List.of(hop)))).isEqualTo("F");
      } else {
        assertThat(letters(sender.send(Deliveries.mail("x@dest.example"), List.of(hop))))
            .isEqualTo("D");
      }
      Attempt second = sender.send(Deliveries.mail("y@dest.example"), List.of(hop));
      assertThat(letters(second)).as(second.transcript()::toString).isEqualTo("D");
      assertThat(server.connections()).isEqualTo(connections);
      assertThat(server.mails()).isEqualTo(stage == Stage.RSET ? 1 : 2);
    }
  }

  static Stream<Arguments> theSecondMail() {
    return Stream.of(Stage.RSET, Stage.BETWEEN)
        .flatMap(
            stage ->
                Arrays.stream(Mood.values())
                    .map(
                        mood ->
                            arguments(
                                stage, mood, stage == Stage.RSET && mood == Mood.OK ? 1 : 2)));
  }

  @Test
  void aRefusedConnectionIsLater() throws Exception {
    int port;
    try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = gone.getLocalPort();
    }
    Attempt attempt =
        Deliveries.send(Deliveries.mail("x@dest.example"), Deliveries.OPTIONS, hop(port));
    assertThat(letters(attempt)).isEqualTo("L");
    assertThat(attempt.outcomes().getFirst().reply().status()).hasToString("4.4.1");
  }

  /** A listener whose queue is full lets the next SYN wait. */
  @Test
  void aConnectionThatHangsIsLater() throws Exception {
    List<Socket> waiting = new ArrayList<>();
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      boolean hangs = false;
      for (int i = 0; i < 20 && !hangs; i++) {
        Socket socket = new Socket();
        waiting.add(socket);
        try {
          socket.connect(new InetSocketAddress(full.getInetAddress(), full.getLocalPort()), 200);
        } catch (SocketTimeoutException e) {
          hangs = true;
        }
      }
      assumeTrue(hangs, "this kernel accepts connections for a listener whose queue is full");
      ClientOptions hasty =
          new ClientOptions(
              "relay.example",
              Deliveries.TINY,
              Deliveries.AMPLE,
              Deliveries.AMPLE,
              Deliveries.AMPLE,
              Deliveries.AMPLE,
              Deliveries.AMPLE,
              100);
      Attempt attempt =
          Deliveries.send(Deliveries.mail("x@dest.example"), hasty, hop(full.getLocalPort()));
      assertThat(letters(attempt)).isEqualTo("L");
      assertThat(attempt.outcomes().getFirst().reply().toString())
          .matches("451 4.4.1 .*timed out while connecting");
    } finally {
      for (Socket socket : waiting) {
        socket.close();
      }
    }
  }

  /** Only the stage that hangs is short of time, so that a slow machine changes nothing. */
  private static ClientOptions hasty(Stage hanging) {
    Duration ample = Deliveries.AMPLE;
    Duration tiny = Duration.ofSeconds(1);
    boolean command =
        switch (hanging) {
          case EHLO, STARTTLS, HANDSHAKE, EHLO_TLS, AUTH, RSET -> true;
          default -> false;
        };
    return Deliveries.OPTIONS.with(
        new ClientOptions.Times(
            ample,
            ample,
            hanging == Stage.GREETING ? tiny : ample,
            command ? tiny : ample,
            hanging == Stage.MAIL || hanging == Stage.BETWEEN ? tiny : ample,
            hanging == Stage.RCPT ? tiny : ample,
            hanging == Stage.DATA ? tiny : ample,
            hanging == Stage.BODY ? tiny : ample,
            hanging == Stage.DOT || hanging == Stage.BDAT ? tiny : ample,
            ample),
        Chunking.BINARY);
  }

  private static Hop hop(int port) {
    return new Hop(
        "127.0.0.1", InetAddress.getLoopbackAddress(), port, TlsMode.NONE, Optional.empty());
  }

  private static Hop hop(MoodyServer server, TlsMode mode, boolean login) throws IOException {
    return new Hop(
        "127.0.0.1",
        InetAddress.getLoopbackAddress(),
        server.port(),
        mode,
        login ? Optional.of(Deliveries.login("user", "password")) : Optional.empty());
  }

  private static String letters(Attempt attempt) {
    return attempt.outcomes().stream()
        .map(
            o ->
                switch (o) {
                  case Outcome.Delivered d -> "D";
                  case Outcome.Deferred d -> d.maybeDuplicate() ? "M" : "L";
                  case Outcome.Failed f -> "F";
                })
        .collect(Collectors.joining());
  }
}
