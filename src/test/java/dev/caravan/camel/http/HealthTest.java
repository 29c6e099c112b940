package dev.caravan.camel.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.camel.broker.EmbeddedBroker;
import java.nio.file.Path;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ready is who has a broker and all routes running; alive is who answers. */
final class HealthTest {
  private static final long MEMORY = 64 * 1024 * 1024;

  @TempDir Path data = Path.of("");

  private static String ask(DefaultCamelContext context, boolean live) {
    Exchange exchange = new DefaultExchange(context);
    exchange.getMessage().setHeader("X-From-The-Client", "must not go back");
    if (live) {
      new Health().live(exchange);
    } else {
      new Health().ready(exchange);
    }
    assertThat(exchange.getMessage().getHeader("X-From-The-Client")).isNull();
    return exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE)
        + " "
        + exchange.getMessage().getBody(String.class).strip();
  }

  @Test
  void readiness() throws Exception {
    try (EmbeddedBroker broker =
            EmbeddedBroker.start(
                new EmbeddedBroker.Options(data, "127.0.0.1", -1, 100, MEMORY, MEMORY / 2));
        DefaultCamelContext context = new DefaultCamelContext()) {
      context.addRoutes(
          new RouteBuilder() {
            @Override
            public void configure() {
              from("direct:in").routeId("in").log("in");
            }
          });
      context.start();
      assertThat(ask(context, false))
          .isEqualTo("503 {\"status\":\"DOWN\",\"reason\":\"there is no broker\"}");
      context.getRegistry().bind("broker", broker);
      assertThat(ask(context, false)).isEqualTo("200 {\"status\":\"UP\"}");
      context.getRouteController().stopRoute("in");
      assertThat(ask(context, false))
          .isEqualTo("503 {\"status\":\"DOWN\",\"reason\":\"not all routes are started\"}");
      assertThat(ask(context, true)).isEqualTo("200 {\"status\":\"UP\"}");
    }
  }
}
