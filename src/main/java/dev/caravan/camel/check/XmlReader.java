package dev.caravan.camel.check;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Reads XML into {@link Element}s that know their lines. No DTD, no external entities. */
final class XmlReader {
  private static final int MAX_DEPTH = 200;

  private final XMLStreamReader xml;

  /** The line where the event before ended, which is where the present one begins. */
  private int line = 1;

  private XmlReader(XMLStreamReader xml) {
    this.xml = xml;
  }

  /**
   * The root element.
   *
   * @throws XMLStreamException with the place where the XML is not well-formed
   */
  static Element read(String text) throws XMLStreamException {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, true);
    XmlReader reader = new XmlReader(factory.createXMLStreamReader(new StringReader(text)));
    while (reader.next() != XMLStreamConstants.START_ELEMENT) {
      // prolog
    }
    Element root = reader.element(0);
    while (reader.xml.hasNext()) {
      reader.next();
    }
    return root;
  }

  private int next() throws XMLStreamException {
    line = xml.getLocation().getLineNumber();
    return xml.next();
  }

  private Element element(int depth) throws XMLStreamException {
    if (depth > MAX_DEPTH) {
      throw new XMLStreamException("elements are nested too deeply", xml.getLocation());
    }
    String name = xml.getLocalName();
    int start = Math.max(1, line);
    Map<String, String> attributes = new HashMap<>();
    for (int i = 0; i < xml.getAttributeCount(); i++) {
      attributes.put(xml.getAttributeLocalName(i), xml.getAttributeValue(i));
    }
    if (xml.getNamespaceURI() != null) {
      attributes.put("xmlns", xml.getNamespaceURI());
    }
    List<Element> children = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    while (true) {
      switch (next()) {
        case XMLStreamConstants.START_ELEMENT -> children.add(element(depth + 1));
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> text.append(xml.getText());
        case XMLStreamConstants.END_ELEMENT -> {
          int end = xml.getLocation().getLineNumber();
          return new Element(name, attributes, children, text.toString().strip(), start, end);
        }
        default -> {
          // comments and the like
        }
      }
    }
  }
}
