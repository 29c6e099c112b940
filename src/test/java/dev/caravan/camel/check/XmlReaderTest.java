package dev.caravan.camel.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class XmlReaderTest {
  static Stream<String> wellFormed() {
    return Stream.of(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c -->\n<a/>\n<!-- end -->\n",
        "<a xmlns=\"urn:x\" xmlns:y=\"urn:y\"\n   y:b=\"1\" c='2'>\n<y:d/>t<e>u</e>v</a>",
        "<a b=\"&lt;&amp;&#65;&quot;\">&gt;&apos;&#x42;</a>",
        "<a>one<!-- c -->two<![CDATA[<three>]]><?pi four?></a>",
        "<a>\n  <b\n   c=\"x\ny\"/>\n\n  <d>\n  </d>\n</a>",
        "<a>ü\u2028€\uD83D\uDE00</a>",
        "<a>\r\n<b/>\r\n<c/>\r\n</a>");
  }

  @ParameterizedTest
  @MethodSource("wellFormed")
  void readsAsTheParserOfJavaDoes(String text) throws Exception {
    XMLStreamReader java =
        XMLInputFactory.newDefaultFactory().createXMLStreamReader(new java.io.StringReader(text));
    while (java.next() != XMLStreamConstants.START_ELEMENT) {
      // prolog
    }

    assertThat(text(XmlReader.read(text))).isEqualTo(text(java));
  }

  @Test
  void knowsTheLinesOfEachElement() throws Exception {
    Element root = XmlReader.read("<!-- c\n -->\n<a>\n  <b\n    c='1'/>\n  <d>\n  </d>\n</a>\n");

    assertThat(root.line()).isEqualTo(3);
    assertThat(root.lastLine()).isEqualTo(8);
    assertThat(root.children())
        .extracting(e -> e.name() + " " + e.line() + " to " + e.lastLine())
        .containsExactly("b 4 to 5", "d 6 to 7");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "text",
        "<!-- c -->",
        "<a>",
        "<a",
        "<a></b>",
        "<a><b></a></b>",
        "<a b=1/>",
        "<a b='1' b='2'/>",
        "<a b='<'/>",
        "<a>&e;</a>",
        "<a>&</a>",
        "<a/><b/>",
        "<a/>text",
        "<a><!-- -- --></a>",
        "<y:a/>",
        "<1/>"
      })
  void refusesWhatIsNotWellFormed(String text) {
    assertThatThrownBy(() -> XmlReader.read(text))
        .isInstanceOf(XmlReader.Malformed.class)
        .message()
        .isNotBlank();
  }

  @Test
  void tellsTheLineAndTheReason() {
    assertThatThrownBy(() -> XmlReader.read("<a>\n<b>\n</c>\n</a>"))
        .isInstanceOfSatisfying(XmlReader.Malformed.class, e -> assertThat(e.line()).isEqualTo(3))
        .hasMessageContaining("</c>")
        .hasMessageNotContaining("position:");
  }

  @Test
  void endsWhereElementsAreNestedTooDeeply() {
    assertThatThrownBy(() -> XmlReader.read("<a>".repeat(100_000)))
        .isInstanceOf(XmlReader.Malformed.class)
        .hasMessageContaining("too deeply");
  }

  private static String text(Element e) {
    StringBuilder text = new StringBuilder("(" + e.name());
    e.attributes().entrySet().stream()
        .filter(a -> !a.getKey().equals("xmlns"))
        .sorted(java.util.Map.Entry.comparingByKey())
        .forEach(a -> text.append(' ').append(a.getKey()).append('=').append(a.getValue()));
    e.children().forEach(c -> text.append(text(c)));
    return text.append('|').append(e.text()).append(')').toString();
  }

  private static String text(XMLStreamReader xml) throws Exception {
    StringBuilder text = new StringBuilder("(" + xml.getLocalName());
    java.util.Map<String, String> attributes = new java.util.TreeMap<>();
    for (int i = 0; i < xml.getAttributeCount(); i++) {
      attributes.put(xml.getAttributeLocalName(i), xml.getAttributeValue(i));
    }
    attributes.forEach((k, v) -> text.append(' ').append(k).append('=').append(v));
    StringBuilder own = new StringBuilder();
    while (true) {
      switch (xml.next()) {
        case XMLStreamConstants.START_ELEMENT -> text.append(text(xml));
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> own.append(xml.getText());
        case XMLStreamConstants.END_ELEMENT -> {
          return text.append('|').append(own.toString().strip()).append(')').toString();
        }
        default -> {
          // comments and the like
        }
      }
    }
  }
}
