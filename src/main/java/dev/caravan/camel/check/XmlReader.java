package dev.caravan.camel.check;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.xml.io.MXParser;
import org.apache.camel.xml.io.XmlPullParser;
import org.apache.camel.xml.io.XmlPullParserException;

/**
 * Reads XML into {@link Element}s that know their lines, with the parser that Camel reads routes
 * with. A DTD is passed over; there are no entities but the five of XML.
 */
final class XmlReader {
  private static final int MAX_DEPTH = 200;

  private final MXParser xml = new MXParser();

  private XmlReader(String text) throws XmlPullParserException {
    xml.setFeature(XmlPullParser.FEATURE_PROCESS_NAMESPACES, true);
    xml.setInput(new StringReader(text));
  }

  /**
   * The root element.
   *
   * @throws Malformed when it is not well-formed
   */
  static Element read(String text) throws Malformed {
    try {
      XmlReader reader = new XmlReader(text);
      try {
        return reader.root();
      } catch (XmlPullParserException | IOException | RuntimeException e) {
        // Of a text that ends in its first tag this parser throws whatever comes.
        throw new Malformed(reader.xml.getLineNumber(), reason(e));
      }
    } catch (XmlPullParserException e) {
      throw new Malformed(1, reason(e));
    }
  }

  private Element root() throws XmlPullParserException, IOException, Malformed {
    if (xml.next() != XmlPullParser.START_TAG) {
      throw new Malformed(xml.getLineNumber(), "there is no element");
    }
    Element root = element(0);
    while (xml.next() != XmlPullParser.END_DOCUMENT) {
      // comments and the like
    }
    return root;
  }

  private Element element(int depth) throws XmlPullParserException, IOException, Malformed {
    if (depth > MAX_DEPTH) {
      throw new Malformed(xml.getLineNumber(), "elements are nested too deeply");
    }
    String name = xml.getName();
    int start = xml.getStartLineNumber();
    Map<String, String> attributes = new HashMap<>();
    for (int i = 0; i < xml.getAttributeCount(); i++) {
      attributes.put(xml.getAttributeName(i), xml.getAttributeValue(i));
    }
    if (!xml.getNamespace().isEmpty()) {
      attributes.put("xmlns", xml.getNamespace());
    }
    List<Element> children = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    while (true) {
      switch (xml.next()) {
        case XmlPullParser.START_TAG -> children.add(element(depth + 1));
        case XmlPullParser.TEXT -> text.append(xml.getText());
        case XmlPullParser.END_TAG -> {
          return new Element(
              name, attributes, children, text.toString().strip(), start, xml.getLineNumber());
        }
        default -> {
          // nothing else comes here
        }
      }
    }
  }

  /** The first line, without the parser's position, which is told before it. */
  static String reason(Exception e) {
    String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    int position = message.indexOf(" (position:");
    return position < 0 ? message : message.substring(0, position);
  }

  /** XML that is not well-formed. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    private final int line;

    Malformed(int line, String reason) {
      super(reason);
      this.line = line;
    }

    /** Where it was noticed, from 1. */
    int line() {
      return line;
    }
  }
}
