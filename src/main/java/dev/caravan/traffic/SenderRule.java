package dev.caravan.traffic;

import dev.caravan.mail.Names;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * What each sender domain, user or campaign may have at most, whichever sites its mail goes to. A
 * bean: its properties are set in XML. All rules that concern a mail hold. A mail that is over such
 * a limit waits in a lane of its sender domain, user or campaign.
 */
public final class SenderRule {
  private By by = By.SENDER_DOMAIN;
  private Names names = Names.parse("*");
  private OptionalInt concurrency = OptionalInt.empty();
  private List<Rate> rates = List.of();

  /** What is counted. */
  public enum By {
    SENDER_DOMAIN("sender domain"),
    USER("user"),
    CAMPAIGN("campaign");

    private final String text;

    By(String text) {
      this.text = text;
    }

    String of(Ask ask) {
      return switch (this) {
        case SENDER_DOMAIN -> ask.senderDomain();
        case USER -> ask.user();
        case CAMPAIGN -> ask.campaign();
      };
    }
  }

  /** {@code sender-domain}, {@code user} or {@code campaign}: each has limits of its own. */
  public void setBy(String what) {
    by = By.valueOf(what.strip().toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /** Which of them, with commas between; {@code *.example.com} and {@code *} as for sites. */
  public void setNames(String text) {
    names = Names.parse(text);
  }

  /** Deliveries at the same time, at most; at least 1. */
  public void setConcurrency(int max) {
    concurrency = OptionalInt.of(SiteRule.atLeastOne("concurrency", max));
  }

  /** Mails in a time, e.g. {@code 10/s,5000/h}; see {@link Rate#parse}. */
  public void setRate(String text) {
    rates = Rate.parse(text);
  }

  By by() {
    return by;
  }

  boolean concerns(Ask ask) {
    String name = by.of(ask);
    return !name.isEmpty() && names.contain(name);
  }

  Bucket bucket(String name) {
    return new Bucket(
        by.text.replace(' ', '-') + "=" + name, by.text + " " + name, concurrency, rates);
  }
}
