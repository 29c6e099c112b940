package dev.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.net.http.HttpResponse;
import java.util.Set;
import java.util.TreeSet;

/** The document of the HTTP door: what a server answers must stand in it. */
final class OpenApi {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final JsonSchemaFactory SCHEMAS =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

  private final JsonNode document;

  OpenApi(String document, String schema) throws Exception {
    this.document = JSON.readTree(document);
    assertThat(this.document.path("openapi").asText()).startsWith("3.1");
    JsonNode content =
        this.document.at("/paths/~1v1~1messages/post/requestBody/content/application~1json");
    assertThat(content.at("/schema/$ref").asText()).isEqualTo("message.schema.json");
    assertThat(SCHEMAS.getSchema(schema).validate(content.path("example"))).isEmpty();
  }

  /** {@code POST /v1/messages} and so on. */
  Set<String> operations() {
    Set<String> all = new TreeSet<>();
    document
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .fieldNames()
                    .forEachRemaining(
                        method ->
                            all.add(
                                method.toUpperCase(java.util.Locale.ROOT) + " " + path.getKey())));
    return all;
  }

  /** That this status, type and body are what the document says. */
  void check(String method, String path, HttpResponse<String> response) throws Exception {
    String template = path.matches("/v1/messages/.+") ? "/v1/messages/{mailId}" : path;
    JsonNode told =
        document
            .path("paths")
            .path(template)
            .path(method.toLowerCase(java.util.Locale.ROOT))
            .path("responses")
            .path(Integer.toString(response.statusCode()));
    assertThat(told.isMissingNode())
        .as("%s %s %s is documented", method, template, response.statusCode())
        .isFalse();
    told.path("headers")
        .fieldNames()
        .forEachRemaining(name -> assertThat(response.headers().firstValue(name)).isPresent());
    String type = response.headers().firstValue("Content-Type").orElse("");
    JsonNode schema = told.path("content").path(type).path("schema");
    assertThat(schema.isMissingNode()).as("%s is documented", type).isFalse();
    String ref = schema.path("$ref").asText();
    JsonNode wanted = ref.isEmpty() ? schema : document.at(ref.substring(1));
    JsonSchema checked = SCHEMAS.getSchema(wanted);
    assertThat(checked.validate(JSON.readTree(response.body()))).isEmpty();
  }
}
