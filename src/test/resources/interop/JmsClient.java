import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Sends a mail in each format, as a JMS client of any make: JmsClient FACTORY URL USER PASSWORD.
 * Prints a line for each answer: correlation id and status.
 */
public final class JmsClient {
  private static final int ATTACHMENT = 20 * 1024 * 1024;
  private static final long WAIT_MILLIS = 120_000;

  public static void main(String[] args) throws Exception {
    ConnectionFactory factory =
        (ConnectionFactory)
            Class.forName(args[0]).getConstructor(String.class).newInstance(args[1]);
    byte[] attachment = new byte[ATTACHMENT];
    for (int i = 0; i < attachment.length; i++) {
      attachment[i] = (byte) (i * 31 + (i >> 8));
    }
    Connection connection = factory.createConnection(args[2], args[3]);
    connection.start();
    Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
    MessageProducer producer = session.createProducer(session.createQueue("mail.submit"));
    List<String> waiting = new ArrayList<>();

    String raw =
        "From: a@sender.example\r\n"
            + "To: b@dest.example\r\n"
            + "Subject: raw =?utf-8?q?Gr=C3=B6=C3=9Fe?=\r\n";
    BytesMessage bytes = session.createBytesMessage();
    bytes.writeBytes((raw + "\r\nbytes\r\n").getBytes(StandardCharsets.UTF_8));
    waiting.add(send(session, producer, bytes, "bytes"));

    TextMessage rawText = session.createTextMessage(raw + "\r\ntext\r\n");
    rawText.setStringProperty("mailFrom", "a@sender.example");
    rawText.setStringProperty("rcptTo", "b@dest.example");
    waiting.add(send(session, producer, rawText, "rawtext"));

    BytesMessage large = session.createBytesMessage();
    large.writeBytes(
        (raw
                + "MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n"
                + "Content-Transfer-Encoding: base64\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8));
    large.writeBytes(Base64.getMimeEncoder().encode(attachment));
    large.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
    waiting.add(send(session, producer, large, "large"));

    TextMessage text = session.createTextMessage("Schöne Grüße");
    text.setStringProperty("from", "Jörg <a@sender.example>");
    text.setStringProperty("to", "b@dest.example");
    text.setStringProperty("subject", "text Größe 😀");
    waiting.add(send(session, producer, text, "text"));

    MapMessage map = session.createMapMessage();
    map.setString("from", "a@sender.example");
    map.setString("to", "b@dest.example");
    map.setString("subject", "map Größe 😀");
    map.setString("text", "Schöne Grüße");
    map.setBytes("größe.bin", attachment);
    waiting.add(send(session, producer, map, "map"));

    TextMessage json =
        session.createTextMessage(
            "{\"from\":\"a@sender.example\",\"to\":[\"b@dest.example\"],\"subject\":\"json Größe"
                + " 😀\",\"text\":\"Schöne Grüße\"}");
    waiting.add(send(session, producer, json, "json"));
    session.commit();

    MessageConsumer answers = session.createConsumer(session.createQueue("mail.reply.shop"));
    while (!waiting.isEmpty()) {
      Message answer = answers.receive(WAIT_MILLIS);
      if (answer == null) {
        System.out.println("no answer for " + waiting);
        System.exit(1);
      }
      System.out.println(answer.getJMSCorrelationID() + " " + answer.getStringProperty("status"));
      waiting.remove(answer.getJMSCorrelationID());
      session.commit();
    }
    connection.close();
    System.exit(0);
  }

  private static String send(
      Session session, MessageProducer producer, Message message, String name) throws Exception {
    message.setJMSCorrelationID(name);
    message.setJMSReplyTo(session.createQueue("mail.reply.shop"));
    producer.send(message);
    return name;
  }
}
