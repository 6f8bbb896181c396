/* Reply lines and what an EHLO reply offers. */
#include "smtp/smtp_extension.h"
#include "smtp/smtp_reply.h"
#include "smtp_talk.h"

static uint16_t code;
static struct mailc_span text;

static enum mailc_smtp_line first(struct mailc_span line) {
  return mailc_smtp_reply_line(line, 0, &code, &text);
}

static void test_lines_that_end_a_reply(void) {
  CHECK(first(MAILC_SPAN("250 OK")) == MAILC_SMTP_LINE_LAST);
  CHECK(code == 250);
  CHECK_OCTETS(text.data, text.len, "OK");
  CHECK(first(MAILC_SPAN("354")) == MAILC_SMTP_LINE_LAST);
  CHECK(code == 354 && text.len == 0);
  CHECK(first(MAILC_SPAN("599 ")) == MAILC_SMTP_LINE_LAST);
  CHECK(code == 599 && text.len == 0);
}

static void test_lines_of_one_reply_have_one_code(void) {
  CHECK(first(MAILC_SPAN("250-First line")) == MAILC_SMTP_LINE_MORE);
  CHECK(mailc_smtp_reply_line(MAILC_SPAN("250-234 Text"), 1, &code, &text) ==
        MAILC_SMTP_LINE_MORE);
  CHECK_OCTETS(text.data, text.len, "234 Text");
  CHECK(mailc_smtp_reply_line(MAILC_SPAN("250-"), 2, &code, &text) ==
        MAILC_SMTP_LINE_MORE);
  CHECK(mailc_smtp_reply_line(MAILC_SPAN("251 x"), 3, &code, &text) ==
        MAILC_SMTP_LINE_BAD);
  CHECK(code == 250);
  CHECK(mailc_smtp_reply_line(MAILC_SPAN("250"), 3, &code, &text) ==
        MAILC_SMTP_LINE_LAST);
}

static void test_what_is_no_reply(void) {
  const struct mailc_span bad[] = {
      MAILC_SPAN(""),        MAILC_SPAN("2"),      MAILC_SPAN("25"),
      MAILC_SPAN("2 0 x"),   MAILC_SPAN("25- x"),  MAILC_SPAN("250x"),
      MAILC_SPAN("250\t"),   MAILC_SPAN("250="),   MAILC_SPAN("2500 x"),
      MAILC_SPAN("000 x"),   MAILC_SPAN("099 x"),  MAILC_SPAN("150 x"),
      MAILC_SPAN("600 x"),   MAILC_SPAN("999"),    MAILC_SPAN("1e3 x"),
      MAILC_SPAN("-50 x"),   MAILC_SPAN("+25 x"),  MAILC_SPAN("+OK x"),
      MAILC_SPAN(" 250 OK"), MAILC_SPAN("25: OK"), MAILC_SPAN("2/0 OK"),
  };

  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    CHECK(first(bad[i]) == MAILC_SMTP_LINE_BAD);
  }
}

/* A session that has learned one line. */
static struct mailc_smtp learned(struct mailc_span line) {
  struct mailc_smtp session = {.size_max = 0};

  mailc_smtp_read_capability(&session, line);
  return session;
}

static uint32_t offer_of(struct mailc_span line) {
  return learned(line).offers;
}

static void test_extensions_are_known_in_any_case(void) {
  CHECK(offer_of(MAILC_SPAN("size 1000")) == MAILC_SMTP_OFFER_SIZE);
  CHECK(offer_of(MAILC_SPAN("8bitMIME")) == MAILC_SMTP_OFFER_8BITMIME);
  CHECK(offer_of(MAILC_SPAN("EnhancedStatusCodes")) ==
        MAILC_SMTP_OFFER_ENHANCEDSTATUSCODES);
  CHECK(offer_of(MAILC_SPAN("AUTH  plain   Login ")) == MAILC_SMTP_OFFER_AUTH);
  CHECK(learned(MAILC_SPAN("AUTH  plain   Login ")).mechs ==
        (1u << MAILC_MECH_PLAIN | 1u << MAILC_MECH_LOGIN));
  CHECK(learned(MAILC_SPAN("AUTH CRAM-MD5 X")).mechs ==
        1u << MAILC_MECH_CRAM_MD5);
  CHECK(learned(MAILC_SPAN("AUTH")).mechs == 0);
}

/* Of no RFC, and sent by many servers. */
static void test_auth_with_a_sign_is_auth(void) {
  static const char *const lines[] = {"AUTH=PLAIN LOGIN", "auth= login plain",
                                      "AUTH=LOGIN PLAIN X"};

  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    struct mailc_smtp session = learned(talk_span(lines[i]));

    CHECK(session.offers == MAILC_SMTP_OFFER_AUTH);
    CHECK(session.mechs == (1u << MAILC_MECH_PLAIN | 1u << MAILC_MECH_LOGIN));
  }
  CHECK(offer_of(MAILC_SPAN("AUTH=")) == MAILC_SMTP_OFFER_AUTH);
}

