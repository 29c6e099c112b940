package dev.caravan.camel.smtp;

import dev.caravan.mail.Question;
import dev.caravan.netty.Questions;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.component.netty.NettyConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs the consumer's route for each question. camel-netty's own way of answering is not used: it
 * closes the channel on an empty body, logs a warning when the client has gone, and may not answer
 * at all.
 */
final class RouteQuestions implements Questions {
  private static final Set<String> OPTIONAL = Set.of("connection", "sender", "recipient");

  private final NettyConsumer consumer;
  private final Map<String, Boolean> asked = new ConcurrentHashMap<>();

  RouteQuestions(NettyConsumer consumer) {
    this.consumer = consumer;
  }

  /** A phase whose route is not there costs nothing; a message always has to be queued. */
  @Override
  public boolean isAsked(String phase) {
    return !OPTIONAL.contains(phase)
        || asked.computeIfAbsent(
            phase, p -> consumer.getEndpoint().getCamelContext().getRoute(p) != null);
  }

  @Override
  public void ask(Question<?> question, Consumer<@Nullable Object> answer) {
    try {
      Exchange exchange = consumer.createExchange(false);
      exchange.setPattern(ExchangePattern.InOut);
      exchange.getIn().setBody(question);
      consumer.createUoW(exchange);
      consumer.getAsyncProcessor().process(exchange, doneSync -> end(exchange, answer));
    } catch (Exception e) {
      answer.accept(e);
    }
  }

  private void end(Exchange exchange, Consumer<@Nullable Object> answer) {
    Exception failure = exchange.getException();
    answer.accept(failure != null ? failure : exchange.getMessage().getBody());
    consumer.doneUoW(exchange);
    consumer.releaseExchange(exchange, false);
  }
}
