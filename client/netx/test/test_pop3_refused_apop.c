/* With NX_MAIL_STRICT and a hash library: APOP is refused, and that is all. */
#define NX_MAIL_STRICT
#include "pop3_suite.h"

static void a_refused_apop_is_the_end(void) {
  static const char *const script[] = {
      GREETING, "C: APOP mrose c4c9334bac560ecc979e58001b3e22fb", "S: -ERR",
      NULL};

  CHECK(create(NX_TRUE, script) == NX_POP3_SERVER_ERROR_STATUS);
  finish();
}

int main(void) {
  static const struct test tests[] = {TEST(a_refused_apop_is_the_end)};

  return suite_main(tests, sizeof tests / sizeof tests[0]);
}
