package dev.caravan;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.lang.reflect.Field;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What may know what. The packages are those of the compiled product, without its tests. */
final class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importUrl(Caravan.class.getProtectionDomain().getCodeSource().getLocation());

  /** From the values at the bottom to the adapters at the top: each uses only earlier ones. */
  private static final List<String> ORDER =
      List.of(
          "mail",
          "settings",
          "dns",
          "smtp",
          "auth",
          "policy",
          "sign",
          "queue",
          "delivery",
          "traffic",
          "bounce",
          "event",
          "netty",
          "camel",
          "ops");

  private static final List<String> STRANGERS = List.of("policy", "sign", "delivery", "bounce");
  private static final String[] DOMAIN =
      Stream.of(
              "mail",
              "settings",
              "dns",
              "smtp",
              "auth",
              "policy",
              "sign",
              "queue",
              "delivery",
              "traffic",
              "bounce",
              "event")
          .map(name -> "dev.caravan." + name + "..")
          .toArray(String[]::new);

  @Test
  void theProductIsLookedAt() {
    assertThat(CLASSES.size()).isGreaterThan(100);
    assertThat(CLASSES.contain(ArchitectureTest.class)).isFalse();
  }

  @Test
  void theDomainKnowsNoFramework() {
    noClasses()
        .that()
        .resideInAnyPackage(DOMAIN)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.netty..",
            "io.vertx..",
            "io.micrometer..",
            "org.apache.camel..",
            "org.apache.activemq..",
            "org.messaginghub..",
            "jakarta..",
            "javax.jms..",
            "picocli..")
        .check(CLASSES);
  }

  /** And where the broker's own listeners are touched, which are made of it. */
  @Test
  void nettyStaysInItsPackage() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.caravan.netty..", "dev.caravan.camel.broker.wire..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.netty..")
        .check(CLASSES);
  }

  /** The server's pipeline is made for Camel's Netty component: that is all it knows of Camel. */
  @Test
  void camelAndTheBrokerStayInTheirPackage() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.caravan.camel..", "dev.caravan.netty..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.camel..", "org.apache.activemq..", "jakarta.jms..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage("dev.caravan.netty..")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("org.apache.activemq..", "jakarta.jms..")
                .or(
                    resideInAnyPackage("org.apache.camel..")
                        .and(not(resideInAnyPackage("org.apache.camel.component.netty..")))))
        .check(CLASSES);
  }

  static Stream<String> aPackageUsesOnlyEarlierOnes() {
    return ORDER.stream();
  }

  @ParameterizedTest
  @MethodSource
  void aPackageUsesOnlyEarlierOnes(String name) {
    String[] later =
        ORDER.subList(ORDER.indexOf(name) + 1, ORDER.size()).stream()
            .map(other -> "dev.caravan." + other + "..")
            .toArray(String[]::new);
    if (later.length > 0) {
      noClasses()
          .that()
          .resideInAPackage("dev.caravan." + name + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(later)
          .check(CLASSES);
    }
  }

  @ParameterizedTest
  @MethodSource("strangers")
  void whatMeetsOnlyInTheRoutesDoesNotKnowEachOther(String name) {
    noClasses()
        .that()
        .resideInAPackage("dev.caravan." + name + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            STRANGERS.stream()
                .filter(other -> !other.equals(name))
                .map(other -> "dev.caravan." + other + "..")
                .toArray(String[]::new))
        .check(CLASSES);
  }

  static Stream<String> strangers() {
    return STRANGERS.stream();
  }

  @Test
  void everyPackageHasItsPlaceInTheOrder() {
    TreeSet<String> found = new TreeSet<>();
    for (JavaClass c : CLASSES) {
      String[] parts = c.getPackageName().split("\\.");
      if (parts.length > 2) {
        found.add(parts[2]);
      }
    }
    assertThat(ORDER).containsAll(found);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.caravan.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void nothingStaticChanges() {
    fields()
        .that()
        .areStatic()
        .and()
        .doNotHaveModifier(JavaModifier.SYNTHETIC)
        .should()
        .beFinal()
        .check(CLASSES);
    fields()
        .that()
        .areStatic()
        .and()
        .haveRawType(
            assignableTo(Collection.class)
                .or(assignableTo(Map.class))
                .or(resideInAnyPackage("java.util.concurrent.."))
                .and(not(assignableTo(Enum.class))))
        .should(beImmutable())
        .check(CLASSES);
  }

  /** Where the field can be read without side effects: what it holds refuses to change. */
  private static ArchCondition<JavaField> beImmutable() {
    return new ArchCondition<>("hold a list, set or map that refuses to change") {
      @Override
      public void check(JavaField item, ConditionEvents events) {
        String held = "?";
        try {
          Field field = item.reflect();
          field.setAccessible(true);
          Object value = field.get(null);
          held = value == null ? "null" : value.getClass().getName();
        } catch (ReflectiveOperationException e) {
          held = e.toString();
        }
        boolean immutable =
            held.startsWith("java.util.ImmutableCollections")
                || held.startsWith("java.util.Collections$Unmodifiable");
        events.add(new SimpleConditionEvent(item, immutable, item.getFullName() + " is " + held));
      }
    };
  }

  @Test
  void onlyTheCommandLinePrintsAndNobodyUsesAnotherLog() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.caravan.ops..", "dev.caravan")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Throwable.class, "printStackTrace")
        .check(CLASSES);
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.util.logging..", "org.apache.commons.logging..", "org.apache.log4j..")
        .check(CLASSES);
  }

  @Test
  void everyPackageIsNullMarked() throws ClassNotFoundException {
    TreeSet<String> packages = new TreeSet<>();
    CLASSES.forEach(c -> packages.add(c.getPackageName()));
    for (String name : packages) {
      Class<?> info = Class.forName(name + ".package-info");
      assertThat(info.isAnnotationPresent(NullMarked.class)).as(name).isTrue();
    }
  }
}
