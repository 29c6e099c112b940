package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mail by the table of smarthosts in beans.xml. */
final class SmarthostFlowTest {
  private static final String MESSAGE = "From: a@sender.example\r\nSubject: %s\r\n\r\nhello\r\n";

  @TempDir Path temp;

  /** The routes as shipped with these beans in the table. */
  private Map<String, String> options(String standard, Map<String, Map<String, String>> beans)
      throws Exception {
    Path dir = TestGateway.copyRoutes(temp.resolve("routes"));
    StringBuilder table = new StringBuilder();
    StringBuilder more = new StringBuilder();
    AtomicInteger smarthosts = new AtomicInteger();
    AtomicInteger rules = new AtomicInteger();
    beans.forEach(
        (name, properties) -> {
          boolean rule = properties.containsKey("via");
          table.append(
              property(
                  rule
                      ? "rules[" + rules.getAndIncrement() + "]"
                      : "smarthosts[" + smarthosts.getAndIncrement() + "]",
                  "#bean:" + name));
          more.append(
              "<bean name=\"%s\" type=\"dev.caravan.delivery.%s\"><properties>"
                  .formatted(name, rule ? "SmarthostRule" : "Smarthost"));
          properties.forEach((key, value) -> more.append(property(key, value)));
          more.append("</properties></bean>\n");
        });
    Path file = dir.resolve("beans.xml");
    String text = Files.readString(file);
    String head =
        "<bean name=\"smarthosts\" type=\"dev.caravan.delivery.SmarthostTable\">\n    <properties>";
    assertThat(text).contains(head);
    Files.writeString(
        file, text.replace(head, head + table).replace("</camel>", more + "</camel>"));
    Map<String, String> options = new HashMap<>();
    options.put("caravan.routes-dir", dir.toString());
    options.put("caravan.delivery.mode", "smarthost");
    String[] server = standard.split(":");
    options.put("caravan.smarthost.host", server[0]);
    if (server.length > 1) {
      options.put("caravan.smarthost.port", server[1]);
    }
    options.put("caravan.retry.schedule", "1s");
    return options;
  }

  private static String property(String key, String value) {
    return "<property key=\"%s\" value=\"%s\"/>".formatted(key, value);
  }

  private static Map<String, String> member(String name, Remote remote, int weight) {
    return Map.of(
        "name",
        name,
        "hosts",
        "127.0.0.1:" + remote.port(),
        "groups",
        "relays",
        "weight",
        Integer.toString(weight));
  }

  private static Map<String, Map<String, String>> three(Remote a, Remote b, Remote c) {
    Map<String, Map<String, String>> beans = new LinkedHashMap<>();
    beans.put("hostA", member("a", a, 3));
    beans.put("hostB", member("b", b, 2));
    beans.put("hostC", member("c", c, 1));
    return beans;
  }

