/** What the routes in {@code routes/http.xml} answer with: health, metrics, queues. */
@NullMarked
package dev.caravan.camel.http;

import org.jspecify.annotations.NullMarked;
