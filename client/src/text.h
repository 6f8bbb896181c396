/* Texts of the wire: comparison without case, octets that may not occur. */
#ifndef MAILC_TEXT_H
#define MAILC_TEXT_H

#include <mailc/span.h>
#include <stdbool.h>

/* The text number `at` of those that lie in `texts` one after the other, each
 * with its NUL and behind the last an empty one; `other` if there are not as
 * many. Without pointers to them, which would take more than a search does. */
const char *mailc_text_at(const char *texts, size_t at, const char *other);

/* Of ASCII alone, whatever the locale. */
uint8_t mailc_text_upper(uint8_t octet);

/* Whether `text` is `name`, which is in upper case, written in any case. */
bool mailc_text_is(struct mailc_span text, const char *name);

/* Whether there is no CR, LF or NUL in `text`. */
bool mailc_text_is_clean(struct mailc_span text);

/* Whether `text` is UTF-8 (RFC 3629): shortest forms, no surrogates, nothing
 * above U+10FFFF. */
bool mailc_text_is_utf8(struct mailc_span text);

/* Whether all octets are below 128. */
bool mailc_text_is_ascii(struct mailc_span text);

/* Cuts the first word off *rest: the octets up to a blank or the end. Blanks
 * before it are skipped. A word of no octets says that there is no more. */
struct mailc_span mailc_text_word(struct mailc_span *rest);

#endif
