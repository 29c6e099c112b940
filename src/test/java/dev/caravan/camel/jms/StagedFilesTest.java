package dev.caravan.camel.jms;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.camel.broker.EmbeddedBroker;
import dev.caravan.camel.broker.QueueDepth;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an application has staged and a mail has named leaves the queue. */
final class StagedFilesTest {
  private static final long MEMORY = 64 * 1024 * 1024;
  private static final String QUEUE = "mail.stage.shop";

  /** Without the second question one in some hundred left a file in the queue. */
  private static final int MAILS = 200;

  /** More than a consumer's window, so that the broker sends its end on its own. */
  private static final int LARGE = 3_000_000;

  @TempDir Path data = Path.of("");

  private static void stage(Session session, String id, int size) throws JMSException {
    BytesMessage file = session.createBytesMessage();
    file.setStringProperty(StagedFiles.ID, id);
    file.setObjectProperty("JMS_AMQ_InputStream", new ByteArrayInputStream(new byte[size]));
    try (MessageProducer producer = session.createProducer(session.createQueue(QUEUE))) {
      producer.send(file);
    }
  }

  /**
   * The broker may say that nothing more is there while it has just sent the end of a large one.
   */
  @Test
  void whatComesAfterALargeOneLeavesTheQueueToo() throws Exception {
    try (EmbeddedBroker broker =
        EmbeddedBroker.start(
            new EmbeddedBroker.Options(data, "127.0.0.1", -1, 100, MEMORY, MEMORY / 2))) {
      broker.declare(List.of(QUEUE));
      try (Connection connection = broker.jms().createConnection();
          Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
        connection.start();
        for (int i = 0; i < MAILS; i++) {
          stage(session, "large", LARGE);
          stage(session, "small", 1);
          session.commit();
          StagedFiles.remove(session, Optional.of("shop"), List.of("large", "small"));
          session.commit();
          assertThat(depth(broker)).as("after mail %d", i).isZero();
        }
      }
    }
  }

  private static long depth(EmbeddedBroker broker) {
    return broker.depths().stream()
        .filter(d -> d.queue().equals(QUEUE))
        .mapToLong(QueueDepth::count)
        .sum();
  }
}
