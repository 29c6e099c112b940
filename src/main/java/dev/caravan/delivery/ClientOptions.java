package dev.caravan.delivery;

import dev.caravan.delivery.tls.TlsClient;
import java.time.Duration;

/**
 * What the client says of itself and how it behaves.
 *
 * @param hostname our name in EHLO
 * @param times how long it waits
 * @param messagesPerConnection after which a connection is closed
 * @param chunking when BDAT is used
 * @param tls knows the authorities that we trust
 */
record ClientOptions(
    String hostname, Times times, int messagesPerConnection, Chunking chunking, TlsClient tls) {

  /**
   * How long it waits (RFC 5321, 4.5.3.2).
   *
   * @param connect for the connection to the last address that there is
   * @param connectQuick for a connection while there are other addresses
   * @param greeting for the greeting
   * @param command for TLS and the reply to EHLO, STARTTLS, AUTH, RSET
   * @param mail for the reply to MAIL
   * @param recipient for the reply to each RCPT
   * @param dataStart for the reply to DATA
   * @param dataBlock for a server that does not read what we send
   * @param dataEnd for the reply to the final dot
   * @param idle how long an unused connection is kept
   */
  record Times(
      Duration connect,
      Duration connectQuick,
      Duration greeting,
      Duration command,
      Duration mail,
      Duration recipient,
      Duration dataStart,
      Duration dataBlock,
      Duration dataEnd,
      Duration idle) {
    /** As RFC 5321 wants them. */
    static final Times STANDARD =
        new Times(
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            Duration.ofMinutes(5),
            Duration.ofMinutes(5),
            Duration.ofMinutes(5),
            Duration.ofMinutes(5),
            Duration.ofMinutes(2),
            Duration.ofMinutes(3),
            Duration.ofMinutes(10),
            Duration.ofSeconds(10));
  }

  /** The same wait for every command before DATA; with the authorities of this Java. */
  ClientOptions(
      String hostname,
      Duration connect,
      Duration command,
      Duration dataStart,
      Duration dataBlock,
      Duration dataEnd,
      Duration idle,
      int messagesPerConnection) {
    this(
        hostname,
        new Times(
            connect, connect, command, command, command, command, dataStart, dataBlock, dataEnd,
            idle),
        messagesPerConnection,
        Chunking.BINARY,
        new TlsClient());
  }

  /** The time-outs of RFC 5321. */
  static ClientOptions standard(String hostname, int messagesPerConnection, TlsClient tls) {
    return new ClientOptions(hostname, Times.STANDARD, messagesPerConnection, Chunking.BINARY, tls);
  }

  ClientOptions with(Times other, Chunking otherChunking) {
    return new ClientOptions(hostname, other, messagesPerConnection, otherChunking, tls);
  }

  ClientOptions withChunking(Chunking other) {
    return with(times, other);
  }

  Duration connect() {
    return times.connect();
  }

  Duration command() {
    return times.command();
  }

  Duration dataBlock() {
    return times.dataBlock();
  }

  Duration dataStart() {
    return times.dataStart();
  }

  Duration dataEnd() {
    return times.dataEnd();
  }
}
