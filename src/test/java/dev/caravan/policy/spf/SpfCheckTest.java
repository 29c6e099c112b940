package dev.caravan.policy.spf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.dns.FakeResolver;
import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.ReversePath;
import dev.caravan.mail.Verdict;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpfCheckTest {
  private final FakeResolver dns =
      new FakeResolver()
          .txt("good.example", "v=spf1 ip4:192.0.2.1 -all")
          .txt("bad.example", "v=spf1 -all")
          .txt("soft.example", "v=spf1 ~all")
          .txt("wrong.example", "v=spf1 nonsense")
          .txt("why.example", "v=spf1 -all exp=text.why.example")
          .txt("text.why.example", "Not %{i}: see http://why.example/ \\")
          .timeout("sick.example");

  @Test
  void a_failure_is_refused_and_recorded() {
    Mail mail = check("reject", mail("a@bad.example", false));
    assertThat(mail.verdict())
        .hasToString(
            "Reject[reply=550 5.7.23 SPF validation failed: 192.0.2.1 may not send mail for"
                + " bad.example]");
    assertThat(mail.findings()).hasSize(1);
    assertThat(mail.findings().getFirst().method()).isEqualTo("spf");
    assertThat(mail.findings().getFirst().result()).isEqualTo("fail");
    assertThat(mail.findings().getFirst().reason())
        .isEqualTo("domain of a@bad.example does not designate 192.0.2.1 as permitted sender");
    assertThat(mail.findings().getFirst().properties())
        .isEqualTo(Map.of("smtp.mailfrom", "a@bad.example"));
  }

  @Test
  void the_domain_may_explain() {
    assertThat(check("reject", mail("a@why.example", false)).verdict())
        .hasToString(
            "Reject[reply=550 5.7.23 SPF validation failed: why.example explains: Not 192.0.2.1:"
                + " see http://why.example/ \\]");
  }

  @Test
  void an_explanation_stays_on_its_line() {
    dns.txt("long.example", "v=spf1 -all exp=%{l}.long.example");
    dns.txt("a.long.example", "%{h}" + "x".repeat(2000));
    Mail mail =
        new Mail(
            new MailId("M"),
            origin(false).withHelo("h\r\n250 ok\u00e9", true),
            new Envelope(
                ReversePath.parse("a@long.example"), List.of(EmailAddress.parse("b@c.example"))),
            Content.of("Subject: x\r\n\r\n"));
    Verdict verdict = check("reject", mail).verdict();
    assertThat(verdict).isInstanceOf(Verdict.Reject.class);
    assertThat(verdict.toString()).contains("h??250 ok?xxx").hasSizeLessThan(500);
  }

  @ParameterizedTest
  @CsvSource({
    "reject,a@good.example,pass,undecided",
    "reject,a@soft.example,softfail,undecided",
    "reject,a@none.example,none,undecided",
    "reject,a@wrong.example,permerror,undecided",
    "reject,a@sick.example,temperror,undecided",
    "Quarantine,a@bad.example,fail,quarantine",
    "TAG,a@bad.example,fail,undecided",
    "ignore,a@bad.example,fail,undecided",
  })
  void only_a_failure_has_consequences(String fail, String from, String result, String end) {
    Mail mail = check(fail, mail(from, false));
    assertThat(mail.findings().getFirst().result()).isEqualTo(result);
    assertThat(mail.isDecided() ? mail.disposition() : "undecided").isEqualTo(end);
  }

  @Test
  void the_null_path_is_checked_by_helo() {
    Mail mail = check("reject", mail("", false));
    assertThat(mail.verdict()).isInstanceOf(Verdict.Reject.class);
    assertThat(mail.findings().getFirst().properties())
        .isEqualTo(Map.of("smtp.helo", "bad.example"));
  }

  @Test
  void a_sick_dns_can_be_waited_for() {
    SpfCheck check = new SpfCheck(dns, "mx.example", "reject");
    check.setDeferOnTempError(true);
    assertThat(check.check(mail("a@sick.example", false)).verdict())
        .isInstanceOf(Verdict.Defer.class);
  }

  @Test
  void who_is_trusted_or_decided_or_has_no_address_is_left_alone() {
    Mail trusted = mail("a@bad.example", true);
    Mail decided = mail("a@bad.example", false).decide(Verdict.ACCEPT);
    Mail ours =
        new Mail(
            new MailId("M"),
            Origin.bounce(Instant.EPOCH),
            trusted.envelope(),
            Content.of("Subject: x\r\n\r\n"));
    assertThat(check("reject", trusted)).isSameAs(trusted);
    assertThat(check("reject", decided)).isSameAs(decided);
    assertThat(check("reject", ours)).isSameAs(ours);
    assertThat(dns.queries()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "rejected", "reject quarantine"})
  void another_action_is_named(String fail) {
    assertThatThrownBy(() -> new SpfCheck(dns, "mx.example", fail))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + fail + "'");
  }

  private Mail check(String fail, Mail mail) {
    return new SpfCheck(dns, "mx.example", fail).check(mail);
  }

  private static Origin origin(boolean trusted) {
    return Origin.smtp(
            new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 4000), trusted, Instant.EPOCH)
        .withHelo("bad.example", true);
  }

  private static Mail mail(String from, boolean trusted) {
    return new Mail(
        new MailId("M"),
        origin(trusted),
        new Envelope(ReversePath.parse(from), List.of(EmailAddress.parse("b@c.example"))),
        Content.of("Subject: x\r\n\r\n"));
  }
}
