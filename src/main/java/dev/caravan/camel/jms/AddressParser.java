package dev.caravan.camel.jms;

import dev.caravan.mail.Domain;
import dev.caravan.mail.EmailAddress;
import java.util.ArrayList;
import java.util.List;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.codec.DecoderUtil;

/**
 * Reads address lists (RFC 5322, 3.4, with names and local parts beyond ASCII as in RFC 6532):
 * {@code Ann <a@b.example>, "c d"@e.example, team: f@g.example;}. One wrong address refuses the
 * whole list: whoever wrote it is told, instead of some recipients being lost. Of the obsolete
 * syntax it takes what is still written: empty entries, and names with dots that are not quoted.
 */
final class AddressParser {
  private static final int ADDRESSES_MAX = 10_000;
  private static final int NAME_MAX = 1000;
  private static final String ATOM_SPECIALS = "!#$%&'*+-/=?^_`{|}~";

  private final String property;
  private final String text;
  private final List<Mailbox> mailboxes = new ArrayList<>();
  private int at;
  private int entry;

  private AddressParser(String property, String text) {
    this.property = property;
    this.text = text;
  }

  /** A word of a name, or a local part. */
  private record Word(String raw, String text, boolean quoted) {}

  /**
   * The mailboxes of a list; those of groups as well, without the group.
   *
   * @param property names the list in the refusal
   * @return empty for an empty list
   */
  static List<Mailbox> parse(String property, String list) throws RefusedException {
    HeaderText.requireOneLine(property, list);
    AddressParser parser = new AddressParser(property, list);
    parser.list(false);
    return parser.mailboxes;
  }

  private void list(boolean group) throws RefusedException {
    while (true) {
      skipSpace();
      entry = at;
      if (peek() == ',') {
        at++;
      } else if (at == text.length() || group && peek() == ';') {
        return;
      } else {
        entry(group);
        skipSpace();
        boolean ends = at == text.length() || peek() == ',' || group && peek() == ';';
        if (!ends) {
          throw wrong();
        }
      }
    }
  }

  private void entry(boolean group) throws RefusedException {
    List<Word> words = new ArrayList<>();
    int wordEnd = at;
    for (skipSpace(); isWord(); skipSpace()) {
      words.add(word());
      wordEnd = at;
    }
    switch (peek()) {
      case '@' -> {
        if (words.size() != 1 || wordEnd != at) {
          throw wrong();
        }
        add("", address(words.getFirst().raw()));
      }
      case '<' -> {
        at++;
        if (!isWord()) {
          throw wrong();
        }
        EmailAddress address = address(word().raw());
        expect('>');
        add(name(words), address);
      }
      case ':' -> {
        if (group || words.isEmpty()) {
          throw wrong();
        }
        int start = entry;
        at++;
        list(true);
        entry = start;
        expect(';');
      }
      default -> throw wrong();
    }
  }

  private void add(String name, EmailAddress address) throws RefusedException {
    if (mailboxes.size() == ADDRESSES_MAX) {
      throw new RefusedException("5.5.3", property + " has more than 10000 addresses");
    }
    mailboxes.add(new Mailbox(name, address));
  }

  private EmailAddress address(String localPart) throws RefusedException {
    expect('@');
    int start = at;
    if (peek() == '[') {
      int end = text.indexOf(']', at);
      at = end < 0 ? text.length() : end + 1;
    } else {
      while (isAtom(peek()) || peek() == '.') {
        at++;
      }
    }
    try {
      return new EmailAddress(localPart, new Domain(text.substring(start, at)));
    } catch (IllegalArgumentException e) {
      throw wrong();
    }
  }

  /** Words that are not quoted may be encoded (RFC 2047, 5). */
  private String name(List<Word> words) throws RefusedException {
    StringBuilder name = new StringBuilder();
    StringBuilder atoms = new StringBuilder();
    for (Word word : words) {
      if (word.quoted()) {
        join(name, decoded(atoms));
        atoms.setLength(0);
        join(name, word.text());
      } else {
        join(atoms, word.text());
      }
    }
    join(name, decoded(atoms));
    if (name.length() > NAME_MAX) {
      throw new RefusedException("5.6.0", property + " has a name of more than 1000 characters");
    }
    HeaderText.requireOneLine(property, name.toString());
    return name.toString().strip();
  }

  private static String decoded(StringBuilder atoms) {
    return DecoderUtil.decodeEncodedWords(atoms.toString(), DecodeMonitor.SILENT);
  }

  private static void join(StringBuilder words, String word) {
    if (!words.isEmpty() && !word.isEmpty()) {
      words.append(' ');
    }
    words.append(word);
  }

  private boolean isWord() {
    return peek() == '"' || peek() == '.' || isAtom(peek());
  }

  private Word word() throws RefusedException {
    int start = at;
    if (peek() == '"') {
      String content = quoted();
      return new Word(text.substring(start, at), content, true);
    }
    while (isAtom(peek()) || peek() == '.') {
      at++;
    }
    String atom = text.substring(start, at);
    return new Word(atom, atom, false);
  }

  private String quoted() throws RefusedException {
    StringBuilder content = new StringBuilder();
    for (at++; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '"') {
        at++;
        return content.toString();
      }
      if (c == '\\' && at + 1 < text.length()) {
        at++;
      }
      content.append(text.charAt(at));
    }
    throw wrong();
  }

  /** White space and comments, which may be nested. */
  private void skipSpace() throws RefusedException {
    int depth = 0;
    for (; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '(') {
        depth++;
      } else if (c == ')' && depth > 0) {
        depth--;
      } else if (c == '\\' && depth > 0) {
        at++;
      } else if (depth == 0 && c != ' ' && c != '\t') {
        return;
      }
    }
    at = text.length();
    if (depth > 0) {
      throw wrong();
    }
  }

  private void expect(char c) throws RefusedException {
    if (peek() != c) {
      throw wrong();
    }
    at++;
  }

  /** The next character; NUL, which no list holds, at the end. */
  private char peek() {
    return at < text.length() ? text.charAt(at) : 0;
  }

  private static boolean isAtom(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c >= 0xA0
        || c != 0 && ATOM_SPECIALS.indexOf(c) >= 0;
  }

  /** The refusal of the entry that is being read. */
  private RefusedException wrong() {
    int end = text.indexOf(',', Math.min(Math.max(at, entry), text.length()));
    return RefusedException.noAddress(
        property, text.substring(entry, end < 0 ? text.length() : end));
  }
}
