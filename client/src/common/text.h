/* Texts of the wire: comparison without case, octets that may not occur. */
#ifndef MAILC_TEXT_H
#define MAILC_TEXT_H

#include <mailc/span.h>
#include <stdbool.h>

/* What the functions on spans below do: a span in two arguments takes fewer
 * octets than one as a structure. */
bool mailc_octets_are(const uint8_t *data, size_t len, const char *name);
size_t mailc_octets_find(const uint8_t *data, size_t len, const char *names);
unsigned mailc_octets_kinds(const uint8_t *data, size_t len);

/* Of ASCII alone, whatever the locale. */
uint8_t mailc_text_upper(uint8_t octet);

/* The hexadecimal digits, letters in lower case. */
extern const char mailc_text_hex[16];

/* Whether it is one of A-Z, a-z, 0-9. */
bool mailc_text_is_alnum(uint8_t octet);

/* Whether `text` is `name`, which is in upper case, written in any case. */
static inline bool mailc_text_is(struct mailc_span text, const char *name) {
  return mailc_octets_are(text.data, text.len, name);
}

/* A list of names is their texts one after the other, each with its NUL, and an
 * empty one behind the last. It needs no pointers, which would take more octets
 * than the search does. */

/* The name number `at` of the list; `other` if it has not as many. */
const char *mailc_names_at(const char *names, size_t at, const char *other);

/* The number of the name that `text` is, as in mailc_text_is(); that of the
 * names in the list if it is not among them. */
static inline size_t mailc_names_find(const char *names,
                                      struct mailc_span text) {
  return mailc_octets_find(text.data, text.len, names);
}

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

static inline unsigned mailc_text_kinds(struct mailc_span text) {
  return mailc_octets_kinds(text.data, text.len);
}

/* Takes octets off the front; there are that many. */
static inline void mailc_text_skip(struct mailc_span *text, size_t len) {
  text->data += len;
  text->len -= len;
}

/* Takes the blanks off the front. */
void mailc_text_skip_blanks(struct mailc_span *text);

/* Cuts the first word off *rest: the octets up to a blank or the end. Blanks
 * before it are skipped. A word of no octets says that there is no more. */
struct mailc_span mailc_text_word(struct mailc_span *rest);

#endif
