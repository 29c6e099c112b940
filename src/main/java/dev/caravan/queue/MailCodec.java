package dev.caravan.queue;

import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.MailId;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.Origin;
import dev.caravan.mail.ReversePath;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A queued mail as the properties of a message, and back. The names are part of the contract: any
 * broker tool can filter by them. The content is the message's body.
 */
public final class MailCodec {
  private static final int LAST_REPLY_MAX = 500;

  /** The properties: strings, numbers and booleans only. */
  public Map<String, Object> properties(QueuedMail mail) {
    Map<String, Object> p = new LinkedHashMap<>();
    p.put("mailId", mail.id().value());
    p.put("mailFrom", mail.envelope().sender().toString());
    p.put(
        "rcptTo",
        mail.envelope().recipients().stream()
            .map(EmailAddress::toString)
            .collect(Collectors.joining(",")));
    p.put("site", mail.site());
    p.put("attempts", mail.attempts());
    p.put("queuedAt", mail.queuedAt().toEpochMilli());
    p.put("lastReply", shortened(mail.lastReply()));
    p.put("source", mail.source().toString());
    writeOptions(mail.envelope().options(), p);
    DsnProperties.write(mail.envelope(), p);
    if (mail.warned()) {
      p.put("warned", true);
    }
    return p;
  }

  /** Only what was asked for: most mails have none of it. */
  private static void writeOptions(MailOptions options, Map<String, Object> p) {
    if (options.body() != MailOptions.Body.EIGHT_BIT_MIME) {
      p.put("body", bodyName(options.body()));
    }
    if (options.smtpUtf8()) {
      p.put("smtpUtf8", true);
    }
    if (options.requireTls()) {
      p.put("requireTls", true);
    }
    switch (options.returned()) {
      case UNSTATED -> {
        // as the client, the property says nothing
      }
      case FULL -> p.put("ret", "FULL");
      case HEADERS -> p.put("ret", "HDRS");
    }
    if (!options.envelopeId().isEmpty()) {
      p.put("envid", options.envelopeId());
    }
    if (options.priority() != 0) {
      p.put("priority", options.priority());
    }
    options.holdUntil().ifPresent(until -> p.put("holdUntil", until.toEpochMilli()));
  }

  private static String bodyName(MailOptions.Body body) {
    return switch (body) {
      case SEVEN_BIT -> "7bit";
      case EIGHT_BIT_MIME -> "8bit";
      case BINARY_MIME -> "binary";
    };
  }

  private static String shortened(String reply) {
    if (reply.length() <= LAST_REPLY_MAX) {
      return reply;
    }
    boolean half = Character.isHighSurrogate(reply.charAt(LAST_REPLY_MAX - 1));
    return reply.substring(0, half ? LAST_REPLY_MAX - 1 : LAST_REPLY_MAX);
  }

  /**
   * Reads the properties; what only we need has defaults, so that an operator's tool may write
   * them. Numbers and flags may be texts: not every protocol knows more.
   *
   * @throws IllegalArgumentException naming the property that is missing or wrong
   */
  public QueuedMail read(Map<String, Object> properties, Content content) {
    return new QueuedMail(
        value(properties, "mailId", MailId::new),
        envelope(properties),
        content,
        value(properties, "site", MailCodec::notBlank),
        value(properties, "attempts", MailCodec::attempts),
        value(properties, "queuedAt", s -> Instant.ofEpochMilli(Long.parseLong(s))),
        text(properties, "lastReply", ""),
        source(text(properties, "source", "smtp")),
        flag(properties, "warned"));
  }

  private static Envelope envelope(Map<String, Object> properties) {
    List<EmailAddress> recipients = value(properties, "rcptTo", MailCodec::recipients);
    return new Envelope(
        value(properties, "mailFrom", ReversePath::parse),
        recipients,
        options(properties),
        DsnProperties.read(
            recipients, text(properties, "notify", ""), text(properties, "orcpt", "")));
  }

  private static MailOptions options(Map<String, Object> properties) {
    return new MailOptions(
        body(text(properties, "body", "8bit")),
        flag(properties, "smtpUtf8"),
        flag(properties, "requireTls"),
        switch (text(properties, "ret", "").toUpperCase(Locale.ROOT)) {
          case "FULL" -> MailOptions.Returned.FULL;
          case "HDRS" -> MailOptions.Returned.HEADERS;
          default -> MailOptions.Returned.UNSTATED;
        },
        text(properties, "envid", ""),
        optional(properties, "priority", MailCodec::priority).orElse(0),
        optional(properties, "holdUntil", s -> Instant.ofEpochMilli(Long.parseLong(s))));
  }

  private static MailOptions.Body body(String name) {
    for (MailOptions.Body body : MailOptions.Body.values()) {
      if (bodyName(body).equalsIgnoreCase(name)) {
        return body;
      }
    }
    return MailOptions.Body.EIGHT_BIT_MIME;
  }

  private static int priority(String text) {
    int priority = Integer.parseInt(text);
    if (priority < MailOptions.PRIORITY_MIN || priority > MailOptions.PRIORITY_MAX) {
      throw new IllegalArgumentException("it is not -9 to 9");
    }
    return priority;
  }

  private static <T> Optional<T> optional(
      Map<String, Object> properties, String name, Function<String, T> reader) {
    return properties.get(name) == null
        ? Optional.empty()
        : Optional.of(value(properties, name, reader));
  }

  private static <T> T value(
      Map<String, Object> properties, String name, Function<String, T> reader) {
    Object value = properties.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no queued mail: the property " + name + " is missing");
    }
    try {
      return reader.apply(value.toString());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "no queued mail: the property " + name + " is wrong: " + e.getMessage(), e);
    }
  }

  private static String text(Map<String, Object> properties, String name, String absent) {
    Object value = properties.get(name);
    return value == null ? absent : value.toString();
  }

  private static boolean flag(Map<String, Object> properties, String name) {
    return Boolean.parseBoolean(text(properties, name, "false"));
  }

  private static String notBlank(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("it is empty");
    }
    return text;
  }

  private static int attempts(String text) {
    int attempts = Integer.parseInt(text);
    if (attempts < 0) {
      throw new IllegalArgumentException("it is negative");
    }
    return attempts;
  }

  /** A door that this version does not know must not keep a mail from being delivered. */
  private static Origin.Source source(String text) {
    for (Origin.Source source : Origin.Source.values()) {
      if (source.toString().equalsIgnoreCase(text)) {
        return source;
      }
    }
    return Origin.Source.SMTP;
  }

  private static List<EmailAddress> recipients(String list) {
    List<EmailAddress> recipients = addresses(list);
    if (recipients.isEmpty()) {
      throw new IllegalArgumentException("it has no address");
    }
    return recipients;
  }

  /**
   * Reads addresses with commas between, as {@code rcptTo} holds them; a comma within quotes
   * belongs to an address.
   *
   * @throws IllegalArgumentException when one of them is no address
   */
  public static List<EmailAddress> addresses(String list) {
    List<EmailAddress> addresses = new ArrayList<>();
    int from = 0;
    boolean quoted = false;
    for (int i = 0; i <= list.length(); i++) {
      if (i == list.length() || list.charAt(i) == ',' && !quoted) {
        String one = list.substring(from, i).strip();
        if (!one.isEmpty()) {
          addresses.add(EmailAddress.parse(one));
        }
        from = i + 1;
      } else if (list.charAt(i) == '"') {
        quoted = !quoted;
      } else if (list.charAt(i) == '\\' && quoted && i + 1 < list.length()) {
        i++;
      }
    }
    return addresses;
  }
}
