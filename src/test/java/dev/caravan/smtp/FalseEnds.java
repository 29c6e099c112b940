package dev.caravan.smtp;

import java.util.List;

/** Octets that end no message, whatever some server makes of them. */
public final class FalseEnds {
  /** What some server somewhere has taken for the end of the data, and its neighbours. */
  public static final List<String> ALL =
      List.of(
          "\n.\n",
          "\r.\r",
          "\n.\r",
          "\r.\n",
          "\n.\r\n",
          "\r.\r\n",
          "\r\n.\n",
          "\r\n.\r",
          "\n\n.\r\n",
          "\n\r.\r\n",
          "\n\r.\n\r",
          "\n\r\n.\n",
          "\r\r.\r\n",
          "\r\r.\r\r",
          "\r\n.\r\r\n",
          "\r\n.\n\r\n",
          "\r\n.\r\0\n",
          "\r\0\n.\r\n",
          "\r\n\0.\r\n",
          "\r\n.\0\r\n",
          "\0\r.\r\0\n",
          "\0\n.\0\r\n",
          "\r\n .\r\n",
          "\r\n. \r\n",
          "\r\n\t.\r\n",
          "\r\n.\t\r\n",
          "\r\n\u000b.\r\n",
          "\r\n.\f\r\n",
          "\r\n..\r\n",
          "\r\n...\r\n",
          "\n..\r\n",
          "\r\n..\n",
          "\r\n.\r\n".replace("\r\n", "\u0085"),
          "\r\n\u008a.\r\n",
          "\r\n.\u008d\u008a",
          "\u008d\u008a.\r\n",
          "\u00e4\n.\n\u00e4",
          "\u00e4\r.\r\u00e4",
          "\r\n\u00ff.\r\n",
          "\r\n.\u00ff\r\n",
          "\r\n\u00c0\u00ae\r\n",
          "\u00e2\u0080\u00a8.\u00e2\u0080\u00a8",
          "\n",
          "\r",
          "\n\r",
          "\r\r\n",
          "\r\n\n",
          "\r\n\r",
          "\r\n.a\r\n",
          "\r\n.\\r\\n",
          "\r\n");

  private FalseEnds() {}

  /** For the name of a test. */
  public static String visible(String octets) {
    StringBuilder out = new StringBuilder();
    for (char c : octets.toCharArray()) {
      switch (c) {
        case '\r' -> out.append("\\r");
        case '\n' -> out.append("\\n");
        default -> out.append(c > ' ' && c < 127 ? "" + c : "\\x%02x".formatted((int) c));
      }
    }
    return out.toString();
  }
}
