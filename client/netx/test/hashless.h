/* A hash port that refuses everything, in place of the library's. */
#ifndef NETX_TEST_HASHLESS_H
#define NETX_TEST_HASHLESS_H

#include <mailc/hash.h>

static inline bool refuse_digest(enum mailc_hash_kind kind, const void *first,
                                 size_t first_len, const void *second,
                                 size_t second_len, uint8_t *out) {
  (void)kind;
  (void)first;
  (void)first_len;
  (void)second;
  (void)second_len;
  (void)out;
  return false;
}

static inline bool refuse_hmac(enum mailc_hash_kind kind, const void *key,
                               size_t key_len, const void *text,
                               size_t text_len, uint8_t *out) {
  return refuse_digest(kind, key, key_len, text, text_len, out);
}

static const struct mailc_hash refusing = {.digest = refuse_digest,
                                           .hmac = refuse_hmac};

#define NX_MAIL_HASH (&refusing)

#endif
