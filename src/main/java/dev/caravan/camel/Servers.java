package dev.caravan.camel;

import dev.caravan.netty.PenaltyTerms;
import dev.caravan.netty.ServerOptions;
import dev.caravan.settings.Settings;
import dev.caravan.smtp.SmtpLimits;
import java.nio.file.Path;

/** The server as the settings want it. */
final class Servers {
  private Servers() {}

  static ServerOptions smtp(Settings s, Path spool) {
    SmtpLimits limits =
        new SmtpLimits(
            s.bytes("caravan.smtp.message-size-max"),
            (int) s.bytes("caravan.smtp.header-max"),
            s.number("caravan.smtp.recipients-max"),
            s.number("caravan.smtp.errors-max"),
            s.number("caravan.smtp.idle-commands-max"),
            (int) s.bytes("caravan.smtp.command-line-max"),
            (int) s.bytes("caravan.smtp.line-max"));
    return new ServerOptions(
        limits,
        spool,
        (int) s.bytes("caravan.smtp.spool-threshold"),
        s.bytes("caravan.smtp.memory-max"),
        s.duration("caravan.smtp.greeting-delay"),
        s.duration("caravan.smtp.proxy-timeout"),
        s.duration("caravan.smtp.command-timeout"),
        s.duration("caravan.smtp.data-timeout"),
        s.duration("caravan.smtp.message-timeout"),
        s.bytes("caravan.smtp.data-rate-min"),
        s.duration("caravan.smtp.data-rate-grace"),
        s.number("caravan.smtp.connections-max"),
        s.number("caravan.smtp.connections-per-address-max"),
        new PenaltyTerms(
            s.number("caravan.smtp.connection-rate-max"),
            s.number("caravan.smtp.offences-max"),
            s.duration("caravan.smtp.offence-window"),
            s.duration("caravan.smtp.offender-block"),
            s.duration("caravan.smtp.offender-delay")));
  }
}
