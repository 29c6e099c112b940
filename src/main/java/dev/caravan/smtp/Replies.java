package dev.caravan.smtp;

import dev.caravan.mail.MailId;
import dev.caravan.mail.SmtpReply;
import java.util.List;
import java.util.Optional;

/** Every reply of the server. Peers get generic words; reasons are for the log. */
public final class Replies {
  public static final SmtpReply OK = SmtpReply.of(250, "2.0.0", "Ok");
  public static final SmtpReply SENDER_OK = SmtpReply.of(250, "2.1.0", "Sender ok");
  public static final SmtpReply RECIPIENT_OK = SmtpReply.of(250, "2.1.5", "Recipient ok");
  public static final SmtpReply START_DATA =
      new SmtpReply(354, Optional.empty(), List.of("End data with <CR><LF>.<CR><LF>"));
  public static final SmtpReply BYE = SmtpReply.of(221, "2.0.0", "Bye");
  public static final SmtpReply HELP =
      SmtpReply.of(
          214,
          "2.0.0",
          "EHLO HELO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP VRFY ETRN HELP QUIT; see RFC"
              + " 5321");
  public static final SmtpReply CANNOT_VERIFY =
      SmtpReply.of(252, "2.5.0", "Cannot verify a user, but will try to deliver");

  public static final SmtpReply UNKNOWN_COMMAND =
      SmtpReply.of(500, "5.5.1", "Command not recognized");
  public static final SmtpReply NOT_IMPLEMENTED =
      SmtpReply.of(502, "5.5.1", "Command not implemented");
  public static final SmtpReply LINE_TOO_LONG = SmtpReply.of(500, "5.5.2", "Line too long");
  public static final SmtpReply BAD_CHARACTERS =
      SmtpReply.of(500, "5.5.2", "Only printable characters and CRLF line ends, please");
  public static final SmtpReply BARE_LINE_FEED =
      SmtpReply.of(500, "5.5.2", "Lines end in CRLF (RFC 5321, 2.3.8)");
  public static final SmtpReply SYNTAX_ERROR =
      SmtpReply.of(501, "5.5.4", "Syntax error in parameters");
  public static final SmtpReply HELO_NEEDS_NAME =
      SmtpReply.of(501, "5.5.4", "A host name or address literal is needed");
  public static final SmtpReply BAD_SENDER = SmtpReply.of(553, "5.1.7", "Bad sender address");
  public static final SmtpReply BAD_RECIPIENT = SmtpReply.of(553, "5.1.3", "Bad recipient address");
  public static final SmtpReply NEEDS_SMTPUTF8_PARAMETER =
      SmtpReply.of(553, "5.6.7", "A non-ASCII address needs MAIL with SMTPUTF8");
  public static final SmtpReply UNKNOWN_PARAMETER =
      SmtpReply.of(555, "5.5.4", "Parameter not recognized");
  public static final SmtpReply HELO_FIRST = SmtpReply.of(503, "5.5.1", "Send EHLO first");
  public static final SmtpReply MAIL_FIRST = SmtpReply.of(503, "5.5.1", "Send MAIL first");
  public static final SmtpReply RCPT_FIRST =
      SmtpReply.of(503, "5.5.1", "Send RCPT first: there is no valid recipient");
  public static final SmtpReply NOT_WITHIN_MAIL =
      SmtpReply.of(503, "5.5.1", "Not within a mail: send RSET first");
  public static final SmtpReply BDAT_BEGUN =
      SmtpReply.of(503, "5.5.1", "The message has begun with BDAT and ends with BDAT LAST");
  public static final SmtpReply BINARY_NEEDS_BDAT =
      SmtpReply.of(503, "5.5.1", "A BINARYMIME message comes by BDAT (RFC 3030, 3)");
  public static final SmtpReply STARTTLS_FIRST =
      SmtpReply.of(530, "5.7.0", "Must issue a STARTTLS command first");
  public static final SmtpReply AUTH_FIRST = SmtpReply.of(530, "5.7.0", "Authentication required");
  public static final SmtpReply TLS_ALREADY = SmtpReply.of(503, "5.5.1", "TLS is active already");
  public static final SmtpReply TLS_UNAVAILABLE =
      SmtpReply.of(454, "4.7.0", "TLS is not available at present");
  public static final SmtpReply START_TLS = SmtpReply.of(220, "2.0.0", "Ready to start TLS");
  public static final SmtpReply PIPELINED_AFTER_STARTTLS =
      SmtpReply.of(554, "5.5.1", "Nothing may follow STARTTLS before its reply (RFC 3207)");
  public static final SmtpReply AUTH_ALREADY = SmtpReply.of(503, "5.5.1", "Authenticated already");
  public static final SmtpReply AUTH_NEEDS_TLS =
      SmtpReply.of(538, "5.7.11", "Encryption required for the requested authentication mechanism");
  public static final SmtpReply AUTH_UNKNOWN =
      SmtpReply.of(504, "5.5.4", "Authentication mechanism not recognized");
  public static final SmtpReply AUTH_NO_BASE64 = SmtpReply.of(501, "5.5.2", "That is no base64");
  public static final SmtpReply AUTH_CANCELLED =
      SmtpReply.of(501, "5.7.0", "Authentication cancelled");
  public static final SmtpReply AUTH_SERVER_FIRST =
      SmtpReply.of(501, "5.7.0", "This mechanism has no initial response");
  public static final SmtpReply AUTH_LINE_TOO_LONG =
      SmtpReply.of(500, "5.5.6", "Authentication exchange line is too long");
  public static final SmtpReply AUTH_UNAVAILABLE =
      SmtpReply.of(454, "4.7.0", "Temporary authentication failure");
  public static final SmtpReply AUTHENTICATED =
      SmtpReply.of(235, "2.7.0", "Authentication successful");
  public static final SmtpReply NEEDS_TLS_FOR_REQUIRETLS =
      SmtpReply.of(530, "5.7.10", "REQUIRETLS needs an encrypted connection");
  public static final SmtpReply HOLD_TOO_LONG =
      SmtpReply.of(501, "5.5.4", "That is further away than mail is held here");
  public static final SmtpReply XCLIENT_DENIED =
      SmtpReply.of(550, "5.7.0", "XCLIENT is not for you");

