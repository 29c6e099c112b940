package dev.caravan.camel.spool;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQUnBlockedException;
import org.apache.activemq.artemis.core.client.impl.ClientMessageImpl;
import org.junit.jupiter.api.Test;

final class ConfirmationTest {
  private static final long BEGUN = Long.MAX_VALUE - 5; // the clock of the machine may run over
  private static final Duration MAX = Duration.ofSeconds(30);

  private OptionalLong renewed = OptionalLong.empty();

  private Confirmation begun() {
    return new Confirmation(BEGUN, MAX, () -> renewed);
  }

  private static long after(double seconds) {
    return BEGUN + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
  }

  /** It would wait if it had not ended. */
  private static void assertWaits(Confirmation confirmation) {
    confirmation.sendAcknowledged(new ClientMessageImpl());
    assertThatCode(confirmation::await).doesNotThrowAnyException();
  }

  private static void assertEnds(Confirmation confirmation, String why) {
    assertThatExceptionOfType(QueueFullException.class)
        .isThrownBy(confirmation::await)
        .withMessage(why);
  }

  @Test
  void itMayTakeItsTime() {
    Confirmation confirmation = begun();
    confirmation.endIfOverdue(after(29.9));
    assertWaits(confirmation);
  }

  @Test
  void itMayNotTakeLonger() {
    Confirmation confirmation = begun();
    confirmation.endIfOverdue(after(30.1));
    assertEnds(confirmation, "the broker did not confirm within PT30S");
  }

  @Test
  void whatWasSentBeforeTheConnectionWasRenewedIsLostSoonAfter() {
    Confirmation confirmation = begun();
    renewed = OptionalLong.of(after(2));
    confirmation.endIfOverdue(after(12.1));
    assertEnds(confirmation, "the connection to the broker was lost, and the message with it");
  }

  @Test
  void whatWaitedForTheConnectionIsGivenTime() {
    Confirmation confirmation = begun();
    renewed = OptionalLong.of(after(2));
    confirmation.endIfOverdue(after(11.9));
    assertWaits(confirmation);
  }

  @Test
  void whatWasSentAfterwardsIsNot() {
    Confirmation confirmation = begun();
    renewed = OptionalLong.of(after(-1));
    confirmation.endIfOverdue(after(29));
    assertWaits(confirmation);
  }

  @Test
  void aLostConnectionIsNoRefusal() {
    Confirmation confirmation = begun();
    confirmation.sendFailed(new ClientMessageImpl(), new ActiveMQUnBlockedException("AMQ219016"));
    assertEnds(confirmation, "the connection to the broker was lost");
  }

  @Test
  void aRefusalIsTold() {
    Confirmation confirmation = begun();
    confirmation.sendFailed(new ClientMessageImpl(), new ActiveMQException("its address is full"));
    assertThatExceptionOfType(ActiveMQException.class)
        .isThrownBy(confirmation::await)
        .withMessageContaining("its address is full");
  }
}
