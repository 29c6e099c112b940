package dev.caravan.camel.jms;

import dev.caravan.camel.broker.Broker;
import org.apache.camel.component.jms.JmsEndpoint;
import org.apache.camel.component.jms.MessageListenerContainerFactory;
import org.springframework.jms.listener.AbstractMessageListenerContainer;

/** Makes the consumers of {@code jms:} that take several messages in one transaction. */
public final class BatchContainers implements MessageListenerContainerFactory {
  private final int batchMax;

  /**
   * @param batchMax messages of a transaction, from 1
   */
  public BatchContainers(int batchMax) {
    this.batchMax = batchMax;
  }

  /** One by one on an external broker, where a submission is put off by undoing its transaction. */
  @Override
  public AbstractMessageListenerContainer createMessageListenerContainer(JmsEndpoint endpoint) {
    Broker broker = endpoint.getCamelContext().getRegistry().findSingleByType(Broker.class);
    return new BatchContainer(endpoint, broker.isOurs() ? batchMax : 1);
  }
}
