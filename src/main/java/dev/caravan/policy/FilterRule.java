package dev.caravan.policy;

import com.google.re2j.Pattern;
import dev.caravan.mail.SmtpReply;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/**
 * One rule of the content filter, set as bean properties: what to look at ({@code header}, {@code
 * body}, {@code attachmentName}, {@code attachmentType}), the pattern to find there, and what to do
 * then. With several of them it matches when the mail has all of them, be it in different parts;
 * with none it never does. A {@code header} without {@code matches} has to be there. Patterns are
 * RE2 (their time grows with the text, never worse) and ignore case.
 */
public final class FilterRule {
  private String name = "rule";
  private Optional<String> header = Optional.empty();
  private Optional<Pattern> headerPattern = Optional.empty();
  private Optional<Pattern> body = Optional.empty();
  private Optional<Pattern> attachmentName = Optional.empty();
  private Optional<Pattern> attachmentType = Optional.empty();
  private Action action = Action.REJECT;
  private SmtpReply reply = SmtpReply.of(550, "5.7.1", "Message content is not accepted here");

  /** What a rule that matches does. */
  public enum Action {
    REJECT,
    HOLD,
    QUARANTINE,
    /** Adds a header field and goes on. */
    TAG,
    DISCARD
  }

  public void setName(String name) {
    if (!name.matches("[A-Za-z0-9_.-]{1,60}")) {
      throw new IllegalArgumentException("a rule's name has letters, digits, '.', '_' and '-'");
    }
    this.name = name;
  }

  /** The header field to look at; goes with {@link #setMatches}. */
  public void setHeader(String field) {
    this.header = Optional.of(field);
  }

  /** The pattern to find in the header field's decoded value. */
  public void setMatches(String pattern) {
    this.headerPattern = Optional.of(pattern(pattern));
  }

  /** A pattern to find in the text parts. */
  public void setBody(String pattern) {
    this.body = Optional.of(pattern(pattern));
  }

  /** A pattern to find in the file name of a part. */
  public void setAttachmentName(String pattern) {
    this.attachmentName = Optional.of(pattern(pattern));
  }

  /** A pattern to find in the media type of a part, e.g. {@code application/x-msdownload}. */
  public void setAttachmentType(String pattern) {
    this.attachmentType = Optional.of(pattern(pattern));
  }

  /** {@code reject}, {@code hold}, {@code quarantine}, {@code tag} or {@code discard}. */
  public void setAction(String action) {
    this.action = Action.valueOf(action.toUpperCase(Locale.ROOT));
  }

  /** The reply of {@code reject}, e.g. {@code 550 5.7.1 No executables}. */
  public void setReply(String line) {
    SmtpReply parsed = SmtpReply.parse(line);
    if (!parsed.isPermanent()) {
      throw new IllegalArgumentException("a rule rejects with a 5xx reply: " + line);
    }
    this.reply = parsed;
  }

  private static Pattern pattern(String text) {
    return Pattern.compile(text, Pattern.CASE_INSENSITIVE);
  }

  String name() {
    return name;
  }

  Action action() {
    return action;
  }

  SmtpReply reply() {
    return reply;
  }

  boolean needsTexts() {
    return body.isPresent();
  }

  boolean needsParts() {
    return body.isPresent() || attachmentName.isPresent() || attachmentType.isPresent();
  }

  Optional<String> header() {
    return header;
  }

  boolean hasConditions() {
    return header.isPresent() || needsParts();
  }

  boolean matchesHeader(String value) {
    return headerPattern.isEmpty() || headerPattern.get().matcher(value).find();
  }

  boolean matchesTexts(Collection<String> texts) {
    return matches(body, texts);
  }

  boolean matchesNames(Collection<String> fileNames) {
    return matches(attachmentName, fileNames);
  }

  boolean matchesTypes(Collection<String> mediaTypes) {
    return matches(attachmentType, mediaTypes);
  }

  /** A condition that is not set holds. */
  private static boolean matches(Optional<Pattern> pattern, Collection<String> values) {
    return pattern.isEmpty() || values.stream().anyMatch(v -> pattern.get().matcher(v).find());
  }
}