static void test_lines_of_one_keyword_add_up(void) {
  struct mailc_smtp session = learned(MAILC_SPAN("AUTH LOGIN"));

  mailc_smtp_read_capability(&session, MAILC_SPAN("AUTH GSSAPI PLAIN"));
  CHECK(session.mechs == (1u << MAILC_MECH_PLAIN | 1u << MAILC_MECH_LOGIN));
  mailc_smtp_read_capability(&session, MAILC_SPAN("SIZE 7"));
  mailc_smtp_read_capability(&session, MAILC_SPAN("SIZE"));
  CHECK(session.size_max == 7);
}

static uint32_t size_of(struct mailc_span line) {
  return learned(line).size_max;
}

static void test_the_size_that_the_server_takes(void) {
  CHECK(size_of(MAILC_SPAN("SIZE 1000")) == 1000);
  CHECK(size_of(MAILC_SPAN("SIZE 4294967295")) == UINT32_MAX);
  CHECK(size_of(MAILC_SPAN("SIZE 4294967296")) == UINT32_MAX);
  CHECK(size_of(MAILC_SPAN("SIZE")) == 0 && size_of(MAILC_SPAN("SIZE 0")) == 0);
  CHECK(size_of(MAILC_SPAN("SIZE 10MB")) == 0);
  CHECK(size_of(MAILC_SPAN("SIZE -1")) == 0);
}

static void test_other_words_offer_nothing(void) {
  CHECK(offer_of(MAILC_SPAN("")) == 0);
  CHECK(offer_of(MAILC_SPAN("XSIZE")) == 0);
  CHECK(offer_of(MAILC_SPAN("SIZEX")) == 0);
  CHECK(offer_of(MAILC_SPAN("X AUTH PLAIN")) == 0);
  CHECK(offer_of(MAILC_SPAN("SIZE=1000")) == 0);
  CHECK(offer_of(MAILC_SPAN("XAUTH=PLAIN")) == 0);
  CHECK(offer_of(MAILC_SPAN("PLAIN")) == 0);
}

/* What one parameter comes to. */
static enum mailc_status param_of(struct mailc_span parameter, bool is_rcpt,
                                  struct mailc_smtp_param *param) {
  *param = (struct mailc_smtp_param){.size = 0};
  return mailc_smtp_param_add(parameter, is_rcpt, param);
}

static void test_parameters_belong_to_extensions(void) {
  struct mailc_smtp_param param;

  CHECK(param_of(MAILC_SPAN("AUTH=e+3Dmc2@example.com"), false, &param) ==
        MAILC_OK);
  CHECK(param.offer == MAILC_SMTP_OFFER_AUTH && param.added_len == 500);
  CHECK(param_of(MAILC_SPAN("AUTH=<>"), false, &param) == MAILC_OK);
  CHECK(param_of(MAILC_SPAN("body=8bitmime"), false, &param) == MAILC_OK);
  CHECK(param.kinds == MAILC_SMTP_IS_8BIT);
  CHECK(param_of(MAILC_SPAN("BODY=7BIT"), false, &param) == MAILC_OK);
  CHECK(param.kinds == 0);
  CHECK(param_of(MAILC_SPAN("BODY=BINARYMIME"), false, &param) == MAILC_OK);
  CHECK(param.kinds == MAILC_SMTP_IS_BINARY &&
        param.offer ==
            (MAILC_SMTP_OFFER_BINARYMIME | MAILC_SMTP_OFFER_CHUNKING));
  CHECK(param_of(MAILC_SPAN("SMTPUTF8"), false, &param) == MAILC_OK);
  CHECK(param.kinds == MAILC_SMTP_IS_UTF8);
  CHECK(param_of(MAILC_SPAN("NOTIFY=NEVER"), true, &param) == MAILC_OK);
}

static void test_parameters_of_nothing_known(void) {
  struct mailc_smtp_param param;

  CHECK(param_of(MAILC_SPAN("NOTIFY=NEVER"), false, &param) ==
        MAILC_E_NOT_OFFERED);
  CHECK(param_of(MAILC_SPAN("SIZE=1"), true, &param) == MAILC_E_NOT_OFFERED);
  CHECK(param_of(MAILC_SPAN("X-A=1"), false, &param) == MAILC_E_NOT_OFFERED);
}

