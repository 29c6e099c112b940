package dev.caravan.camel.rule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.Predicate;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Language;
import org.apache.camel.support.DefaultExchange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A rule means what it means to Camel. */
final class DirectBeanLanguageTest {
  private static final DefaultCamelContext CAMELS = new DefaultCamelContext();
  private static final DefaultCamelContext OURS = new DefaultCamelContext();

  /** As the questions of rules are. */
  public record Body(String phase, @Nullable Inner inner, List<String> names, int[] numbers) {
    public String getTitle() {
      return "title";
    }

    public boolean isOpen() {
      return true;
    }

    public String twice(String once) {
      return once + once;
    }

    public String many() {
      return "none";
    }

    public String many(String one) {
      return one;
    }

    public String both() {
      return "itself";
    }

    public String getBoth() {
      return "getter";
    }

    public String fails() throws IOException {
      throw new IOException("broken");
    }

    public Optional<String> perhaps() {
      return Optional.of("perhaps");
    }

    public CompletionStage<String> later() {
      return CompletableFuture.completedFuture("later");
    }

    public static String common() {
      return "common";
    }

    String ours() {
      return "ours";
    }

    public void nothing() {}
  }

  /** A property of it. */
  public record Inner(String domain) {}

  private record Hidden(String phase) implements Named {
    @Override
    public String name() {
      return "hidden";
    }
  }

  /** What others may know of it. */
  public interface Named {
    String name();

    default String greeting() {
      return "hello " + name();
    }
  }

  /** As the beans of rules are. */
  public static class Bean {
    private int calls;

    public boolean isTitled(Body body) {
      calls++;
      return body.phase().equals("recipient");
    }

    public boolean any(Object body) {
      return body != null;
    }

    public boolean hasHeader(Map<String, Object> headers) {
      return headers.containsKey("there");
    }

    public boolean isExchange(Exchange exchange) {
      return exchange.getIn().getBody() != null;
    }

    public boolean nobodys() {
      return true;
    }

    public boolean overloaded(Body body) {
      return true;
    }

    public boolean overloaded(Hidden body) {
      return false;
    }

    public boolean breaks(Body body) throws IOException {
      calls++;
      throw new IOException("broken");
    }

    public boolean text(String text) {
      return text.startsWith("Body");
    }
  }

  @BeforeAll
  static void start() {
    OURS.getRegistry().bind("bean-language", new DirectBeanLanguage());
    for (DefaultCamelContext each : List.of(CAMELS, OURS)) {
      each.getRegistry().bind("bean1", new Bean());
      each.start();
    }
    assertThat(OURS.resolveLanguage("bean")).isInstanceOf(DirectBeanLanguage.class);
    assertThat(CAMELS.resolveLanguage("bean")).isNotInstanceOf(DirectBeanLanguage.class);
  }

  @AfterAll
  static void stop() {
    CAMELS.stop();
    OURS.stop();
  }

  private static Body body() {
    return new Body(
        "recipient", new Inner("example.org"), Arrays.asList("a", "b"), new int[] {1, 2, 3});
  }

  private static Exchange exchange(DefaultCamelContext context, Object body) {
    Exchange exchange = new DefaultExchange(context);
    exchange.getIn().setBody(body);
    exchange.getIn().setHeader("there", "yes");
    exchange.setVariable("kept", body);
    return exchange;
  }

  /** What comes of it, or what is wrong with it. */
  private static String said(DefaultCamelContext context, Object body, String text) {
    try {
      Expression expression = context.resolveLanguage("simple").createExpression(text);
      expression.init(context);
      Object value = expression.evaluate(exchange(context, body), Object.class);
      return value == null ? "null" : value.getClass() + " " + unnumbered(value.toString());
    } catch (RuntimeException e) {
      return causes(e);
    }
  }

