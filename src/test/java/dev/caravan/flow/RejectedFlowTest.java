package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.auth.Account;
import dev.caravan.auth.UsersFile;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An operator looks at what was no mail, submits it again, or deletes it. */
final class RejectedFlowTest {
  @TempDir Path data;

  @Test
  void whatWasNoMailIsShownReplayedAndDeleted() throws Exception {
    Admin.token(data);
    Path file = data.resolve("users");
    UsersFile users = new UsersFile(file);
    users.add(new Account("shop", true, List.of("shop.example"), 0, 0), "secret", false);
    try (Remote remote = new Remote()) {
      Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
      options.put("caravan.users-file", file.toString());
      try (TestGateway gateway = TestGateway.start(data, options);
          Admin admin = new Admin(gateway.httpPort());
          Connection connection = gateway.application("shop", "secret");
          Session session = connection.createSession()) {
        submit(session, "a@new.example", "b@dest.example");
        submit(session, "a@shop.example", "nobody");
        assertThat(gateway.awaitCount("mail.rejected", 2)).isEqualTo(2);

        JsonNode both = admin.get("/api/rejected").last().path("rejected");
        assertThat(both).hasSize(2);
        Map<String, String> ids = new HashMap<>();
        both.forEach(one -> ids.put(one.path("code").asText(), one.path("id").asText()));
        assertThat(ids).containsOnlyKeys("553 5.7.1", "554 5.1.3");
        JsonNode one = admin.get("/api/rejected/" + ids.get("554 5.1.3")).last();
        assertThat(one.path("application").asText()).isEqualTo("shop");
        assertThat(one.path("properties").path("to").asText()).isEqualTo("nobody");
        assertThat(one.path("reason").asText()).contains("to has no proper address: nobody");
        assertThat(one.path("body").asText()).contains("hello");

        // still as from the application: what it may not do it may not do now
        assertThat(act(admin, "replay", "{'all': true}")).isEqualTo(2);
        assertThat(gateway.awaitCount("mail.submit", 0)).isZero();
        assertThat(gateway.awaitCount("mail.rejected", 2)).isEqualTo(2);

        users.remove("shop");
        users.add(new Account("shop", true, List.of(), 0, 0), "secret", false);
        // its file is read again within a second
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (gateway.count("mail.rejected") > 1) {
          assertThat(System.nanoTime()).isLessThan(deadline);
          String id = named(admin, "553 5.7.1");
          assertThat(act(admin, "replay", "{'id': ['" + id + "']}")).isEqualTo(1);
          assertThat(gateway.awaitCount("mail.submit", 0)).isZero();
        }
        assertThat(remote.take().from()).isEqualTo("a@new.example");
        try (MessageConsumer answers =
            session.createConsumer(session.createQueue("mail.reply.shop"))) {
          String status = "rejected";
          while (status.equals("rejected")) {
            Message answer = answers.receive(60_000);
            assertThat(answer).isNotNull();
            status = answer.getStringProperty("status");
          }
          assertThat(status).isEqualTo("accepted");
        }

        assertThat(admin.post("/api/rejected/delete", "{}").status()).isEqualTo(400);
        assertThat(admin.post("/api/rejected/delete", "{'id': \"x' OR 1=1\"}").status())
            .isEqualTo(400);
        String left = named(admin, "554 5.1.3");
        assertThat(act(admin, "delete", "{'id': '" + left + "'}")).isEqualTo(1);
        assertThat(gateway.awaitCount("mail.rejected", 0)).isZero();
        assertThat(admin.get("/api/rejected/" + left).status()).isEqualTo(404);
        assertThat(act(admin, "delete", "{'all': true}")).isZero();
      }
    }
  }

  /** The name of the one that was rejected with this code. */
  private static String named(Admin admin, String code) throws Exception {
    for (JsonNode one : admin.get("/api/rejected").last().path("rejected")) {
      if (one.path("code").asText().equals(code)) {
        return one.path("id").asText();
      }
    }
    throw new AssertionError("none was rejected with " + code);
  }

  private static long act(Admin admin, String command, String json) throws Exception {
    Admin.Answer answer = admin.post("/api/rejected/" + command, json);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.last().path("mails").asLong();
  }

  private static void submit(Session session, String from, String to) throws JMSException {
    TextMessage text = session.createTextMessage("hello");
    text.setStringProperty("from", from);
    text.setStringProperty("to", to);
    text.setJMSReplyTo(session.createQueue("mail.reply.shop"));
    session.createProducer(session.createQueue("mail.submit")).send(text);
  }
}
