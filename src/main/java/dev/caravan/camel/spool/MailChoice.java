package dev.caravan.camel.spool;

import dev.caravan.camel.broker.Choice;
import dev.caravan.camel.broker.MessageBody;
import dev.caravan.queue.Selection;
import dev.caravan.queue.Selector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import org.apache.activemq.artemis.api.core.Message;

/** The mails that an operator means, as the broker is asked for them. */
record MailChoice(Selection selection, Instant now) implements Choice {
  @Override
  public Selector selector() {
    return selection.selector(now);
  }

  @Override
  public boolean test(Message message) {
    return selection.matches(
        name -> {
          Object value = message.getObjectProperty(name);
          return value == null ? "" : value.toString();
        },
        () -> {
          try {
            return MessageBody.header(message);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        now);
  }
}
