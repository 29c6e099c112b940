package dev.caravan.delivery;

import dev.caravan.delivery.tls.TlsTrouble;
import dev.caravan.mail.EnhancedCode;
import dev.caravan.mail.SmtpReply;
import dev.caravan.smtp.ReplyReader;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** What we make of trouble with a server: the one place that turns exceptions into replies. */
final class Troubles {
  private static final Pattern LINE_ENDS = Pattern.compile("[\\r\\n\\x00]+");

  private Troubles() {}

  /** Trouble before a mail was handed over; always temporary. */
  static SmtpReply of(IOException trouble, Hop hop, String stage) {
    return switch (trouble) {
      case Wire.NotOursException t ->
          reply("4.3.5", hop.source() + " is no address of this machine");
      case ClosingException t -> t.reply();
      case SocketTimeoutException t ->
          reply(stage.equals("while connecting") ? "4.4.1" : "4.4.2", hop + ": timed out " + stage);
      case ConnectException t -> reply("4.4.1", hop + ": connection refused");
      case NoRouteToHostException t -> reply("4.4.1", hop + ": no route");
      case EOFException t -> reply("4.4.2", hop + ": connection closed " + stage);
      case ReplyReader.GarbageException t -> reply("4.5.0", hop + ": no SMTP reply " + stage);
      case SSLException t -> tls(t, hop);
      default ->
          stage.equals("while connecting")
              ? reply("4.4.1", hop + ": can't be connected to: " + oneLine(trouble.getMessage()))
              : reply("4.4.2", hop + ": connection lost " + stage);
    };
  }

  /** The TLS handshake failed. */
  static SmtpReply tls(IOException trouble, Object hop) {
    return reply("4.7.5", hop + ": TLS failed: " + TlsTrouble.of(trouble).reason());
  }

  /** A server that refuses us, rather than a mail, is tried again later or elsewhere. */
  static SmtpReply refused(SmtpReply reply, Object hop, String stage) {
    return reply("4.3.2", hop + " said " + stage + ": " + oneLine(reply.toString()));
  }

  static SmtpReply reply(String enhanced, String text) {
    return new SmtpReply(451, EnhancedCode.parse(enhanced), List.of(oneLine(text)));
  }

  /** The reply with an enhanced code of the other class where that is needed. */
  static SmtpReply asTemporary(SmtpReply reply) {
    if (reply.isTemporary()) {
      return reply;
    }
    Optional<EnhancedCode> enhanced =
        reply.enhanced().map(e -> new EnhancedCode(4, e.subject(), e.detail()));
    return new SmtpReply(451, enhanced, reply.lines());
  }

  private static String oneLine(@org.jspecify.annotations.Nullable String text) {
    return text == null ? "" : LINE_ENDS.matcher(text).replaceAll(" ");
  }
}
