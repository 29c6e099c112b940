package dev.caravan.camel.jms;

import dev.caravan.mail.EmailAddress;

/**
 * One entry of an address list (RFC 5322, 3.4).
 *
 * @param name what people read, decoded; may be empty
 */
record Mailbox(String name, EmailAddress address) {}