  /** By its name, with the site and so the limits of the other mail that goes there. */
  @Test
  void waitingMailIsReroutedToASmarthostOfTheTable() throws Exception {
    Path data = temp.resolve("data");
    Admin.token(data);
    try (Remote a = new Remote();
        Remote b = new Remote();
        Remote c = new Remote()) {
      a.answers(address -> "450 4.2.0 Not now");
      Map<String, String> options = new HashMap<>(options("a", three(a, b, c)));
      options.put("caravan.retry.schedule", "1h");
      try (TestGateway gateway = TestGateway.start(data, options);
          Admin admin = new Admin(gateway.httpPort());
          Client client = new Client(gateway.smtpPort())) {
        assertThat(client.send("a@sender.example", List.of("x@dest.example"), "\r\nx\r\n"))
            .startsWith("250");
        admin.await(q -> q.equals(Map.of("mail.retry.1h", 1)));
        Admin.Answer wrong = admin.post("/api/mails/reroute", "{'all':true,'via':'d'}");
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.last().path("error").asText())
            .isEqualTo(
                "there is no smarthost 'd'; there are a, b, c, relays; a server of no name is"
                    + " written HOST:PORT");
        assertThat(admin.act("hold", "{'all':true}")).isEqualTo(1);
        assertThat(admin.act("reroute", "{'all':true,'via':'b'}")).isEqualTo(1);
        assertThat(admin.mails("").getFirst().path("site").asText())
            .isEqualTo("127.0.0.1:" + b.port());
        assertThat(admin.act("release", "{'all':true}")).isEqualTo(1);
        assertThat(b.take().to()).containsExactly("x@dest.example");
        admin.await(Map::isEmpty);
      }
    }
  }

  @Test
  void oneOfThreeDiesInTheMiddleAndNothingIsLostOrDoubled() throws Exception {
    int mails = 400;
    try (Remote a = new Remote();
        Remote b = new Remote();
        Remote c = new Remote();
        TestGateway gateway =
            TestGateway.start(temp.resolve("data"), options("relays", three(a, b, c)));
        Client client = new Client(gateway.smtpPort())) {
      for (int i = 0; i < mails; i++) {
        if (i == mails / 4) {
          // whom it has greeted it sends away, and it greets nobody any more
          a.answers(address -> "421 4.3.2 Going down");
          a.close();
        }
        assertThat(
                client.send(
                    "a@sender.example", List.of("x@dest.example"), MESSAGE.formatted("n" + i)))
            .startsWith("250");
      }
      until(() -> a.received().size() + b.received().size() + c.received().size() >= mails);
      List<String> subjects = new ArrayList<>();
      for (Remote each : List.of(a, b, c)) {
        each.received().forEach(r -> subjects.add(subject(r)));
      }
      assertThat(subjects).hasSize(mails);
      assertThat(new TreeSet<>(subjects))
          .isEqualTo(
              IntStream.range(0, mails)
                  .mapToObj(i -> "n" + i)
                  .collect(Collectors.toCollection(TreeSet::new)));
      assertThat(a.received().size()).as("the one that died").isBetween(10, mails / 4);
      int rest = mails - a.received().size();
      assertThat((double) b.received().size())
          .as("two of three parts, within 5 standard deviations")
          .isBetween(
              rest * 2 / 3.0 - 5 * Math.sqrt(rest * 2 / 9.0),
              rest * 2 / 3.0 + 5 * Math.sqrt(rest * 2 / 9.0));
      System.out.printf(
          "three smarthosts 3:2:1, the first dies after %d of %d mails: %d + %d + %d%n",
          mails / 4, mails, a.received().size(), b.received().size(), c.received().size());
    }
  }

  @Test
  void recipientsAndSendersHaveTheirSmarthosts() throws Exception {
    try (Remote a = new Remote();
        Remote b = new Remote();
        Remote c = new Remote()) {
      Map<String, Map<String, String>> beans = new LinkedHashMap<>();
      beans.put("hostB", Map.of("name", "b", "hosts", "127.0.0.1:" + b.port()));
      beans.put("hostC", Map.of("name", "c", "hosts", "127.0.0.1:" + c.port()));
      beans.put("r1", Map.of("senders", "vip.example", "via", "c"));
      beans.put("r2", Map.of("recipients", ".partner.example", "via", "b"));
      try (TestGateway gateway =
              TestGateway.start(temp.resolve("data"), options("127.0.0.1:" + a.port(), beans));
          Client client = new Client(gateway.smtpPort())) {
        client.send(
            "a@sender.example",
            List.of("x@dest.example", "y@partner.example", "z@de.partner.example"),
            MESSAGE.formatted("split"));
        assertThat(a.take().to()).containsExactly("x@dest.example");
        assertThat(b.take().to()).containsExactly("y@partner.example", "z@de.partner.example");
        client.send("a@vip.example", List.of("y@partner.example"), MESSAGE.formatted("vip"));
        assertThat(c.take().to()).containsExactly("y@partner.example");
        assertThat(List.of(a.received(), b.received(), c.received())).allMatch(q -> q.isEmpty());
      }
    }
  }

  @Test
  void waitingMailFindsItsGroupAfterAStartAndTheRulesWhenThereIsNoneAnyMore() throws Exception {
    try (Remote a = new Remote();
        Remote b = new Remote();
        Remote c = new Remote();
        Remote d = new Remote()) {
      for (Remote each : List.of(a, b, c)) {
        each.answers(address -> "450 4.2.0 Not now");
      }
      Path data = temp.resolve("data");
      Map<String, Map<String, String>> beans = three(a, b, c);
      beans.put("rule", Map.of("recipients", "dest.example", "via", "relays"));
      String standard = "127.0.0.1:" + d.port();
      try (TestGateway gateway = TestGateway.start(data, options(standard, beans));
          Client client = new Client(gateway.smtpPort())) {
        for (String name : List.of("one", "two")) {
          client.send("a@sender.example", List.of(name + "@dest.example"), MESSAGE.formatted(name));
        }
        until(() -> Stream.of(a, b, c).mapToInt(r -> r.commands().size()).sum() >= 2);
      }
      // the rule is gone, but what was chosen stays chosen
      beans.remove("rule");
      for (Remote each : List.of(a, b, c)) {
        each.answers(address -> address.startsWith("one") ? "250 2.1.5 Ok" : "450 4.2.0 Not now");
      }
      try (TestGateway gateway = TestGateway.start(data, options(standard, beans))) {
        until(() -> Stream.of(a, b, c).mapToInt(r -> r.received().size()).sum() == 1);
        assertThat(d.received()).isEmpty();
      }
      // the group is gone: mail goes as all other mail does
      try (TestGateway gateway = TestGateway.start(data, options(standard, Map.of()))) {
        assertThat(d.take().to()).containsExactly("two@dest.example");
      }
    }
  }

  private static String subject(Remote.Received mail) {
    return mail.text()
        .lines()
        .filter(line -> line.startsWith("Subject: "))
        .map(line -> line.substring("Subject: ".length()))
        .findFirst()
        .orElse("");
  }

  private interface Condition {
    boolean holds();
  }

  private static void until(Condition condition) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      Thread.sleep(20);
    }
  }
}
