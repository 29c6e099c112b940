package dev.caravan.camel;

import dev.caravan.camel.broker.Broker;
import dev.caravan.queue.HoldSteps;
import dev.caravan.queue.Ladder;
import dev.caravan.queue.QueueNames;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queues where mail waits for its time, and a route for each: the rungs of the retry ladder by
 * the template {@code rung}, the steps of a hold by {@code hold}.
 */
final class Rungs {
  private static final Logger LOG = LoggerFactory.getLogger(Rungs.class);

  private static final Pattern NAME = Pattern.compile("\\d{1,9}(ms|s|m|h|d)");

  private final Broker broker;
  private final CamelContext context;
  private final List<String> rungs;
  private final List<String> steps;

  /**
   * @param context whose beans are known
   */
  Rungs(Broker broker, CamelContext context) {
    this.broker = broker;
    this.context = context;
    this.rungs =
        context.getRegistry().findSingleByType(Ladder.class).rungs().stream()
            .map(Ladder.Rung::queue)
            .toList();
    this.steps = HoldSteps.all().stream().map(HoldSteps.Step::queue).toList();
  }

  /**
   * Makes the queues, and adds the routes. Before any route runs: a mail that is deferred must find
   * its rung, and Camel starts many routes at once with less work than one by one. A queue of an
   * earlier schedule that still holds mail has a route too, until that mail has gone; an empty one
   * goes.
   *
   * @throws Exception when a queue can't be made, or a template can't
   */
  void climb() throws Exception {
    broker.declare(Stream.concat(rungs.stream(), steps.stream()).toList());
    for (String queue : withLeftovers(rungs, QueueNames.RETRY_PREFIX)) {
      route(queue, QueueNames.RETRY_PREFIX, "rung");
    }
    for (String queue : withLeftovers(steps, QueueNames.HOLD_PREFIX)) {
      route(queue, QueueNames.HOLD_PREFIX, "hold");
    }
  }

  private void route(String queue, String prefix, String template) throws Exception {
    String delay = queue.substring(prefix.length());
    context.addRouteFromTemplate(template + "-" + delay, template, Map.of("delay", delay));
  }

  private Set<String> withLeftovers(List<String> queues, String prefix) {
    Set<String> all = new LinkedHashSet<>(queues);
    try {
      for (String found : broker.queues(prefix)) {
        if (all.contains(found) || broker.isOurs() && broker.remove(found)) {
          continue;
        }
        if (NAME.matcher(found.substring(prefix.length())).matches()) {
          LOG.info("{} is of an earlier configuration; its mail is tried when it is due", found);
          all.add(found);
        } else {
          LOG.warn("{} is none of our queues: nobody takes from it", found);
        }
      }
    } catch (ActiveMQException e) {
      LOG.warn(
          "if a retry schedule was changed, mail may wait for ever in the queues of the earlier "
              + "one: the broker does not tell us its queues ({}); give caravan.broker.user the "
              + "permission 'manage' on activemq.management",
          e.getMessage());
    }
    return all;
  }
}
