package dev.caravan.delivery;

import dev.caravan.delivery.tls.TlsClient;
import java.time.Duration;

/**
 * What the client says of itself and how long it waits (RFC 5321, 4.5.3.2).
 *
 * @param hostname our name in EHLO
 * @param connect for the connection
 * @param command for the greeting and the reply to EHLO, MAIL, RCPT, STARTTLS, AUTH
 * @param dataStart for the reply to DATA
 * @param dataBlock for a server that does not read what we send
 * @param dataEnd for the reply to the final dot
 * @param idle how long an unused connection is kept
 * @param messagesPerConnection after which it is closed
 * @param tls knows the authorities that we trust
 */
public record ClientOptions(
    String hostname,
    Duration connect,
    Duration command,
    Duration dataStart,
    Duration dataBlock,
    Duration dataEnd,
    Duration idle,
    int messagesPerConnection,
    TlsClient tls) {

  /** With the authorities of this Java. */
  public ClientOptions(
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
        connect,
        command,
        dataStart,
        dataBlock,
        dataEnd,
        idle,
        messagesPerConnection,
        new TlsClient());
  }

  /** The time-outs of RFC 5321. */
  public static ClientOptions standard(String hostname, int messagesPerConnection, TlsClient tls) {
    return new ClientOptions(
        hostname,
        Duration.ofSeconds(30),
        Duration.ofMinutes(5),
        Duration.ofMinutes(2),
        Duration.ofMinutes(3),
        Duration.ofMinutes(10),
        Duration.ofSeconds(10),
        messagesPerConnection,
        tls);
  }
}
