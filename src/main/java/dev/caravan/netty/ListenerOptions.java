package dev.caravan.netty;

import dev.caravan.mail.Networks;
import dev.caravan.smtp.Listening;

/**
 * How one listener treats its clients.
 *
 * @param listening what it demands and offers
 * @param trusted who may relay without logging in
 * @param proxies who must begin with the PROXY protocol, and is believed
 * @param xclient who may use XCLIENT
 * @param tlsProfile which protocols and ciphers it takes
 * @param connectionsMax connections of this listener
 */
public record ListenerOptions(
    Listening listening,
    Networks trusted,
    Networks proxies,
    Networks xclient,
    String tlsProfile,
    int connectionsMax) {}
