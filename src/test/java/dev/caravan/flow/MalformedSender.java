package dev.caravan.flow;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.activemq.artemis.jms.client.ActiveMQMessage;

/** Sends what {@link MalformedMessages} makes, in one protocol. */
interface MalformedSender extends AutoCloseable {
  void send(String correlation, MalformedMessages.Made made) throws Exception;

  /** Returns when the broker has all of them. */
  void commit() throws Exception;

  /** Core or AMQP. */
  final class Jakarta implements MalformedSender {
    private final Connection connection;
    private final Session session;
    private final MessageProducer producer;

    Jakarta(ConnectionFactory factory, List<String> user) throws Exception {
      this.connection = factory.createConnection(user.get(0), user.get(1));
      this.session = connection.createSession(true, Session.SESSION_TRANSACTED);
      this.producer = session.createProducer(session.createQueue("mail.submit"));
    }

    @Override
    public void send(String correlation, MalformedMessages.Made made) throws Exception {
      Message message = message(made);
      for (Map.Entry<String, Object> property : made.properties().entrySet()) {
        message.setObjectProperty(property.getKey(), property.getValue());
      }
      if (message instanceof ActiveMQMessage core && made.properties().containsKey("mailKey")) {
        // What JMS has no type for, but its message has.
        core.getCoreMessage().putBytesProperty("octets", new byte[] {1, 2, 3});
        core.getCoreMessage().putStringProperty("not a name\n", "x");
      }
      message.setJMSCorrelationID(correlation);
      producer.send(message);
    }

    private Message message(MalformedMessages.Made made) throws Exception {
      return switch (made.type()) {
        case TEXT -> session.createTextMessage((String) made.body());
        case BYTES -> {
          BytesMessage message = session.createBytesMessage();
          message.writeBytes((byte[]) made.body());
          yield message;
        }
        case MAP -> {
          MapMessage message = session.createMapMessage();
          for (Map.Entry<?, ?> entry : ((Map<?, ?>) made.body()).entrySet()) {
            message.setObject((String) entry.getKey(), entry.getValue());
          }
          yield message;
        }
        case STREAM -> {
          StreamMessage message = session.createStreamMessage();
          message.writeObject(made.body());
          yield message;
        }
        case OBJECT -> session.createObjectMessage((Serializable) made.body());
        case NOTHING -> session.createMessage();
      };
    }

    @Override
    public void commit() throws Exception {
      session.commit();
    }

    @Override
    public void close() throws Exception {
      connection.close();
    }
  }

  /** The client of ActiveMQ Classic. */
  final class OpenWire implements MalformedSender {
    private final javax.jms.Connection connection;
    private final javax.jms.Session session;
    private final javax.jms.MessageProducer producer;

    OpenWire(int port, List<String> user) throws Exception {
      this.connection =
          new org.apache.activemq.ActiveMQConnectionFactory(
                  user.get(0), user.get(1), "tcp://127.0.0.1:" + port)
              .createConnection();
      this.session = connection.createSession(true, javax.jms.Session.SESSION_TRANSACTED);
      this.producer = session.createProducer(session.createQueue("mail.submit"));
    }

    @Override
    public void send(String correlation, MalformedMessages.Made made) throws Exception {
      javax.jms.Message message = message(made);
      for (Map.Entry<String, Object> property : made.properties().entrySet()) {
        message.setObjectProperty(property.getKey(), property.getValue());
      }
      message.setJMSCorrelationID(correlation);
      producer.send(message);
    }

    private javax.jms.Message message(MalformedMessages.Made made) throws Exception {
      return switch (made.type()) {
        case TEXT -> session.createTextMessage((String) made.body());
        case BYTES -> {
          javax.jms.BytesMessage message = session.createBytesMessage();
          message.writeBytes((byte[]) made.body());
          yield message;
        }
        case MAP -> {
          javax.jms.MapMessage message = session.createMapMessage();
          for (Map.Entry<?, ?> entry : ((Map<?, ?>) made.body()).entrySet()) {
            message.setObject((String) entry.getKey(), entry.getValue());
          }
          yield message;
        }
        case STREAM -> {
          javax.jms.StreamMessage message = session.createStreamMessage();
          message.writeObject(made.body());
          yield message;
        }
        case OBJECT -> session.createObjectMessage((Serializable) made.body());
        case NOTHING -> session.createMessage();
      };
    }

    @Override
    public void commit() throws Exception {
      session.commit();
    }

    @Override
    public void close() throws Exception {
      connection.close();
    }
  }

  /** Frames by hand: texts and octets, properties are texts. */
  final class Stomp implements MalformedSender {
    private final Socket socket;
    private final OutputStream out;
    private final InputStream in;

    private int receipts;

    Stomp(int port, List<String> user) throws Exception {
      this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
      this.out = new BufferedOutputStream(socket.getOutputStream());
      this.in = new BufferedInputStream(socket.getInputStream());
      String connect =
          "CONNECT\naccept-version:1.2\nhost:localhost\nlogin:%s\npasscode:%s\n\n\0"
              .formatted(user.get(0), user.get(1));
      out.write(connect.getBytes(StandardCharsets.UTF_8));
      out.flush();
      require("CONNECTED");
    }

    @Override
    public void send(String correlation, MalformedMessages.Made made) throws Exception {
      StringBuilder head = new StringBuilder("SEND\ndestination:mail.submit\n");
      head.append("correlation-id:").append(correlation).append('\n');
      head.append("receipt:").append(++receipts).append('\n');
      made.properties()
          .forEach(
              (name, value) -> head.append(name).append(':').append(escaped(value)).append('\n'));
      byte[] body =
          switch (made.body()) {
            case byte[] octets -> octets;
            case String text -> text.replace('\0', '?').getBytes(StandardCharsets.UTF_8);
            case Object other ->
                other.toString().replace('\0', '?').getBytes(StandardCharsets.UTF_8);
          };
      if (made.body() instanceof byte[]) {
        head.append("content-length:").append(body.length).append('\n');
      }
      out.write(head.append('\n').toString().getBytes(StandardCharsets.UTF_8));
      out.write(body);
      out.write(0);
    }

    private static String escaped(Object value) {
      return value
          .toString()
          .replace("\\", "\\\\")
          .replace("\r", "\\r")
          .replace("\n", "\\n")
          .replace(":", "\\c")
          .replace('\0', '?');
    }

    @Override
    public void commit() throws Exception {
      out.flush();
      for (; receipts > 0; receipts--) {
        require("RECEIPT");
      }
    }

    private void require(String command) throws IOException {
      StringBuilder frame = new StringBuilder();
      for (int c = in.read(); c > 0; c = in.read()) {
        frame.append((char) c);
      }
      if (!frame.toString().strip().startsWith(command)) {
        throw new AssertionError("no " + command + " but " + frame);
      }
    }

    @Override
    public void close() throws Exception {
      socket.close();
    }
  }
}
