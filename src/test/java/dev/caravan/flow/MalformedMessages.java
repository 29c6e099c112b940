package dev.caravan.flow;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Messages that are no mail, by a seed, of no protocol yet. */
final class MalformedMessages {
  static final int KINDS = 30;

  private static final Map<String, Object> GOOD =
      Map.of("from", "a@sender.example", "to", "b@dest.example", "subject", "good");
  private static final Map<String, Object> RAW =
      Map.of("mailFrom", "a@sender.example", "rcptTo", "b@dest.example");

  /** Whole messages whose MIME is broken: what is in them is the sender's, and passes as it is. */
  private static final List<String> BROKEN_MIME =
      List.of(
          multipart("--b\r\nContent-Type: text/plain\r\n\r\ntext that is cut o"),
          multipart("--b\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--b"),
          multipart("--c\r\n\r\nthere is no such part\r\n--c--\r\n"),
          "Content-Type: application/pdf; name=\"=?x?q?\r\n"
              + "Content-Transfer-Encoding: base64\r\n\r\n%%%=JV\u0000BE=\r\n=\r\n",
          "Content-Type: text/plain; charset=klingon\r\n"
              + "Content-Transfer-Encoding: quoted-printable\r\n\r\n=XY=\r\n=C3=28 =\r\n",
          "Content-Type: text/plain; charset=utf-8\r\n\r\n\u00c3(\u00a0\u00a1\r\n",
          "Content-Type: ;;;/\r\nContent-Transfer-Encoding: 9bit\r\n\r\nx\r\n",
          "MIME-Version: -1\r\nContent-Disposition: attachment; filename*=x'y'%zz\r\n\r\nx\r\n");

  private final Random random;

  MalformedMessages(long seed) {
    this.random = new Random(seed);
  }

  /** What it is in every protocol. */
  enum Type {
    TEXT,
    BYTES,
    MAP,
    STREAM,
    OBJECT,
    NOTHING
  }

  /**
   * A message to send.
   *
   * @param body a String, {@code byte[]}, Map, number or list, as the type says
   */
  record Made(Type type, Object body, Map<String, Object> properties) {}

  static int goods() {
    return 1 + BROKEN_MIME.size();
  }

  /** A mail; its last octets, in ISO 8859-1, are {@link #end}. */
  static Made good(int number) {
    return number == 0
        ? text("text", GOOD)
        : bytes(BROKEN_MIME.get(number - 1).getBytes(StandardCharsets.ISO_8859_1), RAW);
  }

  static String end(int number) {
    String end = number == 0 ? "text" : BROKEN_MIME.get(number - 1);
    return end.endsWith("\r\n") ? end : end + "\r\n";
  }

  private static String multipart(String body) {
    return "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + body;
  }

  private static Made text(String text, Map<String, Object> properties) {
    return new Made(Type.TEXT, text, properties);
  }

  private static Made bytes(byte[] octets, Map<String, Object> properties) {
    return new Made(Type.BYTES, octets, properties);
  }

  private static Made json(String more) {
    return text(
        ("{'from':'a@sender.example','to':'b@dest.example'," + more).replace('\'', '"'),
        Map.of("format", "json"));
  }

  private static Map<String, Object> with(String name, Object value) {
    Map<String, Object> all = new java.util.HashMap<>(GOOD);
    all.put(name, value);
    return all;
  }

  /** One of a kind, from 0. */
  Made malformed(int kind) {
    return switch (kind) {
      case 0 -> new Made(Type.OBJECT, new ArrayList<>(List.of("x")), Map.of());
      case 1 -> new Made(Type.STREAM, random.nextInt(), Map.of());
      case 2 -> octets(random.nextInt(20_000), Map.of());
      case 3 -> text("{" + garbage(200), Map.of());
      case 4 -> text("{\"from\":{\"a\":[1]},\"to\":" + random.nextInt() + "}", Map.of());
      case 5 -> text("text", with("subject", "x\r\nBcc: " + garbage(20)));
      case 6 -> text("text", with("to", garbage(30)));
      case 7 -> text("text", with("from", "<" + garbage(30)));
      case 8 -> text("text", with("to", many(1_001 + random.nextInt(2_000))));
      case 9 ->
          new Made(
              Type.MAP,
              Map.of(
                  "from",
                  random.nextDouble(),
                  "to",
                  new byte[random.nextInt(100)],
                  garbage(10) + "x",
                  garbage(10)),
              Map.of());
      case 10 -> text("text", with("format", garbage(10) + "!"));
      case 11 -> text("text", with("sendAt", garbage(10) + "!"));
      case 12 -> text("text", with("notify", garbage(10) + "!"));
      case 13 -> octets(100, Map.of("mailFrom", garbage(20) + "<"));
      case 14 -> text(garbage(50), Map.of("mailKey", "k".repeat(251 + random.nextInt(1_000))));
      case 15 -> new Made(Type.NOTHING, "", Map.of("huge", "x".repeat(random.nextInt(300_000))));
      // Base64 that is none, in an attachment.
      case 16 -> json("'attachments':[{'name':'a.pdf','data':'%" + random.nextInt() + "'}]}");
      case 17 -> json("'attachments':[{'name':'a.pdf','data':{'x':" + random.nextInt() + "}}]}");
      // Octets that are no UTF-8, where a text is said to be.
      case 18 -> bytes(latin(1 + random.nextInt(1_000)), with("format", "text"));
      case 19 -> new Made(Type.MAP, Map.of("from", "a@b.example", "text", latin(9)), Map.of());
      case 20 -> bytes(latin(50), Map.of("format", "json"));
      case 21 -> text("text", with("contentType", "multipart/mixed; boundary=" + garbage(5)));
      // A multipart that is cut off, with nobody to go to.
      case 22 -> bytes(cut(), Map.of("mailFrom", "a@sender.example"));
      case 23 -> bytes(cut(), Map.of("mailFrom", "a@sender.example", "rcptTo", garbage(9)));
      // Properties of another type than they should be.
      case 24 -> text("text", with("to", random.nextInt()));
      case 25 -> text("text", with("from", random.nextBoolean()));
      case 26 -> text("text", with("sendAt", random.nextDouble()));
      case 27 -> text("text", with("notify", random.nextLong()));
      case 28 -> json("'subject':[" + random.nextInt() + "],'text':{}}");
      default -> json("'text':'" + "x".repeat(random.nextInt(50_000)));
    };
  }

  private static String many(int count) {
    return IntStream.range(0, count)
        .mapToObj(n -> "b" + n + "@dest.example")
        .collect(Collectors.joining(","));
  }

  private Made octets(int length, Map<String, Object> properties) {
    byte[] octets = new byte[length + 2];
    random.nextBytes(octets);
    // No field of a header begins so.
    octets[0] = 0;
    octets[1] = ' ';
    return bytes(octets, properties);
  }

  private byte[] latin(int length) {
    byte[] octets = new byte[length + 2];
    random.nextBytes(octets);
    octets[0] = (byte) 0xC3;
    octets[1] = '(';
    return octets;
  }

  private byte[] cut() {
    String whole = multipart("--b\r\n\r\n" + "x".repeat(2_000));
    return whole
        .substring(0, 70 + random.nextInt(whole.length() - 70))
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Never an address. */
  private String garbage(int length) {
    byte[] octets = new byte[length];
    random.nextBytes(octets);
    return new String(octets, StandardCharsets.ISO_8859_1).replace('@', '?') + "\u0000";
  }
}
