package dev.caravan.camel.jms;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.caravan.mail.Content;
import dev.caravan.mail.ReversePath;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads a submission in JSON, token by token, as {@code message.schema.json} describes it: a key
 * that is not there, a value of another type or beyond a limit is refused with its place (RFC
 * 6901). A {@code null} is a key that is not there.
 */
final class JsonReader {
  static final int ATTACHMENTS_MAX = 100;

  private static final Set<String> KEYS =
      Set.of(
          "from",
          "mailFrom",
          "replyTo",
          "to",
          "cc",
          "bcc",
          "subject",
          "text",
          "contentType",
          "html",
          "headers",
          "attachments",
          "format",
          Wishes.KEY,
          Wishes.NOTIFY,
          Wishes.SEND_AT,
          Wishes.EXPIRES_AT,
          Wishes.PRIORITY);
  private static final Set<String> FILE_KEYS_NULLABLE = Set.of("type", "id");
  private static final Set<String> NOTIFY =
      Set.of("delivered", "deferred", "bounced", "expired", "all");
  private static final String NO_KEY = "there is no such key";
  private static final int DEPTH_MAX = 10;
  private static final int NAME_MAX = 1_000;
  private static final int SUBJECT_MAX = 10_000;
  private static final int LIST_MAX = 10_000;

