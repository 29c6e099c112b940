package dev.caravan.smtp;

/**
 * What one client may do.
 *
 * @param messageSize octets of a message
 * @param header octets of a message's header fields together
 * @param recipients recipients of a mail
 * @param errors refused commands before the connection is closed
 * @param idleCommands commands in a row without a mail, such as NOOP or RSET, before it is closed
 * @param commandLine octets of a command line with its CRLF; RFC 5321 asks for 512, extensions more
 * @param textLine octets of a line of text with its CRLF; RFC 5321 asks for 1000
 */
public record SmtpLimits(
    long messageSize,
    int header,
    int recipients,
    int errors,
    int idleCommands,
    int commandLine,
    int textLine) {
  /** Octets of a line within AUTH with its CRLF (RFC 4954, 4). */
  public static final int AUTH_LINE = 12_288;
}
