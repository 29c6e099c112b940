package dev.caravan.proof;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/** A message that tells whether it is whole. */
final class Letter {
  private static final Pattern ID = Pattern.compile("X-Id: (\\S+)");
  private static final Pattern SUM = Pattern.compile("X-Sum: (\\S+)");

  /** One in so many is larger than what the gateway and its broker keep in one piece. */
  private static final int LARGE_ONE_IN = 40;

  private static final int SMALL_LINES_MAX = 150;
  private static final int LARGE_LINES = 5_000;

  private Letter() {}

  /** 70 octets to 10 KB; one of forty 350 KB. */
  static String of(String id) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    int lines =
        random.nextInt(LARGE_ONE_IN) == 0 ? LARGE_LINES : 1 + random.nextInt(SMALL_LINES_MAX);
    return of(id, lines);
  }

  /** With so many lines of 70 octets. */
  static String of(String id, int lines) {
    String body = (id + " " + "x".repeat(66 - id.length()) + "\r\n").repeat(lines);
    return "From: a@sender.example\r\nTo: b@dest.example\r\nSubject: proof\r\nX-Id: "
        + id
        + "\r\nX-Sum: "
        + sum(body)
        + "\r\n\r\n"
        + body;
  }

  /** Enters into the ledger what has arrived. */
  static void arrived(String from, String text, Ledger ledger) {
    Matcher id = ID.matcher(text);
    if (!id.find()) {
      ledger.delivered("?", false);
    } else if (from.isEmpty()) {
      ledger.bounced(id.group(1));
    } else {
      Matcher sum = SUM.matcher(text);
      int body = text.indexOf("\r\n\r\n") + 4;
      boolean whole = sum.find() && sum.group(1).equals(sum(text.substring(body)));
      ledger.delivered(id.group(1), whole);
    }
  }

  private static String sum(String body) {
    CRC32 sum = new CRC32();
    sum.update(body.getBytes(StandardCharsets.ISO_8859_1));
    return body.length() + "/" + Long.toHexString(sum.getValue());
  }
}
