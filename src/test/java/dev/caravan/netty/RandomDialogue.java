package dev.caravan.netty;

import java.util.List;
import java.util.Random;

/** What a client that is sometimes right and sometimes very wrong may send. */
final class RandomDialogue {
  private static final List<String> COMMANDS =
      List.of(
          "EHLO client.example",
          "HELO client.example",
          "EHLO",
          "EHLO [127.0.0.1]",
          "MAIL FROM:<a@b.example>",
          "mail from:<>",
          "MAIL FROM: <a@b.example> SIZE=100",
          "MAIL FROM:<a@b.example> SIZE=99999999999999999999",
          "MAIL FROM:<a@b.example> BODY=8BITMIME",
          "MAIL FROM:<a@b.example> BODY=BINARYMIME",
          "MAIL FROM:<\u00c3\u00a4@b.example> SMTPUTF8",
          "MAIL FROM:<a@b.example> RET=HDRS ENVID=x+2B",
          "MAIL FROM:<a@b.example> MT-PRIORITY=3 HOLDFOR=60 REQUIRETLS",
          "MAIL FROM:<a@b.example> FOO=bar",
          "RCPT TO:<c@d.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;c@d.example",
          "MAIL FROM:<no@b.example>",
          "MAIL FROM:<\"a>b\"@b.example>",
          "MAIL FROM:a@b.example",
          "MAIL",
          "MAIL FROM:<a@@b>",
          "RCPT TO:<c@d.example>",
          "RCPT TO:<C@D.example>",
          "RCPT TO:<@x.example,@y.example:c@d.example>",
          "RCPT TO:<postmaster>",
          "RCPT TO:<no@d.example>",
          "RCPT TO:<later@d.example>",
          "RCPT TO:<broken@d.example>",
          "RCPT TO:<\u00e4@d.example>",
          "RCPT TO:",
          "RSET",
          "RSET now",
          "NOOP",
          "NOOP ignored",
          "VRFY c",
          "EXPN list",
          "HELP",
          "TURN",
          "BDAT 5",
          "BDAT 3 LAST",
          "BDAT x",
          "AUTH PLAIN AGEAYg==",
          "AUTH",
          "XCLIENT ADDR=192.0.2.1",
          "ETRN d.example",
          "",
          " ",
          ".",
          "\0",
          "NO\0OP",
          "N\rOOP",
          "\u00ff\u00fe",
          "x".repeat(300));

  private static final List<String> CONTENT =
      List.of(
          "a",
          ".",
          "..",
          "\r\n",
          "\r\n.",
          "\r\n.\r",
          "\r",
          "\n",
          "\0",
          "\u00e4",
          "Subject: x\r\n",
          "Received: by x\r\n",
          "y".repeat(60),
          "y".repeat(120),
          "\r\n.\n",
          "\n.\r\n");

  private static final List<String> ENDS = List.of("\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r");

  private final Random random;

  RandomDialogue(long seed) {
    this.random = new Random(seed);
  }

  /** Octets as ISO 8859-1 characters; same seed, same dialogue. */
  String next() {
    StringBuilder out = new StringBuilder();
    boolean polite = random.nextInt(4) > 0;
    if (polite) {
      out.append("EHLO client.example\r\n");
    }
    for (int i = random.nextInt(12); i >= 0; i--) {
      switch (random.nextInt(polite ? 3 : 2)) {
        case 0 -> line(out, one(COMMANDS));
        case 1 -> data(out);
        default -> {
          out.append("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n");
          if (random.nextBoolean()) {
            line(out, one(COMMANDS));
          }
          switch (random.nextInt(3)) {
            case 0 -> chunks(out);
            default -> data(out);
          }
        }
      }
    }
    if (random.nextBoolean()) {
      out.append("QUIT\r\nNOOP\r\n");
    }
    return out.toString();
  }

  private void data(StringBuilder out) {
    out.append("DATA\r\n");
    out.append(content());
    out.append(random.nextInt(8) == 0 ? "" : "\r\n.\r\n");
  }

  private String content() {
    StringBuilder out = new StringBuilder();
    boolean proper = random.nextBoolean();
    for (int i = random.nextInt(10); i > 0; i--) {
      String part = one(CONTENT);
      boolean bare = part.replace("\r\n", "").matches("(?s).*[\r\n].*");
      out.append(proper && bare ? "z" : part);
    }
    return out.toString();
  }

  private void chunks(StringBuilder out) {
    for (int i = random.nextInt(4); i >= 0; i--) {
      String content = content();
      out.append("BDAT ").append(content.length()).append(i == 0 ? " LAST" : "").append("\r\n");
      out.append(content);
      if (random.nextInt(8) == 0) {
        line(out, one(COMMANDS));
      }
    }
  }

  private void line(StringBuilder out, String line) {
    out.append(line).append(one(ENDS));
  }

  private String one(List<String> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** Feeds these octets in random pieces, while the routes answer now and then. */
  static void feedInPieces(EmbeddedDoor door, byte[] octets, Random random) {
    int at = 0;
    int longest = 1 + random.nextInt(Math.max(1, octets.length));
    while (at < octets.length) {
      int to = Math.min(octets.length, at + 1 + random.nextInt(longest));
      door.feed(octets, at, to);
      at = to;
      if (random.nextInt(3) == 0) {
        door.answer();
      }
    }
    door.answerAll();
  }
}
