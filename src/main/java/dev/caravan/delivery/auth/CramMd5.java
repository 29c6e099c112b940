package dev.caravan.delivery.auth;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/** CRAM-MD5 (RFC 2195): the password keys a hash of what the server says. */
final class CramMd5 implements ClientMechanism {
  private final String user;
  private final String password;
  private boolean answered;

  CramMd5(String user, String password) {
    this.user = user;
    this.password = password;
  }

  @Override
  public Optional<byte[]> first() {
    return Optional.empty();
  }

  @Override
  public byte[] answer(byte[] challenge) throws AuthException {
    if (answered || challenge.length == 0) {
      throw new AuthException("no challenge as CRAM-MD5 has it");
    }
    answered = true;
    byte[] digest = Hmac.of("HmacMD5", password.getBytes(StandardCharsets.UTF_8), challenge);
    return (user + ' ' + HexFormat.of().formatHex(digest)).getBytes(StandardCharsets.UTF_8);
  }
}