static void test_the_values_of_parameters(void) {
  static const char *const good[] = {"SIZE=0", "SIZE=18446744073709551615",
                                     "RET=hdrs", "RET=FULL",
                                     "ENVID=QQ314+2B159"};
  static const char *const wrong[] = {"SIZE",       "SIZE=18446744073709551616",
                                      "SIZE=1a",    "BODY",
                                      "BODY=9BIT",  "SMTPUTF8=1",
                                      "RET=ALL",    "ENVID=a+2",
                                      "ENVID=a+2g", "ENVID=a+2b",
                                      "AUTH",       "AUTH=a+"};
  static const char *const good_rcpt[] = {
      "NOTIFY=SUCCESS,FAILURE", "notify=delay", "ORCPT=rfc822;Bob@Example.COM",
      "ORCPT=utf-8;a+2Bb"};
  static const char *const wrong_rcpt[] = {
      "NOTIFY",        "NOTIFY=NEVER,DELAY", "NOTIFY=SUCCESS,",
      "NOTIFY=,DELAY", "NOTIFY=X",           "ORCPT=rfc822",
      "ORCPT=rfc822;", "ORCPT=;a",           "ORCPT=rfc822;+"};
  struct mailc_smtp_param param;

  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    CHECK(param_of(talk_span(good[i]), false, &param) == MAILC_OK);
  }
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    check_that(param_of(talk_span(wrong[i]), false, &param) == MAILC_E_TEXT,
               wrong[i], __FILE__, __LINE__);
  }
  for (size_t i = 0; i < sizeof good_rcpt / sizeof good_rcpt[0]; i++) {
    check_that(param_of(talk_span(good_rcpt[i]), true, &param) == MAILC_OK,
               good_rcpt[i], __FILE__, __LINE__);
  }
  for (size_t i = 0; i < sizeof wrong_rcpt / sizeof wrong_rcpt[0]; i++) {
    check_that(param_of(talk_span(wrong_rcpt[i]), true, &param) == MAILC_E_TEXT,
               wrong_rcpt[i], __FILE__, __LINE__);
  }
}

static void test_what_parameters_come_to(void) {
  struct mailc_smtp_param sum = {.size = 0};

  CHECK(mailc_smtp_param_add(MAILC_SPAN("SIZE=4294967296"), false, &sum) ==
        MAILC_OK);
  CHECK(mailc_smtp_param_add(MAILC_SPAN("BODY=8BITMIME"), false, &sum) ==
        MAILC_OK);
  CHECK(mailc_smtp_param_add(MAILC_SPAN("SMTPUTF8"), false, &sum) == MAILC_OK);
  CHECK(sum.size == UINT32_MAX && sum.added_len == 26 + 17 + 10);
  CHECK(sum.kinds == (MAILC_SMTP_IS_8BIT | MAILC_SMTP_IS_UTF8));
  CHECK(sum.offer == (MAILC_SMTP_OFFER_SIZE | MAILC_SMTP_OFFER_8BITMIME |
                      MAILC_SMTP_OFFER_SMTPUTF8));
}

static void test_a_parameter_stands_once(void) {
  struct mailc_smtp_param sum = {.size = 0};
  struct mailc_span none = {NULL, 0};

  CHECK(mailc_smtp_param_add(MAILC_SPAN("RET=FULL"), false, &sum) == MAILC_OK);
  CHECK(mailc_smtp_param_add(MAILC_SPAN("RET=HDRS"), false, &sum) ==
        MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_param_add(MAILC_SPAN("ret=full"), false, &sum) ==
        MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_param_add(MAILC_SPAN("ENVID=x"), false, &sum) == MAILC_OK);
  CHECK(mailc_smtp_param_add(none, false, &sum) == MAILC_E_ARGUMENT);
}

static void test_malformed_parameters(void) {
  const struct mailc_span bad[] = {
      MAILC_SPAN(""),           MAILC_SPAN("-A=1"),      MAILC_SPAN("SIZE="),
      MAILC_SPAN("SIZE=1=2"),   MAILC_SPAN("SIZE=1 2"),  MAILC_SPAN("SIZE 1"),
      MAILC_SPAN("SIZE=1\r\n"), MAILC_SPAN("SIZE=\200"), MAILC_SPAN("=1"),
      MAILC_SPAN("SIZE=1\0"),
  };
  struct mailc_smtp_param param;

  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    CHECK(param_of(bad[i], false, &param) == MAILC_E_TEXT);
  }
}

int main(void) {
  test_lines_that_end_a_reply();
  test_lines_of_one_reply_have_one_code();
  test_what_is_no_reply();
  test_extensions_are_known_in_any_case();
  test_auth_with_a_sign_is_auth();
  test_lines_of_one_keyword_add_up();
  test_the_size_that_the_server_takes();
  test_other_words_offer_nothing();
  test_parameters_belong_to_extensions();
  test_parameters_of_nothing_known();
  test_the_values_of_parameters();
  test_what_parameters_come_to();
  test_a_parameter_stands_once();
  test_malformed_parameters();
  return check_status();
}
