package dev.caravan.camel.spool;

import dev.caravan.camel.broker.Broker;
import dev.caravan.mail.Content;
import dev.caravan.queue.MailCodec;
import dev.caravan.queue.QueuedMail;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.activemq.artemis.api.core.ActiveMQBuffer;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientSession;

/** A queued mail as a message of the broker's core client (a JMS BytesMessage), and back. */
public final class SpoolMessages {
  /** When a mail that waits is due, in milliseconds since 1970. */
  public static final String RETRY_AT = "retryAt";

  /** Leaves room for properties, so that a message below it is never split by the client. */
  private static final int IN_MEMORY_MAX = Broker.LARGE_MESSAGE - 32 * 1024;

  private final MailCodec codec;
  private final Path spoolDir;

  /**
   * @param spoolDir where large messages are kept while they are delivered
   */
  public SpoolMessages(MailCodec codec, Path spoolDir) {
    this.codec = codec;
    this.spoolDir = spoolDir;
  }

  /** Whether it is sent in pieces. */
  static boolean isLarge(QueuedMail mail) {
    return mail.content().size() > IN_MEMORY_MAX;
  }

  /** A durable message of this session. Large content is read while it is sent. */
  ClientMessage write(ClientSession session, QueuedMail mail) {
    ClientMessage message = session.createMessage(Message.BYTES_TYPE, true);
    codec.properties(mail).forEach(message::putObjectProperty);
    try {
      if (isLarge(mail)) {
        message.setBodyInputStream(mail.content().open());
      } else {
        mail.content().writeTo(new BufferStream(message.getBodyBuffer()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return message;
  }

  /**
   * Reads a message; a large one into a file that {@link #forget} deletes.
   *
   * @throws IllegalArgumentException when it is no mail
   */
  QueuedMail read(ClientMessage message) throws ActiveMQException, IOException {
    return codec.read(properties(message), content(message));
  }

  /** The same without its content; empty when it is no mail. */
  Optional<QueuedMail> readEnvelope(ClientMessage message) {
    try {
      return Optional.of(codec.read(properties(message), Content.of(new byte[0])));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The same, but with its header fields; empty also of a large one. Leaves the message unread. */
  Optional<QueuedMail> readHeader(ClientMessage message) {
    if (message.isLargeMessage()) {
      return Optional.empty();
    }
    try {
      return Optional.of(codec.read(properties(message), inMemory(message.getBodyBuffer())));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Map<String, Object> properties(ClientMessage message) {
    Map<String, Object> properties = new HashMap<>();
    for (SimpleString name : message.getPropertyNames()) {
      Object value = message.getObjectProperty(name);
      if (value != null) {
        properties.put(name.toString(), value instanceof SimpleString s ? s.toString() : value);
      }
    }
    return properties;
  }

  private Content content(ClientMessage message) throws ActiveMQException, IOException {
    if (!message.isLargeMessage()) {
      return inMemory(message.getBodyBuffer());
    }
    Path file = Files.createTempFile(spoolDir, "out-", ".eml");
    try (OutputStream out = Files.newOutputStream(file)) {
      message.saveToOutputStream(out);
    } catch (ActiveMQException | IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
    return Content.of(file, Files.size(file));
  }

  /**
   * What is still to be read, and stays so. The buffer is this message's own, and nobody writes to
   * what was received.
   */
  private static Content inMemory(ActiveMQBuffer body) {
    int count = body.readableBytes();
    ByteBuffer octets = body.toByteBuffer(body.readerIndex(), count);
    if (octets.hasArray()) {
      return Content.of(octets.array(), octets.arrayOffset() + octets.position(), count);
    }
    byte[] bytes = new byte[count];
    octets.get(bytes);
    return Content.of(bytes);
  }

  /** A copy of a message that is no mail, unchanged but for the reason. */
  static ClientMessage copy(ClientSession session, ClientMessage message, String reason) {
    ClientMessage copy = session.createMessage(message.getType(), true);
    for (SimpleString name : message.getPropertyNames()) {
      copy.putObjectProperty(name, message.getObjectProperty(name));
    }
    copy.putStringProperty("deadReason", reason);
    if (!message.isLargeMessage()) {
      copy.getBodyBuffer().writeBytes(message.getBodyBuffer(), message.getBodySize());
    }
    return copy;
  }

  /** Deletes the file of a large message that was read. */
  static void forget(QueuedMail mail) {
    mail.content()
        .spoolFile()
        .ifPresent(
            file -> {
              try {
                Files.deleteIfExists(file);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  private static final class BufferStream extends OutputStream {
    private final ActiveMQBuffer buffer;

    BufferStream(ActiveMQBuffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public void write(int b) {
      buffer.writeByte((byte) b);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      buffer.writeBytes(bytes, from, length);
    }
  }
}
