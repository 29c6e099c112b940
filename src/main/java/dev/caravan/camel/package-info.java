/**
 * Everything that speaks Camel: the gateway's start and stop, and the beans of the routes that need
 * several packages at once. The broker, the spool component, the JMS door and the verbs of rules
 * are packages of their own below.
 */
@NullMarked
package dev.caravan.camel;

import org.jspecify.annotations.NullMarked;
