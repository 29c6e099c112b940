package dev.caravan.camel.http;

import dev.caravan.camel.broker.Broker;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;

/** Whether we live, and whether we can take mail: {@code 200} or {@code 503} with a sentence. */
public final class Health {
  /** The process answers. */
  public void live(Exchange exchange) {
    answer(exchange, Optional.empty());
  }

  /** All routes run and the broker takes mail. */
  public void ready(Exchange exchange) {
    Broker broker = exchange.getContext().getRegistry().findSingleByType(Broker.class);
    Optional<String> reason =
        broker == null ? Optional.of("there is no broker") : broker.fullBecause();
    answer(
        exchange,
        allStarted(exchange.getContext()) ? reason : Optional.of("not all routes are started"));
  }

  private static boolean allStarted(CamelContext context) {
    return context.isStarted()
        && context.getRoutes().stream()
            .allMatch(r -> context.getRouteController().getRouteStatus(r.getRouteId()).isStarted());
  }

  private static void answer(Exchange exchange, Optional<String> reason) {
    exchange.getMessage().removeHeaders("*");
    exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, reason.isEmpty() ? 200 : 503);
    exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");
    exchange
        .getMessage()
        .setBody(
            reason.isEmpty()
                ? "{\"status\":\"UP\"}\n"
                : "{\"status\":\"DOWN\",\"reason\":\"" + reason.get().replace("\"", "'") + "\"}\n");
  }
}
