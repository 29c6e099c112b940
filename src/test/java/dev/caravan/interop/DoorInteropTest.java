package dev.caravan.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.auth.Account;
import dev.caravan.auth.UsersFile;
import dev.caravan.flow.Certificates;
import dev.caravan.flow.GatewayProcess;
import jakarta.mail.Message;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The clients that people have, on every listener: each mail is seen to come out again. */
@Tag("interop")
final class DoorInteropTest {
  private static final String USER = "joe";
  private static final String PASSWORD = "pen cil";
  private static final List<String> LISTENERS = List.of("smtp", "submission", "submissions");

  @TempDir Path folder;

  @BeforeEach
  void aCertificateAndAUser() throws Exception {
    Tools.need("smtp-sink", "postfix");
    Certificates.of("relay.example", Optional.empty()).write(folder, "server");
    new UsersFile(folder.resolve("users"))
        .add(new Account(USER, true, List.of(), 0, 0), PASSWORD, true);
  }

  private Relay relay(Map<String, String> more) throws Exception {
    Map<String, String> options = new HashMap<>();
    options.put("caravan.submission.port", "0");
    options.put("caravan.submissions.port", "0");
    options.put("caravan.tls.certificate", folder.resolve("server.crt").toString());
    options.put("caravan.tls.key", folder.resolve("server.key").toString());
    options.put("caravan.users-file", folder.resolve("users").toString());
    options.put("caravan.auth.mechanisms", "SCRAM-SHA-256,PLAIN,LOGIN,CRAM-MD5");
    options.putAll(more);
    return Relay.start(folder, options);
  }

  private static void arrived(Relay relay, int mails) throws Exception {
    assertThat(relay.delivered(mails)).hasSize(mails);
  }

  private static void right(Run run) {
    assertThat(run.exit()).as(run.output()).isZero();
  }

