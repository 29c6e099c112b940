package dev.caravan.camel.broker;

import dev.caravan.queue.Selector;
import org.apache.activemq.artemis.api.core.Message;

/** Which messages of a queue. */
public interface Choice {
  /** Every message. */
  Choice ALL =
      new Choice() {
        @Override
        public Selector selector() {
          return new Selector("", true);
        }

        @Override
        public boolean test(Message message) {
          return true;
        }
      };

  /** For a broker that reads selectors only: true of all that are chosen. */
  Selector selector();

  /** Whether this one is chosen. */
  boolean test(Message message);

  /** What is done with those that are chosen. */
  interface Visitor {
    /**
     * @param inHand whether a worker has it in its hands
     * @return whether to go on
     */
    boolean see(Message message, boolean inHand) throws Exception;
  }
}
