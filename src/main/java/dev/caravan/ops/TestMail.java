package dev.caravan.ops;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.MailDate;
import dev.caravan.mail.MailId;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A plain text message (RFC 5322). What is not ASCII is encoded (RFC 2047, RFC 2045), so that every
 * server can take it.
 *
 * @param from empty for the null path; the From field then names the first recipient's postmaster
 */
record TestMail(String from, List<EmailAddress> to, String subject, String body) {
  /** Most characters of UTF-8 in one encoded word, whose limit is 75 octets. */
  private static final int WORD = 15;

  private static final int MAX_LINE = 998;

  /**
   * @throws IllegalArgumentException when the subject has more than one line
   */
  TestMail {
    to = List.copyOf(to);
    if (subject.indexOf('\r') >= 0 || subject.indexOf('\n') >= 0) {
      throw new IllegalArgumentException("a subject has one line");
    }
  }

  byte[] message(String hostname, Clock clock, RandomGenerator random) {
    StringBuilder m = new StringBuilder();
    m.append("Date: ").append(MailDate.of(clock.instant())).append("\r\n");
    m.append("Message-ID: <")
        .append(MailId.next(clock, random))
        .append('@')
        .append(hostname)
        .append(">\r\n");
    String author = from.isEmpty() ? "postmaster@" + hostname : from;
    m.append("From: ").append(author).append("\r\n");
    m.append("To: ")
        .append(String.join(",\r\n ", to.stream().map(EmailAddress::toString).toList()))
        .append("\r\n");
    m.append("Subject: ").append(encoded(subject)).append("\r\n");
    m.append("MIME-Version: 1.0\r\n");
    m.append("Content-Type: text/plain; charset=utf-8\r\n");
    boolean plain = body.lines().allMatch(l -> isAscii(l) && l.length() <= MAX_LINE);
    m.append("Content-Transfer-Encoding: ").append(plain ? "7bit" : "base64").append("\r\n\r\n");
    if (plain) {
      body.lines().forEach(line -> m.append(line).append("\r\n"));
    } else {
      byte[] text = body.getBytes(StandardCharsets.UTF_8);
      m.append(Base64.getMimeEncoder().encodeToString(text)).append("\r\n");
    }
    return m.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String encoded(String text) {
    if (isAscii(text) && text.length() < MAX_LINE - 20) {
      return text;
    }
    List<String> words = new ArrayList<>();
    int[] points = text.codePoints().toArray();
    for (int i = 0; i < points.length; i += WORD) {
      String part = new String(points, i, Math.min(WORD, points.length - i));
      String base64 = Base64.getEncoder().encodeToString(part.getBytes(StandardCharsets.UTF_8));
      words.add("=?utf-8?B?" + base64 + "?=");
    }
    return String.join("\r\n ", words);
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c >= ' ' && c < 127 || c == '\t');
  }
}
