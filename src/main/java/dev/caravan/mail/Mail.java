package dev.caravan.mail;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A mail on its way in: its name, envelope and content, what the checks found, and the verdict.
 * Also the question that the route {@code message} answers.
 *
 * @param findings in the order of the checks
 * @param site the server it goes by, {@code HOST:PORT}; empty = as the delivery mode says
 */
public record Mail(
    MailId id,
    Origin origin,
    Envelope envelope,
    Content content,
    List<Finding> findings,
    String site,
    Verdict verdict)
    implements Question<Mail> {
  public Mail {
    findings = List.copyOf(findings);
  }

  public Mail(MailId id, Origin origin, Envelope envelope, Content content) {
    this(id, origin, envelope, content, List.of(), "", Verdict.UNDECIDED);
  }

  /** The reverse path; for rules: {@code ${body.sender.domain}}. */
  public ReversePath sender() {
    return envelope.sender();
  }

  public List<EmailAddress> recipients() {
    return envelope.recipients();
  }

  /** Octets; for rules: {@code ${body.size}}. */
  public long size() {
    return content.size();
  }

  /** The value of the topmost header field of this name, empty without one; for rules. */
  public String header(String name) {
    return content.header().value(name);
  }

  @Override
  public Mail failed(Verdict.Defer v) {
    return new Mail(id, origin, envelope, content, findings, site, v);
  }

  @Override
  public String phase() {
    return "message";
  }

  @Override
  public Mail decide(Verdict v) {
    return isDecided() ? this : new Mail(id, origin, envelope, content, findings, site, v);
  }

  /**
   * Where the verdict sends it, for routes: {@code queue}, {@code hold}, {@code quarantine}, {@code
   * discard}, or {@code refused}.
   */
  public String disposition() {
    return switch (verdict) {
      case Verdict.Undecided u -> "queue";
      case Verdict.Accept accept -> accept.disposition().toString();
      case Verdict.Defer d -> "refused";
      case Verdict.Reject r -> "refused";
      case Verdict.Close c -> "refused";
    };
  }

  public Mail withFinding(Finding finding) {
    List<Finding> all = new ArrayList<>(findings);
    all.add(finding);
    return new Mail(id, origin, envelope, content, all, site, verdict);
  }

  public Mail withContent(Content other) {
    return new Mail(id, origin, envelope, other, findings, site, verdict);
  }

  public Mail withEnvelope(Envelope other) {
    return new Mail(id, origin, other, content, findings, site, verdict);
  }

  /** The same mail by another server. */
  public Mail withSite(String other) {
    return new Mail(id, origin, envelope, content, findings, other, verdict);
  }

  /** Without the header fields that this is true of; the octets of all others stay. */
  public Mail withoutFields(Predicate<Header.Field> unwanted) {
    Header header = content.header();
    if (header.fields().stream().noneMatch(unwanted)) {
      return this;
    }
    StringBuilder kept = new StringBuilder(header.octets());
    for (int i = 0; i < header.fields().size(); i++) {
      Header.Field field = header.fields().get(i);
      // the last field of a header that was too long to be read may go on: it can't be taken out
      boolean cut = header.octets() >= Content.HEADER_MAX && i == header.fields().size() - 1;
      if (cut || !unwanted.test(field)) {
        kept.append(field.raw());
      }
    }
    byte[] block = kept.toString().getBytes(StandardCharsets.ISO_8859_1);
    return withContent(content.withHeader(block, header.octets()));
  }

  /** With header fields before the message; each ends in CRLF. */
  public Mail prepend(String fields) {
    return withContent(content.prepend(fields));
  }
}
