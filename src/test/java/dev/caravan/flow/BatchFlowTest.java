package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Connection;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Submissions that are taken in together, some of which a broken rule fails at each time. */
final class BatchFlowTest {
  private static final int MAILS = 60;
  private static final int BROKEN_EACH = 20;
  private static final String RULE =
      """
      <from id="message.in" uri="direct:message"/>
      <filter>
        <simple>${body.sender.domain} == 'broken.example'</simple>
        <throwException exceptionType="java.lang.IllegalStateException" message="broken"/>
      </filter>
      """;

  @TempDir Path data;

  @ParameterizedTest
  @ValueSource(ints = {1, 16})
  void whatFailsFailsAloneAndEveryOtherIsOneMail(int together) throws Exception {
    Path routes = TestGateway.copyRoutes(data.resolve("routes"));
    Path policy = routes.resolve("policy.xml");
    String from = "<from id=\"message.in\" uri=\"direct:message\"/>";
    String before = Files.readString(policy);
    assertThat(before).contains(from);
    Files.writeString(policy, before.replace(from, RULE));
    try (Remote remote = new Remote()) {
      Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
      options.put("caravan.routes-dir", routes.toString());
      options.put("caravan.jms.batch-max", Integer.toString(together));
      try (TestGateway gateway = TestGateway.start(data, options);
          Connection connection = gateway.application();
          Session session = connection.createSession(Session.SESSION_TRANSACTED);
          MessageProducer producer = session.createProducer(session.createQueue("mail.submit"))) {
        Set<String> expected = new HashSet<>();
        for (int i = 0; i < MAILS; i++) {
          boolean broken = i % BROKEN_EACH == 1;
          TextMessage text = session.createTextMessage("hello");
          text.setStringProperty("from", broken ? "a@broken.example" : "a@sender.example");
          text.setStringProperty("to", "m" + i + "@dest.example");
          producer.send(text);
          if (!broken) {
            expected.add("m" + i + "@dest.example");
          }
        }
        session.commit();
        Set<String> arrived = new HashSet<>();
        for (int i = 0; i < expected.size(); i++) {
          assertThat(arrived.add(remote.take().to().getFirst())).isTrue();
        }
        assertThat(arrived).isEqualTo(expected);
        int left = MAILS / BROKEN_EACH;
        assertThat(gateway.awaitCount("mail.submit", left)).isEqualTo(left);
        assertThat(remote.received()).isEmpty();
      }
    }
  }
}
