/**
 * How we log in to the servers that take our mail: the client's side of SASL (PLAIN RFC 4616,
 * LOGIN, CRAM-MD5 RFC 2195, SCRAM-SHA-256 RFC 7677, OAUTHBEARER RFC 7628, XOAUTH2), secrets from
 * files and the environment, and access tokens from a token endpoint (RFC 6749).
 *
 * <p>Secrets are in no log, no reply, no exception and no {@code toString}. It knows nothing of
 * SMTP: who speaks it is {@code delivery}.
 */
@NullMarked
package dev.caravan.delivery.auth;

import org.jspecify.annotations.NullMarked;
