package dev.caravan.delivery;

import dev.caravan.mail.Durations;
import java.time.Duration;
import java.util.Optional;

/**
 * How the SMTP client behaves, for all transports. A bean: its properties are set in XML, before
 * the first mail. Times are written {@code 30s}, {@code 5m}; what is not set is as RFC 5321,
 * 4.5.3.2 says.
 */
public final class ClientSettings {
  private Optional<Duration> connect = Optional.empty();
  private Optional<Duration> connectQuick = Optional.empty();
  private Optional<Duration> greeting = Optional.empty();
  private Optional<Duration> command = Optional.empty();
  private Optional<Duration> mail = Optional.empty();
  private Optional<Duration> recipient = Optional.empty();
  private Optional<Duration> dataStart = Optional.empty();
  private Optional<Duration> dataBlock = Optional.empty();
  private Optional<Duration> dataEnd = Optional.empty();
  private Optional<Duration> idle = Optional.empty();
  private Optional<Chunking> chunking = Optional.empty();
  private Sources sources = new Sources();
  private ConnectionCounts counts = ConnectionCounts.NONE;

  /** For the connection to the last address that there is. */
  public void setConnectTimeout(String time) {
    connect = time(time);
  }

  /** For a connection while there are other addresses to try. */
  public void setQuickConnectTimeout(String time) {
    connectQuick = time(time);
  }

  public void setGreetingTimeout(String time) {
    greeting = time(time);
  }

  /** For TLS and the reply to EHLO, STARTTLS, AUTH, RSET. */
  public void setCommandTimeout(String time) {
    command = time(time);
  }

  public void setMailTimeout(String time) {
    mail = time(time);
  }

  /** For the reply to each RCPT. */
  public void setRecipientTimeout(String time) {
    recipient = time(time);
  }

  /** For the reply to DATA. */
  public void setDataTimeout(String time) {
    dataStart = time(time);
  }

  /** For a server to read one block of the message. */
  public void setBlockTimeout(String time) {
    dataBlock = time(time);
  }

  /** For the reply to the whole message. Too short a time makes duplicates. */
  public void setEndTimeout(String time) {
    dataEnd = time(time);
  }

  /** How long an unused connection is kept. */
  public void setIdleTime(String time) {
    idle = time(time);
  }

  /**
   * When BDAT is used where it is offered: {@code binary} (for binary messages only), {@code
   * always}, {@code pipelined} (small messages leave together with the envelope).
   */
  public void setChunking(String when) {
    chunking = Optional.of(Chunking.of(when));
  }

  public void setSources(Sources sources) {
    this.sources = sources;
  }

  /** Who counts the connections. */
  public void setCounts(ConnectionCounts counts) {
    this.counts = counts;
  }

  Sources sources() {
    return sources;
  }

  ConnectionCounts counts() {
    return counts;
  }

  ClientOptions over(ClientOptions standard) {
    ClientOptions.Times t = standard.times();
    return standard.with(
        new ClientOptions.Times(
            connect.orElse(t.connect()),
            connectQuick.orElse(t.connectQuick()),
            greeting.orElse(t.greeting()),
            command.orElse(t.command()),
            mail.orElse(t.mail()),
            recipient.orElse(t.recipient()),
            dataStart.orElse(t.dataStart()),
            dataBlock.orElse(t.dataBlock()),
            dataEnd.orElse(t.dataEnd()),
            idle.orElse(t.idle())),
        chunking.orElse(standard.chunking()));
  }

  private static Optional<Duration> time(String text) {
    Duration time = Durations.parse(text);
    if (time.isZero()) {
      throw new IllegalArgumentException("a time-out is longer than nothing");
    }
    return Optional.of(time);
  }
}
