package dev.caravan.camel.broker;

import dev.caravan.queue.QueueNames;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.activemq.artemis.api.core.ActiveMQAddressFullException;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.core.postoffice.QueueBinding;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerQueuePlugin;

/**
 * Bounds the queues that come into being because an application names them. Of those whose mail we
 * take, names that mean something in an address of a route are not made either.
 */
final class QueueLimit implements ActiveMQServerQueuePlugin {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._@+-]{1,255}");

  private final ActiveMQServer server;
  private final Map<String, Integer> max;

  /**
   * @param max by the beginning of their names, how many there may be
   */
  QueueLimit(ActiveMQServer server, Map<String, Integer> max) {
    this.server = server;
    this.max = Map.copyOf(max);
  }

  @Override
  public void beforeCreateQueue(QueueConfiguration queue) throws ActiveMQException {
    String name = queue.getName().toString();
    for (Map.Entry<String, Integer> limit : max.entrySet()) {
      if (name.startsWith(limit.getKey())) {
        if (name.startsWith(QueueNames.SUBMIT_PREFIX) && !NAME.matcher(name).matches()) {
          throw new ActiveMQAddressFullException("no queue of mail can have the name " + name);
        }
        if (count(limit.getKey(), name) >= limit.getValue()) {
          throw new ActiveMQAddressFullException(
              "there are " + limit.getValue() + " queues " + limit.getKey() + "* already");
        }
      }
    }
  }

  /** Those that are there, without this one. */
  private long count(String prefix, String name) {
    return server
        .getPostOffice()
        .getAllBindings()
        .filter(QueueBinding.class::isInstance)
        .map(binding -> ((QueueBinding) binding).getQueue().getName().toString())
        .filter(other -> other.startsWith(prefix) && !other.equals(name))
        .count();
  }
}
