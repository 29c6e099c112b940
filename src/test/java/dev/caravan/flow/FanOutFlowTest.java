package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.auth.Account;
import dev.caravan.auth.UsersFile;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One submission, a mail of its own for each of its recipients. */
final class FanOutFlowTest {
  private static final long ANSWER_MILLIS = 60_000;

  @TempDir Path data;
  @TempDir Path templates;

  private final Remote remote = new Remote();

  @BeforeEach
  void write() throws Exception {
    Files.writeString(templates.resolve("offer.subject"), "For {{name}}\n");
    Files.writeString(templates.resolve("offer.txt"), "Dear {{name}}, {{shop}} & {{code}}\n");
  }

  @AfterEach
  void stop() {
    remote.close();
  }

  private Map<String, String> options() {
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.templates-dir", templates.toString());
    options.put("caravan.fan-out.batch", "7");
    return options;
  }

  @Test
  void eachRecipientGetsItsOwnMailAndWrongOnesAreInNobodysWay() throws Exception {
    String recipients =
        IntStream.range(0, 50)
            .mapToObj(
                i ->
                    switch (i) {
                      case 13 -> "{'to':'nobody','data':{'name':'N13'}}";
                      case 21 -> "{'to':'r21@dest.example'}";
                      case 34 -> "{'to':'r34@dest.example','data':{'name':'N\\r\\nBcc: x'}}";
                      case 35 ->
                          "{'to':'r35@dest.example','data':{'name':'N'},'from':'x@y.example'}";
                      case 36 -> "'r36@dest.example'";
                      default ->
                          "{'to':'R <r%d@dest.example>','data':{'name':'N%d'}}".formatted(i, i);
                    })
            .collect(Collectors.joining(","));
    String json =
        "{'from':'a@sender.example','template':'offer','recipients':["
            + recipients
            + "],'data':{'shop':'<S>','code':19.90},'notify':'delivered','mailKey':'may'}";
    try (TestGateway gateway = TestGateway.start(data, options());
        Connection connection = gateway.application();
        Session session = connection.createSession()) {
      TemporaryQueue answers = session.createTemporaryQueue();
      MessageConsumer consumer = session.createConsumer(answers);
      send(session, json, answers, false);
      Message accepted = consumer.receive(ANSWER_MILLIS);
      assertThat(accepted.getStringProperty("status")).isEqualTo("accepted");
      assertThat(accepted.getStringProperty("recipients")).isEqualTo("50");
      String id = accepted.getStringProperty("mailId");
      Map<String, Integer> statuses = new TreeMap<>();
      Map<String, String> refused = new TreeMap<>();
      List<String> completed = new ArrayList<>();
      for (int i = 0; i < 45 + 5 + 1; i++) {
        Message answer = consumer.receive(ANSWER_MILLIS);
        assertThat(answer).as("after %s", statuses).isNotNull();
        String status = answer.getStringProperty("status");
        statuses.merge(status, 1, Integer::sum);
        if (status.equals("rejected")) {
          assertThat(answer.getStringProperty("mailId"))
              .isEqualTo(id + "." + answer.getStringProperty("index"));
          refused.put(answer.getStringProperty("index"), answer.getStringProperty("reply"));
        } else if (status.equals("completed")) {
          completed.add(answer.getStringProperty("mails"));
          completed.add(answer.getStringProperty("refused"));
        }
      }
      assertThat(statuses).isEqualTo(Map.of("delivered", 45, "rejected", 5, "completed", 1));
      assertThat(completed).containsExactly("45", "5");
      assertThat(refused.keySet()).containsExactly("13", "21", "34", "35", "36");
      assertThat(refused.get("13")).contains("5.1.3");
      assertThat(refused.get("21")).contains("no value for name");
      assertThat(refused.get("34")).contains("line break");
      assertThat(refused.get("35")).contains("no key from");
      TreeSet<String> ids = new TreeSet<>();
      for (int i = 0; i < 45; i++) {
        Remote.Received mail = remote.take();
        String to = mail.to().getFirst();
        String n = to.substring(1, to.indexOf('@'));
        assertThat(mail.to()).hasSize(1);
        assertThat(mail.text())
            .contains("Subject: For N" + n + "\r\n")
            .contains("Dear N" + n + ", <S> & 19.90")
            .contains("Message-ID: <" + id + "." + n + "@relay.example>");
        assertThat(ids.add(to)).isTrue();
      }
      // The same again is no second mail, and has the first answer.
      send(session, json, answers, true);
      Message again = consumer.receive(ANSWER_MILLIS);
      assertThat(again.getStringProperty("mailId")).isEqualTo(id);
      assertThat(again.getStringProperty("recipients")).isEqualTo("50");
      assertThat(gateway.awaitCount("mail.fanout", 0)).isZero();
      assertThat(gateway.awaitCount("mail.fanout.tally", 0)).isZero();
      assertThat(gateway.awaitCount("mail.out", 0)).isZero();
      // 13 is of the second batch of seven, 21 of the fourth, 34 of the fifth, 35 and 36 of the
      // sixth
      assertThat(gateway.count("mail.rejected")).isEqualTo(4);
      assertThat(remote.received()).isEmpty();
    }
  }

