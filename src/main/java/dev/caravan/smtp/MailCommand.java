package dev.caravan.smtp;

import dev.caravan.mail.MailOptions;
import dev.caravan.mail.MailOptions.Body;
import dev.caravan.mail.MailOptions.Returned;
import dev.caravan.mail.ReversePath;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * MAIL FROM and its parameters.
 *
 * @param size octets announced with SIZE=; 0 without
 * @param priorityLowered whether a priority was asked for that this client may not have
 */
record MailCommand(ReversePath sender, MailOptions options, long size, boolean priorityLowered) {
  private static final Pattern SIZE = Pattern.compile("\\d{1,20}");
  private static final Pattern PRIORITY = Pattern.compile("0|-?[1-9]");
  private static final Pattern SECONDS = Pattern.compile("[1-9]\\d{0,8}");
  private static final int ENVID_MAX = 100;

  /**
   * What the client may ask for.
   *
   * @param encrypted whether the connection is
   * @param trusted whether it may ask for priority and for a time to send at
   * @param holdMax how far away that time may be
   * @param now for that time
   */
  record Permission(boolean encrypted, boolean trusted, Duration holdMax, Instant now) {}

  /**
   * Reads what follows the verb.
   *
   * @throws Refusal when it is malformed or asks for what it may not
   */
  static MailCommand parse(String argument, Permission permission) throws Refusal {
    MailParameters path =
        MailParameters.parse(argument, "FROM").orElseThrow(() -> new Refusal(Replies.SYNTAX_ERROR));
    MailOptions options = MailOptions.of(Body.SEVEN_BIT, false);
    long size = 0;
    boolean lowered = false;
    for (Map.Entry<String, String> parameter : path.parameters().entrySet()) {
      String value = parameter.getValue();
      switch (parameter.getKey()) {
        case "SIZE" -> size = size(value);
        case "BODY" -> options = options.withBody(body(value));
        case "SMTPUTF8" -> {
          flag(value);
          options = options.withSmtpUtf8();
        }
        case "RET" -> options = options.withReturned(returned(value));
        case "ENVID" -> options = options.withEnvelopeId(envelopeId(value));
        case "AUTH" -> {
          // Tolerated (RFC 4954, 5): who vouches for the sender changes nothing here.
          check(!value.isEmpty() && (value.equals("<>") || Xtext.isPlain(value)));
        }
        case "REQUIRETLS" -> {
          flag(value);
          if (!permission.encrypted()) {
            throw new Refusal(Replies.NEEDS_TLS_FOR_REQUIRETLS);
          }
          options = options.withRequireTls();
        }
        case "MT-PRIORITY" -> {
          check(PRIORITY.matcher(value).matches());
          lowered = !permission.trusted() && !value.equals("0");
          options = options.withPriority(lowered ? 0 : Integer.parseInt(value));
        }
        case "HOLDFOR", "HOLDUNTIL" -> {
          if (!permission.trusted()) {
            throw new Refusal(Replies.UNKNOWN_PARAMETER);
          }
          check(options.holdUntil().isEmpty());
          Instant until =
              parameter.getKey().equals("HOLDFOR")
                  ? permission.now().plusSeconds(seconds(value))
                  : instant(value);
          options = options.withHoldUntil(hold(until, permission));
        }
        default -> throw new Refusal(Replies.UNKNOWN_PARAMETER);
      }
    }
    return new MailCommand(sender(path, options), options, size, lowered);
  }

  private static ReversePath sender(MailParameters path, MailOptions options) throws Refusal {
    if (!options.smtpUtf8() && !MailParameters.isAscii(path.address())) {
      throw new Refusal(Replies.NEEDS_SMTPUTF8_PARAMETER);
    }
    try {
      return ReversePath.parse(path.address());
    } catch (IllegalArgumentException e) {
      throw new Refusal(Replies.BAD_SENDER);
    }
  }

  /** One to twenty digits (RFC 1870, 4). */
  private static long size(String value) throws Refusal {
    check(SIZE.matcher(value).matches());
    return value.length() > 18 ? Long.MAX_VALUE : Long.parseLong(value);
  }

  private static Body body(String value) throws Refusal {
    String keyword = value.toUpperCase(Locale.ROOT);
    for (Body body : Body.values()) {
      if (body.keyword().equals(keyword)) {
        return body;
      }
    }
    throw new Refusal(Replies.SYNTAX_ERROR);
  }

  private static Returned returned(String value) throws Refusal {
    return switch (value.toUpperCase(Locale.ROOT)) {
      case "FULL" -> Returned.FULL;
      case "HDRS" -> Returned.HEADERS;
      default -> throw new Refusal(Replies.SYNTAX_ERROR);
    };
  }

  private static String envelopeId(String value) throws Refusal {
    check(!value.isEmpty() && value.length() <= ENVID_MAX && Xtext.isPlain(value));
    check(MailParameters.isAscii(value));
    return value;
  }

  /** RFC 4865, 4: one to nine digits, the first of them no zero. */
  private static long seconds(String value) throws Refusal {
    check(SECONDS.matcher(value).matches());
    return Long.parseLong(value);
  }

  /** A date and time of RFC 3339; some clients add what to do when it can't be kept. */
  private static Instant instant(String value) throws Refusal {
    try {
      return OffsetDateTime.parse(value.replaceFirst(";[CRcr]$", "")).toInstant();
    } catch (DateTimeException e) {
      throw new Refusal(Replies.SYNTAX_ERROR);
    }
  }

  /** What should have been sent long ago is sent now. */
  private static Instant hold(Instant until, Permission permission) throws Refusal {
    if (until.isAfter(permission.now().plus(permission.holdMax()))) {
      throw new Refusal(Replies.HOLD_TOO_LONG);
    }
    return until.isBefore(permission.now()) ? permission.now() : until;
  }

  private static void flag(String value) throws Refusal {
    check(value.isEmpty());
  }

  private static void check(boolean right) throws Refusal {
    if (!right) {
      throw new Refusal(Replies.SYNTAX_ERROR);
    }
  }
}
