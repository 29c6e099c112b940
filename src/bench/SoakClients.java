import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/**
 * Clients of a soak, over SMTP and JMS, of which some go in the middle; and one that guesses
 * passwords.
 */
final class SoakClients {
  private static final int SMTP_CLIENTS = 20;
  private static final int JMS_CLIENTS = 2;

  /** Mails of a connection over SMTP, at most; over JMS transactions. */
  private static final int PER_CONNECTION_MAX = 50;

  private static final int IN_A_TRANSACTION = 5;

  /** One of so many transactions is left open when its connection is closed. */
  private static final int TRANSACTIONS_TO_LEAVE = 40;

  /** One of so many connections over SMTP guesses a password first, from an address of its own. */
  private static final int CONNECTIONS_TO_GUESS = 20;

  private static final int GUESSERS = 200;
  private static final int ANSWER_MILLIS_MAX = 60_000;

  private final SoakLedger ledger;
  private final int smtpPort;
  private final int brokerPort;
  private final int failuresMax;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger guesses = new AtomicInteger();
  private final AtomicInteger left = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();
  private final byte[] line = SoakMail.line().getBytes(StandardCharsets.US_ASCII);

  /**
   * None yet.
   *
   * @param failuresMax sessions that may end as they should not, before all give up
   */
  SoakClients(SoakLedger ledger, int smtpPort, int brokerPort, int failuresMax) {
    this.ledger = ledger;
    this.smtpPort = smtpPort;
    this.brokerPort = brokerPort;
    this.failuresMax = failuresMax;
  }

  private interface Turn {
    void run(int until) throws Exception;
  }

  /**
   * Sends all up to this number; returns when each has its answer. A few numbers at the end may not
   * be used.
   */
  void send(int until) throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < SMTP_CLIENTS; i++) {
      threads.add(Thread.startVirtualThread(() -> keepOn(this::overSmtp, until)));
    }
    for (int i = 0; i < JMS_CLIENTS; i++) {
      threads.add(Thread.ofPlatform().daemon().start(() -> keepOn(this::overJms, until)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    if (failures.get() > failuresMax) {
      throw new IOException("clients gave up: " + failures + " sessions failed");
    }
  }

  /** How often what was done, in a sentence. */
  String deeds() {
    return "%d connections, %d guessed a password, %d went in the middle, %d failed"
        .formatted(connections.get(), guesses.get(), left.get(), failures.get());
  }

  private void keepOn(Turn turn, int until) {
    while (next.get() < until && failures.get() <= failuresMax) {
      try {
        connections.incrementAndGet();
        turn.run(until);
      } catch (Exception e) {
        if (failures.incrementAndGet() <= 5) {
          System.err.println("a session failed: " + e);
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void overSmtp(int until) throws IOException {
    int connection = connections.get();
    if (connection % CONNECTIONS_TO_GUESS == 0) {
      guess(connection / CONNECTIONS_TO_GUESS % GUESSERS);
    }
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), smtpPort)) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(ANSWER_MILLIS_MAX);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 32 << 10);
      BenchWire.expect("220", BenchWire.reply(in));
      BenchWire.expect("250", say(in, out, "EHLO client.example"));
      int mails = 1 + connection % PER_CONNECTION_MAX;
      for (int i = 0; i < mails; i++) {
        int number = next.getAndIncrement();
        if (number >= until) {
          break;
        }
        if (!send(new SoakMail(number), in, out)) {
          left.incrementAndGet();
          // With a reset, not a proper end.
          socket.setSoLinger(true, 0);
          return;
        }
      }
      BenchWire.expect("221", say(in, out, "QUIT"));
    }
  }

  /** Whether the client stays. */
  private boolean send(SoakMail mail, InputStream in, OutputStream out) throws IOException {
    SoakMail.Client client = mail.client();
    String answer = say(in, out, "MAIL FROM:<" + mail.from() + ">");
    if (client == SoakMail.Client.GOES_IN_ENVELOPE) {
      return false;
    }
    if (answer.startsWith("250")) {
      answer = say(in, out, "RCPT TO:<" + mail.to() + ">");
    }
    if (answer.startsWith("250")) {
      answer = say(in, out, "DATA");
    }
    if (!answer.startsWith("354")) {
      ledger.refused(mail.number());
      BenchWire.expect("250", say(in, out, "RSET"));
      return true;
    }
    out.write(mail.header().getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i < mail.lines(); i++) {
      out.write(line);
      if (client == SoakMail.Client.GOES_IN_MESSAGE && i == mail.lines() / 2) {
        out.flush();
        return false;
      }
    }
    ledger.doubtful(mail.number());
    if (client == SoakMail.Client.GOES_AFTER_DOT) {
      out.write(".\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
      return false;
    }
    answer = say(in, out, ".");
    if (answer.startsWith("250")) {
      ledger.accepted(mail.number());
    } else {
      ledger.refused(mail.number());
    }
    return true;
  }

  /** A login that fails; the address may be blocked for it. */
  private void guess(int guesser) throws IOException {
    InetAddress own = InetAddress.getByName("127.0.3." + (1 + guesser));
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), smtpPort, own, 0)) {
      socket.setSoTimeout(ANSWER_MILLIS_MAX);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      BenchWire.expect("220", BenchWire.reply(in));
      BenchWire.expect("250", say(in, out, "EHLO guess.example"));
      String answer = say(in, out, "AUTH SCRAM-SHA-256 " + base64("n,,n=nobody,r=guessguessguess"));
      if (answer.startsWith("334")) {
        answer = say(in, out, base64("c=biws,r=wrong,p=d3Jvbmc="));
      }
      if (answer.startsWith("2")) {
        throw new IOException("a guess was right: " + answer);
      }
      guesses.incrementAndGet();
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  private void overJms(int until) throws Exception {
    try (ActiveMQConnectionFactory factory =
            new ActiveMQConnectionFactory("tcp://127.0.0.1:" + brokerPort, "bench", "secret");
        Connection connection = factory.createConnection();
        Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(session.createQueue("mail.submit"))) {
      for (int i = 0; i < PER_CONNECTION_MAX; i++) {
        int first = next.getAndAdd(IN_A_TRANSACTION);
        int end = Math.min(first + IN_A_TRANSACTION, until);
        for (int number = first; number < end; number++) {
          producer.send(message(session, new SoakMail(number)));
        }
        if (first >= until) {
          return;
        }
        if (first / IN_A_TRANSACTION % TRANSACTIONS_TO_LEAVE == 0) {
          left.incrementAndGet();
          return;
        }
        for (int number = first; number < end; number++) {
          ledger.doubtful(number);
        }
        session.commit();
        for (int number = first; number < end; number++) {
          ledger.accepted(number);
        }
      }
    }
  }

  private BytesMessage message(Session session, SoakMail mail) throws Exception {
    BytesMessage message = session.createBytesMessage();
    message.setStringProperty("mailFrom", mail.from());
    message.setStringProperty("rcptTo", mail.to());
    message.writeBytes(mail.header().getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i < mail.lines(); i++) {
      message.writeBytes(line);
    }
    return message;
  }

  private static String say(InputStream in, OutputStream out, String text) throws IOException {
    out.write((text + "\r\n").getBytes(StandardCharsets.US_ASCII));
    out.flush();
    return BenchWire.reply(in);
  }
}