  /** 130 of 140 have no value for the template: each is kept, and gets its mail by a replay. */
  @Test
  void whoWasRefusedIsKeptAndReplayed() throws Exception {
    Admin.token(data);
    Path file = data.resolve("users");
    new UsersFile(file).add(new Account("shop", true, List.of(), 0, 0), "secret", false);
    Map<String, String> options = options();
    options.put("caravan.users-file", file.toString());
    options.put("caravan.fan-out.batch", "70");
    String json =
        "{'from':'a@sender.example','template':'offer','data':{'shop':'S','code':1},"
            + "'notify':'delivered','mailKey':'june','recipients':["
            + IntStream.range(0, 140)
                .mapToObj(
                    i ->
                        "{'to':'r%d@dest.example','data':{%s}}"
                            .formatted(i, i % 14 == 0 ? "'name':'N'" : ""))
                .collect(Collectors.joining(","))
            + "]}";
    try (TestGateway gateway = TestGateway.start(data, options);
        Admin admin = new Admin(gateway.httpPort());
        Connection connection = gateway.application("shop", "secret");
        Session session = connection.createSession()) {
      Queue answers = session.createQueue("mail.reply.shop");
      send(session, json, answers, false);
      TreeSet<String> to = new TreeSet<>();
      for (int i = 0; i < 10; i++) {
        assertThat(to.add(remote.take().to().getFirst())).isTrue();
      }
      assertThat(gateway.awaitCount("mail.fanout.tally", 0)).isZero();
      JsonNode rejected = admin.get("/api/rejected").last().path("rejected");
      assertThat(rejected).hasSize(4);
      TreeSet<Integer> indexes = new TreeSet<>();
      for (JsonNode one : rejected) {
        assertThat(one.path("application").asText()).isEqualTo("shop");
        assertThat(one.path("reason").asText()).contains("no value for name").contains(" more, ");
        JsonNode all = admin.get("/api/rejected/" + one.path("id").asText()).last();
        assertThat(all.path("body").asText()).doesNotContain("june");
        all.path("properties")
            .path("refusals")
            .asText()
            .lines()
            .forEach(
                line -> {
                  assertThat(line).contains("no value for name");
                  indexes.add(Integer.valueOf(line.replaceFirst(":.*", "")));
                });
      }
      assertThat(indexes).hasSize(130).doesNotContain(0, 14, 28);

      // A value is given to all; the same recipients, and no others, get their mail.
      Files.writeString(templates.resolve("offer.subject"), "For you\n");
      Files.writeString(templates.resolve("offer.txt"), "Dear all, {{shop}}\n");
      assertThat(admin.post("/api/rejected/replay", "{'all': true}").last().path("mails").asLong())
          .isEqualTo(4);
      for (int i = 0; i < 130; i++) {
        assertThat(to.add(remote.take().to().getFirst())).isTrue();
      }
      assertThat(to).hasSize(140);
      assertThat(gateway.awaitCount("mail.fanout.tally", 0)).isZero();
      assertThat(gateway.count("mail.rejected")).isZero();
      assertThat(remote.received()).isEmpty();
      Map<String, Integer> statuses = new TreeMap<>();
      try (MessageConsumer consumer = session.createConsumer(answers)) {
        for (int i = 0; i < 1 + 130 + 10 + 1 + 4 + 130 + 4; i++) {
          Message answer = consumer.receive(ANSWER_MILLIS);
          assertThat(answer).as("after %s", statuses).isNotNull();
          statuses.merge(answer.getStringProperty("status"), 1, Integer::sum);
        }
      }
      assertThat(statuses)
          .isEqualTo(Map.of("accepted", 5, "rejected", 130, "delivered", 140, "completed", 5));
    }
  }

