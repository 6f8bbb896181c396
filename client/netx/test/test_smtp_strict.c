/* With NX_MAIL_STRICT nobody logs in who was not told to, nor by what no server
 * listed; and what is left where the hash library refuses. */
#define NX_MAIL_STRICT
#include "hashless.h"
#include "smtp_suite.h"

#define NONE NX_SMTP_CLIENT_AUTH_NONE

static void none_stays_none(void) {
  static const char *const script[] = {
      EHLO, "S: 250-smtp.example.com", "S: 250 AUTH PLAIN", TAKEN, QUIT, NULL};

  expect(NX_SUCCESS, NONE, script);
}

static void NX_SMTP_AUTHENTICATION_ERROR_none_is_listed(void) {
  static const char *const script[] = {HELLO, QUIT, NULL};

  expect(NX_SMTP_AUTHENTICATION_ERROR, NX_SMTP_CLIENT_AUTH_PLAIN, script);
}

static void NX_SMTP_INTERNAL_ERROR_no_hash(void) {
  static const char *const script[] = {EHLO,
                                       "S: 250-smtp.example.com",
                                       "S: 250 AUTH CRAM-MD5",
                                       "C: AUTH CRAM-MD5",
                                       "S: 334 PDEuMkBleGFtcGxlLmNvbT4=",
                                       "C: *",
                                       "S: 501 cancelled",
                                       QUIT,
                                       NULL};

  expect(NX_SMTP_INTERNAL_ERROR, NX_SMTP_CLIENT_AUTH_CRAM_MD5, script);
}

int main(void) {
  static const struct test tests[] = {
      TEST(none_stays_none),
      TEST(NX_SMTP_AUTHENTICATION_ERROR_none_is_listed),
      TEST(NX_SMTP_INTERNAL_ERROR_no_hash),
  };

  return suite_main(tests, sizeof tests / sizeof tests[0]);
}
