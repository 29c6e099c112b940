package dev.caravan.camel.jms;

/**
 * A file that goes with a text.
 *
 * @param name what the recipient sees; never a path of ours
 */
record Attachment(String name, byte[] octets) {}
