package dev.caravan.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A condition in the language of brokers (that of JMS), on the properties of queued mail.
 *
 * @param text empty = every message
 * @param exact whether it says all; otherwise it is true of more messages than are meant
 */
public record Selector(String text, boolean exact) {
  /** As many as a broker reads without trouble; of more it says nothing. */
  private static final int TERMS_MAX = 100;

  static Selector of(Selection selection, Instant now) {
    List<String> all = new ArrayList<>();
    boolean exact = selection.headers().isEmpty();
    exact &= add(all, List.copyOf(selection.ids()), id -> "mailId = " + Wildcard.quoted(id));
    exact &= add(all, selection.sites(), Selector::site);
    exact &= add(all, selection.from(), from -> from.condition("mailFrom"));
    exact &= add(all, selection.to(), Selector::recipient);
    exact &= selection.to().stream().allMatch(Selector::isExactInList);
    exact &= add(all, selection.users(), user -> user.condition("user"));
    selection.older().ifPresent(age -> all.add("queuedAt <= " + now.minus(age).toEpochMilli()));
    return new Selector(String.join(" AND ", all), exact);
  }

  private static <T> boolean add(List<String> all, List<T> values, Function<T, String> condition) {
    if (values.size() > TERMS_MAX) {
      return false;
    }
    if (!values.isEmpty()) {
      all.add(values.stream().map(condition).collect(Collectors.joining(" OR ", "(", ")")));
    }
    return true;
  }

  private static String site(Wildcard site) {
    return site.condition("site")
        + " OR "
        + new Wildcard(QueuedMail.VIA + site.text()).condition("site");
  }

  /** One of addresses with commas between. */
  private static String recipient(Wildcard to) {
    String like = to.like();
    return to.condition("rcptTo")
        + List.of(like + ",%", "%," + like, "%," + like + ",%").stream()
            .map(form -> " OR rcptTo LIKE " + Wildcard.quoted(form) + " ESCAPE '\\'")
            .collect(Collectors.joining());
  }

  /** In the middle of a list a wildcard would reach over the commas. */
  private static boolean isExactInList(Wildcard to) {
    int star = to.text().indexOf('*');
    return star < 0 || star == 0 && to.text().lastIndexOf('*') == 0;
  }

  /** These mails at their sites, whatever else is said of them. */
  public static Selector ofMails(List<QueuedMailName> names) {
    return new Selector(
        names.stream()
            .map(
                name ->
                    "(mailId = "
                        + Wildcard.quoted(name.id())
                        + " AND site = "
                        + Wildcard.quoted(name.site())
                        + ")")
            .collect(Collectors.joining(" OR ")),
        true);
  }

  /** What tells a queued mail from others. */
  public record QueuedMailName(String id, String site) {}
}
