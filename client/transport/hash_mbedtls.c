/* The hash port by mbedTLS's generic digests. */
#include "mbedtls_version.h"

#include <mailc/hash.h>
#include <mbedtls/md.h>

static mbedtls_md_type_t type_of(enum mailc_hash_kind kind) {
  switch (kind) {
  case MAILC_HASH_MD5:
    return MBEDTLS_MD_MD5;
  case MAILC_HASH_SHA1:
    return MBEDTLS_MD_SHA1;
  case MAILC_HASH_SHA256:
    return MBEDTLS_MD_SHA256;
  }
  return MBEDTLS_MD_NONE;
}

/* NULL, which mbedTLS takes for a bad argument, if it was built without it. */
static const mbedtls_md_info_t *info_of(enum mailc_hash_kind kind) {
  return mbedtls_md_info_from_type(type_of(kind));
}

static bool digest(enum mailc_hash_kind kind, const void *first,
                   size_t first_len, const void *second, size_t second_len,
                   uint8_t *out) {
  mbedtls_md_context_t context;
  bool is_done = false;

  mbedtls_md_init(&context);
  is_done = mbedtls_md_setup(&context, info_of(kind), 0) == 0 &&
            mbedtls_md_starts(&context) == 0 &&
            mbedtls_md_update(&context, first, first_len) == 0 &&
            mbedtls_md_update(&context, second, second_len) == 0 &&
            mbedtls_md_finish(&context, out) == 0;
  mbedtls_md_free(&context);
  return is_done;
}

static bool hmac(enum mailc_hash_kind kind, const void *key, size_t key_len,
                 const void *text, size_t text_len, uint8_t *out) {
  return mbedtls_md_hmac(info_of(kind), key, key_len, text, text_len, out) == 0;
}

static bool pbkdf2(enum mailc_hash_kind kind, struct mailc_span secret,
                   struct mailc_span salt, uint32_t iterations, uint8_t *out) {
  return version_pbkdf2(type_of(kind), secret, salt, iterations,
                        (uint32_t)mailc_hash_len(kind), out) == 0;
}

const struct mailc_hash mailc_hash_mbedtls = {
    .digest = digest, .hmac = hmac, .pbkdf2 = pbkdf2};
