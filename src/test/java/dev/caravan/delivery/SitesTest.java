package dev.caravan.delivery;

import static dev.caravan.delivery.Deliveries.accepted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.dns.Answer;
import dev.caravan.dns.CachingResolver;
import dev.caravan.dns.FakeDnsServer;
import dev.caravan.dns.FakeResolver;
import dev.caravan.dns.Resolver;
import dev.caravan.mail.Domain;
import dev.caravan.mail.EmailAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;

/** Which site a recipient is of. */
final class SitesTest {
  private static SiteNames shipped() throws Exception {
    var beans =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(Path.of("routes/beans.xml").toFile())
            .getElementsByTagName("bean");
    for (int i = 0; i < beans.getLength(); i++) {
      Element bean = (Element) beans.item(i);
      if (bean.getAttribute("name").equals("siteNames")) {
        Element argument = (Element) bean.getElementsByTagName("constructor").item(0);
        return new SiteNames(argument.getAttribute("value"));
      }
    }
    throw new AssertionError("no siteNames");
  }

  private static List<Resolver.Mx> records(String text) {
    return Arrays.stream(text.split(" "))
        .map(mx -> mx.split("/"))
        .map(mx -> new Resolver.Mx(Integer.parseInt(mx[0]), mx[1]))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "1/aspmx.l.google.com 5/alt1.aspmx.l.google.com 10/aspmx2.googlemail.com, google",
    "1/SMTP.GOOGLE.COM, google",
    "5/gmail-smtp-in.l.google.com 10/backup.example, google",
    "0/hotmail-com.olc.protection.outlook.com, outlook",
    "0/contoso-com.mail.protection.outlook.com, microsoft365",
    "0/contoso-com.o-v1.mx.microsoft, microsoft365",
    "1/mta5.am0.yahoodns.net 1/mta6.am0.yahoodns.net, yahoo",
    "10/mx-aol.mail.gm0.yahoodns.net, yahoo",
    "10/mx01.mail.icloud.com 10/mx02.mail.icloud.com, icloud",
    "10/mail.protonmail.ch 20/mailsec.protonmail.ch, proton",
    "10/mx00.gmx.net 10/mx01.gmx.net, gmx",
    "100/mx-ha02.web.de 100/mx-ha03.web.de, gmx",
    "10/mx00.ionos.de 10/mx01.ionos.de, ionos",
    "10/eu-smtp-inbound-1.mimecast.com 10/eu-smtp-inbound-2.mimecast.com, mimecast",
    "10/mxa-001.gslb.pphosted.com 10/mxb-001.gslb.pphosted.com, proofpoint",
    "10/cluster1.eu.messagelabs.com, messagelabs",
    "10/d1.ess.barracudanetworks.com, barracuda",
    "10/mxs.mail.ru, mailru",
    "10/mx.yandex.net, yandex",
    "10/mx.zoho.eu 20/mx2.zoho.eu, zoho",
    "10/in1-smtp.messagingengine.com, fastmail",
    "1/mx1.mail.ovh.net 5/mx2.mail.ovh.net, ovh",
    "10/vps123.vps.ovh.net, vps123.vps.ovh.net",
    "10/notgoogle.com, notgoogle.com",
    "10/google.com.evil.example, google.com.evil.example",
    "10/aspmx.l.google.com 10/mx.example, aspmx.l.google.com+mx.example",
    "20/b.example 10/A.example 30/b.example, a.example+b.example",
    "10/mx.example, mx.example",
  })
  void theSiteOfMxHosts(String records, String site) throws Exception {
    assertThat(shipped().of(records(records))).isEqualTo(site);
  }

  @Test
  void aLongListIsShortenedAndStaysItsOwn() {
    SiteNames names = new SiteNames("");
    String many = "";
    Set<String> seen = new HashSet<>();
    for (int i = 10; i < 60; i++) {
      many += (i > 10 ? " " : "") + i + "/mx" + i + ".mail.example.com";
      String site = names.of(records(many));
      assertThat(site.length()).isLessThanOrEqualTo(100);
      assertThat(seen.add(site)).isTrue();
      assertThat(names.of(records(many))).isEqualTo(site);
    }
    assertThat(
            names.of(records("10/" + "x".repeat(60) + "." + "y".repeat(60) + ".example")).length())
        .isEqualTo(100);
  }

  @Test
  void aListThatNamesNobodyIsRefused() {
    assertThatThrownBy(() -> new SiteNames("google.com")).hasMessageContaining("google.com");
    assertThatThrownBy(() -> new SiteNames("a: x.com b: x.com")).hasMessageContaining("x.com");
    assertThat(new SiteNames(" \n ").of(records("1/a"))).isEqualTo("a");
  }

  private static String site(MxTransport mx, String recipient) {
    EmailAddress address = EmailAddress.parse(recipient);
    return mx.siteOf(accepted(), address);
  }

  @Test
  void tenThousandDomainsOfOneProviderAreOneSite() {
    FakeResolver dns = new FakeResolver();
    for (int i = 0; i < 10_000; i++) {
      dns.mx("d" + i + ".example", 10, "mx.provider.example");
    }
    try (MxTransport mx = Deliveries.mx(dns, 25, "")) {
      mx.setSiteNames(new SiteNames("big: provider.example"));
      Set<String> sites = new HashSet<>();
      for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 10_000; i++) {
          sites.add(site(mx, "x@d" + i + ".example"));
        }
      }
      assertThat(sites).containsExactly("big");
      assertThat(dns.queries()).hasSize(10_000);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "x@two.example,          mx1.two.example+mx2.two.example",
    "x@none.example,         none.example",
    "x@null.example,         null.example",
    "x@gone.example,         gone.example",
    "x@servfail.example,     servfail.example",
    "x@silent.example,       silent.example",
    "x@[127.0.0.1],          [127.0.0.1]",
    "x@[IPv6:2001:db8::1],   [IPv6:2001:db8::1]",
    "x@localhost,            localhost",
  })
  void whateverTheDnsSaysTheMailIsAccepted(String recipient, String site) {
    try (FakeDnsServer dns = FakeDnsServer.start();
        MxTransport mx =
            Deliveries.mx(new CachingResolver(dns.address(), Duration.ofMillis(300), 1), 25, "")) {
      dns.mx("two.example", 20, "MX1.two.example")
          .mx("two.example", 10, "mx2.two.example")
          .a("none.example", "127.0.0.1")
          .nullMx("null.example")
          .servfail("servfail.example")
          .timeout("silent.example");
      assertThat(site(mx, recipient)).isEqualTo(site);
    }
  }

  /** It is waited for once, not once for each domain: that would be 100 s. */
  @Test
  @Timeout(60)
  void nobodyWaitsForADnsThatHangs() throws Exception {
    FakeResolver inner = new FakeResolver();
    java.util.concurrent.CountDownLatch hang = new java.util.concurrent.CountDownLatch(1);
    Resolver hanging =
        new Resolver() {
          @Override
          public Answer<java.net.InetAddress> a(String name) {
            return inner.a(name);
          }

          @Override
          public Answer<java.net.InetAddress> aaaa(String name) {
            return inner.aaaa(name);
          }

          @Override
          public Answer<Mx> mx(String name) {
            try {
              hang.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            return inner.mx(name);
          }

          @Override
          public Answer<String> txt(String name) {
            return inner.txt(name);
          }

          @Override
          public Answer<String> ptr(java.net.InetAddress address) {
            return inner.ptr(address);
          }
        };
    MxSites sites = new MxSites(hanging, new SiteNames(""), Duration.ofSeconds(1));
    inner.mx("late.example", 10, "mx.late.example");
    for (int i = 0; i < 100; i++) {
      sites.expect(new Domain("d" + i + ".example"));
    }
    for (int i = 0; i < 100; i++) {
      assertThat(sites.of(new Domain("d" + i + ".example"))).isEqualTo("d" + i + ".example");
    }
    Domain late = new Domain("late.example");
    assertThat(sites.of(late)).isEqualTo("late.example");
    hang.countDown();
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!sites.of(late).equals("mx.late.example") && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(sites.of(late)).isEqualTo("mx.late.example");
  }
}
