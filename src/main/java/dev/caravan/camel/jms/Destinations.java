package dev.caravan.camel.jms;

import dev.caravan.queue.QueueNames;
import jakarta.jms.Queue;
import jakarta.jms.Topic;
import org.apache.activemq.artemis.jms.client.ActiveMQDestination;

/** Our own queues. A session that is asked for one by name asks the broker each time. */
final class Destinations {
  static final Queue ANSWERS = ActiveMQDestination.createQueue(QueueNames.ANSWERS);
  static final Queue REJECTED = ActiveMQDestination.createQueue(QueueNames.REJECTED);
  static final Queue FAN_OUT = ActiveMQDestination.createQueue(QueueNames.FAN_OUT);
  static final Queue FAN_OUT_TALLY = ActiveMQDestination.createQueue(QueueNames.FAN_OUT_TALLY);
  static final Topic KEYS = ActiveMQDestination.createTopic(QueueNames.KEYS);

  private Destinations() {}
}
