package dev.caravan.camel.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.core.client.impl.ClientMessageImpl;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When a queue is believed to be empty. */
final class ReceivingTest {
  private static final ClientMessage MESSAGE = new ClientMessageImpl();

  /** Answers each call with the next of these. */
  private static ClientConsumer consumer(@Nullable ClientMessage... answers) {
    Deque<Optional<ClientMessage>> left =
        new ArrayDeque<>(Arrays.stream(answers).map(Optional::ofNullable).toList());
    return (ClientConsumer)
        Proxy.newProxyInstance(
            ReceivingTest.class.getClassLoader(),
            new Class<?>[] {ClientConsumer.class},
            (proxy, method, args) -> left.remove().orElse(null));
  }

  @Test
  void whatIsThereIsReceivedWithOneQuestion() throws Exception {
    assertThat(Receiving.next(consumer(MESSAGE))).isSameAs(MESSAGE);
  }

  @Test
  void oneThatIsToldOfLateIsReceived() throws Exception {
    assertThat(Receiving.next(consumer(null, MESSAGE))).isSameAs(MESSAGE);
  }

  @Test
  void whoSaysTwiceThatNothingIsThereIsBelieved() throws Exception {
    assertThat(Receiving.next(consumer(null, null))).isNull();
  }
}
