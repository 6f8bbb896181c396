/* STARTTLS (RFC 3207), the limits of the caller's, and how long an answer may
 * take (RFC 5321 section 4.5.3.2). */
#include "smtp_talk.h"

static void starttls(struct talk *talk) {
  talk_ready(talk, "250-AUTH PLAIN\r\n250-SIZE 100\r\n250 STARTTLS\r\n");
  CHECK(mailc_smtp_size_max(&talk->session) == 100);
  CHECK(talk_give(talk, "STARTTLS") == MAILC_OK);
  talk_sent(talk, "STARTTLS");
}

static void test_what_was_offered_before_tls_is_forgotten(void) {
  struct talk talk;

  for (size_t step = 1; step < 12; step++) {
    starttls(&talk);
    CHECK(mailc_smtp_tls_up(&talk.session) == MAILC_E_STATE);
    CHECK(talk_receive_octets(&talk, "220 go on\r\n", 11, step) == MAILC_OK);
    CHECK(mailc_smtp_want(&talk.session) == MAILC_WANT_TLS);
    CHECK(talk_give(&talk, "NOOP") == MAILC_E_STATE);
    CHECK(mailc_smtp_tls_up(&talk.session) == MAILC_OK);
    CHECK(talk_take(&talk) == MAILC_OK);
    TALK_LOG(&talk, "READY CMD_STARTTLS WAIT_STARTTLS\n"
                    "WAIT_STARTTLS REPLY_2YZ START_TLS\n"
                    "START_TLS TLS_UP GREETED\nOK 220 []\n");
    CHECK(mailc_smtp_offers(&talk.session) == 0);
    CHECK(mailc_smtp_mechs(&talk.session) == 0);
    CHECK(mailc_smtp_size_max(&talk.session) == 0);
    CHECK(talk_give(&talk, "MAIL FROM:<a>") == MAILC_E_STATE);
    CHECK(talk_exchange(&talk, "EHLO x", "250-x\r\n250 STARTTLS\r\n",
                        SIZE_MAX) == MAILC_OK);
    CHECK(talk_give(&talk, "STARTTLS") == MAILC_E_STATE);
  }
}

static void test_octets_behind_the_answer_are_an_error(void) {
  struct talk talk;

  starttls(&talk);
  CHECK(talk_receive(&talk, "220 go on\r\n2") == MAILC_E_SURPLUS);
  starttls(&talk);
  CHECK(talk_receive(&talk, "220 go on\r\n421 no\r\n") == MAILC_E_SURPLUS);
}

