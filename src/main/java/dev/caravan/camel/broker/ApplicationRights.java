package dev.caravan.camel.broker;

import dev.caravan.queue.QueueNames;
import java.util.Arrays;
import java.util.List;
import org.apache.activemq.artemis.core.security.CheckType;

/**
 * What a user of the gateway may do at its broker: send to {@code mail.submit}, {@code
 * mail.submit.NAME} and {@code mail.stage.NAME}, look into the last and take back from it, and read
 * {@code mail.reply.NAME} and temporary queues. An address with a wildcard is nobody's: a queue on
 * it would get copies of others' mail.
 */
final class ApplicationRights {
  /** How addresses begin that are the gateway's or the broker's. */
  private static final List<String> RESERVED = List.of("mail", "activemq", "BRIDGE", "$", "_AMQ");

  private ApplicationRights() {}

  /**
   * Whether it may.
   *
   * @param address of a queue that is named too, {@code ADDRESS::QUEUE}; both must be allowed
   */
  static boolean may(String user, CheckType what, String address) {
    return Arrays.stream(address.split("::", -1)).allMatch(name -> mayOne(user, what, name));
  }

  private static boolean mayOne(String user, CheckType what, String address) {
    boolean own = address.equals(QueueNames.REPLY_PREFIX + user) && !isWild(address);
    boolean mine = address.equals(QueueNames.SUBMIT_PREFIX + user) && !isWild(address);
    boolean stage = address.equals(QueueNames.STAGE_PREFIX + user) && !isWild(address);
    return switch (what) {
      case SEND -> address.equals(QueueNames.SUBMIT) || mine || stage;
      case CREATE_DURABLE_QUEUE -> own || mine || stage;
      case DELETE_DURABLE_QUEUE -> own;
      case CREATE_ADDRESS -> own || mine || stage || isTemporary(address);
      case CONSUME, BROWSE -> own || stage || isTemporary(address);
      case DELETE_ADDRESS, CREATE_NON_DURABLE_QUEUE, DELETE_NON_DURABLE_QUEUE ->
          own || isTemporary(address);
      default -> false;
    };
  }

  /** Whether it may be the address of a temporary queue, whose name nobody can guess. */
  static boolean isTemporary(String address) {
    return RESERVED.stream().noneMatch(address::startsWith) && !isWild(address);
  }

  private static boolean isWild(String address) {
    return address.indexOf('*') >= 0 || address.indexOf('#') >= 0;
  }
}
