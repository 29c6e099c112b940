package dev.caravan.delivery;

import java.time.Duration;

/**
 * What the client says of itself and how long it waits (RFC 5321, 4.5.3.2).
 *
 * @param hostname our name in EHLO
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
 * @param messagesPerConnection after which it is closed
 * @param chunking when BDAT is used
 */
record ClientOptions(
    String hostname,
    Duration connect,
    Duration connectQuick,
    Duration greeting,
    Duration command,
    Duration mail,
    Duration recipient,
    Duration dataStart,
    Duration dataBlock,
    Duration dataEnd,
    Duration idle,
    int messagesPerConnection,
    Chunking chunking) {

  /** The same wait for every command before DATA. */
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
        connect,
        connect,
        command,
        command,
        command,
        command,
        dataStart,
        dataBlock,
        dataEnd,
        idle,
        messagesPerConnection,
        Chunking.BINARY);
  }

  /** The time-outs of RFC 5321. */
  static ClientOptions standard(String hostname, int messagesPerConnection) {
    return new ClientOptions(
        hostname,
        Duration.ofSeconds(30),
        Duration.ofSeconds(5),
        Duration.ofMinutes(5),
        Duration.ofMinutes(5),
        Duration.ofMinutes(5),
        Duration.ofMinutes(5),
        Duration.ofMinutes(2),
        Duration.ofMinutes(3),
        Duration.ofMinutes(10),
        Duration.ofSeconds(10),
        messagesPerConnection,
        Chunking.ALWAYS);
  }

  ClientOptions withChunking(Chunking other) {
    return with(
        connect,
        connectQuick,
        greeting,
        command,
        mail,
        recipient,
        dataStart,
        dataBlock,
        dataEnd,
        idle,
        other);
  }

  /** The same with other times. */
  ClientOptions with(
      Duration otherConnect,
      Duration otherConnectQuick,
      Duration otherGreeting,
      Duration otherCommand,
      Duration otherMail,
      Duration otherRecipient,
      Duration otherDataStart,
      Duration otherDataBlock,
      Duration otherDataEnd,
      Duration otherIdle,
      Chunking otherChunking) {
    return new ClientOptions(
        hostname,
        otherConnect,
        otherConnectQuick,
        otherGreeting,
        otherCommand,
        otherMail,
        otherRecipient,
        otherDataStart,
        otherDataBlock,
        otherDataEnd,
        otherIdle,
        messagesPerConnection,
        otherChunking);
  }
}
