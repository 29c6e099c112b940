package dev.caravan.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.delivery.Attempt;
import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.ReversePath;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The rules that are shipped, on replies as these providers give them. */
final class ResponsesTest {
  private static final EmailAddress TO = EmailAddress.parse("b@dest.example");

  @TempDir private Path data;

  private final AtomicLong now = new AtomicLong();
  private Traffic traffic;
  private Responses responses;

  @BeforeEach
  void read() throws Exception {
    traffic =
        new Traffic(
            20,
            "",
            Duration.ofMinutes(1),
            new SiteOrders(data.resolve("sites.json").toString()),
            now::get,
            () -> Instant.EPOCH);
    responses = new Responses();
    responses.setRules(shipped());
  }

  private static List<ResponseRule> shipped() throws Exception {
    NodeList beans =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(Path.of("routes/responses.xml").toFile())
            .getElementsByTagName("bean");
    Map<String, ResponseRule> rules = new LinkedHashMap<>();
    List<String> order = new ArrayList<>();
    for (int i = 0; i < beans.getLength(); i++) {
      Element bean = (Element) beans.item(i);
      NodeList properties = bean.getElementsByTagName("property");
      ResponseRule rule = new ResponseRule();
      for (int k = 0; k < properties.getLength(); k++) {
        Element property = (Element) properties.item(k);
        String value = property.getAttribute("value");
        switch (property.getAttribute("key")) {
          case "name" -> rule.setName(value);
          case "reply" -> rule.setReply(value);
          case "sites" -> rule.setSites(value);
          case "outcome" -> rule.setOutcome(value);
          case "slow" -> rule.setSlow(Boolean.parseBoolean(value));
          case "suspend" -> rule.setSuspend(value);
          case "anotherSource" -> rule.setAnotherSource(value);
          default -> order.add(value.substring("#bean:".length()));
        }
      }
      rules.put(bean.getAttribute("name"), rule);
    }
    rules.remove("responses");
    assertThat(order).as("every rule has its place").containsExactlyElementsOf(rules.keySet());
    return List.copyOf(rules.values());
  }

