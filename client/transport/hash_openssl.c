/* The hash port by OpenSSL 3's EVP interface. */
#include "mailc/hash.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

static const EVP_MD *md_of(enum mailc_hash_kind kind) {
  switch (kind) {
  case MAILC_HASH_MD5:
    return EVP_md5();
  case MAILC_HASH_SHA1:
    return EVP_sha1();
  case MAILC_HASH_SHA256:
    return EVP_sha256();
  }
  return NULL;
}

static bool digest(enum mailc_hash_kind kind, const void *first,
                   size_t first_len, const void *second, size_t second_len,
                   uint8_t *out) {
  const EVP_MD *md = md_of(kind);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  bool is_done = md != NULL && context != NULL &&
                 EVP_DigestInit_ex(context, md, NULL) == 1 &&
                 EVP_DigestUpdate(context, first, first_len) == 1 &&
                 EVP_DigestUpdate(context, second, second_len) == 1 &&
                 EVP_DigestFinal_ex(context, out, NULL) == 1;

  EVP_MD_CTX_free(context);
  return is_done;
}

static bool hmac(enum mailc_hash_kind kind, const void *key, size_t key_len,
                 const void *text, size_t text_len, uint8_t *out) {
  const EVP_MD *md = md_of(kind);

  return md != NULL && key_len <= INT_MAX &&
         HMAC(md, key, (int)key_len, text, text_len, out, NULL) != NULL;
}

static bool pbkdf2(enum mailc_hash_kind kind, struct mailc_span secret,
                   struct mailc_span salt, uint32_t iterations, uint8_t *out) {
  const EVP_MD *md = md_of(kind);

  return md != NULL && secret.len <= INT_MAX && salt.len <= INT_MAX &&
         iterations <= INT_MAX &&
         PKCS5_PBKDF2_HMAC((const char *)secret.data, (int)secret.len,
                           salt.data, (int)salt.len, (int)iterations, md,
                           (int)mailc_hash_len(kind), out) == 1;
}

const struct mailc_hash mailc_hash_openssl = {
    .digest = digest, .hmac = hmac, .pbkdf2 = pbkdf2};
