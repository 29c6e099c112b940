package dev.caravan.smtp;

/**
 * What one client may do.
 *
 * @param messageSize octets of a message
 * @param header octets of a message's header fields together
 * @param recipients recipients of a mail
 * @param errors refused commands before the connection is closed
 * @param commandLine octets of a command line with its CRLF; RFC 5321 asks for 512, extensions more
 * @param textLine octets of a line of text with its CRLF; RFC 5321 asks for 1000
 */
public record SmtpLimits(
    long messageSize, int header, int recipients, int errors, int commandLine, int textLine) {
  public static final int COMMAND_LINE = 4096;

  /** Commands in a row without a mail, such as NOOP or RSET, before the connection is closed. */
  static final int IDLE_COMMANDS = 1000;
}