  private static Attempt attempt(String reply) {
    SmtpReply said = SmtpReply.parse(reply);
    Outcome outcome =
        said.isPermanent()
            ? new Outcome.Failed(TO, said)
            : said.isPositive()
                ? new Outcome.Delivered(TO, said)
                : new Outcome.Deferred(TO, said, false);
    QueuedMail mail =
        new QueuedMail(
            new MailId("0123456789ABCDEF"),
            new Envelope(ReversePath.parse("a@sender.example"), List.of(TO)),
            Content.of(new byte[0]),
            "dest.example",
            0,
            Instant.EPOCH,
            "",
            Origin.Source.SMTP,
            false);
    return new Attempt(mail, List.of(outcome), "mx[192.0.2.1]:25", "", Duration.ZERO);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          421 4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP address. To protect our users from spam, mail sent from your IP address has been temporarily rate limited.         | gmail: too much from this address | deferred | 15m
          421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your DKIM domain [example.com 35]. To protect our users from spam, mail sent from your domain has been temporarily rate limited. | gmail: too much unsolicited mail | deferred | 15m
          554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.1 | our address is on a block list | deferred | 60m
          550 JunkMail rejected - mail.example.com [192.0.2.1]:39876 is in an RBL: https://www.spamhaus.org/query/ip/192.0.2.1 | our address is on a block list | deferred | 60m
          550 rejected because 2001:db8::1 is in a black list at zen.spamhaus.org | our address is on a block list | deferred | 60m
          450 4.7.1 Client host [192.0.2.1] blocked using bl.example.org; try again | our address is on a block list | deferred | 60m
          550 5.7.1 Message contains a URL listed by dbl.spamhaus.org | none | failed | 0m
          554 5.7.1 Service unavailable; Sender address [a@sender.example] blocked using dbl.spamhaus.org | none | failed | 0m
          554 5.7.1 Service unavailable; Helo command [relay.example] blocked using dbl.spamhaus.org | none | failed | 0m
          451 4.3.2 mx.example[192.0.2.9]:25 said in the greeting: 554 IP=192.0.2.1 - A problem occurred. Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify. | t-online: address has a problem | deferred | 60m
          451 4.3.2 mx.example[192.0.2.9]:25 said to EHLO: 553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1 | yahoo: address blocked | deferred | 60m
          421 4.7.0 Try again later, closing connection. a640c23a62f3a-a6f - gsmtp                        | gmail: slower                    | deferred | 5m
          421 4.7.0 [192.0.2.1 15] Our system has detected that this message is suspicious due to the very low reputation of the sending IP address | gmail: slower | deferred | 5m
          421 4.7.26 This mail has been rate limited because it is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM. | gmail: unauthenticated mail is limited | deferred | 5m
          550 5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM. | none | failed | 0m
          550 5.7.1 [192.0.2.1 12] Our system has detected that this message is likely unsolicited mail. | none | failed | 0m
          450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered. | none | deferred | 0m
          550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to https://support.google.com/a/answer/166852 | gmail: quota of the account | deferred | 60m
          550 5.1.1 The email account that you tried to reach does not exist. | none | failed | 0m
          452 4.2.2 The recipient's inbox is out of storage space.            | none | deferred | 0m
          421 RP-001 (BAY004-MC1F10) Unfortunately, some messages from 192.0.2.1 weren't sent. Please try again. We have limits for how many messages can be sent per hour and per day. | microsoft: RP-001 to RP-003 | deferred | 10m
          421 RP-003 (SNT004-MC2F30) Unfortunately, some messages on this connection weren't sent.        | microsoft: RP-001 to RP-003      | deferred | 10m
          451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77719) [VI1EUR04FT020.eop-eur04.prod.protection.outlook.com] | microsoft: server busy | deferred | 5m
          451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation. For e-mail delivery information, see https://postmaster.live.com (S775) | microsoft: limited by reputation | deferred | 15m
          550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140). You can also refer your provider to http://mail.live.com/mail/troubleshooting.aspx#errors. | microsoft: address blocked | deferred | 60m
          550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150). | microsoft: address blocked | deferred | 60m
          550 5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal from this list please visit https://sender.office.com/ | microsoft: address blocked | deferred | 60m
          550 5.7.649 Access denied, banned sending IP [192.0.2.1].           | microsoft: address blocked       | deferred | 60m
          550 5.7.650 Something else                                          | none | failed | 0m
          550 5.7.511 Access denied, banned sender[192.0.2.1].                | none | failed | 0m
          550 5.7.515 Access denied, sending domain example.com does not meet the required authentication level. | none | failed | 0m
          432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded       | microsoft: account is too fast   | deferred | 0m
          421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes | yahoo: TSS04, TS01, TS02 | deferred | 15m
          421 4.7.0 [TS01] Messages from 192.0.2.1 temporarily deferred due to user complaints - 4.16.55.1 | yahoo: TSS04, TS01, TS02        | deferred | 15m
          421 4.7.1 [TS03] All messages from 192.0.2.1 will be permanently deferred; Retrying will NOT succeed. | yahoo: TSS09, TSS11, TS03  | deferred | 60m
          421 4.7.0 [TSS09] All messages from example.com will be permanently deferred                    | yahoo: TSS09, TSS11, TS03        | deferred | 60m
          421 4.7.0 [TSS11] All messages from 192.0.2.1 will be permanently deferred                      | yahoo: TSS09, TSS11, TS03        | deferred | 60m
          553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list; see http://postmaster.yahoo.com/550-bl23.html | yahoo: address blocked | deferred | 60m
          554 delivery error: dd This user doesn't have a yahoo.com account (b@yahoo.com) [0] - mta1.mail.yahoo.com | none | failed | 0m
          451 Resources temporarily unavailable. Please try again later [#4.16.5].                        | yahoo: resources                 | deferred | 0m
          550 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137 | none | failed | 0m
          421 4.7.0 Blocked - see https://support.apple.com/en-us/HT204137   | apple: address blocked for now   | deferred | 15m
          554 gmx.net (mxgmx101) Nemesis ESMTP Service not available No SMTP service IP address is block listed. For explanation visit https://www.gmx.net/mail/senderguidelines?c=bl | gmx, web.de: address blocked | deferred | 60m
          554 web.de (mxweb011) Nemesis ESMTP Service not available No SMTP service Bad DNS PTR resource record. | gmx, web.de: address blocked | deferred | 60m
          554 Transaction failed Reject due to policy restrictions. For explanation visit https://postmaster.gmx.net/en/case?c=hi | none | failed | 0m
          421 Requested action aborted: Too many connections from your host   | gmx, web.de: slower              | deferred | 5m
          554 IP=192.0.2.1 - A problem occurred. Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify. | t-online: address has a problem | deferred | 60m
          421 4.7.0 Too many connections, slow down. OFR004_104 [104]         | orange: slower                   | deferred | 10m
          421 4.1.0 192.0.2.1 Throttled - try again later. Please see http://postmaster.comcast.net/mail-error-codes.php#RL000001 | comcast: slower | deferred | 15m
          554 resimta-po-12v.sys.comcast.net comcast 192.0.2.1 Comcast block for spam. Please see http://postmaster.comcast.net/smtp-error-codes.php#BL000000 | comcast: address blocked | deferred | 60m
          421 4.7.0 [192.0.2.1] Deferred - see https://ipcheck.proofpoint.com/?ip=192.0.2.1              | proofpoint: address deferred     | deferred | 15m
          554 5.7.0 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1 | proofpoint: address blocked      | deferred | 60m
          451 IP temporarily blacklisted - https://community.mimecast.com/docs/DOC-1369#451 [x.uk10]     | mimecast: address blocked for now | deferred | 15m
          550 Rejected by header based manually Blocked Senders - https://community.mimecast.com/docs/DOC-1369#550 | none | failed | 0m
          421 Client host rate limited by Barracuda Networks rate control    | barracuda: slower                | deferred | 10m
          421 4.3.2 Too many concurrent connections                           | too many connections             | deferred | 0m
          450 4.7.1 You are sending too fast, please slow down                | too much mail                    | deferred | 1m
          451 4.7.1 Greylisting in action, please come back later             | none | deferred | 0m
          450 4.1.1 User unknown for now                                      | none | deferred | 0m
          250 2.0.0 Ok, too many connections are rate limited                 | none | delivered | 0m
          """)
  void aReplyMeans(String reply, String rule, String outcome, String suspended) {
    Attempt after = responses.apply(attempt(reply), traffic);
    assertThat(
            after.delivered().isEmpty()
                ? responses
                    .find("dest.example", SmtpReply.parse(reply))
                    .map(ResponseRule::name)
                    .orElse("none")
                : "none")
        .isEqualTo(rule);
    Outcome found = after.outcomes().getFirst();
    assertThat(found.getClass().getSimpleName()).isEqualToIgnoringCase(outcome);
    assertThat(found.reply().text()).isEqualTo(SmtpReply.parse(reply).text());
    assertThat(found.reply().isTemporary()).isEqualTo(outcome.equals("deferred"));
    long minutes =
        traffic.tryEnter(Ask.of("dest.example"), 100, lane -> false) instanceof Entry.Later later
            ? Duration.ofNanos(later.nanos()).toMinutes()
            : 0;
    assertThat(minutes + "m").isEqualTo(suspended);
  }

  @Test
  void noShippedRuleMakesATemporaryRefusalFinal() throws Exception {
    assertThat(shipped())
        .noneMatch(rule -> rule.outcome().equals(java.util.Optional.of(ResponseRule.Outcome.FAIL)));
  }

  @Test
  void aSiteThatIsLeftAloneSaysWhyAndIsResumed() {
    Attempt after = responses.apply(attempt("421 RP-001 Not so fast"), traffic);
    assertThat(after.deferred()).hasSize(1);
    assertThat(traffic.report("dest.example"))
        .satisfies(
            report -> {
              assertThat(report.state()).isEqualTo("suspended");
              assertThat(report.why())
                  .isEqualTo(
                      "the site is left alone for 10 min: 421 RP-001 Not so fast; next attempt in"
                          + " 10 min");
            });
    traffic.resume("dest.example");
    assertThat(traffic.report("dest.example").state()).isEqualTo("open");
    responses.apply(attempt("421 RP-001 Not so fast"), traffic);
    now.addAndGet(Duration.ofMinutes(10).toNanos());
    assertThat(traffic.report("dest.example").state()).isEqualTo("open");
  }

  @Test
  void aSiteThatAsksForLessGetsHalf() {
    responses.apply(attempt("421 4.3.2 Too many connections"), traffic);
    assertThat(traffic.report("dest.example").concurrency()).isEqualTo(2);
  }

  @Test
  void anOperatorsRuleMayMakeItFinalButNotWhatMayHaveArrived() {
    ResponseRule rule = new ResponseRule();
    rule.setReply("^450 4\\.1\\.1 ");
    rule.setOutcome("fail");
    rule.setSites("*.example");
    responses.setRules(List.of(rule));
    Attempt after = responses.apply(attempt("450 4.1.1 User unknown"), traffic);
    assertThat(after.failed())
        .extracting(f -> f.reply().toString())
        .containsExactly("550 5.1.1 User unknown");
    Attempt lost =
        attempt("450 4.1.1 x")
            .withOutcomes(List.of(new Outcome.Deferred(TO, SmtpReply.parse("450 4.1.1 x"), true)));
    assertThat(responses.apply(lost, traffic).outcomes()).isEqualTo(lost.outcomes());
    rule.setSites("other.example");
    assertThat(responses.apply(attempt("450 4.1.1 User unknown"), traffic).failed()).isEmpty();
  }
}
