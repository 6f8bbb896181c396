/* The port to a hash library. mailc computes no hash itself: APOP, CRAM-MD5 and
 * SCRAM work where the caller names a port in its configuration, and say that
 * they are not there where it does not. OpenSSL and mbedTLS have one; another
 * library needs the functions below and nothing else. */
#ifndef MAILC_HASH_H
#define MAILC_HASH_H

#include <mailc/span.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The hashes that the mechanisms need. */
enum mailc_hash_kind {
  MAILC_HASH_MD5,   /* RFC 1321, 16 octets */
  MAILC_HASH_SHA1,  /* RFC 3174, 20 octets */
  MAILC_HASH_SHA256 /* RFC 6234, 32 octets */
};

/* Room for the longest digest. */
#define MAILC_HASH_CAP 32u

/* Octets in a digest of this kind. */
static inline size_t mailc_hash_len(enum mailc_hash_kind kind) {
  if (kind == MAILC_HASH_MD5) {
    return 16;
  }
  return kind == MAILC_HASH_SHA1 ? 20 : 32;
}

/* What a port provides. Each function returns false if the library refuses (a
 * host may forbid MD5, for one); `out` is then undefined. `out` holds
 * mailc_hash_len(kind) octets. No function keeps a pointer or a copy. */
struct mailc_hash {
  /* The digest of `first` followed by `second`; each may be empty. */
  bool (*digest)(enum mailc_hash_kind kind, const void *first, size_t first_len,
                 const void *second, size_t second_len, uint8_t *out);
  /* HMAC of `text` with `key`, RFC 2104. */
  bool (*hmac)(enum mailc_hash_kind kind, const void *key, size_t key_len,
               const void *text, size_t text_len, uint8_t *out);
  /* PBKDF2 of the secret by HMAC of this kind, one block of it, RFC 8018
   * section 5.2: Hi() of RFC 5802 section 2.2. `iterations` is above 0. */
  bool (*pbkdf2)(enum mailc_hash_kind kind, struct mailc_span secret,
                 struct mailc_span salt, uint32_t iterations, uint8_t *out);
};

/* By OpenSSL 3. Defined in the library mailc::openssl. */
extern const struct mailc_hash mailc_hash_openssl;

/* By mbedTLS. Defined in the library mailc::mbedtls. */
extern const struct mailc_hash mailc_hash_mbedtls;

#ifdef __cplusplus
}
#endif

#endif
