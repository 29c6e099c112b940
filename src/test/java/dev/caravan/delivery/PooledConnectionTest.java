package dev.caravan.delivery;

import static dev.caravan.delivery.Deliveries.AMPLE;
import static dev.caravan.delivery.Deliveries.endings;
import static dev.caravan.delivery.Deliveries.hop;
import static dev.caravan.delivery.Deliveries.mail;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that are kept, and what happens when they are not what they were; several hops. */
final class PooledConnectionTest {
  private static final String HELLO = "S 220 hello\nC EHLO\nS 250 remote.example\n";
  private static final String ONE =
      "C MAIL\nS 250 ok\nC RCPT\nS 250 ok\nC DATA\nS 354 go on\nD\nS 250 2.0.0 taken\n";
  private static final String REFUSED =
      "C MAIL\nS 250 ok\nC RCPT\nS 550 5.1.1 who\nC RSET\nS 250 ok\n";

  @Test
  void mailsFollowEachOtherOnOneConnection() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(HELLO + ONE + REFUSED + ONE);
        HopSender sender = new HopSender(Deliveries.OPTIONS, 5)) {
      for (String ending : List.of("x delivered", "x failed 550 5.1.1", "x delivered")) {
        assertThat(endings(sender.send(mail("x@dest.example"), List.of(hop(server)))).getFirst())
            .startsWith(ending);
      }
      assertThat(server.surprises()).isEmpty();
      assertThat(server.heard()).containsOnlyOnce("--");
    }
  }

  @Test
  void aConnectionEndsAfterSoManyMails() throws Exception {
    ClientOptions two =
        new ClientOptions("relay.example", AMPLE, AMPLE, AMPLE, AMPLE, AMPLE, AMPLE, 2);
    try (ScriptedServer server = ScriptedServer.start(HELLO + ONE + ONE + "C QUIT", HELLO + ONE);
        HopSender sender = new HopSender(two, 5)) {
      for (int i = 0; i < 3; i++) {
        assertThat(sender.send(mail("x@dest.example"), List.of(hop(server))).delivered())
            .hasSize(1);
      }
      assertThat(server.surprises()).isEmpty();
      assertThat(server.heard()).filteredOn("--"::equals).hasSize(2);
    }
  }

  @Test
  void aConnectionIdleTooLongIsNotUsedAgain() throws Exception {
    ClientOptions never =
        new ClientOptions("relay.example", AMPLE, AMPLE, AMPLE, AMPLE, AMPLE, Duration.ZERO, 100);
    try (ScriptedServer server = ScriptedServer.start(HELLO + ONE + "C QUIT", HELLO + ONE);
        HopSender sender = new HopSender(never, 5)) {
      for (int i = 0; i < 2; i++) {
        assertThat(sender.send(mail("x@dest.example"), List.of(hop(server))).delivered())
            .hasSize(1);
      }
      assertThat(server.surprises()).isEmpty();
    }
  }

  /** The server has gone while we kept the connection: neither a loss nor a double. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "CLOSE",
        "S 421 4.4.2 idle too long\nCLOSE",
        "S 421 4.4.2 bye\nR",
        "C MAIL\nCLOSE",
        "C MAIL\nS 421 4.4.2 bye\nCLOSE"
      })
  void aStaleConnectionIsOpenedAnew(String end) throws Exception {
    try (ScriptedServer server = ScriptedServer.start(HELLO + ONE + end, HELLO + ONE);
        HopSender sender = new HopSender(Deliveries.OPTIONS, 5)) {
      for (int i = 0; i < 2; i++) {
        assertThat(endings(sender.send(mail("x@dest.example"), List.of(hop(server)))))
            .containsExactly("x delivered 250 2.0.0 taken");
      }
      assertThat(server.messages()).hasSize(2);
    }
  }

  @Test
  void aConnectionOnWhichSomethingWentWrongIsNotKept() throws Exception {
    String closing = ONE.replace("S 250 2.0.0 taken", "S 421 4.3.2 closing");
    try (ScriptedServer server = ScriptedServer.start(HELLO + closing + "R", HELLO + ONE);
        HopSender sender = new HopSender(Deliveries.OPTIONS, 5)) {
      assertThat(endings(sender.send(mail("x@dest.example"), List.of(hop(server)))))
          .containsExactly("x deferred 421 4.3.2 closing");
      assertThat(sender.send(mail("x@dest.example"), List.of(hop(server))).delivered()).hasSize(1);
    }
  }

  @Test
  void aSiteHasNoMoreConnectionsThanItMay() throws Exception {
    try (ConnectionPool pool = new ConnectionPool(Deliveries.OPTIONS, 2);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      ConnectionPool.Place one = pool.enter("site");
      ConnectionPool.Place two = pool.enter("site");
      pool.enter("other").close();
      CompletableFuture<String> order = new CompletableFuture<>();
      Future<ConnectionPool.Place> third =
          threads.submit(
              () -> {
                ConnectionPool.Place place = pool.enter("site");
                order.complete("entered");
                return place;
              });
      order.complete("one left");
      assertThat(order.get()).isEqualTo("one left");
      one.close();
      third.get().close();
      two.close();
      // All places are free again.
      pool.enter("site").close();
    }
  }

  @Test
  void theNextServerIsTriedWhereOneIsDownOrBusy() throws Exception {
    int dead;
    try (ScriptedServer gone = ScriptedServer.start()) {
      dead = gone.port();
      try (ScriptedServer busy = ScriptedServer.start("S 554 5.3.2 not here\nC QUIT");
          ScriptedServer server = ScriptedServer.start(HELLO + ONE)) {
        gone.close();
        Hop down =
            new Hop(
                "down.example",
                InetAddress.getLoopbackAddress(),
                dead,
                TlsMode.NONE,
                Optional.empty());
        Attempt attempt =
            Deliveries.send(
                mail("x@dest.example"), Deliveries.OPTIONS, down, hop(busy), hop(server));
        assertThat(attempt.delivered()).hasSize(1);
        assertThat(attempt.peer()).endsWith(":" + server.port());
      }
    }
  }

  @Test
  void whoIsPutOffByOneServerIsOfferedToTheNext() throws Exception {
    String first =
        "C MAIL\nS 250 ok\nC RCPT TO:<x@\nS 450 4.2.0 later\nC RCPT TO:<y@\nS 550 5.1.1 who\n"
            + "C RCPT TO:<z@\nS 250 ok\nC DATA\nS 354 go on\nD\nS 250 taken\n";
    String second =
        "C MAIL\nS 250 ok\nC RCPT TO:<x@\nS 250 ok\nC DATA\nS 354 go on\nD\nS 250 at last\n";
    try (ScriptedServer one = ScriptedServer.start(HELLO + first);
        ScriptedServer two = ScriptedServer.start(HELLO + second)) {
      Attempt attempt =
          Deliveries.send(
              mail("x@dest.example", "y@dest.example", "z@dest.example"),
              Deliveries.OPTIONS,
              hop(one),
              hop(two));
      assertThat(endings(attempt))
          .containsExactly(
              "x delivered 250 at last", "y failed 550 5.1.1 who", "z delivered 250 taken");
    }
  }

  @Test
  void aRefusalIsFinalWhateverOtherServersWouldSay() throws Exception {
    try (ScriptedServer one = ScriptedServer.start(HELLO + REFUSED);
        ScriptedServer two = ScriptedServer.start(HELLO + ONE)) {
      Attempt attempt =
          Deliveries.send(mail("x@dest.example"), Deliveries.OPTIONS, hop(one), hop(two));
      assertThat(endings(attempt)).containsExactly("x failed 550 5.1.1 who");
      assertThat(two.heard()).isEmpty();
    }
  }

  /** It may be there already: the next server would make it two. */
  @Test
  void aMailLostAfterTheFinalDotIsNotOfferedToTheNextServer() throws Exception {
    String lost = ONE.replace("S 250 2.0.0 taken", "CLOSE");
    try (ScriptedServer one = ScriptedServer.start(HELLO + lost);
        ScriptedServer two = ScriptedServer.start(HELLO + ONE)) {
      Attempt attempt =
          Deliveries.send(mail("x@dest.example"), Deliveries.OPTIONS, hop(one), hop(two));
      assertThat(endings(attempt).getFirst()).startsWith("x deferred maybe 451 4.4.2 ");
      assertThat(two.heard()).isEmpty();
    }
  }

  @Test
  void putOffByAllKeepsWhatAServerSaid() throws Exception {
    try (ScriptedServer one =
            ScriptedServer.start(HELLO + "C MAIL\nS 450 4.7.1 greylisted\nC RSET\nS 250 ok");
        ScriptedServer two = ScriptedServer.start("CLOSE")) {
      Attempt attempt =
          Deliveries.send(mail("x@dest.example"), Deliveries.OPTIONS, hop(one), hop(two));
      assertThat(endings(attempt)).containsExactly("x deferred 450 4.7.1 greylisted");
    }
  }
}
