package dev.caravan.camel.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.camel.catalog.DefaultCamelCatalog;
import org.apache.camel.tooling.model.JsonMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ComponentCatalogTest {
  @ParameterizedTest
  @ValueSource(strings = {"jms", "platform-http", "timer", "netty", "direct", "kafka", "rest-api"})
  void knowsWhatCamelsOwnKnows(String name) {
    assertThat(JsonMapper.asJsonObject(new ComponentCatalog().componentModel(name)))
        .isEqualTo(JsonMapper.asJsonObject(new DefaultCamelCatalog().componentModel(name)));
  }

  @Test
  void knowsNothingOfWhatIsNoComponent() {
    assertThat(new ComponentCatalog().componentModel("none")).isNull();
  }
}
