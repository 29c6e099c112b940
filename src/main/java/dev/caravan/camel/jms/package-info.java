/**
 * The JMS door: what an application put on {@code mail.submit} becomes a mail, is queued in the
 * same JMS transaction, and gets its answer. No property of a submission picks an endpoint, a bean
 * or a file.
 */
@NullMarked
package dev.caravan.camel.jms;

import org.jspecify.annotations.NullMarked;
