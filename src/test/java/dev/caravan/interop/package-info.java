/**
 * Tests against other people's tools, each the program that Debian ships: smtp-source and smtp-sink
 * (postfix), dkimpy (python3-dkim), opendkim-testmsg (opendkim-tools), swaks, Python's smtplib and
 * python3-stomp. They carry the tag {@code interop} and run by {@code mvn -Pinterop verify}.
 *
 * <p>A tool that is missing skips its test by name, or fails it where the system property {@code
 * caravan.interop.required} is {@code true}.
 */
@NullMarked
package dev.caravan.interop;

import org.jspecify.annotations.NullMarked;
