/**
 * Asking the DNS: {@link dev.caravan.dns.Resolver}, its sealed {@link dev.caravan.dns.Answer}, and
 * the caching resolver on dnsjava.
 *
 * <p>An answer is one of four things, and callers must treat each: records, no such data, no such
 * name (RFC 1035, RFC 2308), or a failure that is always temporary (time-out, SERVFAIL, a lame or
 * lying server). It does not validate DNSSEC itself: it believes the AD bit of a validating
 * resolver over a path that nobody can change (RFC 4035, 4.9.3).
 */
@NullMarked
package dev.caravan.dns;

import org.jspecify.annotations.NullMarked;
