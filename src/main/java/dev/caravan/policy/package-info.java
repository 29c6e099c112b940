/**
 * The checks that rules are made of, each a bean with one method that takes a question and gives it
 * back, decided or not. A check never knows another check; their order stands in {@code
 * routes/policy.xml}.
 */
@NullMarked
package dev.caravan.policy;

import org.jspecify.annotations.NullMarked;
