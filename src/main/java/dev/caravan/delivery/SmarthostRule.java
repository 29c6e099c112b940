package dev.caravan.delivery;

import com.google.re2j.Pattern;
import dev.caravan.delivery.auth.SelfCheck;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Header;
import dev.caravan.mail.Mail;
import dev.caravan.mail.ReversePath;
import dev.caravan.queue.QueuedMail;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which mail goes by which smarthost. All conditions that are set must hold; without any the rule
 * is for all mail. The first rule of the table that matches counts. A bean; its properties are set
 * in XML.
 */
public final class SmarthostRule implements SelfCheck {
  private List<String> senders = List.of();
  private List<String> recipients = List.of();
  private List<String> users = List.of();
  private List<String> listeners = List.of();
  private String header = "";
  private Optional<Pattern> matches = Optional.empty();
  private String via = "";

  /** What a rule may look at; user and listener are not known of a mail from the queue. */
  record Facts(
      ReversePath sender,
      EmailAddress recipient,
      Optional<String> user,
      String listener,
      Header header) {
    static Facts of(Mail mail, EmailAddress recipient) {
      return new Facts(
          mail.sender(),
          recipient,
          mail.origin().user(),
          mail.origin().listener(),
          mail.content().header());
    }

    static Facts of(QueuedMail mail, EmailAddress recipient) {
      return new Facts(
          mail.envelope().sender(), recipient, Optional.empty(), "", mail.content().header());
    }
  }

  /**
   * Envelope senders with commas between: {@code a@example.com}, {@code example.com}, {@code
   * .example.com} with its sub-domains, {@code <>} for reports.
   */
  public void setSenders(String list) {
    senders = patterns(list);
  }

  /** Recipients, written as {@link #setSenders}. */
  public void setRecipients(String list) {
    recipients = patterns(list);
  }

  private static List<String> patterns(String list) {
    List<String> all = some(list);
    for (String pattern : all) {
      if (!pattern.equals("<>") && !pattern.matches("[^\\s<>@]{0,64}@?\\.?[^\\s<>@*]{1,253}")) {
        throw new IllegalArgumentException(
            "it is written a@example.com, example.com, .example.com or <>, not " + pattern);
      }
    }
    return all;
  }

  /** Users who have logged in, with commas between; {@code *} = any. */
  public void setUsers(String list) {
    users = some(list);
  }

  /** Names of listeners, with commas between. */
  public void setListeners(String list) {
    listeners = some(list);
  }

  private static List<String> some(String list) {
    List<String> all = Smarthost.list(list);
    if (all.isEmpty()) {
      throw new IllegalArgumentException("a condition without a value would hold for all mail");
    }
    return all;
  }

  /** A header field that has to be there; goes with {@link #setMatches}. */
  public void setHeader(String field) {
    if (!field.matches("[!-9;-~]{1,100}")) {
      throw new IllegalArgumentException("no name of a header field: " + field);
    }
    header = field;
  }

  /** The pattern (RE2, upper and lower case are one) to find in one of these fields. */
  public void setMatches(String pattern) {
    matches = Optional.of(Pattern.compile(pattern, Pattern.CASE_INSENSITIVE));
  }

  /**
   * A smarthost or a group of the table, {@code HOST:PORT}, or {@code default}: as the delivery
   * mode says.
   */
  public void setVia(String name) {
    if (!Smarthost.NAME.matcher(name).matches() && NamedServer.of(name).isEmpty()) {
      throw new IllegalArgumentException(
          "it is the name of a smarthost or a group, HOST:PORT, or default, not " + name);
    }
    via = name;
  }

  /** As it was set; empty before. */
  public String via() {
    return via;
  }

  @Override
  public Optional<String> problem() {
    if (via.isEmpty()) {
      return Optional.of("a rule needs a via");
    }
    return matches.isPresent() && header.isEmpty()
        ? Optional.of("matches is for a header, which is not set")
        : Optional.empty();
  }

  boolean matches(Facts facts) {
    return (senders.isEmpty() || senders.stream().anyMatch(p -> isFrom(facts.sender(), p)))
        && (recipients.isEmpty() || recipients.stream().anyMatch(p -> is(facts.recipient(), p)))
        && (users.isEmpty() || facts.user().filter(this::isUser).isPresent())
        && (listeners.isEmpty() || listeners.contains(facts.listener()))
        && (header.isEmpty() || facts.header().all(header).stream().anyMatch(this::isField));
  }

  private static boolean isFrom(ReversePath sender, String pattern) {
    return sender.address().map(a -> is(a, pattern)).orElse(pattern.equals("<>"));
  }

  private static boolean is(EmailAddress address, String pattern) {
    int at = pattern.lastIndexOf('@');
    return at > 0
        ? address.toString().toLowerCase(Locale.ROOT).equals(pattern.toLowerCase(Locale.ROOT))
        : address.domain().matches(pattern.substring(at + 1));
  }

  private boolean isUser(String user) {
    return users.contains("*") || users.stream().anyMatch(user::equalsIgnoreCase);
  }

  private boolean isField(Header.Field field) {
    return matches.isEmpty() || matches.get().matcher(field.value()).find();
  }
}
