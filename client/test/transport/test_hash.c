/* The hash port, by OpenSSL or mbedTLS, against the vectors of RFC 1321, 2104,
 * 2202, 4231, 6070, 1939.
 */
#include "check.h"
#include "mailc/hash.h"

#ifdef TEST_MBEDTLS
static const struct mailc_hash *const port = &mailc_hash_mbedtls;
#else
static const struct mailc_hash *const port = &mailc_hash_openssl;
#endif

static bool is_hex(const uint8_t *octets, size_t len, const char *hex) {
  char text[2 * MAILC_HASH_CAP + 1];

  for (size_t i = 0; i < len; i++) {
    (void)snprintf(text + 2 * i, 3, "%02x", octets[i]);
  }
  return strcmp(text, hex) == 0;
}

static void test_digests_of_abc(void) {
  static const char *const expected[] = {
      "900150983cd24fb0d6963f7d28e17f72",
      "a9993e364706816aba3e25717850c26c9cd0d89d",
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"};
  static const enum mailc_hash_kind kinds[] = {MAILC_HASH_MD5, MAILC_HASH_SHA1,
                                               MAILC_HASH_SHA256};

  for (size_t i = 0; i < 3; i++) {
    for (size_t cut = 0; cut <= 3; cut++) {
      uint8_t out[MAILC_HASH_CAP];
      CHECK(port->digest(kinds[i], "abc", cut, &"abc"[cut], 3 - cut, out));
      CHECK(is_hex(out, mailc_hash_len(kinds[i]), expected[i]));
    }
  }
}

static void test_the_apop_digest_of_rfc_1939(void) {
  static const char timestamp[] = "<1896.697170952@dbc.mtview.ca.us>";
  uint8_t out[MAILC_HASH_CAP];

  CHECK(port->digest(MAILC_HASH_MD5, timestamp, strlen(timestamp), "tanstaaf",
                     8, out));
  CHECK(is_hex(out, 16, "c4c9334bac560ecc979e58001b3e22fb"));
}

static void test_hmac_of_each_kind(void) {
  uint8_t out[MAILC_HASH_CAP];

  CHECK(port->hmac(MAILC_HASH_MD5, "Jefe", 4, "what do ya want for nothing?",
                   28, out));
  CHECK(is_hex(out, 16, "750c783e6ab0b503eaa86e310a5db738"));
  CHECK(port->hmac(MAILC_HASH_SHA1, "Jefe", 4, "what do ya want for nothing?",
                   28, out));
  CHECK(is_hex(out, 20, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
  CHECK(port->hmac(MAILC_HASH_SHA256, "Jefe", 4, "what do ya want for nothing?",
                   28, out));
  CHECK(is_hex(
      out, 32,
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
}

static void test_hmac_hashes_a_key_above_64_octets(void) {
  uint8_t key[80];
  uint8_t out[MAILC_HASH_CAP];

  memset(key, 0xAA, sizeof key);
  CHECK(port->hmac(MAILC_HASH_MD5, key, sizeof key,
                   "Test Using Larger Than Block-Size Key - Hash Key First", 54,
                   out));
  CHECK(is_hex(out, 16, "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd"));
}

static void test_pbkdf2_of_each_kind(void) {
  struct mailc_span secret = MAILC_SPAN("password");
  struct mailc_span salt = MAILC_SPAN("salt");
  uint8_t out[MAILC_HASH_CAP];

  CHECK(port->pbkdf2(MAILC_HASH_SHA1, secret, salt, 1, out));
  CHECK(is_hex(out, 20, "0c60c80f961f0e71f3a9b524af6012062fe037a6"));
  CHECK(port->pbkdf2(MAILC_HASH_SHA1, secret, salt, 4096, out));
  CHECK(is_hex(out, 20, "4b007901b765489abead49d926f721d065a429c1"));
  CHECK(port->pbkdf2(MAILC_HASH_SHA256, secret, salt, 1, out));
  CHECK(is_hex(
      out, 32,
      "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b"));
}

int main(void) {
  test_digests_of_abc();
  test_the_apop_digest_of_rfc_1939();
  test_hmac_of_each_kind();
  test_hmac_hashes_a_key_above_64_octets();
  test_pbkdf2_of_each_kind();
  return check_status();
}
