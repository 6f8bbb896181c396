/* The lines of an SMTP reply (RFC 5321 section 4.2). */
#ifndef MAILC_SMTP_REPLY_H
#define MAILC_SMTP_REPLY_H

#include <mailc/smtp.h>

enum mailc_smtp_line {
  MAILC_SMTP_LINE_BAD,  /* no reply: the session is over */
  MAILC_SMTP_LINE_MORE, /* others of the same reply follow */
  MAILC_SMTP_LINE_LAST
};

/* Takes a line without its CRLF. `line_count` and `code` are those of the
 * reply so far; *code is set by its first line, and *text to what follows code
 * and separator. A line is bad without a code of three digits, the first of
 * them 2 to 5, and a hyphen, a blank or nothing behind it, or with another code
 * than the first line's (section 4.2.1). The other digits and the text may be
 * any (sections 4.2 and 4.3.2). */
enum mailc_smtp_line mailc_smtp_reply_line(struct mailc_span line,
                                           unsigned line_count, uint16_t *code,
                                           struct mailc_span *text);

#endif
