package dev.caravan.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworksTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "192.0.2.0/24|192.0.2.255|true",
        "192.0.2.0/24|192.0.3.0|false",
        "192.0.2.128/25|192.0.2.127|false",
        "192.0.2.128/25|192.0.2.128|true",
        "192.0.2.7|192.0.2.7|true",
        "192.0.2.7|192.0.2.6|false",
        "0.0.0.0/0|255.255.255.255|true",
        "0.0.0.0/0|2001:db8::1|false",
        "::/0|2001:db8::1|true",
        "::/0|192.0.2.1|false",
        "2001:db8::/33|2001:db8:7fff::1|true",
        "2001:db8::/33|2001:db8:8000::1|false",
        "[2001:db8::]/32|2001:db8::1|true",
        "::ffff:10.0.0.0/104|10.200.0.1|true",
        "::ffff:10.0.0.1|10.0.0.1|true",
        "10.0.0.0/8|::ffff:10.1.2.3|true",
        "loopback|127.9.9.9|true",
        "loopback|::1|true",
        "loopback|::2|false",
        "LOOPBACK, 192.0.2.1|192.0.2.1|true",
        "link-local|fe80::1|true",
        "link-local|169.254.1.1|true",
        "multicast|239.1.1.1|true",
        "multicast|ff02::1|true",
        "unspecified|0.0.0.0|true",
        "unspecified|::|true",
        "unspecified|::1|false",
        "private|172.31.255.255|true",
        "private|172.32.0.0|false",
        "private|fd00::1|true",
      })
  void says_what_is_in(String networks, String address, boolean in) {
    assertThat(Networks.parse(networks).contains(InetAddress.ofLiteral(address))).isEqualTo(in);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "192.0.2.1/24", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "192.0.2.0/+8", "10.1", "1",
        "010.0.0.1", "256.0.0.1", "1.2.3.4.5", "localhost", "example.com", "2001:db8::/129", ":::",
        "fe80::1%lo", "::ffff:0.0.0.0/80", "[10.0.0.1]", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0"
      })
  void names_what_is_wrong(String text) {
    assertThatThrownBy(() -> Networks.parse("loopback," + text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @Test
  void the_empty_text_is_no_network() {
    assertThat(Networks.parse(" , ")).isEqualTo(Networks.NONE);
    assertThat(Networks.NONE.contains(InetAddress.ofLiteral("127.0.0.1"))).isFalse();
  }

  @Test
  void a_mapped_address_object_is_ipv4() throws Exception {
    byte[] mapped = new byte[16];
    mapped[10] = -1;
    mapped[11] = -1;
    mapped[12] = 127;
    mapped[15] = 1;
    assertThat(Networks.parse("loopback").contains(Inet6Address.getByAddress("", mapped, -1)))
        .isTrue();
  }
}
