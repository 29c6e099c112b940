package dev.caravan.mail;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The octets of a message as they go over the wire, without dot-stuffing: header fields, an empty
 * line, a body; every line ends in CRLF. Small messages are bytes in memory, large ones a spool
 * file. Trace fields are put before it without copying it.
 *
 * <p>Whoever made a spool file deletes it when the mail is committed or refused; a {@code Content}
 * only reads it.
 */
public final class Content {
  /** A header block longer than this is not read (RFC 5321 sets no limit; Postfix takes 100 KB). */
  public static final int HEADER_MAX = 256 * 1024;

  private static final int BUFFER = 64 * 1024;

  private final byte[] prefix;
  private final byte[] bytes;
  private final Optional<Path> file;
  private final int skip;
  private final long size;
  private final java.util.concurrent.atomic.AtomicReference<Optional<Header>> header =
      new java.util.concurrent.atomic.AtomicReference<>(Optional.empty());

  private Content(byte[] prefix, byte[] bytes, Optional<Path> file, int skip, long baseSize) {
    this.prefix = prefix;
    this.bytes = bytes;
    this.file = file;
    this.skip = skip;
    this.size = prefix.length + baseSize;
  }

  /** A message in memory. The array is not copied: do not change it afterwards. */
  public static Content of(byte[] bytes) {
    return of(bytes, 0, bytes.length);
  }

  /** The same, in a part of an array. */
  public static Content of(byte[] bytes, int from, int count) {
    return new Content(new byte[0], bytes, Optional.empty(), from, count);
  }

  /** A message in memory, from text; every character must be ASCII or is encoded as UTF-8. */
  public static Content of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A message in a file of this size. */
  public static Content of(Path spoolFile, long fileSize) {
    return new Content(new byte[0], new byte[0], Optional.of(spoolFile), 0, fileSize);
  }

  /**
   * The same message with header fields before it.
   *
   * @param fields complete fields, each ending in CRLF
   */
  public Content prepend(String fields) {
    byte[] more = fields.getBytes(StandardCharsets.UTF_8);
    byte[] joined = new byte[more.length + prefix.length];
    System.arraycopy(more, 0, joined, 0, more.length);
    System.arraycopy(prefix, 0, joined, more.length, prefix.length);
    return new Content(joined, bytes, file, skip, size - prefix.length);
  }

  /**
   * The same message with another header, without copying the body.
   *
   * @param header complete fields, without the empty line
   * @param oldOctets length of the header it replaces, as {@link Header#octets} says
   */
  public Content withHeader(byte[] header, int oldOctets) {
    int fromBase = Math.max(0, oldOctets - prefix.length);
    int fromPrefix = Math.min(prefix.length, oldOctets);
    byte[] joined = new byte[header.length + prefix.length - fromPrefix];
    System.arraycopy(header, 0, joined, 0, header.length);
    System.arraycopy(prefix, fromPrefix, joined, header.length, prefix.length - fromPrefix);
    long base = size - prefix.length - fromBase;
    return new Content(joined, bytes, file, skip + fromBase, base);
  }

  /** Octets in all, fields put before it included. */
  public long size() {
    return size;
  }

  /** The spool file, if the message is in one. */
  public Optional<Path> spoolFile() {
    return file;
  }

  /** A new stream over the whole message; the caller closes it. */
  public InputStream open() throws IOException {
    InputStream base = base();
    return prefix.length == 0
        ? base
        : new SequenceInputStream(new ByteArrayInputStream(prefix), base);
  }

  /** Octets below the prefix, where there is no file. */
  private int inMemory() {
    return Math.toIntExact(size - prefix.length);
  }

  private InputStream base() throws IOException {
    if (file.isEmpty()) {
      return new ByteArrayInputStream(bytes, skip, inMemory());
    }
    InputStream in = Files.newInputStream(file.get());
    in.skipNBytes(skip);
    return in;
  }

  /** Writes the whole message. */
  public void writeTo(OutputStream out) throws IOException {
    out.write(prefix);
    if (file.isEmpty()) {
      out.write(bytes, skip, inMemory());
      return;
    }
    try (InputStream in = base()) {
      byte[] buffer = new byte[BUFFER];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
      }
    }
  }

  /**
   * The whole message in one array: only for what is known to be small.
   *
   * @throws UncheckedIOException when the spool file can't be read
   */
  public byte[] toBytes() {
    if (file.isEmpty() && size == bytes.length && prefix.length == 0) {
      return bytes;
    }
    ByteArrayOutputStream out =
        new ByteArrayOutputStream((int) Math.min(size, Integer.MAX_VALUE - 8));
    try {
      writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /**
   * The header, read when first asked for and kept.
   *
   * @throws UncheckedIOException when the spool file can't be read
   */
  public Header header() {
    Optional<Header> known = header.get();
    if (known.isPresent()) {
      return known.get();
    }
    Header read = readHeader();
    header.set(Optional.of(read));
    return read;
  }

  /** Whether no field begins in the prefix and goes on below it. */
  private boolean isCleanlyPrefixed() {
    boolean folded = inMemory() > 0 && (bytes[skip] == ' ' || bytes[skip] == '\t');
    return prefix.length == 0 || prefix[prefix.length - 1] == '\n' && !folded;
  }

  private Header readHeader() {
    if (file.isEmpty() && prefix.length < HEADER_MAX && isCleanlyPrefixed()) {
      Header above = Header.parse(prefix);
      if (above.octets() == prefix.length) {
        int max = Math.min(inMemory(), HEADER_MAX - prefix.length);
        return above.followedBy(Header.parse(bytes, skip, skip + max));
      }
    }
    try (InputStream in = open()) {
      return Header.parse(in.readNBytes(HEADER_MAX));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return "Content[" + size + " octets" + (file.isPresent() ? " in a spool file]" : "]");
  }
}
