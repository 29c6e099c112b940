package dev.caravan.sign;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A small DKIM verifier (RFC 6376, 6), written from the RFC and apart from the signer: the judge of
 * what the signer makes. Octets are ISO 8859-1 characters.
 *
 * @param fields the header, from the top, each with its CRLF
 */
public record Signed(List<String> fields, String body) {
  private static final Pattern FIELD = Pattern.compile("[^\\r\\n]+\\r\\n(?:[ \\t][^\\n]*\\n)*");

  public static Signed parse(String message) {
    int end = message.indexOf("\r\n\r\n");
    String header = end < 0 ? message : message.substring(0, end + 2);
    List<String> fields = new ArrayList<>();
    Matcher m = FIELD.matcher(header);
    while (m.find()) {
      fields.add(m.group());
    }
    return new Signed(List.copyOf(fields), end < 0 ? "" : message.substring(end + 4));
  }

  /** The tags of each DKIM-Signature, from the top, white space removed. */
  public List<Map<String, String>> signatures() {
    return fields.stream().filter(Signed::isSignature).map(Signed::tags).toList();
  }

  private static boolean isSignature(String field) {
    return name(field).equals("dkim-signature");
  }

  private static String name(String field) {
    return field.substring(0, field.indexOf(':')).strip().toLowerCase(Locale.ROOT);
  }

  private static Map<String, String> tags(String field) {
    Map<String, String> tags = new HashMap<>();
    for (String tag : field.substring(field.indexOf(':') + 1).split(";", -1)) {
      String[] sides = tag.split("=", 2);
      if (sides.length == 2) {
        tags.put(sides[0].strip(), sides[1].replaceAll("\\s", ""));
      }
    }
    return tags;
  }

  /** Whether the signature with this selector is right. */
  public boolean verifies(String selector, PublicKey key) throws GeneralSecurityException {
    String field =
        fields.stream()
            .filter(f -> isSignature(f) && selector.equals(tags(f).get("s")))
            .findFirst()
            .orElseThrow();
    Map<String, String> tags = tags(field);
    String[] how = (tags.getOrDefault("c", "simple/simple") + "/simple").split("/", -1);
    if (!bodyHash(how[1].equals("relaxed")).equals(tags.get("bh"))) {
      return false;
    }
    byte[] data = octets(header(field, tags.getOrDefault("h", ""), how[0].equals("relaxed")));
    boolean rsa = key.getAlgorithm().equals("RSA");
    Signature signature = Signature.getInstance(rsa ? "SHA256withRSA" : "Ed25519");
    signature.initVerify(key);
    signature.update(rsa ? data : MessageDigest.getInstance("SHA-256").digest(data));
    return signature.verify(Base64.getDecoder().decode(tags.getOrDefault("b", "")));
  }

  private String bodyHash(boolean relaxed) throws GeneralSecurityException {
    String text = body;
    if (relaxed) {
      text = text.replaceAll("[ \\t]+", " ").replaceAll(" (?=\\r\\n|$)", "");
    }
    text = text.replaceAll("(?:\\r\\n)+$", "");
    text = text.isEmpty() && relaxed ? "" : text + "\r\n";
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(octets(text));
    return Base64.getEncoder().encodeToString(hash);
  }

  private String header(String signature, String h, boolean relaxed) {
    List<String> left = new ArrayList<>(fields.reversed());
    StringBuilder data = new StringBuilder();
    for (String name : Arrays.asList(h.toLowerCase(Locale.ROOT).split(":"))) {
      left.stream()
          .filter(f -> name(f).equals(name))
          .findFirst()
          .ifPresent(
              field -> {
                left.remove(field);
                data.append(relaxed ? relaxed(field) : field);
              });
    }
    String unsigned = signature.replaceAll("([;:\\s]b\\s*=)[^;]*", "$1");
    String last = relaxed ? relaxed(unsigned) : unsigned;
    return (data + last).replaceAll("\\r\\n$", "");
  }

  private static String relaxed(String field) {
    String value = field.substring(field.indexOf(':') + 1).replace("\r\n", "");
    return name(field) + ":" + value.replaceAll("[ \\t]+", " ").strip() + "\r\n";
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
