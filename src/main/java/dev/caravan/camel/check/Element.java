package dev.caravan.camel.check;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * An element of a routes file.
 *
 * @param name without namespace
 * @param text its own text, stripped
 * @param line where its start tag begins, from 1
 * @param lastLine where its end tag ends
 */
record Element(
    String name,
    Map<String, String> attributes,
    List<Element> children,
    String text,
    int line,
    int lastLine) {
  Element {
    attributes = Map.copyOf(attributes);
    children = List.copyOf(children);
  }

  /** The value of an attribute; empty where it is not set. */
  String attribute(String name) {
    return attributes.getOrDefault(name, "");
  }

  boolean has(String attribute) {
    return attributes.containsKey(attribute);
  }

  /** This and everything below it, in order. */
  Stream<Element> tree() {
    return Stream.concat(Stream.of(this), children.stream().flatMap(Element::tree));
  }

  /** The children of that name. */
  Stream<Element> children(String child) {
    return children.stream().filter(c -> c.name().equals(child));
  }
}
