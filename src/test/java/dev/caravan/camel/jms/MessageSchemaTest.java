package dev.caravan.camel.jms;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.caravan.camel.http.HttpMail;
import java.io.InputStream;
import java.util.Base64;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The reader and the published schema say the same. */
final class MessageSchemaTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final JsonSchema SCHEMA = schema();

  private static JsonSchema schema() {
    try (InputStream in = HttpMail.class.getResourceAsStream("message.schema.json")) {
      return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
          .getSchema(JSON.readTree(in));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static Stream<String> good() {
    return Stream.of(
        "'to':'b@c.example'",
        "'to':['b@c.example','Ann <d@e.example>'],'cc':null,'bcc':[]",
        "'mailFrom':'<>','replyTo':'x@y.example'",
        "'mailFrom':'x@y.example','subject':'日本 😀','text':'a\\nb','html':'<p>'",
        "'subject':'a\\tb','contentType':'text/html; charset=x'",
        "'headers':{'X-Order':'1','List-Id':'<x.y.example>'}",
        "'headers':{}",
        "'attachments':[{'name':'x','data':''},{'name':'ü.png','type':null,'id':'a@b.c','data':'AA=='}]",
        "'attachments':[{'name':'x','type':'text/calendar; method=REQUEST','data':'QUJD\\nREVG'}]",
        "'attachments':[{'name':'x.pdf','staged':'ID:a-1/2@b'},{'name':'y','data':'AA=='}]",
        "'mailKey':'order 1','notify':'bounced, expired','sendAt':'2026-12-24T18:00:00+01:00'",
        "'mailKey':4711,'notify':['all'],'sendAt':1790000000000,'expiresAt':'2026-12-24T18:00:00Z'",
        "'priority':0",
        "'priority':9,'format':'json'");
  }

  @ParameterizedTest
  @MethodSource("good")
  void bothTakeIt(String keys) throws Exception {
    String json = json(keys);
    assertThat(SCHEMA.validate(JSON.readTree(json))).isEmpty();
    assertThat(refused(json)).isEmpty();
  }

  static Stream<Arguments> bad() {
    return Stream.of(
        Arguments.of("'unknown':1", "/unknown"),
        Arguments.of("'from':1", "/from"),
        Arguments.of("'to':1", "/to"),
        Arguments.of("'to':{}", "/to"),
        Arguments.of("'cc':['a@b.example',1]", "/cc/1"),
        Arguments.of("'bcc':[null]", "/bcc/0"),
        Arguments.of("'mailFrom':[]", "/mailFrom"),
        Arguments.of("'subject':1", "/subject"),
        Arguments.of("'subject':'a\\r\\nBcc: x@y.example'", "/subject"),
        Arguments.of("'subject':'" + "x".repeat(10_001) + "'", "/subject"),
        Arguments.of("'contentType':'text/html\\r\\nX: y'", "/contentType"),
        Arguments.of("'text':['x']", "/text"),
        Arguments.of("'html':true", "/html"),
        Arguments.of("'headers':[]", "/headers"),
        Arguments.of("'headers':{'Bcc':'x@y.example'}", "/headers/Bcc"),
        Arguments.of("'headers':{'content-TYPE':'x'}", "/headers/content-TYPE"),
        Arguments.of("'headers':{'ARC-Seal':'x'}", "/headers/ARC-Seal"),
        Arguments.of("'headers':{'a b':'x'}", "/headers/a b"),
        Arguments.of("'headers':{'X':1}", "/headers/X"),
        Arguments.of("'headers':{'X':''}", "/headers/X"),
        Arguments.of("'headers':{'X':'a\\nb: c'}", "/headers/X"),
        Arguments.of("'attachments':{}", "/attachments"),
        Arguments.of("'attachments':[1]", "/attachments/0"),
        Arguments.of("'attachments':[{'name':'x'}]", "/attachments/0"),
        Arguments.of("'attachments':[{'data':'AA=='}]", "/attachments/0"),
        Arguments.of("'attachments':[{'staged':'x'}]", "/attachments/0"),
        Arguments.of("'attachments':[{'name':'x','data':'','staged':'x'}]", "/attachments/0"),
        Arguments.of("'attachments':[{'name':'x','data':null,'staged':'x'}]", "/attachments/0"),
        Arguments.of("'attachments':[{'name':'x','staged':''}]", "/attachments/0/staged"),
        Arguments.of("'attachments':[{'name':'x','staged':'a OR 1=1'}]", "/attachments/0/staged"),
        Arguments.of("'attachments':[{'name':'x','staged':7}]", "/attachments/0/staged"),
        Arguments.of("'attachments':[{'name':'','data':''}]", "/attachments/0/name"),
        Arguments.of("'attachments':[{'name':1,'data':''}]", "/attachments/0/name"),
        Arguments.of("'attachments':[{'name':'a\\nb','data':''}]", "/attachments/0/name"),
        Arguments.of("'attachments':[{'name':'x','data':'%%%%'}]", "/attachments/0/data"),
        Arguments.of("'attachments':[{'name':'x','data':1}]", "/attachments/0/data"),
        Arguments.of("'attachments':[{'name':'x','data':'','x':1}]", "/attachments/0/x"),
        Arguments.of(
            "'attachments':[{'name':'x','data':'','type':'message/rfc822'}]",
            "/attachments/0/type"),
        Arguments.of("'attachments':[{'name':'x','data':'','id':'<a>'}]", "/attachments/0/id"),
        Arguments.of("'mailKey':true", "/mailKey"),
        Arguments.of("'mailKey':'" + "x".repeat(251) + "'", "/mailKey"),
        Arguments.of("'notify':1", "/notify"),
        Arguments.of("'notify':['never']", "/notify"),
        Arguments.of("'sendAt':true", "/sendAt"),
        Arguments.of("'sendAt':1.5", "/sendAt"),
        Arguments.of("'priority':10", "/priority"),
        Arguments.of("'priority':-1", "/priority"),
        Arguments.of("'priority':'4'", "/priority"),
        Arguments.of("'format':'xml'", "/format"));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void bothRefuseItThere(String keys, String place) throws Exception {
    String json = json(keys);
    Optional<RefusedException> refused = refused(json);
    assertThat(refused).isPresent();
    assertThat(refused.get().field()).startsWith(place);
    assertThat(refused.get().reply().text()).startsWith(place);
    assertThat(places(json))
        .anyMatch(
            known -> place.startsWith(known) && !known.isEmpty() || place.lastIndexOf('/') == 0);
    assertThat(places(json)).isNotEmpty();
  }

  /** What a schema can't say. */
  @ParameterizedTest
  @MethodSource("beyond")
  void theReaderKnowsMore(String keys, String place) throws Exception {
    String json = json(keys);
    assertThat(places(json)).isEmpty();
    assertThat(refused(json).orElseThrow().field()).isEqualTo(place);
  }

  static Stream<Arguments> beyond() {
    return Stream.of(
        Arguments.of("'to':'no address'", "/to"),
        Arguments.of("'to':['a@b.example','x']", "/to/1"),
        Arguments.of("'mailFrom':'x'", "/mailFrom"),
        Arguments.of("'notify':'never'", "/notify"),
        Arguments.of("'sendAt':'tomorrow'", "/sendAt"),
        Arguments.of("'attachments':[{'name':'x','data':'A'}]", "/attachments/0/data"),
        Arguments.of(
            "'attachments':[{'name':'" + "ü".repeat(200) + "','data':''}]", "/attachments/0/name"));
  }

  private static Set<String> places(String json) throws Exception {
    return SCHEMA.validate(JSON.readTree(json)).stream()
        .map(
            message ->
                message
                    .getInstanceLocation()
                    .toString()
                    .replaceFirst("^\\$", "")
                    .replaceAll("\\.|\\[", "/")
                    .replace("]", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String json(String keys) {
    String all = keys.contains("'from'") ? keys : "'from':'a@b.example'," + keys;
    return "{" + all.replace('\'', '"') + "}";
  }

  private static Optional<RefusedException> refused(String json) throws Exception {
    try {
      JsonReader.read(json);
      return Optional.empty();
    } catch (RefusedException e) {
      return Optional.of(e);
    }
  }

  /** Whatever the reader takes, the schema takes: of 3,000 that are put together by chance. */
  @Test
  void neitherIsLooser() throws Exception {
    Random random = new Random(5);
    int taken = 0;
    for (int i = 0; i < 3_000; i++) {
      String json = chance(random).toString();
      boolean read = refused(json).isEmpty();
      boolean valid = SCHEMA.validate(JSON.readTree(json)).isEmpty();
      assertThat(!read || valid).as(json).isTrue();
      taken += read ? 1 : 0;
    }
    assertThat(taken).isBetween(100, 2_900);
  }

  private static ObjectNode chance(Random random) {
    ObjectNode json = JSON.createObjectNode();
    json.put("from", "a@b.example");
    String[] keys = {
      "mailFrom", "replyTo", "to", "cc", "bcc", "subject", "text", "contentType", "html",
      "mailKey", "notify", "sendAt", "expiresAt", "priority", "format", "headers", "attachments",
          "x"
    };
    for (int n = random.nextInt(4); n > 0; n--) {
      json.set(keys[random.nextInt(keys.length)], value(random, 0));
    }
    return json;
  }

  private static JsonNode value(Random random, int depth) {
    switch (random.nextInt(depth > 1 ? 5 : 8)) {
      case 0:
        return JSON.nullNode();
      case 1:
        return JSON.getNodeFactory().numberNode(random.nextInt(12) - 1);
      case 2:
        return JSON.getNodeFactory().booleanNode(random.nextBoolean());
      case 3, 4:
        String[] texts = {
          "",
          "a@b.example",
          "all",
          "json",
          "text/html",
          "2026-12-24T18:00:00Z",
          "x\ny",
          "\u0085",
          "x\ty",
          "AA==",
          Base64.getEncoder().encodeToString(new byte[random.nextInt(9)])
        };
        return JSON.getNodeFactory().textNode(texts[random.nextInt(texts.length)]);
      case 5:
        ArrayNode list = JSON.createArrayNode();
        for (int n = random.nextInt(3); n > 0; n--) {
          list.add(value(random, depth + 1));
        }
        return list;
      default:
        ObjectNode object = JSON.createObjectNode();
        String[] names = {"name", "data", "type", "id", "X-A", "Bcc", "x"};
        for (int n = random.nextInt(4); n > 0; n--) {
          object.set(names[random.nextInt(names.length)], value(random, depth + 1));
        }
        return object;
    }
  }
}
