package dev.caravan.settings;

/**
 * Something that is wrong with the configuration or a route.
 *
 * @param file empty when it is in no file
 * @param line from 1; 0 when it is about the whole file
 */
public record Problem(String file, int line, String sentence) implements Comparable<Problem> {
  @Override
  public int compareTo(Problem other) {
    int byFile = file.compareTo(other.file);
    return byFile != 0 ? byFile : Integer.compare(line, other.line);
  }

  /** {@code FILE:LINE: sentence}. */
  @Override
  public String toString() {
    return file.isEmpty() ? sentence : file + ":" + Math.max(1, line) + ": " + sentence;
  }
}
