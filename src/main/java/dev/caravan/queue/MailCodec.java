package dev.caravan.queue;

import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.ReversePath;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
    if (mail.envelope().body() == Envelope.Body.SEVEN_BIT) {
      p.put("body", "7bit");
    }
    if (mail.envelope().smtpUtf8()) {
      p.put("smtpUtf8", true);
    }
    if (mail.warned()) {
      p.put("warned", true);
    }
    return p;
  }

  private static String shortened(String reply) {
    return reply.length() <= LAST_REPLY_MAX ? reply : reply.substring(0, LAST_REPLY_MAX);
  }

  /**
   * Reads the properties; what only we need has defaults, so that an operator's tool may write
   * them.
   *
   * @throws IllegalArgumentException naming the property that is missing or wrong
   */
  public QueuedMail read(Map<String, Object> properties, Content content) {
    try {
      MailId id = new MailId(text(properties, "mailId"));
      Envelope envelope =
          new Envelope(
              ReversePath.parse(text(properties, "mailFrom")),
              addresses(text(properties, "rcptTo")),
              "7bit".equals(properties.get("body"))
                  ? Envelope.Body.SEVEN_BIT
                  : Envelope.Body.EIGHT_BIT_MIME,
              Boolean.TRUE.equals(properties.get("smtpUtf8")));
      return new QueuedMail(
          id,
          envelope,
          content,
          text(properties, "site"),
          (int) number(properties, "attempts"),
          Instant.ofEpochMilli(number(properties, "queuedAt")),
          properties.getOrDefault("lastReply", "").toString(),
          Origin.Source.valueOf(
              properties.getOrDefault("source", "smtp").toString().toUpperCase(Locale.ROOT)),
          Boolean.TRUE.equals(properties.get("warned")));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("no queued mail: " + e.getMessage(), e);
    }
  }

  private static String text(Map<String, Object> properties, String name) {
    Object value = properties.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the property " + name + " is missing");
    }
    return value.toString();
  }

  private static long number(Map<String, Object> properties, String name) {
    return switch (properties.get(name)) {
      case Number n -> n.longValue();
      case null, default ->
          throw new IllegalArgumentException("the property " + name + " is no number");
    };
  }

  /** Splits at commas that are not within quotes. */
  static List<EmailAddress> addresses(String list) {
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
      } else if (list.charAt(i) == '\\' && quoted) {
        i++;
      }
    }
    return addresses;
  }
}
