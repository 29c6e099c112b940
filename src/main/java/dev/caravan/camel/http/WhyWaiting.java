package dev.caravan.camel.http;

import dev.caravan.camel.spool.SeenMail;
import dev.caravan.queue.MailState;
import dev.caravan.traffic.SiteReport;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Why a mail is still here, in one line. */
final class WhyWaiting {
  private final Map<String, SiteReport> sites = new HashMap<>();
  private final Instant now;

  WhyWaiting(List<SiteReport> reports, Instant now) {
    reports.forEach(report -> sites.put(report.site(), report));
    this.now = now;
  }

  String of(SeenMail mail) {
    MailState state = mail.state().orElse(MailState.DEAD);
    return switch (state) {
      case QUEUED -> queued(mail);
      case WAITING -> waiting(mail);
      case SCHEDULED ->
          "its sender asked that it be sent at "
              + Instant.ofEpochMilli(mail.holdUntil()).truncatedTo(ChronoUnit.SECONDS);
      case HELD -> "held" + reason(mail.heldWhy()) + "; it waits for an operator";
      case QUARANTINED -> "quarantined" + reason(mail.heldWhy()) + "; it waits for an operator";
      case DEAD ->
          mail.deadReason().isEmpty()
              ? "nobody can be told of its failure" + lastReply(mail)
              : "it is no mail: " + mail.deadReason();
    };
  }

  private static String reason(String why) {
    return why.isEmpty() ? "" : ": " + why;
  }

  private static String lastReply(SeenMail mail) {
    return mail.lastReply().isEmpty() ? "" : "; the last reply was: " + mail.lastReply();
  }

  private String queued(SeenMail mail) {
    Optional<SiteReport> limited = limited(mail.site());
    if (limited.isPresent()) {
      return "the site is " + limited.get().why() + lastReply(mail);
    }
    return (mail.inHand() ? "it is being delivered" : "it waits for its turn") + lastReply(mail);
  }

  private String waiting(SeenMail mail) {
    Duration left = Duration.between(now, Instant.ofEpochMilli(mail.retryAt()));
    String next =
        left.isNegative() || mail.retryAt() == 0
            ? "it is due"
            : "the next attempt is in " + text(left);
    return next
        + lastReply(mail)
        + limited(mail.site()).map(report -> "; the site is " + report.why()).orElse("");
  }

  /** The site when something keeps mail from it. */
  private Optional<SiteReport> limited(String site) {
    return Optional.ofNullable(sites.get(site.toLowerCase(Locale.ROOT)))
        .filter(report -> !report.state().equals("open"));
  }

  /** In its two largest units. */
  private static String text(Duration d) {
    if (d.toDays() > 0) {
      return d.toDays() + "d " + d.toHoursPart() + "h";
    }
    if (d.toHours() > 0) {
      return d.toHours() + "h " + d.toMinutesPart() + "m";
    }
    return d.toMinutes() > 0 ? d.toMinutes() + "m " + d.toSecondsPart() + "s" : d.toSeconds() + "s";
  }
}
