package dev.caravan.camel.check;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.apache.camel.tooling.model.ComponentModel;
import org.apache.camel.tooling.model.JsonMapper;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * Camel's catalogue of components, read with Jackson: what the catalogue reads JSON with takes a
 * twentieth of a start, most of it for the 155 KB about JMS.
 */
final class ComponentCatalog extends DefaultCamelCatalog {
  private static final String FOLDER = "/org/apache/camel/catalog/components/";
  private static final JsonFactory JSON = new JsonFactory();

  ComponentCatalog() {
    super(/* caching= */ true);
  }

  @Override
  public @Nullable ComponentModel componentModel(String name) {
    return cache("component-model-" + name, name, ComponentCatalog::read);
  }

  private static @Nullable ComponentModel read(String name) {
    try (InputStream file =
        DefaultCamelCatalog.class.getResourceAsStream(FOLDER + name + ".json")) {
      if (file == null) {
        return null;
      }
      try (JsonParser json = JSON.createParser(file)) {
        json.nextToken();
        return JsonMapper.generateComponentModel(object(json));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonObject object(JsonParser json) throws IOException {
    JsonObject object = new JsonObject();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      object.put(name, value(json, json.nextToken()));
    }
    return object;
  }

  private static JsonArray array(JsonParser json) throws IOException {
    JsonArray array = new JsonArray();
    for (JsonToken next = json.nextToken(); next != JsonToken.END_ARRAY; next = json.nextToken()) {
      array.add(value(json, next));
    }
    return array;
  }

  private static @Nullable Object value(JsonParser json, JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> object(json);
      case START_ARRAY -> array(json);
      case VALUE_STRING -> json.getText();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      // As Camel's own.
      default -> json.getDecimalValue();
    };
  }
}
