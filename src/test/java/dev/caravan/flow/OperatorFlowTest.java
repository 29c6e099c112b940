package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.event.MailEvent;
import dev.caravan.sign.Signed;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator does with waiting mail, over the HTTP API of a running gateway. */
final class OperatorFlowTest {
  private static final String MESSAGE = "Subject: invoice 7\r\nX-Campaign: spring\r\n\r\nhello\r\n";

  @TempDir Path temp = Path.of("");

  private Remote remote;
  private TestGateway gateway;
  private Admin admin;
  private Optional<PublicKey> key = Optional.empty();

  @BeforeEach
  void start() throws Exception {
    remote = new Remote();
    remote.answers(address -> "450 4.2.0 Not now");
    Admin.token(temp.resolve("data"));
    Map<String, String> options = new HashMap<>(TestGateway.smarthost(remote));
    options.put("caravan.retry.schedule", "1h");
    options.put("caravan.order.chunk", "2");
    options.put("caravan.routes-dir", routes().toString());
    options.put("caravan.dkim.keys-dir", keys().toString());
    gateway = TestGateway.start(temp.resolve("data"), options);
    admin = new Admin(gateway.httpPort());
  }

  @AfterEach
  void stop() {
    admin.close();
    gateway.close();
    remote.close();
  }

