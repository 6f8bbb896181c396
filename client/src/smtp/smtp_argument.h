/* What may stand in a command. All of it is checked before an octet leaves. */
#ifndef MAILC_SMTP_ARGUMENT_H
#define MAILC_SMTP_ARGUMENT_H

#include <mailc/config.h>
#include <mailc/span.h>
#include <stdbool.h>

/* The longest domain, octets (RFC 5321 section 4.5.3.1.2). */
#define MAILC_SMTP_DOMAIN_MAX 255u

/* Whether `name` can be the argument of EHLO or HELO: a domain of letters,
 * digits, hyphens and dots, or an address literal in brackets (RFC 5321
 * sections 4.1.2 and 4.1.3). */
bool mailc_smtp_is_domain(struct mailc_span name, bool is_utf8);

/* Whether `path` can stand between the angle brackets of MAIL or RCPT: no
 * control characters, blanks and angle brackets in a quoted string alone (RFC
 * 5321 section 4.1.2), octets above 127 only with `is_utf8` (RFC 6531 section
 * 3.3). Local parts are otherwise the server's affair (section 2.3.11). */
bool mailc_smtp_is_path(struct mailc_span path, bool is_utf8);

/* Whether `text` is ASCII without control characters. */
bool mailc_smtp_is_text(struct mailc_span text);

#endif
