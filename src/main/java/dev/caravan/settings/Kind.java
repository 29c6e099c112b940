package dev.caravan.settings;

import dev.caravan.mail.Domain;
import dev.caravan.mail.Durations;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Networks;
import dev.caravan.mail.Sizes;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the value of a key is checked, and how routes see it. A check throws an
 * IllegalArgumentException whose message reads as the end of a sentence: {@code caravan.smtp.port:
 * it must be a number from 0 to 65535, not 'x'}.
 */
interface Kind {
  int MAX_STEPS = 50;

  void check(String value);

  /** The value in routes: sizes as octets, everything else as it is written. */
  default String placeholder(String value) {
    return value;
  }

  Pattern SERVER = Pattern.compile("(\\[[0-9a-fA-F:.]{2,45}]|[^\\s,:]+):(\\d{1,5})");

  Kind TEXT = value -> {};
  Kind NETWORKS = Networks::parse;
  Kind PORT = number(0, 65535);
  Kind PORT_OR_OFF = number(-1, 65535);
  Kind DOMAINS = value -> list(value).forEach(d -> domain(d.startsWith(".") ? d.substring(1) : d));
  Kind HOSTNAME = Kind::domain;
  Kind SERVERS = value -> list(value).forEach(Kind::server);

  /** One of them, or none. */
  Kind SERVER_OR_NONE =
      value -> {
        if (!value.isEmpty()) {
          server(value);
        }
      };

  Kind FOLDER =
      value -> {
        if (value.isEmpty() || value.indexOf('\0') >= 0) {
          throw new IllegalArgumentException("it must be a folder");
        }
      };

  /** A mail address, or nothing. */
  Kind ADDRESS =
      value -> {
        if (!value.isEmpty()) {
          EmailAddress.parse(value);
        }
      };

  /** Files with commas between. */
  Kind FILES = value -> list(value).forEach(FOLDER::check);

  /** A host name or an address, without a port. */
  Kind HOST =
      value -> {
        if (!value.matches("[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")) {
          throw new IllegalArgumentException(
              "it must be a host name or an address without a port, not '" + value + "'");
        }
      };

  Kind BROKER_URL =
      value -> {
        if (!value.matches("\\(?(tcp|udp|jgroups)://\\S+")) {
          throw new IllegalArgumentException(
              "it must be an Artemis URL such as tcp://broker.example:61616, not '" + value + "'");
        }
      };

  Kind SCHEDULE =
      value -> {
        List<String> steps = list(value);
        if (steps.isEmpty() || steps.size() > MAX_STEPS) {
          throw new IllegalArgumentException("it must have 1 to " + MAX_STEPS + " steps");
        }
        steps.forEach(duration("1s", "30d")::check);
      };

  /** A size with these bounds; in routes the octets. */
  static Kind bytes(String min, String max) {
    return new Kind() {
      @Override
      public void check(String value) {
        long n = bytes(value);
        if (n < bytes(min) || n > bytes(max)) {
          throw new IllegalArgumentException(
              "it must be from " + min + " to " + max + ", not '" + value + "'");
        }
      }

      @Override
      public String placeholder(String value) {
        return Long.toString(bytes(value));
      }
    };
  }

  /** A duration with these bounds. */
  static Kind duration(String min, String max) {
    return value -> {
      Duration d = Durations.parse(value);
      if (d.compareTo(Durations.parse(min)) < 0 || d.compareTo(Durations.parse(max)) > 0) {
        throw new IllegalArgumentException(
            "it must be from " + min + " to " + max + ", not '" + value + "'");
      }
    };
  }

  static Kind number(long min, long max) {
    return value -> {
      if (!within(value, min, max)) {
        throw new IllegalArgumentException(
            "it must be a number from " + min + " to " + max + ", not '" + value + "'");
      }
    };
  }

  static Kind oneOf(String... words) {
    return value -> {
      if (!List.of(words).contains(value)) {
        throw new IllegalArgumentException(
            "it must be one of " + String.join(", ", words) + ", not '" + value + "'");
      }
    };
  }

  private static boolean within(String value, long min, long max) {
    if (!value.matches("-?\\d{1,18}")) {
      return false;
    }
    long n = Long.parseLong(value);
    return n >= min && n <= max;
  }

  private static void domain(String name) {
    try {
      if (new Domain(name).isLiteral()) {
        throw new IllegalArgumentException("an address is no name");
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + name + "' is no domain: " + e.getMessage(), e);
    }
  }

  private static void server(String text) {
    Matcher m = SERVER.matcher(text);
    if (!m.matches() || !within(m.group(2), 1, 65535)) {
      throw new IllegalArgumentException("a server is written host:port, not '" + text + "'");
    }
  }

  /** Octets of {@code 50MB}, {@code 256KB}, {@code 1000}. */
  static long bytes(String value) {
    return Sizes.parse(value);
  }

  /** The parts between commas; none of an empty text. */
  static List<String> list(String value) {
    return Arrays.stream(value.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList();
  }
}
