/* Response codes: their form, what they mean, what a refusal comes to. */
#include "pop3_talk.h"

static void test_codes_are_read_in_any_case_and_below_their_level(void) {
  static const struct {
    const char *line;
    enum mailc_pop3_code code;
    const char *text; /* NULL: none */
  } cases[] = {
      {"-ERR [IN-USE] locked", MAILC_POP3_CODE_IN_USE, "IN-USE"},
      {"-ERR [in-use]", MAILC_POP3_CODE_IN_USE, "in-use"},
      {"-ERR   [LOGIN-DELAY] wait", MAILC_POP3_CODE_LOGIN_DELAY, "LOGIN-DELAY"},
      {"-ERR [SYS/TEMP] x", MAILC_POP3_CODE_SYS_TEMP, "SYS/TEMP"},
      {"-ERR [SYS/TEMP/DISK] x", MAILC_POP3_CODE_SYS_TEMP, "SYS/TEMP/DISK"},
      {"-ERR [SYS/PERM] x", MAILC_POP3_CODE_SYS_PERM, "SYS/PERM"},
      {"-ERR [SYS/OTHER] x", MAILC_POP3_CODE_SYS, "SYS/OTHER"},
      {"-ERR [SYS] x", MAILC_POP3_CODE_SYS, "SYS"},
      {"-ERR [AUTH] x", MAILC_POP3_CODE_AUTH, "AUTH"},
      {"-ERR [UTF8] x", MAILC_POP3_CODE_UTF8, "UTF8"},
      {"-ERR [SYSTEM] x", MAILC_POP3_CODE_OTHER, "SYSTEM"},
      {"-ERR [] x", MAILC_POP3_CODE_OTHER, ""},
      {"+OK [IN-USE] x", MAILC_POP3_CODE_IN_USE, "IN-USE"},
      {"-ERR [IN-USE locked", MAILC_POP3_CODE_NONE, NULL},
      {"-ERR it is [IN-USE]", MAILC_POP3_CODE_NONE, NULL},
      {"-ERR", MAILC_POP3_CODE_NONE, NULL},
      {"+OK", MAILC_POP3_CODE_NONE, NULL},
      {"[IN-USE]", MAILC_POP3_CODE_NONE, NULL},
      {"", MAILC_POP3_CODE_NONE, NULL},
  };
  struct mailc_span none = {NULL, 0};

  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct mailc_span text = MAILC_SPAN("?");

    CHECK(mailc_pop3_code(talk_span(cases[i].line), &text) == cases[i].code);
    CHECK(mailc_pop3_code(talk_span(cases[i].line), NULL) == cases[i].code);
    CHECK((text.data == NULL) == (cases[i].text == NULL));
    CHECK(
        cases[i].text == NULL ||
        check_same(text.data, text.len, cases[i].text, strlen(cases[i].text)));
  }
  CHECK(mailc_pop3_code(none, NULL) == MAILC_POP3_CODE_NONE);
}

static void test_some_codes_say_that_it_passes(void) {
  for (int code = MAILC_POP3_CODE_NONE; code <= MAILC_POP3_CODE_UTF8; code++) {
    CHECK(mailc_pop3_code_is_temporary((enum mailc_pop3_code)code) ==
          (code == MAILC_POP3_CODE_IN_USE ||
           code == MAILC_POP3_CODE_LOGIN_DELAY ||
           code == MAILC_POP3_CODE_SYS_TEMP));
  }
}

/* The status of a refused PASS, and of a refused STAT. */
static void check_refusal(unsigned offers, const char *reply,
                          const char *of_login, const char *of_stat) {
  struct talk talk;

  talk_greeted(&talk);
  talk.session.offers = (uint16_t)offers;
  CHECK(talk_exchange(&talk, "USER a", "+OK\r\n", 9) == MAILC_OK);
  CHECK(talk_exchange(&talk, "PASS b", reply, 9) == MAILC_OK);
  talk.log[talk.log_len] = '\0';
  CHECK(strstr(talk.log, of_login) != NULL);
  talk_logged_in(&talk);
  CHECK(talk_exchange(&talk, "STAT", reply, 9) == MAILC_OK);
  talk.log[talk.log_len] = '\0';
  CHECK(strstr(talk.log, of_stat) != NULL);
}

static void test_a_refusal_is_for_now_for_good_or_of_the_login(void) {
  const unsigned codes = MAILC_POP3_OFFER_AUTH_RESP_CODE;

  check_refusal(0, "-ERR no\r\n", "\nE_AUTH ", "\nE_REFUSED ");
  check_refusal(codes, "-ERR no\r\n", "\nE_REFUSED ", "\nE_REFUSED ");
  check_refusal(codes, "-ERR [AUTH]\r\n", "\nE_AUTH ", "\nE_REFUSED ");
  check_refusal(0, "-ERR [IN-USE]\r\n", "\nE_REFUSED_NOW ", "\nE_REFUSED_NOW ");
  check_refusal(0, "-ERR [SYS/TEMP]\r\n", "\nE_REFUSED_NOW ",
                "\nE_REFUSED_NOW ");
  check_refusal(0, "-ERR [SYS/PERM]\r\n", "\nE_REFUSED ", "\nE_REFUSED ");
  check_refusal(0, "-ERR [SYS]\r\n", "\nE_REFUSED ", "\nE_REFUSED ");
}

static void test_a_greeting_may_refuse_for_now(void) {
  struct talk talk;

  talk_begin(&talk);
  CHECK(mailc_pop3_connected(&talk.session) == MAILC_OK);
  CHECK(talk_receive(&talk, "-ERR [SYS/TEMP] x\r\n", 19, 9) == MAILC_OK);
  talk.log[talk.log_len] = '\0';
  CHECK(strstr(talk.log, "\nE_REFUSED_NOW ") != NULL);
}

int main(void) {
  test_codes_are_read_in_any_case_and_below_their_level();
  test_some_codes_say_that_it_passes();
  test_a_refusal_is_for_now_for_good_or_of_the_login();
  test_a_greeting_may_refuse_for_now();
  return check_status();
}
