package dev.caravan.camel.check;

import dev.caravan.camel.broker.Broker;
import dev.caravan.delivery.Sites;
import dev.caravan.delivery.Transport;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.jms.ConnectionFactory;
import java.util.Map;

/** The beans that the gateway adds to those of the routes. */
public final class Provided {
  /** By name, with the class that routes see. */
  public static final Map<String, Class<?>> BEANS =
      Map.of(
          "broker", Broker.class,
          "brokerConnectionFactory", ConnectionFactory.class,
          "metricsRegistry", MeterRegistry.class,
          "transport", Transport.class,
          "sites", Sites.class);

  private Provided() {}
}
