package dev.caravan.delivery.tls;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.mail.Content;
import dev.caravan.mail.Domain;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailDate;
import dev.caravan.mail.MailId;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.Origin;
import dev.caravan.mail.ReversePath;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/**
 * What one domain is told about one day (RFC 8460, 4 and 5.3).
 *
 * @param from who sends it
 * @param submitter our host name
 * @param policies as {@link TlsStats#policies(Domain)} has them
 */
record TlsReport(
    EmailAddress from, String submitter, Domain domain, LocalDate day, ArrayNode policies) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BASE64_LINE = 76;

  private Instant start() {
    return day.atStartOfDay().toInstant(ZoneOffset.UTC);
  }

  private Instant end() {
    return day.atTime(LocalTime.of(23, 59, 59)).toInstant(ZoneOffset.UTC);
  }

  /** The same for the same day and domain: a report that is sent twice is known as one. */
  private String id() {
    return day + "." + domain.name() + "@" + submitter;
  }

  private String json() {
    ObjectNode json = JSON.createObjectNode();
    json.put("organization-name", submitter);
    ObjectNode range = json.putObject("date-range");
    range.put("start-datetime", start().toString());
    range.put("end-datetime", end().toString());
    json.put("contact-info", from.toString());
    json.put("report-id", id());
    json.set("policies", policies);
    try {
      return JSON.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The JSON, compressed: what a server is posted. */
  byte[] gzip() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(json().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** As a mail; TLS that fails must not stop it, since it may be what it is about. */
  Mail mail(MailId id, EmailAddress to, Instant now) {
    String boundary = "=_" + id.value();
    String name =
        "%s!%s!%d!%d!%s.json.gz"
            .formatted(
                submitter,
                domain.name(),
                start().getEpochSecond(),
                end().getEpochSecond(),
                id.value());
    String text =
        """
        From: <%s>
        To: <%s>
        Date: %s
        Subject: Report Domain: %s Submitter: %s Report-ID: <%s>
        Message-ID: <%s@%s>
        TLS-Report-Domain: %s
        TLS-Report-Submitter: %s
        TLS-Required: No
        Auto-Submitted: auto-generated
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type="tlsrpt";
         boundary="%s"

        --%s
        Content-Type: text/plain; charset=us-ascii

        How connections of %s to the mail servers of
        %s
        were encrypted on %s (UTC). Questions: %s

        --%s
        Content-Type: application/tlsrpt+gzip
        Content-Transfer-Encoding: base64
        Content-Disposition: attachment;
         filename="%s"

        """
            .formatted(
                from,
                to,
                MailDate.of(now),
                domain,
                submitter,
                id(),
                id.value(),
                submitter,
                domain,
                submitter,
                boundary,
                boundary,
                submitter,
                domain,
                day,
                from,
                boundary,
                name)
            .replace("\n", "\r\n");
    String attachment =
        Base64.getMimeEncoder(BASE64_LINE, new byte[] {'\r', '\n'}).encodeToString(gzip());
    String whole = text + attachment + "\r\n--" + boundary + "--\r\n";
    return new Mail(
        id,
        Origin.bounce(now),
        new Envelope(
            ReversePath.parse(from.toString()),
            List.of(to),
            MailOptions.of(MailOptions.Body.SEVEN_BIT, false)),
        Content.of(whole.getBytes(StandardCharsets.US_ASCII)));
  }
}
