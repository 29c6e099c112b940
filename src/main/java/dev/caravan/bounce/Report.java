package dev.caravan.bounce;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.SmtpReply;

/**
 * What a report says of one recipient (RFC 3464, 2.3).
 *
 * @param reply the remote server's last words, or ours
 */
public record Report(EmailAddress recipient, SmtpReply reply) {}
