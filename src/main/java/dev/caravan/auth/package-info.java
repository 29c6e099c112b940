/**
 * Who may log in: users and their passwords, the mechanisms of AUTH (RFC 4954), and what guards
 * them against guessing. Passwords are checked off the event loops; nothing here is told to the log
 * or to a client that would help to guess one.
 */
@NullMarked
package dev.caravan.auth;

import org.jspecify.annotations.NullMarked;
