package dev.caravan.netty;

import dev.caravan.mail.Networks;
import dev.caravan.smtp.SmtpLimits;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How the server treats its clients.
 *
 * @param hostname our name in greetings and Received fields
 * @param trusted who may relay without AUTH
 * @param spoolDir where large messages are kept while they come in
 * @param spoolThreshold octets from which on a message goes to a file
 * @param memoryMax octets that all messages coming in may keep in memory together
 * @param commandTimeout how long a client may take for a command
 * @param dataTimeout how long it may take for a message
 * @param dataRateMin octets a second below which it is cut off, after the first 30 s of a message
 * @param connectionsMax connections in all
 * @param connectionsPerAddressMax connections from one address that is not trusted
 */
public record ServerOptions(
    String hostname,
    SmtpLimits limits,
    Networks trusted,
    Path spoolDir,
    int spoolThreshold,
    long memoryMax,
    Duration commandTimeout,
    Duration dataTimeout,
    long dataRateMin,
    int connectionsMax,
    int connectionsPerAddressMax) {}
