package dev.caravan.policy.spf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.caravan.dns.FakeResolver;
import java.io.IOException;
import java.io.Reader;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/** The official test suite of RFC 7208; where its file is comes from {@code caravan.data}. */
class Rfc7208SuiteTest {
  private static final Path FILE =
      Path.of(
          System.getProperty("caravan.data", "../shared/data"),
          "spf-rfc7208",
          "rfc7208-tests-2014-05.yml");

  /** Every scalar is a string. */
  private static final class PlainResolver extends Resolver {
    @Override
    protected void addImplicitResolvers() {}
  }

  @TestFactory
  List<DynamicContainer> the_official_suite() throws IOException {
    assumeTrue(Files.isReadable(FILE), "the RFC 7208 suite is not there: " + FILE);
    LoaderOptions options = new LoaderOptions();
    DumperOptions unused = new DumperOptions();
    Yaml yaml =
        new Yaml(
            new SafeConstructor(options),
            new Representer(unused),
            unused,
            options,
            new PlainResolver());
    List<DynamicContainer> scenarios = new ArrayList<>();
    int cases = 0;
    try (Reader in = Files.newBufferedReader(FILE)) {
      for (Object document : yaml.loadAll(in)) {
        Map<?, ?> scenario = (Map<?, ?>) document;
        List<DynamicTest> tests = new ArrayList<>();
        map(scenario.get("tests"))
            .forEach(
                (name, test) ->
                    tests.add(
                        DynamicTest.dynamicTest(
                            name.toString(),
                            () -> run(map(test), zone(map(scenario.get("zonedata")))))));
        cases += tests.size();
        scenarios.add(
            DynamicContainer.dynamicContainer(String.valueOf(scenario.get("description")), tests));
      }
    }
    assertThat(cases).isEqualTo(193);
    return scenarios;
  }

  private static void run(Map<?, ?> test, FakeResolver zone) {
    SpfResult result =
        new SpfEvaluator(zone, "unknown")
            .check(
                InetAddress.ofLiteral(text(test, "host")),
                text(test, "helo"),
                text(test, "mailfrom"));
    assertThat(result.kind().toString()).as("%s", result).isIn(list(test.get("result")));
    if (test.get("explanation") instanceof String wanted) {
      assertThat(result.explanation()).isEqualTo(wanted.equals("DEFAULT") ? "" : wanted);
    }
    if (result.kind() == SpfResult.Kind.PERMERROR || result.kind() == SpfResult.Kind.TEMPERROR) {
      assertThat(result.problem()).isNotEmpty();
    }
  }

  private static FakeResolver zone(Map<?, ?> zonedata) {
    FakeResolver zone = new FakeResolver();
    zonedata.forEach(
        (key, records) -> {
          String name = key.toString();
          zone.exists(name);
          List<String> spf = new ArrayList<>();
          boolean txt = false;
          for (Object record : records instanceof List<?> many ? many : List.of(records)) {
            if (record.equals("TIMEOUT")) {
              zone.timeout(name);
              continue;
            }
            Map.Entry<?, ?> entry = map(record).entrySet().iterator().next();
            String type = entry.getKey().toString();
            String joined =
                String.join("", list(entry.getValue()).stream().map(String::valueOf).toList());
            txt |= type.equals("TXT");
            switch (type) {
              case "SPF" -> spf.add(joined);
              case "TXT" -> {
                if (!joined.equals("NONE")) {
                  zone.txt(name, joined);
                }
              }
              case "A" -> zone.a(name, joined);
              case "AAAA" -> zone.aaaa(name, joined);
              case "CNAME" -> zone.cname(name, joined);
              case "PTR" -> zone.ptrName(name.toLowerCase(Locale.ROOT), joined);
              case "MX" -> {
                List<?> mx = list(entry.getValue());
                zone.mx(name, Integer.parseInt(mx.get(0).toString()), mx.get(1).toString());
              }
              default -> throw new IllegalArgumentException(type);
            }
          }
          if (!txt) {
            spf.forEach(policy -> zone.txt(name, policy));
          }
        });
    return zone;
  }

  private static String text(Map<?, ?> map, String key) {
    return String.valueOf(map.get(key));
  }

  private static Map<?, ?> map(@Nullable Object value) {
    return value instanceof Map<?, ?> map ? map : Map.of();
  }

  private static List<?> list(@Nullable Object value) {
    return value instanceof List<?> list ? list : List.of(String.valueOf(value));
  }
}