  private static String causes(Throwable e) {
    StringBuilder all = new StringBuilder();
    for (Throwable t = e; t != null; t = t.getCause()) {
      all.append(t.getClass().getName()).append(": ").append(message(t)).append('\n');
    }
    return all.toString();
  }

  private static String message(Throwable t) {
    return unnumbered(String.valueOf(t.getMessage()));
  }

  /** Without what is different each time. */
  private static String unnumbered(String text) {
    return text.replaceAll("Exchange\\[[^]]*]|@[0-9a-f]+", "");
  }

  static Stream<String> paths() {
    return Stream.of(
        "phase",
        "inner",
        "inner.domain",
        "inner.domain.length",
        "inner.domain.isEmpty",
        "inner.domain.empty",
        "inner?.domain",
        "names",
        "names.size",
        "names[1]",
        "names.get(1)",
        "numbers.length",
        "title",
        "getTitle",
        "open",
        "isOpen",
        "twice",
        "twice('a')",
        "many",
        "many()",
        "many('a')",
        "both",
        "fails",
        "perhaps",
        "perhaps.get",
        "later",
        "common",
        "ours",
        "nothing",
        "nowhere",
        "inner.nowhere",
        "class",
        "getClass.simpleName",
        "hashCode",
        "toString",
        "clone",
        "phase.trim.length");
  }

  @ParameterizedTest
  @MethodSource("paths")
  void aPathOfTheBodyMeansTheSame(String path) {
    String text = "${body." + path + "}";
    assertThat(said(OURS, body(), text)).isEqualTo(said(CAMELS, body(), text));
  }

  @ParameterizedTest
  @MethodSource("paths")
  void aPathOfAVariableMeansTheSame(String path) {
    String text = "${variable.kept." + path + "}";
    assertThat(said(OURS, body(), text)).isEqualTo(said(CAMELS, body(), text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"inner.domain", "inner?.domain", "inner", "phase"})
  void aPathThatEndsEarlyMeansTheSame(String path) {
    Body partly = new Body("", null, List.of(), new int[0]);
    String text = "${body." + path + "}";
    assertThat(said(OURS, partly, text)).isEqualTo(said(CAMELS, partly, text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"phase", "name", "greeting"})
  void aClassThatIsNotPublicMeansTheSame(String path) {
    Hidden hidden = new Hidden("hidden");
    String text = "${body." + path + "}";
    assertThat(said(OURS, hidden, text)).isEqualTo(said(CAMELS, hidden, text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "isTitled",
        "any",
        "hasHeader",
        "isExchange",
        "nobodys",
        "overloaded",
        "breaks",
        "text",
        "isTitled('x')",
        "nowhere"
      })
  void aMethodOfABeanMeansTheSame(String method) {
    assertThat(matched(OURS, method)).isEqualTo(matched(CAMELS, method));
  }

  private static String matched(DefaultCamelContext context, String method) {
    try {
      Language bean = context.resolveLanguage("bean");
      Predicate predicate =
          bean.createPredicate(
              null, new @Nullable Object[] {null, null, method, null, "bean1", null, true});
      predicate.init(context);
      Exchange exchange = exchange(context, body());
      boolean matches = predicate.matches(exchange);
      return matches
          + " "
          + (exchange.getException() == null ? "" : causes(exchange.getException()));
    } catch (RuntimeException e) {
      return causes(e);
    }
  }

  @Test
  void aMethodIsCalledOnceEvenWhenItFails() {
    Bean bean = new Bean();
    OURS.getRegistry().bind("counted", bean);
    Predicate predicate =
        OURS.resolveLanguage("bean")
            .createPredicate(
                null, new @Nullable Object[] {null, null, "breaks", null, "counted", null, true});
    predicate.init(OURS);
    Exchange exchange = exchange(OURS, body());
    assertThat(predicate.matches(exchange)).isFalse();
    assertThat(exchange.getException()).hasMessage("broken");
    assertThat(bean.calls).isEqualTo(1);
  }
}