static void test_a_handshake_that_fails_ends_the_session(void) {
  struct talk talk;

  starttls(&talk);
  CHECK(mailc_smtp_tls_failed(&talk.session, MAILC_E_TLS) == MAILC_E_STATE);
  CHECK(talk_receive(&talk, "220 go on\r\n") == MAILC_OK);
  CHECK(mailc_smtp_tls_failed(&talk.session, MAILC_E_CLOSED) ==
        MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_tls_failed(&talk.session, MAILC_E_CERTIFICATE) == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_E_CERTIFICATE);
  starttls(&talk);
  CHECK(talk_receive(&talk, "220 go on\r\n") == MAILC_OK);
  CHECK(talk_eof(&talk) == MAILC_E_CLOSED);
  starttls(&talk);
  CHECK(talk_receive(&talk, "220 go on\r\n") == MAILC_OK);
  CHECK(mailc_smtp_deadline_ms(&talk.session) == 1400);
  CHECK(mailc_smtp_tick(&talk.session, 1400) == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_E_TIMEOUT);
  CHECK(mailc_smtp_tls_up(&talk.session) == MAILC_E_TIMEOUT);
  CHECK(mailc_smtp_tls_failed(&talk.session, MAILC_E_TLS) == MAILC_E_TIMEOUT);
  CHECK(mailc_smtp_tls_up(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_tls_failed(NULL, MAILC_E_TLS) == MAILC_E_ARGUMENT);
}

static void test_starttls_needs_the_offer(void) {
  struct talk talk;

  talk_ready(&talk, "250 SIZE\r\n");
  CHECK(talk_give(&talk, "STARTTLS") == MAILC_E_NOT_OFFERED);
  CHECK(talk_is_silent(&talk));
  starttls(&talk);
  CHECK(talk_receive(&talk, "454 later\r\n") == MAILC_OK);
  CHECK((mailc_smtp_offers(&talk.session) & MAILC_SMTP_OFFER_STARTTLS) != 0);
}

/* The limits. */

static enum mailc_status greet(const struct mailc_limits *limits,
                               const char *greeting, const char *hello) {
  struct talk talk;
  struct mailc_smtp_config whole = talk_config(&talk);

  whole.limits = limits;
  talk_begin_with(&talk, &whole);
  CHECK(mailc_smtp_connected(&talk.session) == MAILC_OK);
  if (talk_receive(&talk, greeting) != MAILC_OK) {
    return talk.session.link.status;
  }
  return talk_exchange(&talk, "EHLO x", hello, SIZE_MAX);
}

static void test_each_limit_has_its_own_status(void) {
  struct mailc_limits limits = {.line_max = 2};

  CHECK(greet(&limits, "220-a\r\n220 b\r\n", "250 a\r\n") == MAILC_OK);
  CHECK(greet(&limits, "220-a\r\n220-b\r\n220 c\r\n", "") ==
        MAILC_E_TOO_MANY_LINES);
  limits = (struct mailc_limits){.reply_max = 10};
  CHECK(greet(&limits, "220-\r\n220\r\n", "250 a\r\n") ==
        MAILC_E_REPLY_TOO_LONG);
  CHECK(greet(&limits, "220 abcd\r\n", "250 a\r\n") == MAILC_OK);
  limits = (struct mailc_limits){.capability_max = 2};
  CHECK(greet(&limits, "220-a\r\n220-b\r\n220-c\r\n220 d\r\n",
              "250-x\r\n250-A\r\n250 B\r\n") == MAILC_OK);
  CHECK(greet(&limits, "220 a\r\n", "250-x\r\n250-A\r\n250-B\r\n250 C\r\n") ==
        MAILC_E_TOO_MANY_CAPABILITIES);
  CHECK(greet(&limits, "220 a\r\n", "550-x\r\n550-A\r\n550-B\r\n550 C\r\n") ==
        MAILC_OK);
}

static void test_a_line_may_fill_the_receive_buffer(void) {
  static char line[MAILC_RX_CAP_MIN + 2];

  for (size_t len = MAILC_RX_CAP_MIN; len <= MAILC_RX_CAP_MIN + 1; len++) {
    struct talk talk;

    memset(line, 'x', len);
    memcpy(line, "220 ", 4);
    memcpy(line + len - 2, "\r\n", 2);
    talk_begin(&talk);
    CHECK(mailc_smtp_connected(&talk.session) == MAILC_OK);
    CHECK(talk_receive(&talk, line) ==
          (len == MAILC_RX_CAP_MIN ? MAILC_OK : MAILC_E_LINE_TOO_LONG));
  }
}

/* Plays a line until it is one too many; how many there were before. */
static unsigned play_until_failure(struct talk *talk, const char *line,
                                   enum mailc_status expected) {
  unsigned count = 0;

  talk->log_len = 0;
  while (talk_receive(talk, line) == MAILC_OK &&
         count <= MAILC_SMTP_REPLY_MAX) {
    talk->log_len = 0;
    count++;
  }
  CHECK(talk_take(talk) == expected);
  return count;
}

static void test_without_limits_there_are_the_defaults(void) {
  static char line[257];
  struct talk talk;

  talk_ready(&talk, "250 HELP\r\n");
  CHECK(talk_give(&talk, "NOOP") == MAILC_OK);
  talk_sent(&talk, "NOOP");
  CHECK(play_until_failure(&talk, "250-\r\n", MAILC_E_TOO_MANY_LINES) ==
        MAILC_SMTP_LINES_MAX);
  memset(line, 'x', 254);
  memcpy(line, "250-", 4);
  memcpy(line + 254, "\r\n", 2);
  talk_ready(&talk, "250 HELP\r\n");
  CHECK(talk_give(&talk, "NOOP") == MAILC_OK);
  talk_sent(&talk, "NOOP");
  CHECK(play_until_failure(&talk, line, MAILC_E_REPLY_TOO_LONG) ==
        MAILC_SMTP_REPLY_MAX / 256);
  talk_greeted(&talk);
  CHECK(talk_exchange(&talk, "EHLO x", "250-x\r\n", 9) == MAILC_OK);
  CHECK(play_until_failure(&talk, "250-A\r\n", MAILC_E_TOO_MANY_CAPABILITIES) ==
        MAILC_SMTP_CAPABILITIES_MAX);
}

/* A reply that never ends, though the server is never silent for long. */
static void test_one_deadline_bounds_what_never_ends(void) {
  struct talk talk;
  uint64_t now_ms = 1000;

  talk_ready(&talk, "250 HELP\r\n");
  CHECK(mailc_smtp_set_limit_ms(&talk.session, 3000) == MAILC_OK);
  CHECK(talk_give(&talk, "NOOP") == MAILC_OK);
  talk_sent(&talk, "NOOP");
  while (talk_receive(&talk, "250-line\r\n") == MAILC_OK) {
    CHECK(now_ms < 3000);
    talk.log_len = 0;
    now_ms += 100;
    CHECK(mailc_smtp_tick(&talk.session, now_ms) == MAILC_OK);
  }
  CHECK(now_ms == 3000);
  CHECK(talk_take(&talk) == MAILC_E_TIMEOUT);
}

/* More of them than an octet or two could count. */
static void test_a_limit_may_be_any_number(void) {
  static const struct mailc_limits limits = {.reply_max = UINT32_MAX,
                                             .line_max = 65537};
  struct talk talk;
  struct mailc_smtp_config config = talk_config(&talk);

  config.limits = &limits;
  config.trace_moves = false;
  talk_begin_with(&talk, &config);
  CHECK(mailc_smtp_connected(&talk.session) == MAILC_OK);
  for (unsigned i = 0; i < 65537; i++) {
    talk.log_len = 0;
    CHECK(talk_receive(&talk, "220-x\r\n") == MAILC_OK);
  }
  CHECK(talk_receive(&talk, "220 x\r\n") == MAILC_E_TOO_MANY_LINES);
}

static void test_a_login_has_so_many_rounds(void) {
  const struct mailc_login login = {.mech = MAILC_SPAN("FOO")};
  struct talk talk;

  talk_ready(&talk, "250 AUTH FOO\r\n");
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH FOO");
  for (unsigned i = 0; i < MAILC_ROUNDS_MAX; i++) {
    CHECK(talk_receive(&talk, "334 \r\n") == MAILC_OK);
    CHECK(mailc_smtp_answer(&talk.session, MAILC_SPAN("")) == MAILC_OK);
    talk_sent(&talk, "");
  }
  CHECK(talk_receive(&talk, "334 \r\n") == MAILC_OK);
  talk_sent(&talk, "*");
  talk.log_len = 0;
  CHECK(talk_receive(&talk, "501 no\r\n") == MAILC_OK);
  TALK_LOG(&talk, "WAIT_CANCEL REPLY_5YZ READY\nE_TOO_MANY_ROUNDS 501 [no]\n");
}

static void test_a_command_has_so_many_parameters(void) {
  struct mailc_span params[MAILC_SMTP_PARAMS_MAX + 1];
  struct talk talk;

  for (size_t i = 0; i <= MAILC_SMTP_PARAMS_MAX; i++) {
    params[i] = MAILC_SPAN("SIZE=1");
  }
  talk_ready(&talk, "250 SIZE\r\n");
  CHECK(mailc_smtp_mail(&talk.session, MAILC_SPAN("a@b"), params,
                        MAILC_SMTP_PARAMS_MAX + 1) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_mail(&talk.session, MAILC_SPAN("a@b"), params,
                        MAILC_SMTP_PARAMS_MAX) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_mail(&talk.session, MAILC_SPAN("a@b"), params, 1) ==
        MAILC_OK);
}

static void test_a_message_that_is_too_large_is_not_begun(void) {
  struct talk talk;

  talk_ready(&talk, "250 SIZE 1000\r\n");
  CHECK(talk_give(&talk, "MAIL FROM:<a@b> SIZE=1001") == MAILC_E_TOO_LARGE);
  CHECK(talk_give(&talk, "MAIL FROM:<a@b> SIZE=1000") == MAILC_OK);
  talk_ready(&talk, "250 SIZE\r\n");
  CHECK(talk_give(&talk, "MAIL FROM:<a@b> SIZE=999999999999") == MAILC_OK);
}

/* The times. */

static uint64_t wait_ms(const struct talk *talk) {
  return mailc_smtp_deadline_ms(&talk->session) - 1000;
}

static void check_times(const struct mailc_smtp_config *config,
                        const uint32_t expected[5]) {
  struct talk talk;
  struct mailc_smtp_config whole = talk_config(&talk);

  whole.timeout_ms = config->timeout_ms;
  whole.data_timeout_ms = config->data_timeout_ms;
  whole.block_timeout_ms = config->block_timeout_ms;
  whole.delivery_timeout_ms = config->delivery_timeout_ms;
  talk_begin_with(&talk, &whole);
  CHECK(mailc_smtp_connected(&talk.session) == MAILC_OK);
  CHECK(wait_ms(&talk) == expected[0]);
  CHECK(talk_receive(&talk, "220 ready\r\n") == MAILC_OK);
  CHECK(mailc_smtp_deadline_ms(&talk.session) == MAILC_NEVER);
  CHECK(talk_exchange(&talk, "EHLO x", "250 x\r\n", SIZE_MAX) == MAILC_OK);
  CHECK(talk_give(&talk, "MAIL FROM:<a@b>") == MAILC_OK);
  CHECK(wait_ms(&talk) == expected[1]);
  talk_sent(&talk, "MAIL FROM:<a@b>");
  CHECK(talk_receive(&talk, "250 m\r\n") == MAILC_OK);
  CHECK(talk_exchange(&talk, "RCPT TO:<c@d>", "250 r\r\n", SIZE_MAX) ==
        MAILC_OK);
  CHECK(talk_give(&talk, "DATA") == MAILC_OK);
  CHECK(wait_ms(&talk) == expected[2]);
  talk_sent(&talk, "DATA");
  CHECK(talk_receive(&talk, "354 d\r\n") == MAILC_OK);
  CHECK(mailc_smtp_body(&talk.session, MAILC_SPAN("x\r\n")) == MAILC_OK);
  CHECK(wait_ms(&talk) == expected[3]);
  CHECK(mailc_smtp_tx_ack(&talk.session, 3) == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_OK);
  CHECK(talk_give(&talk, ".") == MAILC_OK);
  CHECK(wait_ms(&talk) == expected[4]);
}

static void test_the_times_to_wait_are_those_of_the_rfc(void) {
  static const uint32_t rfc[] = {300000, 300000, 120000, 180000, 600000};
  static const uint32_t common[] = {7, 7, 7, 7, 7};
  static const uint32_t own[] = {7, 7, 1, 2, 3};
  const struct mailc_smtp_config none = {.timeout_ms = 0};
  const struct mailc_smtp_config one = {.timeout_ms = 7};
  const struct mailc_smtp_config all = {.timeout_ms = 7,
                                        .data_timeout_ms = 1,
                                        .block_timeout_ms = 2,
                                        .delivery_timeout_ms = 3};

  check_times(&none, rfc);
  check_times(&one, common);
  check_times(&all, own);
}

int main(void) {
  test_what_was_offered_before_tls_is_forgotten();
  test_octets_behind_the_answer_are_an_error();
  test_a_handshake_that_fails_ends_the_session();
  test_starttls_needs_the_offer();
  test_each_limit_has_its_own_status();
  test_a_line_may_fill_the_receive_buffer();
  test_without_limits_there_are_the_defaults();
  test_one_deadline_bounds_what_never_ends();
  test_a_limit_may_be_any_number();
  test_a_login_has_so_many_rounds();
  test_a_command_has_so_many_parameters();
  test_a_message_that_is_too_large_is_not_begun();
  test_the_times_to_wait_are_those_of_the_rfc();
  return check_status();
}
