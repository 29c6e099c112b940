package dev.caravan.policy.spf;

import dev.caravan.dns.Resolver;
import dev.caravan.mail.Finding;
import dev.caravan.mail.Mail;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;
import dev.caravan.policy.PolicyAction;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;

/**
 * Checks a stranger's mail with SPF: the domain of the reverse path, or of HELO when that is null
 * (RFC 7208, 2.3 and 2.4). Adds a finding {@code spf}; only {@code fail} has consequences (and
 * {@code temperror}, if wanted). Mail of trusted clients and of applications is left alone: its
 * addresses are not those that the domain publishes.
 */
public final class SpfCheck {
  private static final int EXPLANATION_MAX = 200;
  private static final int REPLY_MAX = 400;

  private final SpfEvaluator evaluator;
  private final PolicyAction fail;
  private volatile boolean deferOnTempError;

  /**
   * With the usual clock and time limit.
   *
   * @param hostname our name
   * @param fail what {@code fail} means: {@code reject}, {@code quarantine}, {@code tag} or {@code
   *     ignore}
   * @throws IllegalArgumentException when it is none of these
   */
  public SpfCheck(Resolver resolver, String hostname, String fail) {
    this(new SpfEvaluator(resolver, hostname), PolicyAction.of(fail));
  }

  /** With an evaluator of its own. */
  public SpfCheck(SpfEvaluator evaluator, PolicyAction fail) {
    this.evaluator = evaluator;
    this.fail = fail;
  }

  /** Whether a stranger must come again when the DNS gave no answer; false without being set. */
  public void setDeferOnTempError(boolean defer) {
    deferOnTempError = defer;
  }

  public Mail check(Mail mail) {
    Optional<InetSocketAddress> peer = mail.origin().peer().filter(p -> p.getAddress() != null);
    if (mail.isDecided() || mail.origin().trusted() || peer.isEmpty()) {
      return mail;
    }
    InetAddress client = peer.get().getAddress();
    SpfResult result =
        evaluator.check(client, mail.origin().helo(), mail.envelope().sender().toString());
    Mail checked = mail.withFinding(finding(mail, result, reason(client, mail, result)));
    return switch (result.kind()) {
      case FAIL -> failed(checked, client, result);
      case TEMPERROR ->
          deferOnTempError && fail != PolicyAction.IGNORE
              ? checked.decide(
                  // RFC 7372, 3.2
                  new Verdict.Defer(
                      SmtpReply.of(451, "4.7.24", "SPF could not be checked, try again later")))
              : checked;
      case NONE, NEUTRAL, PASS, SOFTFAIL, PERMERROR -> checked;
    };
  }

  private Mail failed(Mail mail, InetAddress client, SpfResult result) {
    return switch (fail) {
      case REJECT -> mail.decide(new Verdict.Reject(refusal(client, result)));
      case QUARANTINE ->
          mail.decide(
              new Verdict.Accept(
                  Verdict.Disposition.QUARANTINE, mail.findings().getLast().reason()));
      case TAG, IGNORE -> mail;
    };
  }

  /** RFC 7372, 3.2; the explanation is marked as the domain's own words (RFC 7208, 8.4). */
  private static SmtpReply refusal(InetAddress client, SpfResult result) {
    String domain = printable(result.domain());
    String explanation = printable(result.explanation()).strip();
    String text =
        explanation.isEmpty()
            ? address(client) + " may not send mail for " + domain
            : domain + " explains: " + cut(explanation, EXPLANATION_MAX);
    return SmtpReply.of(550, "5.7.23", cut("SPF validation failed: " + text, REPLY_MAX));
  }

  private static Finding finding(Mail mail, SpfResult result, String reason) {
    boolean helo = mail.envelope().sender().isNull();
    return new Finding(
        "spf",
        result.kind().toString(),
        reason,
        helo
            ? Map.of("smtp.helo", mail.origin().helo())
            : Map.of("smtp.mailfrom", mail.envelope().sender().toString()));
  }

  private static String reason(InetAddress client, Mail mail, SpfResult result) {
    String who =
        "domain of "
            + (mail.envelope().sender().isNull()
                ? "postmaster@" + mail.origin().helo()
                : mail.envelope().sender().toString());
    String ip = address(client);
    return printable(
        switch (result.kind()) {
          case NONE -> who + " does not designate permitted senders";
          case NEUTRAL -> ip + " is neither permitted nor denied by " + who;
          case PASS -> who + " designates " + ip + " as permitted sender";
          case FAIL -> who + " does not designate " + ip + " as permitted sender";
          case SOFTFAIL -> "transitioning " + who + " does not designate " + ip;
          case TEMPERROR, PERMERROR -> who + ": " + result.problem();
        });
  }

  private static String address(InetAddress client) {
    return IpNetwork.readable(IpNetwork.octets(client));
  }

  /** Strangers wrote this: printable ASCII only, so that no line of theirs becomes one of ours. */
  private static String printable(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(c >= ' ' && c < 127 ? c : '?');
    }
    return out.toString();
  }

  private static String cut(String text, int longest) {
    return text.length() <= longest ? text : text.substring(0, longest);
  }
}
