/**
 * What a mail of a soak is and what is done to it, by its number alone: nobody has to remember it.
 */
record SoakMail(int number) {
  /** Servers that mail goes to, s1.example and so on; reports go to the next one. */
  static final int SITES = 20;

  static final int REPORT_SITE = SITES + 1;
  private static final int LINE = 80;
  private static final int WHOLE = 100_000;

  /** What its server does. */
  enum Server {
    TAKES,
    DEFERS_RECIPIENT,
    DEFERS_MESSAGE,
    REFUSES_RECIPIENT,
    REFUSES_MESSAGE,
    CUTS,
    CUTS_WITH_MESSAGE,
    HANGS;

    /** Of the first attempt only. */
    boolean once() {
      return switch (this) {
        case DEFERS_RECIPIENT, DEFERS_MESSAGE, CUTS, CUTS_WITH_MESSAGE, HANGS -> true;
        case TAKES, REFUSES_RECIPIENT, REFUSES_MESSAGE -> false;
      };
    }
  }

  /** What its client does. */
  enum Client {
    STAYS,
    GOES_IN_ENVELOPE,
    GOES_IN_MESSAGE,
    GOES_AFTER_DOT
  }

  /** 3 % deferred, 1.5 % bounced, 0.7 % cut off, 0.01 % kept waiting. */
  Server server() {
    int lot = lot(1);
    if (lot < 2_000) {
      return Server.DEFERS_RECIPIENT;
    } else if (lot < 3_000) {
      return Server.DEFERS_MESSAGE;
    } else if (lot < 4_000) {
      return Server.REFUSES_RECIPIENT;
    } else if (lot < 4_500) {
      return Server.REFUSES_MESSAGE;
    } else if (lot < 5_000) {
      return Server.CUTS;
    } else if (lot < 5_200) {
      return Server.CUTS_WITH_MESSAGE;
    }
    return lot < 5_210 ? Server.HANGS : Server.TAKES;
  }

  /** One of a hundred goes, somewhere. */
  Client client() {
    int lot = lot(2);
    if (lot < 400) {
      return Client.GOES_IN_ENVELOPE;
    }
    return lot < 800 ? Client.GOES_IN_MESSAGE : lot < 1_000 ? Client.GOES_AFTER_DOT : Client.STAYS;
  }

  int site() {
    return 1 + lot(3) % SITES;
  }

  /** Lines of 80 octets: up to 6 KB, 3 % have 100 KB, one of 5,000 has 5 MB. */
  int lines() {
    int lot = lot(4);
    if (lot < 20) {
      return (5 << 20) / LINE;
    }
    return lot < 3_020 ? (100 << 10) / LINE : 1 + lot(5) % (6_000 / LINE);
  }

  String name() {
    return "m" + number;
  }

  /** A report about it comes to the address that it is from. */
  String from() {
    return name() + "@s" + REPORT_SITE + ".example";
  }

  String to() {
    return name() + "@s" + site() + ".example";
  }

  String header() {
    return "From: %s\r\nTo: %s\r\nSubject: soak\r\n\r\n".formatted(from(), to());
  }

  static String line() {
    return "x".repeat(LINE - 2) + "\r\n";
  }

  /** Of 100,000; another for each kind of question, the same for the same one (SplitMix64). */
  private int lot(int question) {
    long z = (number * 8L + question) * 0x9E3779B97F4A7C15L;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return (int) Long.remainderUnsigned(z ^ z >>> 31, WHOLE);
  }
}