  private static final Pattern TYPE =
      Pattern.compile(
          "(?:application|audio|font|image|model|text|video)/[A-Za-z0-9.+_-]{1,100}"
              + "(?:; ?[A-Za-z0-9-]{1,50}=[A-Za-z0-9._+-]{1,100}){0,5}");
  private static final Pattern ID =
      Pattern.compile("[A-Za-z0-9._-]{1,100}(?:@[A-Za-z0-9.-]{1,100})?");

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH_MAX)
                  .maxNameLength(NAME_MAX)
                  // A text is as long as the whole may be.
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private final JsonParser json;
  private final Map<String, String> texts = new HashMap<>();
  private final Map<String, List<Mailbox>> lists = new HashMap<>();
  private final Map<String, String> wishes = new HashMap<>();
  private final List<Draft.Field> fields = new ArrayList<>();
  private final List<Attachment> attachments = new ArrayList<>();
  private Optional<ReversePath> mailFrom = Optional.empty();

  private JsonReader(JsonParser json) {
    this.json = json;
  }

  /**
   * Reads all of it.
   *
   * @throws RefusedException saying where it is wrong
   * @throws IOException when it can't be had
   */
  static DraftReader.Found read(InputStream in) throws RefusedException, IOException {
    return read(JSON.createParser(in));
  }

  /** The same of a text. */
  static DraftReader.Found read(String text) throws RefusedException, IOException {
    return read(JSON.createParser(text));
  }

  private static DraftReader.Found read(JsonParser parser) throws RefusedException, IOException {
    try (parser) {
      return new JsonReader(parser).submission();
    } catch (JsonProcessingException e) {
      throw new RefusedException("5.6.0", "the JSON can't be read: " + e.getOriginalMessage());
    }
  }

  private DraftReader.Found submission() throws RefusedException, IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw new RefusedException("5.6.0", "the JSON must be an object");
    }
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      if (json.nextToken() != JsonToken.VALUE_NULL) {
        field(key);
      } else if (!KEYS.contains(key)) {
        throw refused("5.6.0", NO_KEY);
      }
    }
    if (json.nextToken() != null) {
      throw new RefusedException("5.6.0", "there is something behind the JSON object");
    }
    if (list("from").isEmpty()) {
      throw new RefusedException("5.1.7", "no sender: set from");
    }
    return new DraftReader.Found(
        new Draft(
            mailFrom,
            list("from"),
            list("replyTo"),
            list("to"),
            list("cc"),
            list("bcc"),
            texts.getOrDefault("subject", ""),
            texts.getOrDefault("contentType", ""),
            texts.getOrDefault("text", ""),
            texts.getOrDefault("html", ""),
            fields,
            attachments),
        wishes);
  }

  private List<Mailbox> list(String name) {
    return lists.getOrDefault(name, List.of());
  }

  private void field(String key) throws RefusedException, IOException {
    switch (key) {
      case "from", "replyTo", "to", "cc", "bcc" -> lists.put(key, addresses(key));
      case "mailFrom" -> mailFrom = Optional.of(reversePath());
      case "subject" -> texts.put(key, line(SUBJECT_MAX));
      case "contentType" -> texts.put(key, line(NAME_MAX));
      case "text", "html" -> texts.put(key, text());
      case "headers" -> headers();
      case "attachments" -> attachments();
      case Wishes.KEY -> wishes.put(key, checked(key, number() ? json.getText() : text()));
      case Wishes.NOTIFY -> wishes.put(key, checked(key, words()));
      case Wishes.SEND_AT, Wishes.EXPIRES_AT ->
          wishes.put(key, checked(key, number() ? json.getText() : text()));
      case Wishes.PRIORITY -> {
        if (!number()) {
          throw refused("5.6.0", "this must be a whole number");
        }
        wishes.put(key, checked(key, json.getText()));
      }
      case "format" -> {
        if (!text().equals("json")) {
          throw refused("5.6.0", "the format of JSON is json");
        }
      }
      default -> throw refused("5.6.0", NO_KEY);
    }
  }

  private boolean number() {
    return json.currentToken() == JsonToken.VALUE_NUMBER_INT;
  }

  /** Read once here, so that the refusal has its place. */
  private String checked(String key, String value) throws RefusedException {
    try {
      Wishes.of(Map.of(), Map.of(key, value));
      return value;
    } catch (RefusedException e) {
      throw e.at(pointer());
    }
  }

  private String text() throws RefusedException, IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw refused("5.6.0", "this must be a text");
    }
    return json.getText();
  }

  private String line(int max) throws RefusedException, IOException {
    String line = text();
    if (line.length() > max) {
      throw refused("5.6.0", "this has more than " + max + " characters");
    }
    try {
      HeaderText.requireOneLine("this", line);
      return line;
    } catch (RefusedException e) {
      throw e.at(pointer());
    }
  }

  /** A text with commas between, or a list of texts. */
  private List<Mailbox> addresses(String key) throws RefusedException, IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      return mailboxes(key, "this must be a text or texts");
    }
    List<Mailbox> all = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      all.addAll(mailboxes(key, "this must be a text"));
      if (all.size() > LIST_MAX) {
        throw refused("5.5.3", key + " has more than " + LIST_MAX + " addresses");
      }
    }
    return all;
  }

  private List<Mailbox> mailboxes(String key, String otherwise)
      throws RefusedException, IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw refused("5.6.0", otherwise);
    }
    try {
      return AddressParser.parse(key, json.getText());
    } catch (RefusedException e) {
      throw e.at(pointer());
    }
  }

  private ReversePath reversePath() throws RefusedException, IOException {
    String text = text();
    try {
      return ReversePath.parse(text.equals("<>") ? "" : text);
    } catch (IllegalArgumentException e) {
      throw RefusedException.noAddress("mailFrom", text).at(pointer());
    }
  }

  private String words() throws RefusedException, IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      return text();
    }
    List<String> words = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY && words.size() <= DEPTH_MAX) {
      String word = text();
      if (!NOTIFY.contains(word)) {
        throw refused("5.6.0", "this is none of delivered, deferred, bounced, expired, all");
      }
      words.add(word);
    }
    if (words.size() > DEPTH_MAX) {
      throw refused("5.6.0", "there are too many words");
    }
    return String.join(",", words);
  }

  private void headers() throws RefusedException, IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw refused("5.6.0", "this must be an object");
    }
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      json.nextToken();
      if (fields.size() == OwnFields.MAX) {
        throw refused("5.6.0", "there are more than " + OwnFields.MAX + " header fields");
      }
      try {
        OwnFields.requireName(name);
        String value = text();
        OwnFields.requireValue(value);
        fields.add(new Draft.Field(name, value));
      } catch (RefusedException e) {
        throw e.at(pointer());
      }
    }
  }

  private void attachments() throws RefusedException, IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw refused("5.6.0", "this must be a list");
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (attachments.size() == ATTACHMENTS_MAX) {
        throw refused("5.6.0", "a mail has at most " + ATTACHMENTS_MAX + " attachments");
      }
      if (json.currentToken() != JsonToken.START_OBJECT) {
        throw refused("5.6.0", "this must be an object");
      }
      attachments.add(attachment());
    }
  }

  private Attachment attachment() throws RefusedException, IOException {
    String name = "";
    String type = "";
    String id = "";
    String staged = "";
    Optional<byte[]> data = Optional.empty();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      if (json.nextToken() == JsonToken.VALUE_NULL && FILE_KEYS_NULLABLE.contains(key)) {
        continue;
      }
      switch (key) {
        case "name" -> name = fileName();
        case "type" -> type = matching(TYPE, "this is no type of a file, such as image/png");
        case "id" -> id = matching(ID, "this is no Content-ID, such as logo");
        case "data" -> data = Optional.of(octets());
        case "staged" -> staged = matching(StagedFiles.NAME, StagedFiles.NAMED);
        default -> throw refused("5.6.0", NO_KEY);
      }
    }
    if (name.isEmpty() || data.isPresent() == !staged.isEmpty()) {
      throw refused("5.6.0", "an attachment has a name and either data or staged");
    }
    return data.isPresent()
        ? new Attachment(name, Content.of(data.get()), type, id, "")
        : Attachment.ofStaged(name, type, id, staged);
  }

  private String fileName() throws RefusedException, IOException {
    String name = text();
    try {
      FileName.parameter(name);
      return name;
    } catch (RefusedException e) {
      throw e.at(pointer());
    }
  }

  private String matching(Pattern pattern, String otherwise) throws RefusedException, IOException {
    String text = text();
    if (!pattern.matcher(text).matches()) {
      throw refused("5.6.0", otherwise);
    }
    return text;
  }

  /** Decoded as it is read: the base64 is never in memory as a whole. */
  private byte[] octets() throws RefusedException, IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw refused("5.6.0", "this must be a text, the base64 of a file");
    }
    try {
      return json.getBinaryValue();
    } catch (JsonProcessingException e) {
      throw refused("5.6.0", "this is no base64: " + e.getOriginalMessage());
    }
  }

  private RefusedException refused(String code, String sentence) {
    return new RefusedException(code, sentence).at(pointer());
  }

  /** Where the reader is. */
  private String pointer() {
    return json.getParsingContext().pathAsPointer().toString();
  }
}
