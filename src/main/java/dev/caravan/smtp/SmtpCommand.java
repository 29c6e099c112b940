package dev.caravan.smtp;

import java.util.Locale;

/**
 * One command line: a verb in upper case and the rest.
 *
 * @param argument without white space at its ends; may be empty
 */
record SmtpCommand(String verb, String argument) {
  static SmtpCommand parse(String line) {
    String text = line.strip();
    int space = text.indexOf(' ');
    String verb = space < 0 ? text : text.substring(0, space);
    String argument = space < 0 ? "" : text.substring(space + 1).strip();
    // MAIL FROM: and RCPT TO: are two words, and some clients write no space behind the colon.
    return new SmtpCommand(verb.toUpperCase(Locale.ROOT), argument);
  }
}
