package dev.caravan.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Mail;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a client has sent and what the server has said, laid side by side by a reader that knows
 * only where commands and data end and nothing of what they mean. Says what must be true of any
 * dialogue at all.
 */
final class Dialogue {
  private static final Pattern LINE = Pattern.compile("([2-5]\\d\\d)([ -])[\\t -~]*");
  private static final Pattern TRANSIENT_ID = Pattern.compile("queued as \\S+");
  private static final Pattern CHUNK =
      Pattern.compile("BDAT +(\\d{1,18})( +LAST)?", Pattern.CASE_INSENSITIVE);
  private static final int LINE_MAX = 510;
  private static final String HANDSHAKE = "\26\3";

  private final String sent;
  private final List<String> replies;
  private final List<Mail> mails;
  private int at;
  private int next;
  private int mail;
  private String lastVerb = "";
  private String chunks = "";
  private final List<String> recipients = new ArrayList<>();

  /**
   * @param sent octets as ISO 8859-1 characters
   */
  private Dialogue(String sent, String said, List<Mail> mails) {
    this.sent = sent;
    this.replies = replies(said);
    this.mails = mails;
  }

  /** Whatever differs from run to run is made alike. */
  static String alike(String said) {
    return TRANSIENT_ID.matcher(said).replaceAll("queued as ID");
  }

  /** Who it is from, for whom, and what it says, without our Received field. */
  static String alike(Mail mail) {
    String content = new String(mail.content().toBytes(), StandardCharsets.ISO_8859_1);
    return mail.sender()
        + " -> "
        + mail.recipients()
        + " | "
        + content.substring(SmugglingTest.afterTrace(content));
  }

  /** Checks a dialogue that has been fed to this door, all questions answered. */
  static void check(String sent, EmbeddedDoor door) {
    new Dialogue(sent, door.replies(), door.mails()).check(door.isOpen());
  }

  /** The text of each reply; every line must be well formed (RFC 5321, 4.2 and 4.5.3.1.5). */
  private static List<String> replies(String said) {
    assertThat(said).endsWith("\r\n");
    List<String> replies = new ArrayList<>();
    StringBuilder reply = new StringBuilder();
    String code = "";
    for (String line : said.substring(0, said.length() - 2).split("\r\n", -1)) {
      Matcher m = LINE.matcher(line);
      assertThat(m.matches()).as("a reply line: %s", line).isTrue();
      assertThat(line.length()).as("octets of %s", line).isLessThanOrEqualTo(LINE_MAX);
      assertThat(m.group(1)).as("the code of %s", line).isIn(code.isEmpty() ? m.group(1) : code);
      reply.append(line).append('\n');
      code = m.group(1);
      if (m.group(2).equals(" ")) {
        replies.add(reply.toString());
        reply.setLength(0);
        code = "";
      }
    }
    assertThat(reply).as("an unfinished reply").isEmpty();
    return replies;
  }

  private void check(boolean open) {
    boolean more = next < replies.size();
    next++; // the greeting
    while (more && next < replies.size()) {
      String line = line();
      assertThat(line).as("reply %s answers nothing: %s", next, rest()).isNotEmpty();
      String verb = line.strip().split("[ \t]", 2)[0].toUpperCase(Locale.ROOT);
      String reply = replies.get(next++);
      Matcher chunk = CHUNK.matcher(line.strip());
      // Chunks follow also when they are refused (RFC 3030, 2), but not a line that is no command.
      if (chunk.matches() && !reply.startsWith("500")) {
        chunk(skip(Long.parseLong(chunk.group(1))), chunk.group(2) != null, reply);
      } else {
        assertThat(reply).as("to %s, which ends no mail", line).doesNotContain("queued as");
      }
      lastVerb = verb;
      note(verb, line, reply);
      if (reply.startsWith("354")) {
        assertThat(verb).isEqualTo("DATA");
        data();
      }
    }
    String last = replies.getLast();
    if (!open) {
      // Any other end is an exception. Behind a BDAT that can't be read, or whose octets nobody can
      // count or wants to read, the connection ends with the reply to it.
      String codes = lastVerb.startsWith("BDAT") ? "(?s)(221|421|50[013]).*" : "(?s)(221|421).*";
      codes = lastVerb.startsWith(HANDSHAKE) ? "(?s)554 5.5.1.*" : codes;
      assertThat(last).as("the last reply").matches(codes);
    } else {
      String line = line();
      Matcher chunk = CHUNK.matcher(line.strip());
      boolean begun = chunk.matches() && Long.parseLong(chunk.group(1)) > rest().length();
      assertThat(begun || line.isEmpty()).as("%s was never answered", line).isTrue();
    }
    assertThat(mail).as("mails that were asked about").isEqualTo(mails.size());
  }

