/* What a session puts up with: lines, octets, capabilities, time. */
#include "pop3_talk.h"

/* A session in TRANSACTION with these limits; NULL: without any, as
 * talk_begin() has it. */
static void begin(struct talk *talk, const struct mailc_limits *limits) {
  struct mailc_pop3_config config = talk_config(talk);

  config.limits = limits;
  talk_greeted_with(talk, &config);
  talk_log_in(talk);
}

static void test_each_limit_has_its_own_status(void) {
  static const struct mailc_limits limits = {
      .reply_max = 24, .line_max = 2, .capability_max = 3};
  static const struct {
    const char *command;
    const char *answer;
    enum mailc_status status;
  } cases[] = {
      {"LIST", "+OK\r\n1 1\r\n2 2\r\n.\r\n", MAILC_OK},
      {"LIST", "+OK\r\n1 1\r\n2 2\r\n3 3\r\n.\r\n", MAILC_E_TOO_MANY_LINES},
      {"UIDL", "+OK\r\n1 a\r\n2 b\r\n3 c\r\n.\r\n", MAILC_E_TOO_MANY_LINES},
      {"LANG", "+OK\r\na b\r\nc d\r\ne f\r\n.\r\n", MAILC_E_TOO_MANY_LINES},
      {"CAPA", "+OK\r\nA\r\nB\r\nC\r\n.\r\n", MAILC_OK},
      {"CAPA", "+OK\r\nA\r\nB\r\nC\r\nD\r\n.\r\n",
       MAILC_E_TOO_MANY_CAPABILITIES},
      {"UIDL", "+OK\r\n1 123456789\r\n.\r\n", MAILC_OK},
      {"UIDL", "+OK\r\n1 1234567890123456\r\n.\r\n", MAILC_E_REPLY_TOO_LONG},
      {"NOOP", "+OK 12345678901234567890\r\n", MAILC_E_REPLY_TOO_LONG},
      {"RETR 1", "+OK\r\nmuch longer than any reply may be\r\n.\r\n", MAILC_OK},
  };

  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    for (size_t step = 1; step < 40; step += 3) {
      struct talk talk;

      begin(&talk, &limits);
      CHECK(talk_exchange(&talk, cases[i].command, cases[i].answer, step) ==
            cases[i].status);
      CHECK(talk_take(&talk) == cases[i].status);
    }
  }
}

/* 5 octets of status line, 4 and its own of the item, 3 of the end; or 6 and
 * its own of a reply that is one line. */
static void test_a_reply_may_have_just_as_many_octets(void) {
  static const struct mailc_limits limits = {.reply_max = 24};
  static const struct {
    const char *command;
    const char *answer;
    enum mailc_status status;
  } cases[] = {
      {"UIDL", "+OK\r\n1 123456789012\r\n.\r\n", MAILC_OK},
      {"UIDL", "+OK\r\n1 1234567890123\r\n.\r\n", MAILC_E_REPLY_TOO_LONG},
      {"NOOP", "+OK 123456789012345678\r\n", MAILC_OK},
      {"NOOP", "+OK 1234567890123456789\r\n", MAILC_E_REPLY_TOO_LONG}};

  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct talk talk;

    begin(&talk, &limits);
    CHECK(talk_exchange(&talk, cases[i].command, cases[i].answer, 9) ==
          cases[i].status);
  }
}

static void test_a_line_may_fill_the_receive_buffer(void) {
  static char line[MAILC_RX_CAP_MIN + 2];

  for (size_t len = MAILC_RX_CAP_MIN; len <= MAILC_RX_CAP_MIN + 1; len++) {
    struct talk talk;

    memset(line, 'x', len);
    memcpy(line, "+OK ", 4);
    memcpy(line + len - 2, "\r\n", 2);
    talk_begin(&talk);
    CHECK(mailc_pop3_connected(&talk.session) == MAILC_OK);
    CHECK(talk_receive(&talk, line, len, 99) ==
          (len == MAILC_RX_CAP_MIN ? MAILC_OK : MAILC_E_LINE_TOO_LONG));
  }
}

static void test_without_limits_there_are_the_defaults(void) {
  static const struct mailc_limits none = {.line_max = 0};
  const struct mailc_limits *both[] = {NULL, &none};
  struct talk talk;

  for (size_t i = 0; i < 2; i++) {
    begin(&talk, both[i]);
    CHECK(talk_give(&talk, "CAPA") == MAILC_OK);
    talk_sent(&talk, "CAPA");
    CHECK(talk_receive(&talk, "+OK\r\n", 5, 9) == MAILC_OK);
    for (unsigned line = 0; line < MAILC_POP3_CAPABILITIES_MAX; line++) {
      talk.log_len = 0;
      CHECK(talk_receive(&talk, "X\r\n", 3, 9) == MAILC_OK);
    }
    CHECK(talk_receive(&talk, "X\r\n", 3, 9) == MAILC_E_TOO_MANY_CAPABILITIES);
  }
}

static void test_a_server_may_be_silent_for_five_minutes(void) {
  struct talk talk;
  struct mailc_pop3_config config = talk_config(&talk);

  config.timeout_ms = 0;
  CHECK(mailc_pop3_init(&talk.session, sizeof talk.session, &config) ==
        MAILC_OK);
  CHECK(mailc_pop3_connected(&talk.session) == MAILC_OK);
  CHECK(mailc_pop3_deadline_ms(&talk.session) == 1000 + 300000);
}

/* A message that never ends, though the server is never silent for long. */
static void test_one_deadline_bounds_what_never_ends(void) {
  struct talk talk;
  uint64_t now_ms = 1000;

  talk_logged_in(&talk);
  CHECK(mailc_pop3_set_limit_ms(&talk.session, 3000) == MAILC_OK);
  CHECK(talk_exchange(&talk, "RETR 1", "+OK\r\n", 9) == MAILC_OK);
  while (talk_receive(&talk, "line\r\n", 6, 9) == MAILC_OK) {
    CHECK(now_ms < 3000);
    now_ms += 100;
    CHECK(mailc_pop3_tick(&talk.session, now_ms) == MAILC_OK);
  }
  CHECK(now_ms == 3000);
  CHECK(talk_take(&talk) == MAILC_E_TIMEOUT);
}

int main(void) {
  test_each_limit_has_its_own_status();
  test_a_reply_may_have_just_as_many_octets();
  test_a_line_may_fill_the_receive_buffer();
  test_without_limits_there_are_the_defaults();
  test_a_server_may_be_silent_for_five_minutes();
  test_one_deadline_bounds_what_never_ends();
  return check_status();
}
