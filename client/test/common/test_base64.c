/* RFC 4648: the vectors of section 10, every length, every foreign octet. */
#include "check.h"
#include "common/base64.h"

static const char *const vectors[][2] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

static bool encode(char *out, size_t cap, const void *octets, size_t len,
                   size_t *out_len) {
  struct mailc_base64 encoder;

  mailc_base64_begin(&encoder, out, cap);
  mailc_base64_add(&encoder, octets, len);
  bool is_done = mailc_base64_end(&encoder);
  *out_len = encoder.len;
  return is_done;
}

static void test_the_vectors_of_the_rfc(void) {
  for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
    const char *plain = vectors[i][0];
    const char *coded = vectors[i][1];
    char text[16];
    size_t len;
    CHECK(encode(text, sizeof text, plain, strlen(plain), &len));
    CHECK(check_same(text, len, coded, strlen(coded)));
    CHECK(MAILC_BASE64_LEN(strlen(plain)) == strlen(coded));
    CHECK(mailc_base64_decode(text, &len, coded, strlen(coded)));
    CHECK(check_same(text, len, plain, strlen(plain)));
  }
}

static void test_pieces_make_the_same_text_as_the_whole(void) {
  uint8_t octets[48];
  char whole[64];
  char pieces[64];
  size_t len;

  for (size_t i = 0; i < sizeof octets; i++) {
    octets[i] = (uint8_t)(i * 37 + 200);
  }
  CHECK(encode(whole, sizeof whole, octets, sizeof octets, &len));
  for (size_t size = 1; size <= sizeof octets; size++) {
    struct mailc_base64 encoder;
    mailc_base64_begin(&encoder, pieces, sizeof pieces);
    for (size_t at = 0; at < sizeof octets; at += size) {
      size_t left = sizeof octets - at;
      mailc_base64_add(&encoder, octets + at, left < size ? left : size);
    }
    CHECK(mailc_base64_end(&encoder));
    CHECK(check_same(pieces, encoder.len, whole, len));
  }
}

static void test_text_that_does_not_fit_is_an_error(void) {
  char text[8];
  size_t len;

  for (size_t cap = 0; cap < 8; cap++) {
    memset(text, '#', sizeof text);
    CHECK(!encode(text, cap, "foob", 4, &len));
    CHECK(text[cap] == '#');
  }
  CHECK(encode(text, 8, "foob", 4, &len));
}

static void test_every_octet_outside_the_alphabet_is_refused(void) {
  static const char alphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  for (int octet = 0; octet < 256; octet++) {
    bool is_known = octet != 0 && strchr(alphabet, octet) != NULL;
    for (size_t place = 0; place < 4; place++) {
      char text[8] = {'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A'};
      char out[6];
      size_t len;
      text[place] = (char)octet;
      CHECK(mailc_base64_decode(out, &len, text, 8) == is_known);
    }
  }
}

static void test_malformed_text_is_refused(void) {
  static const char *const malformed[] = {
      "A",        "AA",       "AAA",  "=",        "====",    "A===",
      "=AAA",     "A=AA",     "AA=A", "AA==AAAA", "AAA=BBB", "YWJj ZGVm",
      "AAA=AAAA", "Zm9v\r\n", "AB==", "AAB=",     "AAAA=",   "AA==\n\n\n\n",
  };

  for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
    char out[16];
    size_t len = 99;
    CHECK(!mailc_base64_decode(out, &len, malformed[i], strlen(malformed[i])));
    CHECK(len == 0);
  }
}

static void test_decoding_in_place(void) {
  char text[] = "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+";
  size_t len;

  CHECK(mailc_base64_decode(text, &len, text, strlen(text)));
  CHECK_OCTETS(text, len, "<1896.697170952@postoffice.reston.mci.net>");
}

int main(void) {
  test_the_vectors_of_the_rfc();
  test_pieces_make_the_same_text_as_the_whole();
  test_text_that_does_not_fit_is_an_error();
  test_every_octet_outside_the_alphabet_is_refused();
  test_malformed_text_is_refused();
  test_decoding_in_place();
  return check_status();
}