  private void note(String verb, String line, String reply) {
    if (!reply.startsWith("250")) {
      return;
    }
    switch (verb) {
      case "EHLO", "HELO", "RSET", "MAIL" -> {
        recipients.clear();
        chunks = "";
      }
      case "RCPT" -> recipients.add(line.toLowerCase(Locale.ROOT));
      default -> {}
    }
  }

  private void chunk(String octets, boolean isLast, String reply) {
    chunks += octets;
    boolean wanted = isLast && !reply.startsWith("503");
    if (wanted && mail < mails.size() && asked(chunks)) {
      mail++;
    } else {
      assertThat(reply).as("a mail is taken only at its last chunk").doesNotContain("queued as");
    }
    if (isLast || !reply.startsWith("250")) {
      chunks = "";
    }
  }

  /** Up to the end that the RFC knows, and what was said to it. */
  private void data() {
    int end = ("\r\n" + rest()).indexOf("\r\n.\r\n");
    if (end < 0) {
      if (next < replies.size()) {
        assertThat(replies.get(next++)).as("to data without an end").startsWith("421");
      }
      at = sent.length();
      return;
    }
    String data = rest().substring(0, end + 3);
    at += end + 3;
    assertThat(next).as("replies; the data has none").isLessThan(replies.size());
    String reply = replies.get(next++);
    boolean bare = Pattern.compile("\r(?!\n)|(?<!\r)\n").matcher(data).find();
    assertThat(bare && reply.startsWith("2")).as("a bare CR or LF is taken").isFalse();
    String lines = ("\r\n" + data.substring(0, data.length() - 3)).replace("\r\n.", "\r\n");
    if (mail < mails.size() && asked(lines.substring(2))) {
      mail++;
    } else {
      assertThat(reply).as("taken, but nobody was asked").doesNotStartWith("2");
    }
    recipients.clear();
  }

  /** Whether the next mail says this. */
  private boolean asked(String content) {
    Mail next = mails.get(mail);
    if (!alike(next).endsWith("] | " + content)) {
      return false;
    }
    assertThat(next.recipients()).as("recipients").isNotEmpty();
    for (EmailAddress recipient : next.recipients()) {
      assertThat(recipients)
          .as("%s was accepted", recipient)
          .anyMatch(line -> fits(line, recipient));
    }
    return true;
  }

  private static boolean fits(String line, EmailAddress recipient) {
    return line.contains("@" + recipient.domain().toString().toLowerCase(Locale.ROOT))
        || line.contains("postmaster");
  }

  private String rest() {
    return sent.substring(at);
  }

  /** The next line with its LF, or a handshake of TLS; empty when there is none. */
  private String line() {
    int lf = sent.startsWith(HANDSHAKE, at) ? sent.length() - 1 : sent.indexOf('\n', at);
    String line = sent.substring(at, lf < 0 ? at : lf + 1);
    at += line.length();
    return line;
  }

  private String skip(long octets) {
    int from = at;
    at = (int) Math.min(sent.length(), at + octets);
    return sent.substring(from, at);
  }
}