  /** The number comes first (RFC 6710, 10: X.3.6). */
  public static final SmtpReply SENDER_OK_NO_PRIORITY =
      SmtpReply.of(250, "2.3.6", "0 is the new priority assigned to the message");

  public static final SmtpReply NESTED_MAIL = SmtpReply.of(503, "5.5.1", "A mail is already begun");
  public static final SmtpReply TURNED_AWAY =
      SmtpReply.of(503, "5.5.1", "No service for you here, send QUIT");
  public static final SmtpReply TOO_MANY_RECIPIENTS =
      SmtpReply.of(452, "4.5.3", "Too many recipients");
  public static final SmtpReply TOO_BIG =
      SmtpReply.of(552, "5.3.4", "Message exceeds the size limit");
  public static final SmtpReply HEADER_TOO_BIG =
      SmtpReply.of(552, "5.3.4", "Message header exceeds the size limit");
  public static final SmtpReply BARE_LINE_END =
      SmtpReply.of(
          550, "5.6.0", "Message has a bare CR or LF; lines end in CRLF (RFC 5321, 2.3.8)");
  public static final SmtpReply TEXT_LINE_TOO_LONG =
      SmtpReply.of(550, "5.6.0", "Message has a line that is too long");
  public static final SmtpReply NO_STORAGE =
      SmtpReply.of(452, "4.3.1", "Insufficient system storage, try again later");
  public static final SmtpReply LOCAL_ERROR =
      SmtpReply.of(451, "4.3.0", "Local error in processing, try again later");
  public static final SmtpReply RELAY_DENIED = SmtpReply.of(550, "5.7.1", "Relaying denied");

