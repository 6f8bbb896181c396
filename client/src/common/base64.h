/* Base64 (RFC 4648 section 4) between buffers of the caller's. */
#ifndef MAILC_BASE64_H
#define MAILC_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An encoder that takes its input in pieces, so that a secret never has to be
 * joined to anything in a buffer of its own. */
struct mailc_base64 {
  char *out;     /* where the text goes; the caller's */
  size_t cap;    /* octets available at out */
  size_t len;    /* octets written so far */
  uint32_t bits; /* input that does not fill a group of three yet */
  uint8_t held;  /* octets of input in bits: 0 to 2 */
  bool is_full;  /* something did not fit; what was written is useless */
};

/* The length of the base64 text of `len` octets. */
#define MAILC_BASE64_LEN(len) (((size_t)(len) + 2u) / 3u * 4u)

void mailc_base64_begin(struct mailc_base64 *encoder, void *out, size_t cap);

void mailc_base64_add(struct mailc_base64 *encoder, const void *octets,
                      size_t len);

/* Adds the base64 text of `octets`, which is so encoded twice. */
void mailc_base64_add_twice(struct mailc_base64 *encoder, const void *octets,
                            size_t len);

/* Writes the last group with its padding. Returns false if the text did not
 * fit; encoder->len is its length otherwise. No line breaks, no NUL. */
bool mailc_base64_end(struct mailc_base64 *encoder);

/* Decodes all of `text`. `out` may be `text` itself and holds at least
 * len / 4 * 3 octets. Strict: false for an octet outside the alphabet, for
 * missing or misplaced padding and for bits set behind the last octet (RFC
 * 4648 sections 3.2, 3.3 and 3.5); `out` is then undefined. */
bool mailc_base64_decode(void *out, size_t *out_len, const void *text,
                         size_t len);

#endif