  @Test
  void whatCantBeReadIsRefusedAsAWhole() throws Exception {
    Map<String, String> options = options();
    options.put("caravan.fan-out.recipients-max", "3");
    options.put("caravan.fan-out.head-max", "1KB");
    String ann = "{'to':'ann@dest.example','data':{'name':'Ann'}}";
    Map<String, String> wrong =
        Map.of(
            "'recipients':[]",
            "recipients is empty",
            "'recipients':'x'",
            "recipients must be an array",
            "'recipients':[" + ann + "},]",
            "can't be read",
            "'recipients':[" + (ann + ",").repeat(3) + ann + "]",
            "more than 3 recipients",
            "'recipients':[" + ann + "],'to':'x@dest.example'",
            "to stands with each",
            "'recipients':[" + ann + "],'data':{'x':'" + "y".repeat(1100) + "'}",
            "too long",
            "'recipients':[{'to':'" + "y".repeat(70_000) + "'}]",
            "recipients[0] is too long",
            "'recipients':[" + ann + "],'sendAt':'2099-01-01T00:00:00Z'",
            "further away",
            "'to':'ann@dest.example','data':{'shop':'S'}",
            "no value for name",
            "'to':'ann@dest.example','text':'x'",
            "text is what the template says");
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = gateway.application();
        Session session = connection.createSession()) {
      TemporaryQueue answers = session.createTemporaryQueue();
      MessageConsumer consumer = session.createConsumer(answers);
      for (Map.Entry<String, String> one : wrong.entrySet()) {
        send(
            session,
            "{'from':'a@sender.example','template':'offer'," + one.getKey() + "}",
            answers,
            false);
        Message answer = consumer.receive(ANSWER_MILLIS);
        assertThat(answer.getStringProperty("status")).as(one.getKey()).isEqualTo("rejected");
        assertThat(answer.getStringProperty("reply")).contains(one.getValue());
      }
      assertThat(gateway.count("mail.rejected")).isEqualTo(wrong.size());
      assertThat(gateway.count("mail.fanout")).isZero();
      assertThat(gateway.count("mail.out")).isZero();
    }
  }

  /** Ten megabytes as bytes: spooled to a file, and read as a stream. */
  @Test
  void aLargeOneMayComeAsBytes() throws Exception {
    int count = 500;
    Map<String, String> options = options();
    options.put("caravan.fan-out.batch", "100");
    String filler = "z".repeat(20_000);
    String json =
        "{'from':'a@sender.example','template':'offer','recipients':["
            + IntStream.range(0, count)
                .mapToObj(
                    i ->
                        "{'to':'r"
                            + i
                            + "@dest.example','data':{'name':'N','shop':'S','code':1,'x':'"
                            + filler
                            + "'}}")
                .collect(Collectors.joining(",\n"))
            + "]}";
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = gateway.application();
        Session session = connection.createSession()) {
      TemporaryQueue answers = session.createTemporaryQueue();
      MessageConsumer consumer = session.createConsumer(answers);
      send(session, json, answers, true);
      List<String> statuses = new ArrayList<>();
      statuses.add(consumer.receive(ANSWER_MILLIS).getStringProperty("status"));
      statuses.add(consumer.receive(ANSWER_MILLIS).getStringProperty("status"));
      assertThat(statuses).containsExactly("accepted", "completed");
      TreeSet<String> to = new TreeSet<>();
      for (int i = 0; i < count; i++) {
        assertThat(to.add(remote.take().to().getFirst())).isTrue();
      }
      try (var files = Files.list(data.resolve("spool"))) {
        assertThat(files).isEmpty();
      }
    }
  }

  /** The limit is that of each mail, not of the submission. */
  @Test
  void whoseMailIsLargerThanTheUsersOwnLimitIsRefusedAlone() throws Exception {
    Path file = data.resolve("users");
    new UsersFile(file).add(new Account("shop", true, List.of(), 0, 0, 20_000), "secret", false);
    Map<String, String> options = options();
    options.put("caravan.users-file", file.toString());
    String json =
        "{'from':'a@sender.example','template':'offer','data':{'name':'N','shop':'S'},"
            + "'recipients':["
            + IntStream.range(0, 10)
                .mapToObj(
                    i ->
                        "{'to':'r%d@dest.example','data':{'code':'%s'}}"
                            .formatted(i, "x ".repeat(i == 3 ? 13_000 : 4_000)))
                .collect(Collectors.joining(","))
            + "]}";
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = gateway.application("shop", "secret");
        Session session = connection.createSession()) {
      TemporaryQueue answers = session.createTemporaryQueue();
      MessageConsumer consumer = session.createConsumer(answers);
      send(session, json, answers, false);
      assertThat(consumer.receive(ANSWER_MILLIS).getStringProperty("status")).isEqualTo("accepted");
      TreeSet<String> told = new TreeSet<>();
      for (int i = 0; i < 2; i++) {
        Message answer = consumer.receive(ANSWER_MILLIS);
        assertThat(answer).as("after %s", told).isNotNull();
        String status = answer.getStringProperty("status");
        told.add(status);
        if (status.equals("rejected")) {
          assertThat(answer.getStringProperty("index")).isEqualTo("3");
          assertThat(answer.getStringProperty("reply"))
              .startsWith("552 5.3.4")
              .contains("your account, 20000 octets");
        } else {
          assertThat(answer.getStringProperty("mails")).isEqualTo("9");
        }
      }
      assertThat(told).containsExactly("completed", "rejected");
      TreeSet<String> to = new TreeSet<>();
      for (int i = 0; i < 9; i++) {
        assertThat(to.add(remote.take().to().getFirst())).isTrue();
      }
      assertThat(to).hasSize(9).doesNotContain("r3@dest.example");
      assertThat(gateway.awaitCount("mail.rejected", 1)).isEqualTo(1);
      assertThat(remote.received()).isEmpty();
    }
  }

  @Test
  void overItsRateTheRestWaits() throws Exception {
    Path file = data.resolve("users");
    new UsersFile(file).add(new Account("shop", true, List.of(), 5, 0), "secret", false);
    Map<String, String> options = options();
    options.put("caravan.users-file", file.toString());
    String json =
        "{'from':'a@sender.example','text':'hello','recipients':["
            + IntStream.range(0, 20)
                .mapToObj(i -> "{'to':'r" + i + "@dest.example'}")
                .collect(Collectors.joining(","))
            + "]}";
    try (TestGateway gateway = TestGateway.start(data, options);
        Connection connection = gateway.application("shop", "secret");
        Session session = connection.createSession()) {
      TemporaryQueue answers = session.createTemporaryQueue();
      send(session, json, answers, false);
      TreeSet<String> to = new TreeSet<>();
      for (int i = 0; i < 5; i++) {
        assertThat(to.add(remote.take().to().getFirst())).isTrue();
      }
      // 20 in batches of 7: what is over is in batches that wait.
      assertThat(gateway.awaitCount("mail.fanout", 3)).isEqualTo(3);
      assertThat(gateway.count("mail.fanout.tally")).isEqualTo(1);
      assertThat(remote.received()).isEmpty();
    }
  }

  private static void send(Session session, String json, Queue answers, boolean bytes)
      throws JMSException {
    String text = json.replace('\'', '"');
    Message message;
    if (bytes) {
      BytesMessage octets = session.createBytesMessage();
      octets.writeBytes(text.getBytes(StandardCharsets.UTF_8));
      octets.setStringProperty("format", "json");
      message = octets;
    } else {
      message = session.createTextMessage(text);
    }
    message.setJMSReplyTo(answers);
    try (MessageProducer producer = session.createProducer(session.createQueue("mail.submit"))) {
      producer.send(message);
    }
  }
}
