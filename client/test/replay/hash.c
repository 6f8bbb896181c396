/* The hash library of the replay: the one that is there, but for PBKDF2, which
 * is slow on purpose and asked the same in every play. */
#include <mailc/hash.h>
#include <string.h>

#ifdef MAILC_DRIVER_MBEDTLS
#define LIBRARY mailc_hash_mbedtls
#else
#define LIBRARY mailc_hash_openssl
#endif

#define TEXT_CAP 128u

extern const struct mailc_hash replay_hash;

static struct {
  enum mailc_hash_kind kind;
  uint8_t secret[TEXT_CAP];
  size_t secret_len;
  uint8_t salt[TEXT_CAP];
  size_t salt_len;
  uint32_t iterations;
  uint8_t out[MAILC_HASH_CAP];
} last;

static bool digest(enum mailc_hash_kind kind, const void *first,
                   size_t first_len, const void *second, size_t second_len,
                   uint8_t *out) {
  return LIBRARY.digest(kind, first, first_len, second, second_len, out);
}

static bool hmac(enum mailc_hash_kind kind, const void *key, size_t key_len,
                 const void *text, size_t text_len, uint8_t *out) {
  return LIBRARY.hmac(kind, key, key_len, text, text_len, out);
}

static bool is_last(enum mailc_hash_kind kind, struct mailc_span secret,
                    struct mailc_span salt, uint32_t iterations) {
  return kind == last.kind && iterations == last.iterations &&
         secret.len == last.secret_len && salt.len == last.salt_len &&
         memcmp(secret.data, last.secret, secret.len) == 0 &&
         memcmp(salt.data, last.salt, salt.len) == 0;
}

static bool pbkdf2(enum mailc_hash_kind kind, struct mailc_span secret,
                   struct mailc_span salt, uint32_t iterations, uint8_t *out) {
  if (!is_last(kind, secret, salt, iterations)) {
    last.iterations = 0;
    if (!LIBRARY.pbkdf2(kind, secret, salt, iterations, out)) {
      return false;
    }
    if (secret.len > TEXT_CAP || salt.len > TEXT_CAP) {
      return true;
    }
    memcpy(last.secret, secret.data, secret.len);
    memcpy(last.salt, salt.data, salt.len);
    memcpy(last.out, out, mailc_hash_len(kind));
    last.kind = kind;
    last.secret_len = secret.len;
    last.salt_len = salt.len;
    last.iterations = iterations;
  }
  memcpy(out, last.out, mailc_hash_len(kind));
  return true;
}

const struct mailc_hash replay_hash = {
    .digest = digest, .hmac = hmac, .pbkdf2 = pbkdf2};
