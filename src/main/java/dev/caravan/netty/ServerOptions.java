package dev.caravan.netty;

import dev.caravan.smtp.SmtpLimits;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How the server treats the clients of all listeners.
 *
 * @param spoolDir where large messages are kept while they come in
 * @param spoolThreshold octets from which on a message goes to a file
 * @param memoryMax octets that all messages coming in may keep in memory together
 * @param greetingDelay how long a stranger waits for the greeting; who talks meanwhile is cut off
 * @param proxyTimeout how long a proxy may take to say for whom it speaks
 * @param commandTimeout how long a client may take for a command
 * @param dataTimeout how long it may pause within a message
 * @param messageTimeout how long it may take for a message
 * @param dataRateMin octets a second below which it is cut off
 * @param dataRateGrace how long a message may come slower than that at first
 * @param connectionsMax connections in all
 * @param connectionsPerAddressMax connections from one address that is not trusted
 * @param penalties when such an address is turned away
 */
public record ServerOptions(
    SmtpLimits limits,
    Path spoolDir,
    int spoolThreshold,
    long memoryMax,
    Duration greetingDelay,
    Duration proxyTimeout,
    Duration commandTimeout,
    Duration dataTimeout,
    Duration messageTimeout,
    long dataRateMin,
    Duration dataRateGrace,
    int connectionsMax,
    int connectionsPerAddressMax,
    PenaltyTerms penalties) {}
