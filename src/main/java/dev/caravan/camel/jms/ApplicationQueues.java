package dev.caravan.camel.jms;

import dev.caravan.camel.broker.Broker;
import dev.caravan.queue.QueueNames;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queues that applications have of their own, {@code mail.submit.NAME}: each gets a route made
 * from the route template {@code jms-in-of}, with consumers of its own, so that nobody's mail waits
 * behind another's.
 */
public final class ApplicationQueues {
  private static final Logger LOG = LoggerFactory.getLogger(ApplicationQueues.class);
  private static final String TEMPLATE = "jms-in-of";

  /** Nothing that would mean something else in the address of an endpoint. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._@+-]{1,255}");

  private final int max;
  private final Set<String> known = ConcurrentHashMap.newKeySet();

  /**
   * @param max how many are taken from; a broker of ours lets no more be made
   */
  public ApplicationQueues(int max) {
    this.max = max;
  }

  /** Drops the files that have waited for their mail too long. */
  public void dropOldFiles(Exchange exchange) {
    JmsOnce.broker(exchange).expire(QueueNames.STAGE_PREFIX);
  }

  /** Looks for new ones. */
  public void look(Exchange exchange) throws Exception {
    Broker broker = JmsOnce.broker(exchange);
    try {
      for (String queue : broker.queues(QueueNames.SUBMIT_PREFIX)) {
        if (known.size() < max && NAME.matcher(queue).matches() && known.add(queue)) {
          exchange
              .getContext()
              .addRouteFromTemplate(
                  "jms-in." + queue.substring(QueueNames.SUBMIT_PREFIX.length()),
                  TEMPLATE,
                  Map.of("queue", queue));
          LOG.info("mail is taken from {}", queue);
        }
      }
    } catch (ActiveMQException e) {
      LOG.debug("the broker does not tell its queues", e);
    }
  }
}
