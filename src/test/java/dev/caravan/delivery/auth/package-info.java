/** Tests of logins, secrets and access tokens. */
@NullMarked
package dev.caravan.delivery.auth;

import org.jspecify.annotations.NullMarked;
