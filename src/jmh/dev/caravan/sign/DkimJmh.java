package dev.caravan.sign;

import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Header;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import dev.caravan.mail.Origin;
import dev.caravan.mail.ReversePath;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Canonical forms, and whole signatures with a key read once. */
@State(Scope.Benchmark)
public class DkimJmh {
  /** Octets of the body. */
  @Param({"5000", "100000"})
  public int size;

  private byte[] body = {};
  private Header header = Content.of("").header();
  private Mail rsaMail;
  private Mail ed25519Mail;
  private DkimSigner signer;
  private Path keys = Path.of("");

  @Setup
  public void prepare() throws Exception {
    String text = ("x".repeat(30) + "  " + "y".repeat(38) + "\r\n").repeat(size / 72);
    body = text.getBytes(StandardCharsets.ISO_8859_1);
    keys = Files.createTempDirectory("caravan-jmh");
    NewDkimKey.rsa(2048).write(keys.resolve("rsa.example/s.pem"));
    NewDkimKey.ed25519().write(keys.resolve("ed.example/s.pem"));
    signer = new DkimSigner(new DkimKeys(keys.toString()));
    rsaMail = mail("rsa.example", text);
    ed25519Mail = mail("ed.example", text);
    header = rsaMail.content().header();
  }

  @TearDown
  public void forget() throws IOException {
    try (Stream<Path> all = Files.walk(keys)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  private static Mail mail(String domain, String body) {
    return new Mail(
        new MailId("01M851KCJ1X450J4"),
        Origin.smtp(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), true, Instant.EPOCH),
        new Envelope(
            ReversePath.parse("a@" + domain), List.of(EmailAddress.parse("b@dest.example"))),
        Content.of(
            "From: Ann <a@"
                + domain
                + ">\r\nTo: b@dest.example\r\nSubject: two  spaces\r\n\tand a fold\r\n"
                + "Date: Mon, 1 Jan 2024 00:00:00 +0000\r\nMessage-ID: <1@sender.example>\r\n"
                + "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n"
                + body));
  }

  /** Relaxed, into SHA-256. */
  @Benchmark
  public byte[] body() throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    RelaxedBody canonical = new RelaxedBody(digest);
    canonical.write(body, 0, body.length);
    canonical.close();
    return digest.digest();
  }

  /** All fields, relaxed. */
  @Benchmark
  public int header() {
    int length = 0;
    for (Header.Field field : header.fields()) {
      length += RelaxedHeader.canonical(field).length();
    }
    return length;
  }

  @Benchmark
  public Mail signRsa2048() {
    return signer.sign(rsaMail);
  }

  @Benchmark
  public Mail signEd25519() {
    return signer.sign(ed25519Mail);
  }
}
