/**
 * The values everything else speaks of: {@link dev.caravan.mail.Mail}, its {@link
 * dev.caravan.mail.Envelope}, addresses, replies, findings, verdicts and outcomes.
 *
 * <p>All values are immutable, validate in their constructor and are safe to share between threads.
 * Only Java here: no Netty, no Camel, no JMS, no I/O beyond reading the bytes of a {@link
 * dev.caravan.mail.Content}.
 *
 * <p>RFC 5321 (envelope, replies), RFC 5322 (header fields), RFC 3463 (enhanced codes), RFC 8601
 * (findings). It does <em>not</em> parse MIME: whoever needs that asks a library, once.
 */
@NullMarked
package dev.caravan.mail;

import org.jspecify.annotations.NullMarked;
