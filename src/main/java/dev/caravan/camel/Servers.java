package dev.caravan.camel;

import dev.caravan.mail.Networks;
import dev.caravan.netty.ServerOptions;
import dev.caravan.netty.SmtpServer;
import dev.caravan.settings.Settings;
import dev.caravan.smtp.SmtpLimits;
import java.nio.file.Path;

/** The servers as the settings want them. */
final class Servers {
  private Servers() {}

  static SmtpServer smtp(Settings s, Path spool) {
    SmtpLimits limits =
        new SmtpLimits(
            s.bytes("caravan.smtp.message-size-max"),
            (int) s.bytes("caravan.smtp.header-max"),
            s.number("caravan.smtp.recipients-max"),
            s.number("caravan.smtp.errors-max"),
            SmtpLimits.COMMAND_LINE,
            (int) s.bytes("caravan.smtp.line-max"));
    return new SmtpServer(
        new ServerOptions(
            s.text("caravan.hostname"),
            limits,
            Networks.parse(s.text("caravan.relay.networks")),
            spool,
            (int) s.bytes("caravan.smtp.spool-threshold"),
            s.bytes("caravan.smtp.memory-max"),
            s.duration("caravan.smtp.command-timeout"),
            s.duration("caravan.smtp.data-timeout"),
            s.bytes("caravan.smtp.data-rate-min"),
            s.number("caravan.smtp.connections-max"),
            s.number("caravan.smtp.connections-per-address-max")),
        RouteQuestions::new);
  }
}
