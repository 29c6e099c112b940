package dev.caravan.camel.template;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.samskivert.mustache.MustacheException;
import dev.caravan.settings.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The templates of one folder. The template {@code order} is {@code order.txt}, {@code order.html}
 * or both, and perhaps {@code order.subject}. Files are read again when they have changed; one that
 * is broken then changes nothing until it is right.
 */
public final class Templates {
  private static final Logger LOG = LoggerFactory.getLogger(Templates.class);
  private static final List<String> ENDINGS = List.of("subject", "txt", "html");
  private static final int KNOWN_MAX = 1_000;
  private static final int SUBJECT_MAX = 10_000;

  private final Path folder;
  private final long sizeMax;
  private final long renderedMax;
  private final Cache<String, Set> known =
      Caffeine.newBuilder().executor(Runnable::run).maximumSize(KNOWN_MAX).build();

  /** The parts of one template by ending, and what was there when it was read. */
  private record Set(Map<String, Part> parts, Map<Path, String> files) {
    boolean isCurrent() {
      return files.entrySet().stream()
          .allMatch(file -> Part.stamp(file.getKey()).equals(file.getValue()));
    }
  }

  /**
   * @param folder need not exist
   * @param sizeMax octets of one file
   * @param renderedMax characters of a text, or of an HTML, that is made of one
   */
  public Templates(String folder, long sizeMax, long renderedMax) {
    this.folder = Path.of(folder);
    this.sizeMax = sizeMax;
    this.renderedMax = renderedMax;
  }

  /**
   * Fills a template in.
   *
   * @param data texts, numbers, truths, and lists and maps of them; a name that the template uses
   *     and that isn't there is an error
   * @throws TemplateException saying what the template lacks, or the data
   */
  public Rendered render(String name, Map<String, Object> data) throws TemplateException {
    Map<String, Part> parts = parts(name);
    Optional<String> subject = Optional.empty();
    if (parts.containsKey("subject")) {
      subject = Optional.of(render(parts, "subject", data).orElse("").strip());
    }
    return new Rendered(subject, render(parts, "txt", data), render(parts, "html", data));
  }

  private Optional<String> render(Map<String, Part> parts, String ending, Map<String, Object> data)
      throws TemplateException {
    Part part = parts.get(ending);
    if (part == null) {
      return Optional.empty();
    }
    Bounded out = new Bounded(ending.equals("subject") ? SUBJECT_MAX : renderedMax);
    try {
      part.template().execute(data, out);
      return Optional.of(out.toString());
    } catch (MustacheException.Context e) {
      throw new TemplateException(part.file() + ", line " + e.lineNo + ": no value for " + e.key);
    } catch (Bounded.FullException e) {
      throw new TemplateException(part.file() + " becomes too long with this data");
    } catch (MustacheException e) {
      throw new TemplateException(part.file() + ": " + e.getMessage());
    }
  }

  private Map<String, Part> parts(String name) throws TemplateException {
    if (!Part.isName(name)) {
      throw new TemplateException("a template has a name of letters, digits, '_' and '-'");
    }
    Set old = known.getIfPresent(name);
    if (old != null && old.isCurrent()) {
      return old.parts();
    }
    try {
      Set read = read(folder, name, sizeMax);
      if (read.parts().containsKey("txt") || read.parts().containsKey("html")) {
        known.put(name, read);
        return read.parts();
      }
      known.invalidate(name);
      throw new TemplateException("there is no template " + name);
    } catch (Part.BrokenException e) {
      if (old == null) {
        LOG.warn("the template {} is broken: {}", name, e.getMessage());
        throw new TemplateException("the template " + name + " is broken: " + e.getMessage());
      }
      LOG.warn("the template {} is broken now and stays as it was: {}", name, e.getMessage());
      // Seen: it is read again when it changes again.
      known.put(name, new Set(old.parts(), stamps(old.files().keySet())));
      return old.parts();
    }
  }

  private static Set read(Path folder, String name, long sizeMax) throws Part.BrokenException {
    Map<String, Part> parts = new HashMap<>();
    Map<Path, String> files = new HashMap<>();
    for (String ending : ENDINGS) {
      Path file = folder.resolve(name + "." + ending);
      if (Files.exists(file)) {
        Part part = Part.read(folder, name, ending, sizeMax);
        parts.put(ending, part);
        files.putAll(part.files());
      } else {
        files.put(file, "");
      }
    }
    return new Set(parts, files);
  }

  private static Map<Path, String> stamps(java.util.Set<Path> files) {
    Map<Path, String> stamps = new HashMap<>();
    files.forEach(file -> stamps.put(file, Part.stamp(file)));
    return stamps;
  }

  /** What is wrong with the templates of a folder. */
  public static List<Problem> problems(Path folder, long sizeMax) {
    List<Problem> problems = new ArrayList<>();
    try (Stream<Path> files = Files.isDirectory(folder) ? Files.list(folder) : Stream.empty()) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        if (dot > 0 && ENDINGS.contains(name.substring(dot + 1))) {
          try {
            Part.read(folder, name.substring(0, dot), name.substring(dot + 1), sizeMax);
          } catch (Part.BrokenException e) {
            problems.add(new Problem(file.toString(), e.line(), String.valueOf(e.getMessage())));
          }
        }
      }
    } catch (IOException e) {
      problems.add(new Problem(folder.toString(), 0, "the templates can't be read: " + e));
    }
    return problems;
  }
}
