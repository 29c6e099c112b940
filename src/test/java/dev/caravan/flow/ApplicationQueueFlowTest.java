package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.auth.Account;
import dev.caravan.auth.UsersFile;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An application's own queue, its rates, and what it is told of mail that is deleted. */
final class ApplicationQueueFlowTest {
  private static final long ANSWER_MILLIS = 60_000;

  @TempDir Path data;

  private final Remote remote = new Remote();
  private final Map<String, String> options = new HashMap<>();

  @BeforeEach
  void users() throws Exception {
    Path file = data.resolve("users");
    UsersFile users = new UsersFile(file);
    users.add(new Account("shop", true, List.of(), 0, 0), "shop", false);
    users.add(new Account("flood", true, List.of(), 1_000_000, 1_000_000), "flood", false);
    users.add(new Account("slow", true, List.of(), 2, 0), "slow", false);
    options.putAll(TestGateway.smarthost(remote));
    options.put("caravan.users-file", file.toString());
  }

  @AfterEach
  void stop() {
    remote.close();
  }

  @Test
  void mailFromItsOwnQueueIsItsOwn() throws Exception {
    options.put("caravan.jms.application-queues-max", "1");
    for (int start = 0; start < 2; start++) {
      try (TestGateway gateway = TestGateway.start(data, options)) {
        assertThat(ask(gateway, "shop", "mail.submit.shop", "x" + start)).startsWith("accepted");
        Remote.Received mail = remote.take();
        assertThat(mail.to()).containsExactly("x" + start + "@dest.example");
        assertThatThrownBy(() -> ask(gateway, "slow", "mail.submit.shop", "y"))
            .isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> ask(gateway, "shop", "mail.submit.#", "y"))
            .isInstanceOf(JMSException.class);
        // There is one already, and the limit is one.
        assertThatThrownBy(() -> ask(gateway, "slow", "mail.submit.slow", "y"))
            .isInstanceOf(JMSException.class);
        try (Connection connection = gateway.application("shop", "shop");
            Session session = connection.createSession()) {
          assertThatThrownBy(() -> session.createConsumer(session.createQueue("mail.submit.shop")))
              .isInstanceOf(JMSException.class);
        }
        assertThat(gateway.count("mail.submit")).isZero();
        assertThat(gateway.count("mail.submit.shop")).isZero();
      }
    }
  }

  /** Taken in one at a time, as long as it takes; another's mail comes through meanwhile. */
  @ParameterizedTest
  @ValueSource(strings = {"mail.submit", "mail.submit.shop"})
  void aFloodInAQueueOfItsOwnIsInNobodysWay(String queue) throws Exception {
    int flood = 1_500;
    try (TestGateway gateway = TestGateway.start(data, options)) {
      flood(gateway, "flood", "mail.submit.flood", flood);
      assertThat(ask(gateway, "shop", queue, "other")).startsWith("accepted");
      int before = before("other");
      assertThat(before).isLessThan(flood);
      for (int i = before; i < flood; i++) {
        remote.take();
      }
      assertThat(gateway.awaitCount("mail.submit.flood", 0)).isZero();
    }
  }

  /** In the common queue all wait for each other; the most urgent is the next. */
  @Test
  void anUrgentMailPassesAFloodInTheCommonQueue() throws Exception {
    int flood = 1_500;
    try (TestGateway gateway = TestGateway.start(data, options)) {
      flood(gateway, "flood", "mail.submit", flood);
      try (Connection connection = gateway.application("shop", "shop");
          Session session = connection.createSession();
          MessageProducer producer = session.createProducer(session.createQueue("mail.submit"))) {
        producer.setPriority(9);
        producer.send(text(session, "other"));
      }
      int before = before("other");
      assertThat(before).isLessThan(flood);
      for (int i = before; i < flood; i++) {
        remote.take();
      }
    }
  }

  /** What is over its rate stays in the common queue, and others' mail passes it. */
  @Test
  void aFloodOverItsRateInTheCommonQueueIsInNobodysWay() throws Exception {
    int flood = 500;
    try (TestGateway gateway = TestGateway.start(data, options)) {
      flood(gateway, "slow", "mail.submit", flood);
      assertThat(List.of(remote.take(), remote.take())).hasSize(2);
      for (int i = 0; i < 20; i++) {
        assertThat(ask(gateway, "shop", "mail.submit", "other" + i)).startsWith("accepted");
        assertThat(remote.take().to()).containsExactly("other" + i + "@dest.example");
      }
      assertThat(gateway.count("mail.submit")).isEqualTo(flood - 2);
      assertThat(remote.received()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"wait", "refuse"})
  void overItsRateAnApplicationWaitsOrIsRefusedAndNothingIsLost(String putOff) throws Exception {
    options.put("caravan.jms.put-off", putOff);
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = gateway.application("slow", "slow");
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(session.createQueue("mail.submit"))) {
      for (int i = 0; i < 5; i++) {
        producer.send(text(session, "m" + i));
      }
      TreeSet<String> arrived = new TreeSet<>();
      arrived.add(remote.take().to().getFirst());
      arrived.add(remote.take().to().getFirst());
      assertThat(arrived).hasSize(2);
      assertThat(gateway.awaitCount(putOff.equals("wait") ? "mail.submit" : "mail.rejected", 3))
          .isEqualTo(3);
      // Others are not concerned, whatever waits before them.
      assertThat(ask(gateway, "shop", "mail.submit", "other")).startsWith("accepted");
      assertThat(remote.take().to()).containsExactly("other@dest.example");
      assertThat(remote.received()).isEmpty();
    }
  }

  /**
   * It waits in its queue as it was sent: as its application's, and with its name for the answer.
   */
  @Test
  void whatWasPutOffIsStillItsApplicationsAndItsAnswerComes() throws Exception {
    String putOff;
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = gateway.application("slow", "slow");
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(session.createQueue("mail.submit"));
        MessageConsumer answers = session.createConsumer(session.createQueue("mail.reply.slow"))) {
      producer.send(text(session, "first"));
      producer.send(text(session, "second"));
      assertThat(List.of(remote.take(), remote.take())).hasSize(2);
      TextMessage third = text(session, "third");
      third.setStringProperty("notify", "delivered");
      third.setJMSReplyTo(session.createQueue("mail.reply.slow"));
      producer.send(third);
      putOff = third.getJMSMessageID();
      assertThat(ask(gateway, "shop", "mail.submit", "other")).startsWith("accepted");
      assertThat(remote.take().to()).containsExactly("other@dest.example");
      assertThat(answers.receiveNoWait()).isNull();
    }
    new UsersFile(data.resolve("users"))
        .add(new Account("slow", true, List.of("sender.example"), 9, 0), "slow", true);
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = gateway.application("slow", "slow");
        Session session = connection.createSession();
        MessageConsumer answers = session.createConsumer(session.createQueue("mail.reply.slow"))) {
      assertThat(remote.take().to()).containsExactly("third@dest.example");
      for (String status : List.of("accepted", "delivered")) {
        Message answer = answers.receive(ANSWER_MILLIS);
        assertThat(answer.getStringProperty("status")).isEqualTo(status);
        assertThat(answer.getJMSCorrelationID()).isEqualTo(putOff);
      }
      assertThat(gateway.awaitCount("mail.submit", 0)).isZero();
    }
  }

  /** Only we say that one was put off, and whose it is. */
  @Test
  void nobodySendsAsAnotherBySayingThatItWasPutOff() throws Exception {
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = gateway.application("slow", "slow");
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(session.createQueue("mail.submit"))) {
      for (int i = 0; i < 3; i++) {
        TextMessage text = text(session, "m" + i);
        text.setIntProperty("submissionPutOff", 1);
        text.setStringProperty("submittedBy", "shop");
        producer.send(text);
      }
      assertThat(List.of(remote.take(), remote.take())).hasSize(2);
      assertThat(ask(gateway, "shop", "mail.submit", "other")).startsWith("accepted");
      assertThat(remote.take().to()).containsExactly("other@dest.example");
      assertThat(gateway.count("mail.submit")).isOne();
      assertThat(remote.received()).isEmpty();
    }
  }

  @Test
  void whoWaitsForAFailureHearsThatItsMailWasDeleted() throws Exception {
    Admin.token(data);
    options.put("caravan.jms.reply-queues-max", "1");
    try (TestGateway gateway = TestGateway.start(data, options);
        Admin admin = new Admin(gateway.httpPort());
        Connection connection = gateway.application("shop", "shop");
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(session.createQueue("mail.submit"));
        MessageConsumer answers = session.createConsumer(session.createQueue("mail.reply.shop"))) {
      TextMessage text = text(session, "held");
      text.setStringProperty("sendAt", Instant.now().plusSeconds(7200).toString());
      text.setStringProperty("notify", "bounced");
      text.setJMSReplyTo(session.createQueue("mail.reply.shop"));
      producer.send(text);
      assertThat(answers.receive(ANSWER_MILLIS).getStringProperty("status")).isEqualTo("accepted");
      assertThat(admin.act("delete", "{'all':true,'reason':'not wanted'}")).isEqualTo(1);
      Message deleted = answers.receive(ANSWER_MILLIS);
      assertThat(deleted.getStringProperty("status")).isEqualTo("deleted");
      assertThat(deleted.getStringProperty("to")).isEqualTo("held@dest.example");
      assertThat(deleted.getStringProperty("reply")).contains("not wanted");
      // One queue of answers is all that there may be.
      try (Connection other = gateway.application("slow", "slow");
          Session its = other.createSession()) {
        assertThatThrownBy(() -> its.createConsumer(its.createQueue("mail.reply.slow")))
            .isInstanceOf(JMSException.class);
      }
    }
  }

  /** So many mails in one transaction. */
  private static void flood(TestGateway gateway, String user, String queue, int mails)
      throws Exception {
    try (Connection connection = gateway.application(user, user);
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(session.createQueue(queue))) {
      for (int i = 0; i < mails; i++) {
        producer.send(text(session, "flood" + i));
      }
      session.commit();
    }
  }

  /** How many mails arrive before the one to this recipient. */
  private int before(String to) throws Exception {
    int before = 0;
    while (!remote.take().to().getFirst().equals(to + "@dest.example")) {
      before++;
    }
    return before;
  }

  private static TextMessage text(Session session, String to) throws JMSException {
    TextMessage text = session.createTextMessage("hello");
    text.setStringProperty("from", "a@sender.example");
    text.setStringProperty("to", to + "@dest.example");
    return text;
  }

  /** Sends it; gives the status of the answer. */
  private static String ask(TestGateway gateway, String user, String queue, String to)
      throws Exception {
    try (Connection connection = gateway.application(user, user);
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(session.createQueue(queue))) {
      var answers = session.createTemporaryQueue();
      TextMessage text = text(session, to);
      text.setJMSReplyTo(answers);
      producer.send(text);
      try (MessageConsumer consumer = session.createConsumer(answers)) {
        Message answer = consumer.receive(ANSWER_MILLIS);
        assertThat(answer).isNotNull();
        return answer.getStringProperty("status");
      }
    }
  }
}
