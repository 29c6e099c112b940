package dev.caravan.queue;

import dev.caravan.mail.AnswerTo;
import dev.caravan.mail.DsnRequest;
import dev.caravan.mail.DsnRequest.Notify;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.MailOptions.Body;
import dev.caravan.mail.MailOptions.Returned;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What was asked for a mail as properties of a message, and back. Only what was asked for is
 * written; what can't be read was not asked for, because a mail must not be lost for it.
 */
final class OptionsCodec {
  private OptionsCodec() {}

  static void write(MailOptions options, Map<String, Object> p) {
    switch (options.body()) {
      case SEVEN_BIT -> p.put("body", "7bit");
      case BINARY_MIME -> p.put("body", "binary");
      case EIGHT_BIT_MIME -> {
        // What is not told.
      }
    }
    if (options.smtpUtf8()) {
      p.put("smtpUtf8", true);
    }
    if (options.requireTls()) {
      p.put("requireTls", true);
    }
    if (options.returned() != Returned.UNSTATED) {
      p.put("ret", options.returned() == Returned.FULL ? "full" : "hdrs");
    }
    if (!options.envelopeId().isEmpty()) {
      p.put("envid", options.envelopeId());
    }
    if (options.priority() != 0) {
      p.put("priority", options.priority());
    }
    if (!options.campaign().isEmpty()) {
      p.put(MailCodec.CAMPAIGN, options.campaign());
    }
    options.holdUntil().ifPresent(at -> p.put("holdUntil", at.toEpochMilli()));
    options.expiresAt().ifPresent(at -> p.put("expiresAt", at.toEpochMilli()));
    options
        .answers()
        .ifPresent(
            to -> {
              p.put("answerTo", to.queue());
              p.put("answerId", to.correlationId());
              p.put("answerOn", to.onAsText());
            });
  }

  static MailOptions read(Function<String, String> p) {
    MailOptions options =
        MailOptions.of(
            switch (p.apply("body")) {
              case "7bit" -> Body.SEVEN_BIT;
              case "binary" -> Body.BINARY_MIME;
              default -> Body.EIGHT_BIT_MIME;
            },
            Boolean.parseBoolean(p.apply("smtpUtf8")));
    if (Boolean.parseBoolean(p.apply("requireTls"))) {
      options = options.withRequireTls();
    }
    switch (p.apply("ret")) {
      case "full" -> options = options.withReturned(Returned.FULL);
      case "hdrs" -> options = options.withReturned(Returned.HEADERS);
      default -> {
        // Not asked for.
      }
    }
    options = options.withEnvelopeId(p.apply("envid"));
    String priority = p.apply("priority");
    if (!priority.isEmpty() && priority.matches("-?\\d")) {
      options = options.withPriority(Integer.parseInt(priority));
    }
    Optional<Instant> holdUntil = instant(p.apply("holdUntil"));
    if (holdUntil.isPresent()) {
      options = options.withHoldUntil(holdUntil.get());
    }
    Optional<Instant> expiresAt = instant(p.apply("expiresAt"));
    if (expiresAt.isPresent()) {
      options = options.withExpiresAt(expiresAt.get());
    }
    if (!p.apply("answerTo").isEmpty()) {
      options = withAnswers(options, p);
    }
    return options.withCampaign(p.apply(MailCodec.CAMPAIGN));
  }

  /** Milliseconds since 1970; empty when it is none. */
  private static Optional<Instant> instant(String millis) {
    return !millis.isEmpty() && millis.matches("\\d{1,15}")
        ? Optional.of(Instant.ofEpochMilli(Long.parseLong(millis)))
        : Optional.empty();
  }

  private static MailOptions withAnswers(MailOptions options, Function<String, String> p) {
    try {
      return options.withAnswers(
          new AnswerTo(p.apply("answerTo"), p.apply("answerId"), AnswerTo.on(p.apply("answerOn"))));
    } catch (IllegalArgumentException e) {
      return options;
    }
  }

  /** One value for each recipient in their order, with commas between; nothing without requests. */
  static void write(
      List<EmailAddress> recipients, Map<EmailAddress, DsnRequest> dsn, Map<String, Object> p) {
    if (dsn.isEmpty()) {
      return;
    }
    p.put("notify", joined(recipients, r -> words(request(dsn, r))));
    // A comma is as good in hexadecimal (RFC 3461, 4).
    p.put(
        "orcpt", joined(recipients, r -> request(dsn, r).originalRecipient().replace(",", "+2C")));
  }

  private static DsnRequest request(Map<EmailAddress, DsnRequest> dsn, EmailAddress recipient) {
    return dsn.getOrDefault(recipient, DsnRequest.NONE);
  }

  private static String joined(
      List<EmailAddress> recipients, Function<EmailAddress, String> value) {
    return recipients.stream().map(value).collect(Collectors.joining(","));
  }

  private static String words(DsnRequest request) {
    return request.notifications().stream()
        .sorted()
        .map(n -> n.name().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining("+"));
  }

  static Map<EmailAddress, DsnRequest> readDsn(
      List<EmailAddress> recipients, Function<String, String> p) {
    String[] notify = p.apply("notify").split(",", -1);
    String[] orcpt = p.apply("orcpt").split(",", -1);
    Map<EmailAddress, DsnRequest> dsn = new LinkedHashMap<>();
    if (notify.length == recipients.size() && orcpt.length == recipients.size()) {
      for (int i = 0; i < recipients.size(); i++) {
        dsn.put(recipients.get(i), new DsnRequest(notifications(notify[i]), orcpt[i]));
      }
    }
    return dsn;
  }

  private static Set<Notify> notifications(String words) {
    Set<Notify> all = EnumSet.noneOf(Notify.class);
    for (Notify one : Notify.values()) {
      if (List.of(words.split("\\+")).contains(one.name().toLowerCase(Locale.ROOT))) {
        all.add(one);
      }
    }
    return all.contains(Notify.NEVER) ? Set.of(Notify.NEVER) : all;
  }
}
