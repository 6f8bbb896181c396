/* With NX_MAIL_STRICT no password follows an APOP that failed. */
#define NX_MAIL_STRICT
#include "hashless.h"
#include "pop3_suite.h"

static void NX_POP3_APOP_FAILED_MD5_DIGEST_no_timestamp(void) {
  static const char *const script[] = {"S: +OK", NULL};

  CHECK(create(NX_TRUE, script) == NX_POP3_APOP_FAILED_MD5_DIGEST);
  finish();
}

static void NX_POP3_APOP_FAILED_MD5_DIGEST_no_hash(void) {
  static const char *const script[] = {GREETING, NULL};

  CHECK(create(NX_TRUE, script) == NX_POP3_APOP_FAILED_MD5_DIGEST);
  finish();
}

static void user_and_pass_are_as_ever(void) {
  static const char *const script[] = {LOGIN, NULL};

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  finish();
}

int main(void) {
  static const struct test tests[] = {
      TEST(NX_POP3_APOP_FAILED_MD5_DIGEST_no_timestamp),
      TEST(NX_POP3_APOP_FAILED_MD5_DIGEST_no_hash),
      TEST(user_and_pass_are_as_ever),
  };

  return suite_main(tests, sizeof tests / sizeof tests[0]);
}
