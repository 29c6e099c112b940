package dev.caravan.camel.template;

import com.samskivert.mustache.BasicCollector;
import com.samskivert.mustache.Escapers;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import com.samskivert.mustache.MustacheParseException;
import com.samskivert.mustache.Template;
import java.io.File;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One file of a template, compiled with the files that it includes.
 *
 * @param files what was read, with a stamp by which a change is seen
 */
record Part(Template template, String file, Map<Path, String> files) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,60}");

  /** Files that include themselves come to more. */
  private static final int INCLUDES_MAX = 50;

  private static final Pattern LINE = Pattern.compile(" @ line (\\d+)");

  Part {
    files = Map.copyOf(files);
  }

  /** What is wrong with a file, and where. */
  static final class BrokenException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int line;

    BrokenException(String sentence, int line) {
      super(sentence);
      this.line = line;
    }

    /** From 1; 0 when it is not known. */
    int line() {
      return line;
    }
  }

  /** Values are maps, lists, texts, numbers and truths; nothing is looked for in a class. */
  private static final class Plain extends BasicCollector {
    @Override
    public <K, V> Map<K, V> createFetcherCache() {
      return new ConcurrentHashMap<>();
    }
  }

  /** Finds what is included, and so compiles it. */
  private static final class Includes implements Mustache.Visitor {
    private int count;

    @Override
    public void visitText(String text) {
      // includes nothing
    }

    @Override
    public void visitVariable(String name) {
      // includes nothing
    }

    @Override
    public boolean visitInclude(String name) {
      if (++count > INCLUDES_MAX) {
        throw new MustacheException("it includes more than 50 files, or itself");
      }
      return true;
    }

    @Override
    public boolean visitParent(String name) {
      return visitInclude(name);
    }

    @Override
    public boolean visitBlock(String name) {
      return true;
    }

    @Override
    public boolean visitSection(String name) {
      return true;
    }

    @Override
    public boolean visitInvertedSection(String name) {
      return true;
    }
  }

  /** Whether a template may be called so: no path, no ending. */
  static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /** Compiles a file of the folder. */
  static Part read(Path folder, String name, String ending, long sizeMax) throws BrokenException {
    Map<Path, String> files = new LinkedHashMap<>();
    Mustache.Compiler compiler =
        Mustache.compiler()
            .withCollector(new Plain())
            .withEscaper(ending.equals("html") ? Escapers.HTML : Escapers.NONE)
            .nullValue("")
            .emptyStringIsFalse(true)
            .withLoader(
                included ->
                    new StringReader(text(folder, included + "." + ending, sizeMax, files)));
    try {
      Template template = compiler.compile(text(folder, name + "." + ending, sizeMax, files));
      template.visit(new Includes());
      return new Part(template, name + "." + ending, files);
    } catch (MustacheParseException e) {
      String sentence = String.valueOf(e.getMessage());
      Matcher line = LINE.matcher(sentence);
      throw new BrokenException(
          line.replaceAll(""), line.reset().find() ? Integer.parseInt(line.group(1)) : 0);
    } catch (MustacheException | IOException e) {
      Throwable cause = e instanceof MustacheException && e.getCause() != null ? e.getCause() : e;
      throw new BrokenException(String.valueOf(cause.getMessage()), 0);
    }
  }

  private static String text(Path folder, String file, long sizeMax, Map<Path, String> files)
      throws IOException {
    if (!isName(file.substring(0, file.lastIndexOf('.')))) {
      throw new IOException("'" + file + "' is no file of the templates' folder");
    }
    Path path = folder.resolve(file);
    files.put(path, stamp(path));
    try {
      if (Files.size(path) > sizeMax) {
        throw new IOException(file + " has more than " + sizeMax + " octets");
      }
      return Files.readString(path, StandardCharsets.UTF_8);
    } catch (CharacterCodingException e) {
      throw new IOException(file + " is not UTF-8", e);
    } catch (NoSuchFileException e) {
      throw new IOException("there is no " + file, e);
    }
  }

  /** Of one that isn't there it is empty; asked for each mail, so without an exception. */
  static String stamp(Path file) {
    File found = file.toFile();
    long at = found.lastModified();
    return at == 0 ? "" : at + " " + found.length();
  }
}