  private static List<String> swaks(String swaks, int port, String options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                swaks, "--server", "127.0.0.1", "--port", port + "", "--helo", "client.example"));
    command.addAll(List.of("--from", "a@sender.example", "--to", "b@dest.example"));
    if (options.contains("--auth ")) {
      command.addAll(List.of("--auth-user", USER, "--auth-password", PASSWORD));
    }
    command.addAll(List.of(options.strip().split(" +")));
    return command;
  }

  @Test
  void swaksWithEveryMechanismOnEveryListener() throws Exception {
    String swaks = Tools.need("swaks", "swaks");
    try (Relay relay = relay(Map.of())) {
      int mails = 0;
      for (String listener : LISTENERS) {
        String tls = listener.equals("submissions") ? "-tlsc" : "-tls";
        for (String mechanism : List.of("PLAIN", "LOGIN", "CRAM-MD5")) {
          Run run =
              Run.command(
                  swaks(swaks, relay.port(listener), tls + " --pipeline --auth " + mechanism));
          right(run);
          assertThat(run.output()).contains("235 2.7.0");
          mails++;
        }
      }
      right(Run.command(swaks(swaks, relay.port("smtp"), "--auth CRAM-MD5")));
      right(Run.command(swaks(swaks, relay.port("smtp"), "-tls")));
      arrived(relay, mails + 2);
    }
  }

  @Test
  void swaksSpeaksForAnother() throws Exception {
    String swaks = Tools.need("swaks", "swaks");
    try (Relay relay =
        relay(
            Map.of(
                "caravan.smtp.xclient-networks", "loopback",
                "caravan.relay.networks", "192.0.2.0/24"))) {
      String friend = "--xclient-addr 192.0.2.7 --xclient-name c.example";
      right(Run.command(swaks(swaks, relay.port("smtp"), friend)));
      Run stranger = Run.command(swaks(swaks, relay.port("smtp"), "--xclient-addr 203.0.113.7"));
      assertThat(stranger.output()).contains("550 5.7.1");
      for (String listener : List.of("submission", "submissions")) {
        String tls = listener.equals("submissions") ? " -tlsc" : " -tls";
        right(Run.command(swaks(swaks, relay.port(listener), friend + tls + " --auth PLAIN")));
      }
      assertThat(relay.delivered(LISTENERS.size()))
          .hasSize(LISTENERS.size())
          .allMatch(mail -> mail.text().contains("(c.example [192.0.2.7])"));
    }
  }

  @Test
  void swaksBehindAProxy() throws Exception {
    String swaks = Tools.need("swaks", "swaks");
    String addresses =
        " --proxy-source 192.0.2.7 --proxy-source-port 4711"
            + " --proxy-dest 192.0.2.250 --proxy-dest-port 25";
    try (Relay relay =
        relay(
            Map.of(
                "caravan.smtp.proxy-networks", "loopback",
                "caravan.relay.networks", "192.0.2.0/24"))) {
      right(
          Run.command(
              swaks(
                  swaks, relay.port("smtp"), "--proxy-version 1 --proxy-family TCP4" + addresses)));
      right(
          Run.command(
              swaks(
                  swaks,
                  relay.port("smtp"),
                  "--proxy-version 2 --proxy-family AF_INET --proxy-protocol STREAM"
                      + " --proxy-command PROXY"
                      + addresses)));
      for (String listener : List.of("submission", "submissions")) {
        String tls = listener.equals("submissions") ? " -tlsc" : " -tls";
        right(
            Run.command(
                swaks(
                    swaks,
                    relay.port(listener),
                    "--proxy-version 1 --proxy-family TCP4" + addresses + tls + " --auth PLAIN")));
      }
      arrived(relay, LISTENERS.size() + 1);
    }
  }

  @Test
  void pythonSmtplib() throws Exception {
    Tools.needModule("smtplib", "python3");
    String script =
        """
        import smtplib, ssl, sys
        name, port, user, password = sys.argv[1:]
        context = ssl._create_unverified_context()
        if name == 'submissions':
            smtp = smtplib.SMTP_SSL('127.0.0.1', int(port), context=context)
        else:
            smtp = smtplib.SMTP('127.0.0.1', int(port))
            smtp.starttls(context=context)
        smtp.login(user, password)
        smtp.sendmail('a@sender.example', ['b@dest.example'], 'Subject: x\\n\\n.dot\\n',
                      mail_options=['RET=HDRS'], rcpt_options=['NOTIFY=FAILURE'])
        smtp.quit()
        """;
    try (Relay relay = relay(Map.of())) {
      for (String listener : LISTENERS) {
        right(
            Run.command(
                Tools.PYTHON, "-c", script, listener, relay.port(listener) + "", USER, PASSWORD));
      }
      arrived(relay, LISTENERS.size());
    }
  }

  @Test
  void msmtp() throws Exception {
    String msmtp = Tools.need("msmtp", "msmtp");
    try (Relay relay = relay(Map.of())) {
      for (String listener : LISTENERS) {
        Path config = folder.resolve(listener + ".msmtprc");
        Files.writeString(
            config,
            "account default\nhost 127.0.0.1\nport "
                + relay.port(listener)
                + "\nfrom a@sender.example\nauth scram-sha-256\nuser "
                + USER
                + "\npassword \""
                + PASSWORD
                + "\"\ntls on\ntls_certcheck off\ntls_starttls "
                + (listener.equals("submissions") ? "off" : "on")
                + "\n");
        Files.setPosixFilePermissions(
            config, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        right(
            Run.command(
                "/bin/sh",
                "-c",
                "printf 'Subject: x\\n\\nhello\\n' | \"$0\" -C \"$1\" b@dest.example",
                msmtp,
                config.toString()));
      }
      arrived(relay, LISTENERS.size());
    }
  }

  @Test
  void nodemailer() throws Exception {
    String node = Tools.need("node", "nodejs");
    String npm = Tools.need("npm", "npm");
    Run installed =
        Run.command(
            npm, "install", "--prefix", folder.toString(), "--no-audit", "--no-fund", "nodemailer");
    Tools.need(installed.exit() == 0, "nodemailer can't be had from npm");
    Path script = folder.resolve("send.js");
    Files.writeString(
        script,
        """
        const nodemailer = require('nodemailer');
        const [name, port, user, pass] = process.argv.slice(2);
        const transport = nodemailer.createTransport({
          host: '127.0.0.1', port: Number(port), secure: name === 'submissions',
          requireTLS: true, auth: { user, pass }, tls: { rejectUnauthorized: false } });
        transport.sendMail({ from: 'a@sender.example', to: 'b@dest.example',
          subject: 'Gr\\u00fc\\u00dfe', text: 'hello', dsn: { id: 'x', return: 'headers',
          notify: ['failure', 'delay'], recipient: 'a@sender.example' } })
          .then(() => process.exit(0), e => { console.error(e); process.exit(1); });
        """);
    try (Relay relay = relay(Map.of())) {
      for (String listener : LISTENERS) {
        right(
            Run.command(
                node, script.toString(), listener, relay.port(listener) + "", USER, PASSWORD));
      }
      arrived(relay, LISTENERS.size());
    }
  }

  @Test
  void jakartaMail() throws Exception {
    try (Relay relay = relay(Map.of())) {
      for (String listener : LISTENERS) {
        boolean implicit = listener.equals("submissions");
        String protocol = implicit ? "smtps" : "smtp";
        Properties p = new Properties();
        p.setProperty("mail." + protocol + ".ssl.trust", "*");
        p.setProperty("mail." + protocol + ".ssl.checkserveridentity", "false");
        p.setProperty("mail." + protocol + ".auth", "true");
        p.setProperty("mail.smtp.starttls.required", "true");
        p.setProperty("mail." + protocol + ".dsn.notify", "FAILURE");
        Session session = Session.getInstance(p);
        MimeMessage message = new MimeMessage(session);
        message.setFrom(new InternetAddress("a@sender.example"));
        message.setRecipient(Message.RecipientType.TO, new InternetAddress("b@dest.example"));
        message.setSubject("Grüße", "UTF-8");
        message.setText("hello\n.\n", "UTF-8");
        message.saveChanges();
        try (Transport transport = session.getTransport(protocol)) {
          transport.connect("127.0.0.1", relay.port(listener), USER, PASSWORD);
          transport.sendMessage(message, message.getAllRecipients());
        }
      }
      arrived(relay, LISTENERS.size());
    }
  }

  @Test
  void opensslSendsAWholeMail() throws Exception {
    String openssl = Tools.need("openssl", "openssl");
    String plain =
        Base64.getEncoder()
            .encodeToString(("\0" + USER + "\0" + PASSWORD).getBytes(StandardCharsets.UTF_8));
    Path dialogue = folder.resolve("dialogue");
    Files.writeString(
        dialogue,
        "EHLO client.example\r\nAUTH PLAIN "
            + plain
            + "\r\nMAIL FROM:<a@sender.example>\r\nRCPT TO:<b@dest.example>\r\nDATA\r\n"
            + "Subject: x\r\n\r\nhello\r\n.\r\nQUIT\r\n");
    try (Relay relay = relay(Map.of())) {
      for (String listener : LISTENERS) {
        boolean implicit = listener.equals("submissions");
        Path heard = folder.resolve(listener + ".heard");
        // With STARTTLS it waits for the greeting by itself, without it sends whatever it is given.
        String greeting =
            implicit
                ? "for i in $(seq 600); do grep -q '^220 ' \"$3\" && break; sleep 0.1; done;"
                : "";
        Run run =
            Run.command(
                "/bin/sh",
                "-c",
                ": > \"$3\"; { "
                    + greeting
                    + " cat \"$2\"; } | \"$0\" s_client -quiet "
                    + (implicit ? "" : "-starttls smtp")
                    + " -connect 127.0.0.1:$1 > \"$3\" 2>&1; cat \"$3\"",
                openssl,
                relay.port(listener) + "",
                dialogue.toString(),
                heard.toString());
        assertThat(run.output()).contains("235 2.7.0", "queued as", "221 2.0.0");
      }
      arrived(relay, LISTENERS.size());
    }
  }

  @Test
  void posttlsFinger() throws Exception {
    String finger = Tools.need("posttls-finger", "postfix");
    try (Relay relay = relay(Map.of())) {
      for (String listener : LISTENERS) {
        List<String> command = new ArrayList<>(List.of(finger, "-c", "-l", "encrypt"));
        if (listener.equals("submissions")) {
          command.add("-w");
        }
        command.add("[127.0.0.1]:" + relay.port(listener));
        Run run = Run.command(command);
        right(run);
        assertThat(run.output()).contains("TLSv1.3");
      }
    }
  }

  @Test
  void scannersFindNothingOldOrWeak() throws Exception {
    String sslscan = Tools.need("sslscan", "sslscan");
    String testssl = Tools.need("testssl", "testssl.sh");
    try (Relay relay = relay(Map.of())) {
      for (String listener : LISTENERS) {
        Scan scan = scan(sslscan, relay.port(listener), listener);
        assertThat(scan.protocols()).containsExactly("TLSv1.2", "TLSv1.3");
        assertThat(scan.ciphers())
            .isNotEmpty()
            .allMatch(c -> c.matches("TLS_\\w+|ECDHE-\\w+-(AES\\d+-GCM|CHACHA20)\\S*"));
      }
      String found =
          Run.command(
                  testssl,
                  "--warnings",
                  "off",
                  "--color",
                  "0",
                  "--protocols",
                  "--std",
                  "127.0.0.1:" + relay.port("submissions"))
              .output();
      assertThat(found)
          .containsPattern("SSLv3 +not offered")
          .containsPattern("TLS 1 +not offered")
          .containsPattern("TLS 1.1 +not offered")
          .containsPattern("TLS 1.2 +offered \\(OK\\)")
          .containsPattern("TLS 1.3 +offered \\(OK\\)");
      assertThat(found)
          .containsPattern("NULL ciphers [^\\n]* +not offered")
          .containsPattern("Export ciphers [^\\n]* +not offered")
          .containsPattern("LOW: [^\\n]* +not offered")
          .containsPattern("Triple DES Ciphers[^\\n]* +not offered")
          .containsPattern("Obsoleted? CBC ciphers[^\\n]* +not offered")
          .containsPattern("Strong encryption[^\\n]* +offered \\(OK\\)");
    }
  }

  /** A listener for old devices, as the documentation shows it, beside the others. */
  @Test
  void theLegacyListenerSpeaksWhatItWasToldTo() throws Exception {
    String sslscan = Tools.need("sslscan", "sslscan");
    Path routes = Files.createDirectories(folder.resolve("routes"));
    for (Path file : Files.list(Path.of("routes")).toList()) {
      Files.copy(file, routes.resolve(file.getFileName()));
    }
    Path smtpIn = routes.resolve("smtp-in.xml");
    Files.writeString(
        smtpIn,
        Files.readString(smtpIn)
            .replace(
                "</camel>",
                """
                  <route id="printers-in" routeConfigurationId="edge-errors">
                    <from uri="smtp-server:printers?port=0&amp;tls=optional&amp;tlsProfile=legacy&amp;networks={{caravan.relay.networks}}"/>
                    <to uri="direct:smtp"/>
                  </route>
                </camel>
                """));
    Map<String, String> options =
        Map.of(
            "caravan.routes-dir", routes.toString(),
            "caravan.tls.legacy", "true",
            "caravan.tls.certificate", folder.resolve("server.crt").toString(),
            "caravan.tls.key", folder.resolve("server.key").toString());
    try (GatewayProcess gateway = GatewayProcess.start(folder, options)) {
      Scan printers = scan(sslscan, gateway.port("printers"), "printers");
      assertThat(printers.protocols()).containsExactly("TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3");
      assertThat(printers.ciphers())
          .anyMatch(c -> c.endsWith("AES128-SHA"))
          .noneMatch(c -> c.matches(".*(RC4|NULL|EXP|MD5|ADH|AECDH|DES-CBC).*"));
      Scan smtp = scan(sslscan, gateway.port("smtp"), "smtp");
      assertThat(smtp.protocols()).containsExactly("TLSv1.2", "TLSv1.3");
    }
  }

  private record Scan(List<String> protocols, List<String> ciphers) {}

  /** What the scanner calls enabled, and what was accepted or preferred. */
  private static Scan scan(String sslscan, int port, String listener) throws Exception {
    // Its look at the groups waits 3 s for each.
    List<String> command =
        new ArrayList<>(List.of(sslscan, "--no-colour", "--no-heartbleed", "--no-groups"));
    if (!listener.equals("submissions")) {
      command.add("--starttls-smtp");
    }
    command.add("127.0.0.1:" + port);
    Run run = Run.command(command);
    right(run);
    return new Scan(
        run.lines().stream()
            .filter(l -> l.matches("(SSL|TLS)v[\\d.]+ +enabled"))
            .map(l -> l.substring(0, l.indexOf(' ')))
            .toList(),
        run.lines().stream()
            .filter(l -> l.matches("(Accepted|Preferred) .*"))
            .map(l -> l.replaceFirst("\\w+ +\\S+ +\\d+ bits +(\\S+).*", "$1"))
            .toList());
  }
}
