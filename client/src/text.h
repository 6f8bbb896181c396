/* Texts of the wire: comparison without case, octets that may not occur. */
#ifndef MAILC_TEXT_H
#define MAILC_TEXT_H

#include <mailc/span.h>
#include <stdbool.h>

/* Of ASCII alone, whatever the locale. */
uint8_t mailc_text_upper(uint8_t octet);

/* The hexadecimal digits, letters in lower case. */
extern const char mailc_text_hex[16];

/* Whether it is one of A-Z, a-z, 0-9. */
bool mailc_text_is_alnum(uint8_t octet);

/* Whether `text` is `name`, which is in upper case, written in any case. */
bool mailc_text_is(struct mailc_span text, const char *name);

/* A list of names is their texts one after the other, each with its NUL, and an
 * empty one behind the last. It needs no pointers, which would take more octets
 * than the search does. */

/* The name number `at` of the list; `other` if it has not as many. */
const char *mailc_names_at(const char *names, size_t at, const char *other);

/* The number of the name that `text` is, as in mailc_text_is(); that of the
 * names in the list if it is none. */
size_t mailc_names_find(const char *names, struct mailc_span text);

/* What occurs in a text: a set. */
enum mailc_text_kind {
  MAILC_TEXT_LINE_END = 1, /* CR, LF or NUL, which no line may hold */
  MAILC_TEXT_CONTROL = 2,  /* those, the other controls and DEL */
  MAILC_TEXT_BLANK = 4,
  MAILC_TEXT_VISIBLE = 8,  /* from ! to ~ */
  MAILC_TEXT_ABOVE = 16,   /* octets above 127 */
  MAILC_TEXT_NOT_UTF8 = 32 /* they are no UTF-8 (RFC 3629): shortest forms, no
                              surrogates, nothing above U+10FFFF */
};

unsigned mailc_text_kinds(struct mailc_span text);

/* Cuts the first word off *rest: the octets up to a blank or the end. Blanks
 * before it are skipped. A word of no octets says that there is no more. */
struct mailc_span mailc_text_word(struct mailc_span *rest);

#endif
