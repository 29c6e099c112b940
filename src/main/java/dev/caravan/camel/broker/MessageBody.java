package dev.caravan.camel.broker;

import dev.caravan.mail.Content;
import dev.caravan.mail.Header;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.apache.activemq.artemis.api.core.ActiveMQBuffer;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ICoreMessage;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.core.message.LargeBodyReader;
import org.apache.activemq.artemis.core.server.LargeServerMessage;

/** The body of a message that is only looked at, on either side of a connection. */
public final class MessageBody {
  private static final int BUFFER = 64 * 1024;

  private MessageBody() {}

  /**
   * The header of the mail that it holds; of a long one its beginning.
   *
   * @throws IOException when it can't be read
   */
  public static Header header(Message message) throws IOException {
    ByteArrayOutputStream begin = new ByteArrayOutputStream();
    writeTo(message, begin, Content.HEADER_MAX);
    return Header.parse(begin.toByteArray());
  }

  /**
   * Writes the octets of the mail.
   *
   * @param max no more than these are written
   */
  public static void writeTo(Message message, OutputStream out, long max) throws IOException {
    try {
      if (message instanceof ClientMessage received && received.isLargeMessage()) {
        received.saveToOutputStream(new Limited(out, max));
      } else {
        // A large one of AMQP becomes one that is in memory.
        ICoreMessage core = message.toCore();
        if (core instanceof LargeServerMessage) {
          write(core.getLargeBodyReader(), out, max);
        } else {
          write(core, out, max);
        }
      }
    } catch (ActiveMQException e) {
      throw new IOException(e);
    }
  }

  private static void write(ICoreMessage message, OutputStream out, long max) throws IOException {
    ActiveMQBuffer body = message.getReadOnlyBodyBuffer();
    byte[] octets = new byte[(int) Math.min(max, body.readableBytes())];
    body.readBytes(octets);
    out.write(octets);
  }

  private static void write(LargeBodyReader reader, OutputStream out, long max)
      throws ActiveMQException, IOException {
    try (reader) {
      reader.open();
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
      long left = Math.min(max, reader.getSize());
      while (left > 0) {
        buffer.clear().limit((int) Math.min(left, BUFFER));
        int n = reader.readInto(buffer);
        if (n <= 0) {
          return;
        }
        out.write(buffer.array(), 0, n);
        left -= n;
      }
    }
  }

  /** Forgets what comes after the limit. */
  private static final class Limited extends OutputStream {
    private final OutputStream to;
    private long left;

    Limited(OutputStream to, long max) {
      this.to = to;
      this.left = max;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] octets, int from, int length) throws IOException {
      int n = (int) Math.min(left, length);
      to.write(octets, from, n);
      left -= n;
    }
  }
}