  private Path keys() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    key = Optional.of(pair.getPublic());
    Path dir = temp.resolve("keys");
    Files.createDirectories(dir.resolve("sender.example"));
    Files.writeString(
        dir.resolve("sender.example/s1.pem"),
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(pair.getPrivate().getEncoded())
            + "\n-----END PRIVATE KEY-----\n");
    return dir;
  }

  /** Rules that hold and quarantine. */
  private Path routes() throws Exception {
    Path dir = Files.createDirectories(temp.resolve("routes"));
    try (Stream<Path> shipped = Files.list(Path.of("routes"))) {
      for (Path file : shipped.toList()) {
        Files.copy(file, dir.resolve(file.getFileName()));
      }
    }
    Path policy = dir.resolve("policy.xml");
    String before = "<bean id=\"message.results\"";
    String text = Files.readString(policy);
    assertThat(text).contains(before);
    StringBuilder rules = new StringBuilder();
    for (String verb : List.of("hold", "quarantine")) {
      rules
          .append("<filter><simple>${body.sender.localPart} == '")
          .append(verb)
          .append("'</simple><bean ref=\"")
          .append(verb)
          .append("\" method=\"with('a rule')\"/></filter>");
    }
    Files.writeString(policy, text.replace(before, rules + before));
    return dir;
  }

  private void send(String from, String to) throws Exception {
    send(from, to, MESSAGE);
  }

  private void send(String from, String to, String message) throws Exception {
    try (Client client = new Client(gateway.smtpPort())) {
      assertThat(client.send(from, List.of(to), message)).startsWith("250");
    }
  }

  private String site() {
    return "127.0.0.1:" + remote.port();
  }

  /** The last event of the mail. */
  private MailEvent event(String id) throws Exception {
    JsonNode events = admin.get("/api/mails/" + id).last().path("events");
    return MailEvent.fromJson(events.get(events.size() - 1).toString());
  }

  @Test
  void aWaitingMailIsShownHeldReleasedAndDelivered() throws Exception {
    send("a@sender.example", "b@dest.example");
    send("a@sender.example", "c@dest.example");
    admin.await(q -> q.equals(Map.of("mail.retry.1h", 2)));

    List<JsonNode> mails = admin.mails("to=b@dest.example");
    assertThat(mails).hasSize(1);
    JsonNode mail = mails.getFirst();
    assertThat(mail.path("site").asText()).isEqualTo(site());
    assertThat(mail.path("attempts").asInt()).isEqualTo(1);
    assertThat(mail.path("state").asText()).isEqualTo("waiting");
    assertThat(mail.path("size").asInt()).isGreaterThan(MESSAGE.length());
    assertThat(mail.path("why").asText())
        .matches("the next attempt is in 59m \\d+s; the last reply was: 450 4.2.0 Not now");
    String id = mail.path("id").asText();

    JsonNode shown = admin.get("/api/mails/" + id).last();
    assertThat(shown.path("waiting")).hasSize(1);
    assertThat(shown.path("waiting").get(0).path("history").toString())
        .contains("== attempt 1, ")
        .contains("\"C: RCPT TO:<b@dest.example>")
        .contains("\"S: 450 4.2.0 Not now\"");
    assertThat(shown.path("header").toString()).contains("invoice 7");
    assertThat(shown.path("events").toString()).contains("queued").contains("deferred");
    assertThat(admin.get("/api/mails/" + id + "/content").body()).endsWith(MESSAGE);

    assertThat(admin.post("/api/mails/hold", "{'id':'" + id + "','dryRun':true}").last())
        .hasToString("{\"mails\":1,\"inDelivery\":0}");
    assertThat(admin.act("hold", "{'id':'" + id + "','reason':'it looks odd'}")).isEqualTo(1);
    assertThat(admin.counts()).isEqualTo(Map.of("mail.retry.1h", 1, "mail.held", 1));
    assertThat(admin.mails("state=held").getFirst().path("why").asText())
        .isEqualTo("held: it looks odd; it waits for an operator");
    assertThat(event(id).type()).isEqualTo(MailEvent.Type.HELD);
    assertThat(event(id).reply().orElseThrow().text()).endsWith("it looks odd");

    remote.answers(address -> "250 2.1.5 Ok");
    assertThat(admin.act("release", "{'id':'" + id + "'}")).isEqualTo(1);
    assertThat(remote.take().text()).endsWith(MESSAGE);
    admin.await(q -> q.equals(Map.of("mail.retry.1h", 1)));
    assertThat(event(id).type()).isEqualTo(MailEvent.Type.DELIVERED);
    assertThat(admin.get("/api/mails/" + id).status()).isEqualTo(200);
    assertThat(admin.get("/api/mails/" + id + "/content").status()).isEqualTo(404);

    assertThat(admin.act("retry", "{'all':true}")).isEqualTo(1);
    assertThat(remote.take().to()).containsExactly("c@dest.example");
    admin.await(Map::isEmpty);
  }

  @Test
  void mailGoesByAnotherServerBackToItsSenderOrAway() throws Exception {
    for (String to : List.of("b", "c", "d")) {
      send("a@sender.example", to + "@dest.example");
    }
    admin.await(q -> q.equals(Map.of("mail.retry.1h", 3)));
    try (Remote other = new Remote()) {
      assertThat(admin.act("reroute", "{'to':'b@*','via':'127.0.0.1:" + other.port() + "'}"))
          .isEqualTo(1);
      assertThat(other.take().to()).containsExactly("b@dest.example");
    }
    String deleted = admin.mails("to=d@dest.example").getFirst().path("id").asText();
    assertThat(admin.act("delete", "{'to':'d@dest.example'}")).isEqualTo(1);
    assertThat(event(deleted).type()).isEqualTo(MailEvent.Type.DELETED);

    String bounced = admin.mails("").getFirst().path("id").asText();
    remote.answers(address -> "250 2.1.5 Ok");
    assertThat(admin.act("bounce", "{'site':'" + site() + "','reason':'no longer ours'}"))
        .isEqualTo(1);
    assertThat(event(bounced).type()).isEqualTo(MailEvent.Type.BOUNCED);
    Remote.Received report = remote.take();
    assertThat(report.from()).isEmpty();
    assertThat(report.to()).containsExactly("a@sender.example");
    assertThat(report.text())
        .contains("Final-Recipient: rfc822; c@dest.example")
        .contains("Action: failed")
        .contains("Status: 5.7.1")
        .contains("no longer ours");
    admin.await(Map::isEmpty);
  }

  @Test
  void whatRulesHaveHeldIsReleasedOrRerouted() throws Exception {
    send("hold@sender.example", "b@dest.example");
    send("quarantine@sender.example", "c@dest.example");
    admin.await(q -> q.equals(Map.of("mail.held", 1, "mail.quarantine", 1)));
    assertThat(admin.mails("state=held").getFirst().path("why").asText())
        .isEqualTo("held: a rule; it waits for an operator");
    try (Remote other = new Remote()) {
      assertThat(admin.act("reroute", "{'all':true,'via':'127.0.0.1:" + other.port() + "'}"))
          .isEqualTo(2);
      assertThat(admin.counts()).isEqualTo(Map.of("mail.held", 1, "mail.quarantine", 1));
      assertThat(admin.act("retry", "{'all':true}")).isZero();
      assertThat(admin.act("release", "{'state':'quarantined'}")).isEqualTo(1);
      assertThat(other.take().to()).containsExactly("c@dest.example");
      assertThat(admin.act("release", "{'all':true}")).isEqualTo(1);
      assertThat(other.take().to()).containsExactly("b@dest.example");
    }
    admin.await(Map::isEmpty);
  }

  /** They stay where they are, and there are more of them than are taken at a time. */
  @Test
  void eachMailIsReroutedOnce() throws Exception {
    for (String to : List.of("b", "c", "d", "e", "f")) {
      send("hold@sender.example", to + "@dest.example");
    }
    send("a@sender.example", "g@dest.example");
    admin.await(q -> q.equals(Map.of("mail.held", 5, "mail.retry.1h", 1)));
    try (Remote other = new Remote()) {
      other.answers(address -> "450 4.2.0 Not now");
      assertThat(admin.act("reroute", "{'all':true,'via':'127.0.0.1:" + other.port() + "'}"))
          .isEqualTo(6);
      admin.await(q -> q.equals(Map.of("mail.held", 5, "mail.retry.1h", 1)));
      assertThat(admin.act("reroute", "{'state':'held','via':'127.0.0.1:" + other.port() + "'}"))
          .isEqualTo(5);
    }
  }

  /** Signed when it came in, once; a hold and a release leave the signature as it is. */
  @Test
  void heldMailIsSignedOnceAndItsSignatureHolds() throws Exception {
    send("hold@sender.example", "b@dest.example", "From: x@sender.example\r\n" + MESSAGE);
    send("quarantine@sender.example", "b@dest.example", "From: x@sender.example\r\n" + MESSAGE);
    send("a@sender.example", "b@dest.example", "From: x@sender.example\r\n" + MESSAGE);
    admin.await(q -> q.equals(Map.of("mail.held", 1, "mail.quarantine", 1, "mail.retry.1h", 1)));
    assertThat(admin.act("hold", "{'state':'waiting'}")).isEqualTo(1);
    remote.answers(address -> "250 2.1.5 Ok");
    assertThat(admin.act("release", "{'all':true}")).isEqualTo(3);
    for (int i = 0; i < 3; i++) {
      Remote.Received got = remote.take();
      assertThat(got.text()).contains("\r\nDate: ").contains("\r\nMessage-ID: ");
      Signed signed = Signed.parse(new String(got.data(), StandardCharsets.ISO_8859_1));
      assertThat(signed.signatures()).hasSize(1);
      assertThat(signed.verifies("s1", key.orElseThrow())).isTrue();
    }
  }

  /** Its time is the sender's wish, not an order. */
  @Test
  void mailForLaterGoesNow() throws Exception {
    remote.answers(address -> "250 2.1.5 Ok");
    try (Client client = new Client(gateway.smtpPort())) {
      assertThat(client.say("MAIL FROM:<a@sender.example> HOLDFOR=86000")).startsWith("250");
      client.say("RCPT TO:<b@dest.example>");
      client.say("DATA");
      client.raw(MESSAGE);
      assertThat(client.say(".")).startsWith("250");
    }
    admin.await(q -> q.containsKey("mail.hold.6h"));
    assertThat(admin.mails("state=scheduled").getFirst().path("why").asText())
        .startsWith("its sender asked that it be sent at 2");
    assertThat(admin.act("retry", "{'state':'scheduled'}")).isEqualTo(1);
    assertThat(remote.take().text()).endsWith(MESSAGE);
    admin.await(Map::isEmpty);
  }

  @Test
  void aSiteIsSuspendedLimitedAndResumed() throws Exception {
    remote.answers(address -> "250 2.1.5 Ok");
    String site = "/api/sites/" + URLEncoder.encode(site(), StandardCharsets.UTF_8);
    assertThat(admin.post(site + "/suspend", "{'for':'1h','why':'they asked'}").status())
        .isEqualTo(200);
    send("a@sender.example", "b@dest.example");
    admin.await(q -> q.equals(Map.of("mail.out.127.0.0.1:" + remote.port(), 1)));
    assertThat(admin.mails("").getFirst().path("why").asText())
        .startsWith("the site is suspended by the operator until ")
        .contains("they asked");
    JsonNode shown = admin.get(site).last();
    assertThat(shown.path("state").asText()).isEqualTo("suspended");
    assertThat(shown.path("mails").path("queued").asInt()).isEqualTo(1);
    assertThat(admin.get("/api/sites").last().toString()).contains("they asked");

    // What waits in the hands of the lane's worker is reached as well.
    assertThat(admin.act("hold", "{'all':true}")).isEqualTo(1);
    assertThat(admin.counts()).isEqualTo(Map.of("mail.held", 1));
    assertThat(admin.act("release", "{'all':true}")).isEqualTo(1);

    assertThat(admin.post(site + "/limit", "{'concurrency':2,'rate':'100/min'}").status())
        .isEqualTo(200);
    assertThat(admin.post(site + "/limit", "{'concurrency':3}").last().path("rates").toString())
        .contains("100/min");
    assertThat(admin.post(site + "/resume", "{}").status()).isEqualTo(200);
    assertThat(remote.take().text()).endsWith(MESSAGE);
    assertThat(admin.post(site + "/limit", "{'clear':true}").last().has("order")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          suspend | {'for':'soon'}         | a duration is
          suspend | {'fro':'1h'}           | knows no 'fro'
          limit   | {}                     | needs
          limit   | {'concurrency':0}      | a number from 1
          limit   | {'concurrency':'two'}  | a number from 1
          limit   | {'rate':'fast'}        | is no rate
          explode | {}                     | there is no command
          """)
  void whatIsOrderedWronglyForASiteIsToldToo(String command, String body, String sentence)
      throws Exception {
    Admin.Answer answer = admin.post("/api/sites/dest.example/" + command, body);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.last().path("error").asText()).contains(sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          hold     | {}                                  | no mail is chosen
          hold     | []                                  | no JSON object
          hold     | {'site':                            | no JSON
          hold     | {'sight':'x'}                       | there is no condition 'sight'
          hold     | {'from':'example.com'}              | write @example.com
          hold     | {'older':'soon'}                    | a duration is
          hold     | {'older':['1h','2h']}               | once only
          hold     | {'header':'Subject'}                | Name: value
          hold     | {'id':'../x'}                       | mail id
          hold     | {'state':'gone'}                    | there is no state 'gone'
          hold     | {'all':true,'via':'a:1'}            | belongs to reroute
          reroute  | {'all':true}                        | HOST:PORT
          reroute  | {'all':true,'via':'a:70000'}        | HOST:PORT
          reroute  | {'all':true,'via':'nowhere'}        | there is no smarthost 'nowhere'; a server
          explode  | {'all':true}                        | there is no command 'explode'
          """)
  void whatIsAskedWronglyIsToldInASentence(String command, String body, String sentence)
      throws Exception {
    Admin.Answer answer = admin.post("/api/mails/" + command, body);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.last().path("error").asText()).contains(sentence);
  }

  @Test
  void wrongQueriesAreToldToo() throws Exception {
    for (String query :
        List.of("limit=0", "limit=x", "after=-1", "frm=a@b", "older=1", "id=a%20b")) {
      assertThat(admin.get("/api/mails?" + query).status()).as(query).isEqualTo(400);
    }
    assertThat(admin.get("/api/mails/01M855SD4NQ0ZJT0").status()).isEqualTo(404);
    assertThat(admin.get("/api/mails/..%2Fx").status()).isEqualTo(400);
    String header = URLEncoder.encode("Subject: inv*", StandardCharsets.UTF_8);
    assertThat(admin.get("/api/mails?header=" + header).status()).isEqualTo(200);
  }

  @Test
  void listsComeInPages() throws Exception {
    for (int i = 0; i < 5; i++) {
      send("hold@sender.example", i + "@dest.example");
    }
    admin.await(q -> q.equals(Map.of("mail.held", 5)));
    JsonNode first = admin.get("/api/mails?limit=2").last();
    assertThat(first.path("mails")).hasSize(2);
    assertThat(first.path("mails").get(0).path("to").get(0).asText()).isEqualTo("0@dest.example");
    JsonNode last = admin.get("/api/mails?limit=3&after=" + first.path("next").asInt()).last();
    assertThat(last.path("mails")).hasSize(3);
    assertThat(last.has("next")).isFalse();
  }
}
