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
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A queued mail as the properties of a message, and back. The names are part of the contract: any
 * broker tool can filter by them. The content is the message's body.
 */
public final class MailCodec {
  /** The property that holds the mail's name. */
  public static final String ID = "mailId";

  /** The property that holds the site. */
  public static final String SITE = "site";

  /** The property that holds the reverse path. */
  public static final String FROM = "mailFrom";

  /** The property that holds who sent it, when somebody had logged in. */
  public static final String USER = "user";

  /** The property that holds the campaign, where a limit counts campaigns. */
  public static final String CAMPAIGN = "campaign";

  private static final int LAST_REPLY_MAX = 500;

  /** The properties: strings, numbers and booleans only. */
  public Map<String, Object> properties(QueuedMail mail) {
    Map<String, Object> p = new LinkedHashMap<>();
    p.put(ID, mail.id().value());
    p.put(FROM, mail.envelope().sender().toString());
    p.put(
        "rcptTo",
        mail.envelope().recipients().stream()
            .map(EmailAddress::toString)
            .collect(Collectors.joining(",")));
    p.put(SITE, mail.site());
    p.put("attempts", mail.attempts());
    p.put("queuedAt", mail.queuedAt().toEpochMilli());
    p.put("lastReply", shortened(mail.lastReply()));
    p.put("source", mail.source().toString());
    p.put("size", mail.content().size());
    OptionsCodec.write(mail.envelope().options(), p);
    OptionsCodec.write(mail.envelope().recipients(), mail.envelope().dsn(), p);
    if (mail.warned()) {
      p.put("warned", true);
    }
    write(mail.notes(), p);
    return p;
  }

  private static void write(Notes notes, Map<String, Object> p) {
    if (!notes.user().isEmpty()) {
      p.put("user", notes.user());
    }
    if (!notes.heldWhy().isEmpty()) {
      p.put("heldWhy", notes.heldWhy());
    }
    if (!notes.history().isEmpty()) {
      p.put("history", String.join("\n", notes.history()));
    }
  }

  private static Notes notes(Function<String, String> p) {
    return new Notes(p.apply("user"), p.apply("heldWhy"), history(p.apply("history")));
  }

  /** The lines of what was said in the last attempts. */
  public static List<String> history(String property) {
    return property.isEmpty() ? List.of() : List.of(property.split("\n", -1));
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
    List<EmailAddress> recipients = value(properties, "rcptTo", MailCodec::recipients);
    Function<String, String> options = name -> text(properties, name, "");
    return new QueuedMail(
        value(properties, ID, MailId::new),
        new Envelope(
            value(properties, FROM, ReversePath::parse),
            recipients,
            OptionsCodec.read(options),
            OptionsCodec.readDsn(recipients, options)),
        content,
        value(properties, SITE, MailCodec::notBlank),
        value(properties, "attempts", MailCodec::attempts),
        value(properties, "queuedAt", s -> Instant.ofEpochMilli(Long.parseLong(s))),
        text(properties, "lastReply", ""),
        source(text(properties, "source", "smtp")),
        flag(properties, "warned"),
        notes(options),
        false);
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
    return split(list).stream().map(EmailAddress::parse).toList();
  }

  /** The same as texts, whatever they are. */
  static List<String> split(String list) {
    List<String> addresses = new ArrayList<>();
    int from = 0;
    boolean quoted = false;
    for (int i = 0; i <= list.length(); i++) {
      if (i == list.length() || list.charAt(i) == ',' && !quoted) {
        String one = list.substring(from, i).strip();
        if (!one.isEmpty()) {
          addresses.add(one);
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
