package dev.caravan.traffic;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.caravan.mail.Durations;
import dev.caravan.mail.Names;
import dev.caravan.mail.SmtpReply;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * What a reply of some sites means. A bean: its properties are set in XML.
 *
 * <p>The pattern is RE2 (linear in the reply's length), ignores case, and is searched in the whole
 * reply, {@code 421 4.7.28 Our system has detected …}, its lines with a space between.
 */
public final class ResponseRule {
  private static final int REPLY_MAX = 2_000;

  /** A server that refuses us before there is a mail: its reply is told within one of ours. */
  private static final Pattern QUOTED =
      Pattern.compile("(?s)^451 4\\.3\\.2 .* said (?:in the greeting|to [A-Z]+): (\\d{3} .*)$");

  private String name = "";
  private Names sites = Names.parse("*");
  private Pattern pattern = Pattern.compile("^$");
  private Optional<Outcome> outcome = Optional.empty();
  private boolean slow;
  private Optional<Duration> suspend = Optional.empty();
  private Optional<Duration> anotherSource = Optional.empty();

  /** What becomes of a recipient. */
  enum Outcome {
    DEFER,
    FAIL
  }

  /** For people: what was understood. */
  public void setName(String text) {
    name = text;
  }

  /** Names with commas between; {@code *.example.com}, {@code *}. All sites unless it is set. */
  public void setSites(String names) {
    sites = Names.parse(names);
  }

  /**
   * @throws com.google.re2j.PatternSyntaxException when it is none
   */
  public void setReply(String text) {
    pattern = Pattern.compile(text, Pattern.CASE_INSENSITIVE);
  }

  /** {@code defer} makes a refusal temporary, {@code fail} makes it final. */
  public void setOutcome(String what) {
    outcome = Optional.of(Outcome.valueOf(what.strip().toUpperCase(Locale.ROOT)));
  }

  /** The site is given half of the deliveries at once from now on; it may grow again. */
  public void setSlow(boolean half) {
    slow = half;
  }

  /** The site is left alone so long, e.g. {@code 10m}. */
  public void setSuspend(String time) {
    suspend = Optional.of(Durations.parse(time));
  }

  /**
   * It is said of our address: the mail is tried again soon from another source, and for so long,
   * e.g. {@code 1h}, nothing is sent to this site from the one it was sent from. Where there is no
   * other source the site is left alone so long.
   */
  public void setAnotherSource(String time) {
    anotherSource = Optional.of(Durations.parse(time));
  }

  boolean fits(String site, SmtpReply reply) {
    if (!sites.contain(site)) {
      return false;
    }
    String text = reply.toString();
    String whole = text.substring(0, Math.min(text.length(), REPLY_MAX));
    Matcher quoted = QUOTED.matcher(whole);
    return pattern.matcher(whole).find()
        || quoted.matches() && pattern.matcher(quoted.group(1)).find();
  }

  String name() {
    return name;
  }

  Optional<Outcome> outcome() {
    return outcome;
  }

  boolean slow() {
    return slow;
  }

  Optional<Duration> suspend() {
    return suspend;
  }

  Optional<Duration> anotherSource() {
    return anotherSource;
  }
}
