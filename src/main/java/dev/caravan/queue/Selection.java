package dev.caravan.queue;

import dev.caravan.mail.Durations;
import dev.caravan.mail.Header;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Which waiting mails an operator means: all conditions must hold, of several values of one
 * condition any. Values are exact or hold {@code *} for any characters.
 *
 * @param sites as in the events; a server that a rule or command named is found without its {@code
 *     via:}
 * @param from the sender; {@code @domain} stands for any sender there, the empty pattern for {@code
 *     <>}
 * @param to any recipient, in the same way
 * @param ids of mails
 * @param older than this
 * @param headers a field of the message, its name without regard to case
 * @param users who had logged in
 * @param queues names of queues
 * @param states where it waits
 * @param all whether all mail is meant when no condition is given
 */
public record Selection(
    List<Wildcard> sites,
    List<Wildcard> from,
    List<Wildcard> to,
    Set<String> ids,
    Optional<Duration> older,
    List<Field> headers,
    List<Wildcard> users,
    List<Wildcard> queues,
    Set<MailState> states,
    boolean all) {
  /** What a selection may be made of. */
  public static final List<String> CONDITIONS =
      List.of("site", "from", "to", "id", "older", "header", "user", "queue", "state");

  private static final int VALUES_MAX = 1_000;

  /** A header field and the pattern of its value. */
  public record Field(String name, Wildcard value) {}

  public Selection {
    sites = List.copyOf(sites);
    from = List.copyOf(from);
    to = List.copyOf(to);
    ids = Set.copyOf(ids);
    headers = List.copyOf(headers);
    users = List.copyOf(users);
    queues = List.copyOf(queues);
    states = Set.copyOf(states);
  }

  /**
   * Reads the values of the conditions, by name.
   *
   * @param all whether all mail is meant when there is no condition
   * @throws IllegalArgumentException with the sentence for the operator
   */
  public static Selection of(Map<String, List<String>> values, boolean all) {
    values.forEach(
        (name, list) -> {
          if (!CONDITIONS.contains(name)) {
            throw new IllegalArgumentException(
                "there is no condition '" + name + "'; there are " + String.join(", ", CONDITIONS));
          }
          if (list.size() > VALUES_MAX) {
            throw new IllegalArgumentException("more than " + VALUES_MAX + " values of " + name);
          }
        });
    List<String> older = values.getOrDefault("older", List.of());
    if (older.size() > 1) {
      throw new IllegalArgumentException("'older' is given once only");
    }
    return new Selection(
        each(values, "site", Wildcard::new),
        each(values, "from", Selection::address),
        each(values, "to", Selection::address),
        Set.copyOf(each(values, "id", Selection::id)),
        older.stream().findFirst().map(Durations::parse),
        each(values, "header", Selection::field),
        each(values, "user", Wildcard::new),
        each(values, "queue", Wildcard::new),
        Set.copyOf(each(values, "state", MailState::of)),
        all);
  }

  private static <T> List<T> each(
      Map<String, List<String>> values, String name, Function<String, T> reader) {
    List<T> all = new ArrayList<>();
    for (String value : values.getOrDefault(name, List.of())) {
      if (value.isBlank()) {
        throw new IllegalArgumentException("the value of '" + name + "' is empty");
      }
      all.add(reader.apply(value.strip()));
    }
    return all;
  }

  private static String id(String text) {
    return new dev.caravan.mail.MailId(text).value();
  }

  /** Domains are kept in lower case, local parts as they came. */
  private static Wildcard address(String text) {
    if (text.equals("<>")) {
      return new Wildcard("");
    }
    String bare =
        text.startsWith("<") && text.endsWith(">") ? text.substring(1, text.length() - 1) : text;
    int at = bare.lastIndexOf('@');
    if (at < 0 && bare.indexOf('*') < 0 && !bare.equalsIgnoreCase("postmaster")) {
      throw new IllegalArgumentException(
          "'" + text + "' is no address; write @" + text + " for all of a domain");
    }
    String pattern =
        at < 0 ? bare : bare.substring(0, at) + bare.substring(at).toLowerCase(Locale.ROOT);
    return new Wildcard(at == 0 ? "*" + pattern : pattern);
  }

  private static Field field(String text) {
    int colon = text.indexOf(':');
    if (colon < 1 || text.substring(0, colon).chars().anyMatch(c -> c <= ' ' || c > 126)) {
      throw new IllegalArgumentException("a header is written 'Name: value', not '" + text + "'");
    }
    return new Field(text.substring(0, colon), new Wildcard(text.substring(colon + 1).strip()));
  }

  /** Whether no condition is given, and all mail is not meant either. */
  public boolean isNothing() {
    return !all && !hasConditions();
  }

  /** Whether there is any condition. */
  public boolean hasConditions() {
    return !(sites.isEmpty()
        && from.isEmpty()
        && to.isEmpty()
        && ids.isEmpty()
        && older.isEmpty()
        && headers.isEmpty()
        && users.isEmpty()
        && queues.isEmpty()
        && states.isEmpty());
  }

  /** Whether mail in this queue may be meant. */
  public boolean covers(String queue) {
    return (queues.isEmpty() || any(queues, queue))
        && (states.isEmpty() || MailState.ofQueue(queue).filter(states::contains).isPresent());
  }

  /**
   * Whether a message in a queue that it covers is meant.
   *
   * @param property of the message, as text; empty when it has none
   * @param header read only when it is needed
   */
  public boolean matches(Function<String, String> property, Supplier<Header> header, Instant now) {
    return matchesProperties(property, now) && (headers.isEmpty() || matchesHeader(header.get()));
  }

  private boolean matchesProperties(Function<String, String> property, Instant now) {
    return (ids.isEmpty() || ids.contains(property.apply("mailId")))
        && (sites.isEmpty() || isAtSite(property.apply("site")))
        && (from.isEmpty() || isMail(property) && any(from, property.apply("mailFrom")))
        && (to.isEmpty() || isTo(property.apply("rcptTo")))
        && (users.isEmpty() || any(users, property.apply("user")))
        && older.map(age -> isBefore(property.apply("queuedAt"), now.minus(age))).orElse(true);
  }

  private static boolean isMail(Function<String, String> property) {
    return !property.apply("mailId").isEmpty();
  }

  private boolean isAtSite(String site) {
    return any(sites, site)
        || site.startsWith(QueuedMail.VIA) && any(sites, site.substring(QueuedMail.VIA.length()));
  }

  private boolean isTo(String recipients) {
    return to.stream()
        .anyMatch(pattern -> MailCodec.split(recipients).stream().anyMatch(pattern::matches));
  }

  private static boolean isBefore(String queuedAt, Instant limit) {
    return queuedAt.matches("\\d{1,15}") && Long.parseLong(queuedAt) <= limit.toEpochMilli();
  }

  private boolean matchesHeader(Header header) {
    return headers.stream()
        .anyMatch(
            wanted ->
                header.all(wanted.name()).stream()
                    .anyMatch(field -> wanted.value().matches(field.value())));
  }

  private static boolean any(List<Wildcard> patterns, String value) {
    return patterns.stream().anyMatch(pattern -> pattern.matches(value));
  }

  /** For a broker: true of all messages that are meant, and where not exact of others too. */
  public Selector selector(Instant now) {
    return Selector.of(this, now);
  }
}
