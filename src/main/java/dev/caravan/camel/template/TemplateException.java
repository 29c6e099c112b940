package dev.caravan.camel.template;

/** A template that isn't there, can't be read, or doesn't fit its data; the message says why. */
public final class TemplateException extends Exception {
  private static final long serialVersionUID = 1L;

  TemplateException(String sentence) {
    super(sentence);
  }
}
