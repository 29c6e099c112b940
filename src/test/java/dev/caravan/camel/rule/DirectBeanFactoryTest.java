package dev.caravan.camel.rule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Header;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.spi.BeanProcessorFactory;
import org.apache.camel.support.DefaultExchange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A step does what it does with Camel. */
final class DirectBeanFactoryTest {
  private static final List<String> METHODS =
      List.of(
          "longer",
          "nobodys",
          "nothing",
          "silent",
          "fails",
          "breaks",
          "header",
          "marked",
          "exchange",
          "map",
          "list",
          "overloaded",
          "later",
          "callable",
          "number",
          "longer('literal')",
          "longer(*)",
          "longer(${body})",
          "two",
          "any");

  private static final DefaultCamelContext CAMELS = new DefaultCamelContext();
  private static final DefaultCamelContext OURS = new DefaultCamelContext();

  /** As the beans of rules are. */
  public static class Bean {
    private int calls;

    public String longer(String body) {
      calls++;
      return body + "!";
    }

    public String nobodys() {
      return "nobody's";
    }

    public @Nullable String nothing(String body) {
      return null;
    }

    public void silent(String body) {
      calls++;
    }

    public String fails(String body) throws IOException {
      calls++;
      throw new IOException("broken");
    }

    public String breaks(String body) {
      throw new IllegalStateException("worse");
    }

    public String header(@Header("there") String there) {
      return there;
    }

    public String marked(@Body String body) {
      return "marked " + body;
    }

    public String exchange(Exchange exchange) {
      return "exchange with " + exchange.getIn().getBody();
    }

    public String map(Map<String, Object> map) {
      return "map " + map;
    }

    public String list(List<String> list) {
      return "list " + list;
    }

    public String overloaded(String body) {
      return "text";
    }

    public String overloaded(Integer body) {
      return "number";
    }

    public CompletionStage<String> later(String body) {
      return CompletableFuture.completedFuture(body + " later");
    }

    public Callable<String> callable(String body) {
      return () -> body + " called";
    }

    public int number(Integer body) {
      return body + 1;
    }

    public String two(String body, @Header("there") String there) {
      return body + there;
    }

    public Object any(Object body) {
      return "any " + body;
    }
  }

  @BeforeAll
  static void start() throws Exception {
    OURS.getCamelContextExtension()
        .addContextPlugin(BeanProcessorFactory.class, new DirectBeanFactory());
    for (DefaultCamelContext each : List.of(CAMELS, OURS)) {
      each.getRegistry().bind("steps", new Bean());
      each.addRoutes(
          new RouteBuilder() {
            @Override
            public void configure() {
              errorHandler(noErrorHandler());
              for (int i = 0; i < METHODS.size(); i++) {
                from("direct:" + i).addOutput(new BeanDefinition("steps", METHODS.get(i)));
              }
            }
          });
      each.start();
    }
  }

  @AfterAll
  static void stop() {
    CAMELS.stop();
    OURS.stop();
  }

  private static Exchange passed(
      DefaultCamelContext context, String method, Object body, String way) throws Exception {
    Exchange exchange = new DefaultExchange(context);
    exchange.setPattern(ExchangePattern.valueOf(way));
    exchange.getIn().setBody(body);
    exchange.getIn().setHeader("there", "yes");
    return context.createProducerTemplate().send("direct:" + METHODS.indexOf(method), exchange);
  }

  private static String said(DefaultCamelContext context, String method, Object body, String way)
      throws Exception {
    Exchange exchange = passed(context, method, body, way);
    Exception failure = exchange.getException();
    return exchange.getMessage().getBody()
        + " "
        + exchange.getMessage().getHeaders()
        + " "
        + (failure == null
            ? ""
            : failure.toString().replaceAll("Exchange\\[[^]]*]|@[0-9a-f]+", ""));
  }

  @ParameterizedTest
  @CsvSource({"InOnly", "InOut"})
  void eachMeansTheSame(String way) throws Exception {
    for (String method : METHODS) {
      for (Object body : List.of("text", 7, List.of("a"), Map.of("k", "v"))) {
        assertThat(said(OURS, method, body, way))
            .as(method + " of " + body)
            .isEqualTo(said(CAMELS, method, body, way));
      }
    }
  }

  @Test
  void aMethodIsCalledOnceEvenWhenItFails() throws Exception {
    Bean bean = OURS.getRegistry().lookupByNameAndType("steps", Bean.class);
    int before = bean.calls;
    assertThat(passed(OURS, "fails", "text", "InOut").getException()).hasMessage("broken");
    assertThat(passed(OURS, "silent", "text", "InOut").getMessage().getBody()).isEqualTo("text");
    assertThat(bean.calls - before).isEqualTo(2);
  }
}