  public static final SmtpReply TOO_MANY_ERRORS =
      SmtpReply.of(421, "4.7.0", "Too many errors, closing the connection");
  public static final SmtpReply TOO_MANY_CONNECTIONS =
      SmtpReply.of(421, "4.7.0", "Too many connections, try again later");
  public static final SmtpReply TOO_OFTEN =
      SmtpReply.of(421, "4.7.0", "You connect too often, try again later");
  public static final SmtpReply OFFENDER =
      SmtpReply.of(421, "4.7.0", "Your address was cut off too often, try again later");
  public static final SmtpReply IDLE =
      SmtpReply.of(421, "4.4.2", "Waited too long, closing the connection");
  public static final SmtpReply TOO_SLOW =
      SmtpReply.of(421, "4.4.2", "Data comes too slowly, closing the connection");
  public static final SmtpReply SHUTDOWN =
      SmtpReply.of(421, "4.3.2", "Service is shutting down, try again later");
  public static final SmtpReply NO_GREETING =
      SmtpReply.of(421, "4.3.0", "Local error in processing, try again later");
  public static final SmtpReply TALKS_FIRST =
      SmtpReply.of(554, "5.5.1", "Wait for the greeting before you send commands");
  public static final SmtpReply ETRN_DENIED =
      SmtpReply.of(459, "4.7.1", "A run of the queue is not for you to start");
  public static final SmtpReply ETRN_UNABLE =
      SmtpReply.of(458, "4.3.0", "Unable to queue messages for this node at present");
  public static final SmtpReply NO_PROXY =
      SmtpReply.of(421, "4.7.0", "The PROXY protocol must come first");
  public static final SmtpReply TLS_FAILED = SmtpReply.of(454, "4.7.0", "The TLS handshake failed");
  public static final SmtpReply NOT_TLS =
      SmtpReply.of(554, "5.5.1", "TLS begins with STARTTLS here, closing the connection");
  public static final SmtpReply NOT_HTTP =
      SmtpReply.of(421, "4.7.0", "This is an SMTP server, closing the connection");

  /** Octets of a line with its CRLF (RFC 5321, 4.5.3.1.5); what is longer is cut. */
  private static final int LINE_MAX = 512;

  private Replies() {}

  static SmtpReply greeting(String hostname) {
    return SmtpReply.of(220, hostname + " ESMTP Caravan");
  }

  static SmtpReply helo(String hostname) {
    return SmtpReply.of(250, hostname);
  }

  static SmtpReply challenge(String base64) {
    return new SmtpReply(334, Optional.empty(), List.of(base64));
  }

  static SmtpReply queueRun(String node, int mails) {
    return mails == 0
        ? SmtpReply.of(250, "2.0.0", "Queuing for " + node + " started")
        : SmtpReply.of(253, "2.0.0", mails + " pending messages for " + node + " started");
  }

  static SmtpReply chunk(long octets) {
    return SmtpReply.of(250, "2.0.0", octets + " octets received");
  }

  static SmtpReply queued(MailId id) {
    return SmtpReply.of(250, "2.0.0", "Ok: queued as " + id);
  }

  /** Every reply has an enhanced code (RFC 2034, 4), also one that a rule gave without. */
  static SmtpReply coded(SmtpReply reply) {
    return new SmtpReply(reply.code(), Optional.of(reply.status()), reply.lines());
  }

  /** The same with another code of its class. */
  static SmtpReply withCode(int code, SmtpReply reply) {
    return new SmtpReply(code, reply.enhanced(), reply.lines());
  }

  /** As it goes over the wire: one line each, {@code 250-} on all but the last. */
  public static String wire(SmtpReply reply) {
    StringBuilder out = new StringBuilder(80);
    int last = reply.lines().size() - 1;
    for (int i = 0; i <= last; i++) {
      int start = out.length();
      out.append(reply.code()).append(i < last ? '-' : ' ');
      reply.enhanced().ifPresent(e -> out.append(e).append(' '));
      out.append(reply.lines().get(i));
      out.setLength(Math.min(out.length(), start + LINE_MAX - 2));
      out.append("\r\n");
    }
    return out.toString();
  }
}
