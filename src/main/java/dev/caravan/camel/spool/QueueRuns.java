package dev.caravan.camel.spool;

import dev.caravan.mail.Domain;
import dev.caravan.queue.MailState;
import dev.caravan.queue.Order;
import dev.caravan.queue.Selection;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Mail that waits on the retry ladder for a domain is due at once (ETRN, RFC 1985): as by the
 * command {@code retry}, so wherever it lies in a queue that is on disk. Mail that its sender wants
 * to be sent later stays.
 */
public final class QueueRuns {
  /**
   * How long a client waits for another command to end; then it hears that it can't be done now.
   */
  private static final Duration WAIT = Duration.ofSeconds(30);

  private final SpoolComponent component;

  QueueRuns(SpoolComponent component) {
    this.component = component;
  }

  /**
   * Has the mail to this domain tried now.
   *
   * @return how many mails
   * @throws Exception when the broker can't be reached, or another command takes too long
   */
  public int start(Domain domain) throws Exception {
    Selection waiting =
        Selection.of(
            Map.of(
                "to", List.of("@" + domain.name()), "state", List.of(MailState.WAITING.toString())),
            false);
    Order order = new Order(Order.Command.RETRY, "ETRN " + domain.name(), "");
    return (int) component.operations().act(order, waiting, n -> {}, WAIT).mails();
  }
}
