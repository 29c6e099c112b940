package dev.caravan.smtp;

import java.util.Locale;

/** BDAT: how many octets follow, and whether the message ends with them (RFC 3030, 2). */
record BdatCommand(long octets, boolean last) {
  /**
   * @throws Refusal when it is malformed; then nobody knows where the next command begins
   */
  static BdatCommand parse(String argument) throws Refusal {
    String[] words = argument.split(" +");
    boolean last = words.length == 2 && words[1].toUpperCase(Locale.ROOT).equals("LAST");
    if (!words[0].matches("\\d{1,18}") || words.length > 1 && !last) {
      throw new Refusal(Replies.SYNTAX_ERROR);
    }
    return new BdatCommand(Long.parseLong(words[0]), last);
  }
}
