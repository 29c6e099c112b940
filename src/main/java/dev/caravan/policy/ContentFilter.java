package dev.caravan.policy;

import dev.caravan.mail.Finding;
import dev.caravan.mail.Mail;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Judges a mail by rules over header fields, text and attachments. The first rule that decides
 * wins; rules that tag go on. MIME is parsed only when a rule needs it, once, streaming; a message
 * whose parts go beyond the limits of {@link MimeParts} is refused then.
 */
public final class ContentFilter {
  /** Beyond our limits there is room to hide anything; honest mail does not come near them. */
  private static final SmtpReply UNREADABLE =
      SmtpReply.of(554, "5.6.0", "The structure of the message is too complex");

  private final List<FilterRule> rules = new ArrayList<>();

  /** Adds rules; in beans.xml {@code rules[0]}, {@code rules[1]} …. */
  public void setRules(List<FilterRule> more) {
    rules.clear();
    rules.addAll(more);
  }

  public List<FilterRule> getRules() {
    return rules;
  }

  public Mail check(Mail mail) {
    if (mail.isDecided() || rules.isEmpty()) {
      return mail;
    }
    Mail judged = mail;
    Optional<MimeParts> parts = Optional.empty();
    for (FilterRule rule : rules) {
      if (rule.needsParts() && parts.isEmpty()) {
        parts = Optional.of(parts(mail, rules.stream().anyMatch(FilterRule::needsTexts)));
        if (!parts.get().complete()) {
          return judged.decide(new Verdict.Reject(UNREADABLE));
        }
      }
      if (matches(rule, mail, parts)) {
        judged = act(rule, judged);
        if (judged.isDecided()) {
          return judged;
        }
      }
    }
    return judged;
  }

  private static MimeParts parts(Mail mail, boolean texts) {
    try {
      return MimeParts.read(mail.content(), texts);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean matches(FilterRule rule, Mail mail, Optional<MimeParts> parts) {
    if (!rule.hasConditions()) {
      return false;
    }
    boolean header =
        rule.header().isEmpty()
            || mail.content().header().all(rule.header().get()).stream()
                .anyMatch(field -> rule.matchesHeader(Text.decoded(field.value())));
    return header
        && (!rule.needsParts()
            || parts.isPresent()
                && rule.matchesNames(parts.get().names())
                && rule.matchesTypes(parts.get().types())
                && rule.matchesTexts(parts.get().texts()));
  }

  private static Mail act(FilterRule rule, Mail mail) {
    return switch (rule.action()) {
      case REJECT -> mail.decide(new Verdict.Reject(rule.reply()));
      case HOLD -> mail.decide(accept(Verdict.Disposition.HOLD, rule));
      case QUARANTINE -> mail.decide(accept(Verdict.Disposition.QUARANTINE, rule));
      case DISCARD -> mail.decide(accept(Verdict.Disposition.DISCARD, rule));
      case TAG ->
          mail.withFinding(new Finding("x-filter", "match", rule.name(), Map.of()))
              .prepend("X-Caravan-Filter: " + rule.name() + "\r\n");
    };
  }

  private static Verdict accept(Verdict.Disposition disposition, FilterRule rule) {
    return new Verdict.Accept(disposition, "content rule " + rule.name());
  }
}
