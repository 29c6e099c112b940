package dev.caravan.ops;

import dev.caravan.mail.Domain;
import dev.caravan.settings.Settings;
import dev.caravan.sign.NewDkimKey;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan dkim keygen}. */
@Command(
    name = "keygen",
    description = {
      "Makes a key below caravan.dkim.keys-dir and prints its DNS record, NAME TYPE VALUE.",
      "Publish the record first: mail of the domain is signed as soon as the key is there."
    })
final class DkimKeygenCommand implements Callable<Integer> {
  enum Type {
    rsa,
    ed25519
  }

  @Parameters(index = "0", paramLabel = "DOMAIN")
  private String domain = "";

  @Parameters(index = "1", paramLabel = "SELECTOR", description = "Names the key, such as s1.")
  private String selector = "";

  @Option(names = "--type", description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Type type = Type.rsa;

  @Option(names = "--bits", description = "Of an RSA key: 1024 to 4096. Default: ${DEFAULT-VALUE}.")
  private int bits = 2048;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    Settings settings = common.settings();
    try {
      String name = name(domain);
      String key = name(selector);
      Path file = settings.path("caravan.dkim.keys-dir").resolve(name).resolve(key + ".pem");
      NewDkimKey made = make(file);
      spec.commandLine().getOut().println(key + "._domainkey." + name + " TXT " + made.record());
      spec.commandLine().getErr().println("The private key is " + file);
      return 0;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "dkim keygen: " + e.getMessage(), e);
    }
  }

  /** A name that is safe as a file's. */
  private static String name(String text) {
    Domain name = new Domain(text);
    if (name.isLiteral()) {
      throw new IllegalArgumentException("an address has no DKIM key: " + text);
    }
    return name.name();
  }

  private NewDkimKey make(Path file) throws GeneralSecurityException, Failure {
    NewDkimKey key =
        switch (type) {
          case rsa -> NewDkimKey.rsa(bits);
          case ed25519 -> NewDkimKey.ed25519();
        };
    try {
      key.write(file);
      return key;
    } catch (FileAlreadyExistsException e) {
      throw new Failure("there is a key already: " + file, e);
    } catch (IOException e) {
      throw new Failure("the key can't be written: " + Failure.sentence(e), e);
    }
  }
}
