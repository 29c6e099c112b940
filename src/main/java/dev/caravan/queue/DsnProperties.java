package dev.caravan.queue;

import dev.caravan.mail.DsnRequest;
import dev.caravan.mail.DsnRequest.Notify;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What was asked for single recipients, as two properties: {@code notify} and {@code orcpt} have a
 * word for each address in {@code rcptTo}, in the same order, with a space between, and {@code -}
 * where nothing was asked. A property that is nothing but dashes is left out.
 */
final class DsnProperties {
  private static final String NOTHING = "-";

  private DsnProperties() {}

  static void write(Envelope envelope, Map<String, Object> properties) {
    if (envelope.dsn().isEmpty()) {
      return;
    }
    put(properties, "notify", envelope, DsnProperties::notifications);
    put(properties, "orcpt", envelope, DsnRequest::originalRecipient);
  }

  private static void put(
      Map<String, Object> properties,
      String name,
      Envelope envelope,
      Function<DsnRequest, String> word) {
    List<String> words =
        envelope.recipients().stream().map(r -> word.apply(envelope.dsn(r))).toList();
    if (words.stream().anyMatch(w -> !w.isEmpty())) {
      properties.put(
          name,
          words.stream().map(w -> w.isEmpty() ? NOTHING : w).collect(Collectors.joining(" ")));
    }
  }

  private static String notifications(DsnRequest request) {
    return new TreeSet<>(request.notifications())
        .stream().map(Notify::name).collect(Collectors.joining(","));
  }

  /**
   * Reads them. Where an operator has edited the recipients and the words no longer fit, nothing
   * was asked.
   *
   * @throws IllegalArgumentException naming the property, for a word that is none
   */
  static Map<EmailAddress, DsnRequest> read(
      List<EmailAddress> recipients, String notify, String originals) {
    List<String> asked = words(notify, recipients.size());
    List<String> written = words(originals, recipients.size());
    Map<EmailAddress, DsnRequest> all = new HashMap<>();
    for (int i = 0; i < recipients.size(); i++) {
      String original = i < written.size() ? written.get(i) : NOTHING;
      DsnRequest request =
          new DsnRequest(
              i < asked.size() ? notifications(asked.get(i)) : Set.of(),
              original.equals(NOTHING) ? "" : original);
      all.put(recipients.get(i), request);
    }
    return all;
  }

  private static List<String> words(String text, int count) {
    List<String> words = text.isBlank() ? List.of() : Arrays.asList(text.strip().split(" +"));
    return words.size() == count ? words : List.of();
  }

  private static Set<Notify> notifications(String word) {
    Set<Notify> all = EnumSet.noneOf(Notify.class);
    if (word.equals(NOTHING)) {
      return all;
    }
    for (String one : word.split(",")) {
      try {
        all.add(Notify.valueOf(one.toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("the property notify is wrong: " + word, e);
      }
    }
    if (all.contains(Notify.NEVER) && all.size() > 1) {
      throw new IllegalArgumentException("the property notify is wrong: " + word);
    }
    return all;
  }
}
