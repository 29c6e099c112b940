package dev.caravan.proof;

import dev.caravan.proof.Ledger.Entry;
import dev.caravan.proof.Ledger.Fate;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/**
 * Senders that never give up: over SMTP, and over JMS with five messages in each transaction. A
 * mail without an answer is not sent again, so that it can be told what became of it.
 */
final class Load implements AutoCloseable {
  private static final int SMTP_SESSIONS = 8;
  private static final int JMS_SESSIONS = 2;
  private static final int IN_A_TRANSACTION = 5;
  private static final int MAILS_OF_A_SESSION = 10;
  private static final int PAUSE_MAX_MS = 50;
  private static final int PATIENCE_MS = 8_000;

  private final Ledger ledger;
  private final IntSupplier smtp;
  private final Callable<String> broker;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean over;

  /**
   * Begins at once.
   *
   * @param smtp the port to send to, at each connection
   * @param broker its URL, at each connection; empty = not over JMS
   */
  Load(Ledger ledger, IntSupplier smtp, Callable<String> broker, List<String> domains) {
    this.ledger = ledger;
    this.smtp = smtp;
    this.broker = broker;
    for (int i = 0; i < SMTP_SESSIONS; i++) {
      threads.add(Thread.startVirtualThread(() -> keepOn(() -> overSmtp(domains))));
    }
    for (int i = 0; i < JMS_SESSIONS; i++) {
      threads.add(Thread.ofPlatform().daemon().start(() -> keepOn(() -> overJms(domains))));
    }
  }

  private interface Turn {
    void run() throws Exception;
  }

  private void keepOn(Turn session) {
    while (!over) {
      try {
        session.run();
      } catch (Exception e) {
        // the gateway is being injured
      }
      pause();
    }
  }

  private void overSmtp(List<String> domains) throws IOException {
    try (SmtpSender sender = new SmtpSender(smtp.getAsInt(), PATIENCE_MS)) {
      int mails = ThreadLocalRandom.current().nextInt(MAILS_OF_A_SESSION);
      for (int i = 0; i < mails && !over; i++) {
        Entry entry = ledger.begin("s");
        sender.send(entry, "b@" + any(domains), Letter.of(entry.id()));
        pause();
      }
    }
  }

  private void overJms(List<String> domains) throws Exception {
    String url = broker.call();
    if (url.isEmpty()) {
      return;
    }
    try (ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(url);
        Connection connection = factory.createConnection();
        Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(session.createQueue("mail.submit"))) {
      for (int i = 0; i < MAILS_OF_A_SESSION && !over; i++) {
        List<Entry> entries = new ArrayList<>();
        for (int j = 0; j < IN_A_TRANSACTION; j++) {
          Entry entry = ledger.begin("j");
          producer.send(message(session, entry.id(), "b@" + any(domains)));
          entries.add(entry);
        }
        entries.forEach(e -> e.is(Fate.IN_DOUBT));
        session.commit();
        entries.forEach(e -> e.is(Fate.ACCEPTED));
        for (int j = 0; j < IN_A_TRANSACTION; j++) {
          pause();
        }
      }
    }
  }

  private static BytesMessage message(Session session, String id, String to) throws JMSException {
    BytesMessage message = session.createBytesMessage();
    message.setStringProperty("mailFrom", "a@sender.example");
    message.setStringProperty("rcptTo", to);
    message.writeBytes(Letter.of(id).getBytes(StandardCharsets.ISO_8859_1));
    return message;
  }

  private static String any(List<String> domains) {
    return domains.get(ThreadLocalRandom.current().nextInt(domains.size()));
  }

  private static void pause() {
    try {
      Thread.sleep(ThreadLocalRandom.current().nextInt(PAUSE_MAX_MS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns when the last mail has its answer. */
  @Override
  public void close() throws InterruptedException {
    over = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
