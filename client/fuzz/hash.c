#include "hash.h"

#include "fuzz.h"

#include <string.h>

static bool does_work = true;

void fuzz_hash_begin(bool works) { does_work = works; }

/* Reads the octets, as a hash would. */
static void look_at(const void *octets, size_t len) {
  const volatile uint8_t *at = octets;
  uint8_t sum = 0;

  for (size_t i = 0; i < len; i++) {
    sum ^= at[i];
  }
  (void)sum;
}

static bool answer(enum mailc_hash_kind kind, uint8_t *out) {
  memset(out, FUZZ_DIGEST, mailc_hash_len(kind));
  return does_work;
}

static bool digest(enum mailc_hash_kind kind, const void *first,
                   size_t first_len, const void *second, size_t second_len,
                   uint8_t *out) {
  look_at(first, first_len);
  look_at(second, second_len);
  return answer(kind, out);
}

static bool hmac(enum mailc_hash_kind kind, const void *key, size_t key_len,
                 const void *text, size_t text_len, uint8_t *out) {
  return digest(kind, key, key_len, text, text_len, out);
}

static bool pbkdf2(enum mailc_hash_kind kind, struct mailc_span secret,
                   struct mailc_span salt, uint32_t iterations, uint8_t *out) {
  FUZZ_REQUIRE(iterations != 0 && salt.len != 0);
  return digest(kind, secret.data, secret.len, salt.data, salt.len, out);
}

const struct mailc_hash fuzz_hash = {
    .digest = digest, .hmac = hmac, .pbkdf2 = pbkdf2};
