package dev.caravan.camel.template;

import java.util.Optional;

/**
 * What a template has become with its data; at least one of text and html.
 *
 * @param subject empty when the template has none
 */
public record Rendered(Optional<String> subject, Optional<String> text, Optional<String> html) {}
