/* AUTH: the examples of RFC 2554 and 4954, and what a server may do wrong. */
#include "smtp_talk.h"

static const struct mailc_span none = {NULL, 0};

static struct mailc_login login_of(const char *mech, const char *user,
                                   const char *secret) {
  return (struct mailc_login){.mech = talk_span(mech),
                              .user = talk_span(user),
                              .secret = talk_span(secret)};
}

/* A session with a hash in READY. */
static void ready_with(struct talk *talk, const char *mechs,
                       enum mailc_policy policy) {
  struct mailc_smtp_config config = talk_config(talk);
  char offer[80];

  config.hash = &mailc_hash_openssl;
  config.policy = policy;
  talk_begin_with(talk, &config);
  (void)snprintf(offer, sizeof offer, "250 AUTH %s\r\n", mechs);
  talk_go_ready(talk, offer);
}

static void ready(struct talk *talk) {
  ready_with(talk, "PLAIN LOGIN CRAM-MD5 FOO", MAILC_POLICY_CLEAR);
}

static void test_plain_with_and_without_initial_response(void) {
  struct mailc_login login = login_of("PLAIN", "test", "1234");
  struct talk talk;

  login.authzid = talk_span("test");
  ready(&talk);
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=");
  CHECK(talk_receive(&talk, "235-2.7.0 good\r\n235 2.7.0 yes\r\n") == MAILC_OK);
  TALK_LOG(&talk, "READY CMD_AUTH WAIT_AUTH\nline 1 235 [2.7.0 good]\n"
                  "WAIT_AUTH REPLY_2YZ READY\nOK 235 [2.7.0 yes]\n");
  login.initial = MAILC_INITIAL_NO;
  ready(&talk);
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH PLAIN");
  CHECK(talk_receive(&talk, "334 \r\n") == MAILC_OK);
  talk_sent(&talk, "dGVzdAB0ZXN0ADEyMzQ=");
  CHECK(talk_receive(&talk, "235\r\n") == MAILC_OK);
  TALK_LOG(&talk, "READY CMD_AUTH WAIT_AUTH\nWAIT_AUTH REPLY_3YZ CHALLENGED\n"
                  "CHALLENGED RESPONSE WAIT_AUTH\nWAIT_AUTH REPLY_2YZ READY\n"
                  "OK 235 []\n");
}

static void test_the_octets_of_a_secret_are_wiped(void) {
  struct mailc_login login = login_of("PLAIN", "test", "1234");
  struct talk talk;

  ready(&talk);
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_OK);
  CHECK(mailc_smtp_tx_ack(&talk.session, 20) == MAILC_OK);
  for (size_t i = 0; i < 20; i++) {
    CHECK(talk.tx[i] == 0);
  }
  CHECK(talk_eof(&talk) == MAILC_E_CLOSED);
  for (size_t i = 0; i < sizeof talk.tx; i++) {
    CHECK(talk.tx[i] == 0);
  }
}

/* RFC 4954 section 4: a line of AUTH above 512 octets has no response. With a
 * name of four letters 375 octets make it 512 long. */
static void test_an_initial_response_that_is_too_long_waits(void) {
  static const uint8_t octets[400];
  struct talk talk;

  for (size_t len = 372; len <= 378; len++) {
    struct mailc_login login = {.mech = MAILC_SPAN("XFOO"),
                                .first = {octets, len}};
    size_t sent = 0;

    ready(&talk);
    CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_OK);
    (void)mailc_smtp_tx_buf(&talk.session, &sent);
    CHECK(sent == (len <= 375 ? 12 + (len + 2) / 3 * 4 : 11));
  }
}

static void test_login_by_two_prompts(void) {
  struct mailc_login login = login_of("login", "tim", "tanstaaftanstaaf");
  struct talk talk;

  for (size_t step = 1; step <= 30; step++) {
    ready(&talk);
    CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_OK);
    talk_sent(&talk, "AUTH login");
    CHECK(talk_receive_octets(&talk, "334 VXNlciBOYW1lAA==\r\n", 22, step) ==
          MAILC_OK);
    talk_sent(&talk, "dGlt");
    CHECK(talk_receive_octets(&talk, "334 UGFzc3dvcmQA\r\n", 18, step) ==
          MAILC_OK);
    talk_sent(&talk, "dGFuc3RhYWZ0YW5zdGFhZg==");
    CHECK(talk_receive(&talk, "235 yes\r\n") == MAILC_OK);
  }
  login.initial = MAILC_INITIAL_YES;
  ready(&talk);
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH login dGlt");
}

static void test_cram_md5_of_rfc_2554(void) {
  struct mailc_login login = login_of("CRAM-MD5", "fred", "flintstone");
  struct talk talk;

  ready_with(&talk, "CRAM-MD5 DIGEST-MD5", MAILC_POLICY_OWN);
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH CRAM-MD5");
  CHECK(talk_receive(&talk, "334 PENCeUxFREJoU0NnbmhNWitOMjNGNndAZWx3b29kLmlu"
                            "bm9zb2Z0LmNvbT4=\r\n") == MAILC_OK);
  talk_sent(&talk, "ZnJlZCA5ZTk1YWVlMDljNDBhZjJiODRhMGMyYjNiYmFlNzg2ZQ==");
  CHECK(talk_receive(&talk, "235 Authentication successful.\r\n") == MAILC_OK);
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_E_STATE);
  CHECK(talk_is_silent(&talk));
}

static void test_challenges_without_an_answer_are_cancelled(void) {
  static const char *const challenges[] = {
      "334 !!!\r\n",   "334 AAA\r\n",
      "334 =AAA\r\n",  "334 YWJj ZGVm\r\n",
      "334 Go on\r\n", "334\r\n",
      "334 \r\n",      "334-YWJj\r\n334 ZGVm\r\n"};
  struct mailc_login login = login_of("CRAM-MD5", "fred", "flintstone");
  struct talk talk;

  for (size_t i = 0; i < sizeof challenges / sizeof challenges[0]; i++) {
    ready(&talk);
    CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_OK);
    talk_sent(&talk, "AUTH CRAM-MD5");
    CHECK(talk_receive(&talk, challenges[i]) == MAILC_OK);
    talk.log_len = 0;
    talk_sent(&talk, "*");
    CHECK(talk_receive(&talk, "501 cancelled\r\n") == MAILC_OK);
    TALK_LOG(&talk, "WAIT_CANCEL REPLY_5YZ READY\n"
                    "E_CHALLENGE 501 [cancelled]\n");
    CHECK(talk_exchange(&talk, "MAIL FROM:<a@b>", "250\r\n", 9) == MAILC_OK);
  }
}

static void test_one_challenge_too_many_is_cancelled(void) {
  struct mailc_login login = login_of("PLAIN", "test", "1234");
  struct talk talk;

  ready(&talk);
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH PLAIN AHRlc3QAMTIzNA==");
  CHECK(talk_receive(&talk, "334 \r\n") == MAILC_OK);
  talk_sent(&talk, "*");
  CHECK(talk_receive(&talk, "235 welcome\r\n") == MAILC_E_REPLY);
}

static void test_octets_behind_a_challenge_are_surplus(void) {
  struct mailc_login login = login_of("CRAM-MD5", "fred", "flintstone");
  struct talk talk;

  ready(&talk);
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH CRAM-MD5");
  CHECK(talk_receive(&talk, "334 PGE+\r\n235 ok\r\n") == MAILC_E_SURPLUS);
  CHECK(talk_is_silent(&talk));
}

static void test_refused_logins_leave_the_session_usable(void) {
  struct mailc_login login = login_of("PLAIN", "test", "1234");
  struct talk talk;

  ready(&talk);
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH PLAIN AHRlc3QAMTIzNA==");
  CHECK(talk_receive(&talk, "535 no\r\n") == MAILC_OK);
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH PLAIN AHRlc3QAMTIzNA==");
  CHECK(talk_receive(&talk, "454 later\r\n") == MAILC_OK);
  TALK_LOG(&talk, "READY CMD_AUTH WAIT_AUTH\nWAIT_AUTH REPLY_5YZ READY\n"
                  "E_AUTH 535 [no]\nREADY CMD_AUTH WAIT_AUTH\n"
                  "WAIT_AUTH REPLY_4YZ READY\nE_AUTH 454 [later]\n");
}

static void test_the_caller_answers_other_mechanisms(void) {
  struct mailc_login login = {.mech = MAILC_SPAN("FOO"),
                              .first = MAILC_SPAN("")};
  struct talk talk;

  ready(&talk);
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH FOO =");
  CHECK(talk_receive(&talk, "334 PGE+\r\n") == MAILC_OK);
  CHECK(talk_is_silent(&talk));
  CHECK((mailc_smtp_want(&talk.session) & MAILC_WANT_CALLER) != 0);
  CHECK(mailc_smtp_answer(&talk.session, none) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_answer(&talk.session, MAILC_SPAN("foobar")) == MAILC_OK);
  talk_sent(&talk, "Zm9vYmFy");
  CHECK(talk_receive(&talk, "334 \r\n") == MAILC_OK);
  CHECK(mailc_smtp_answer(&talk.session, MAILC_SPAN("")) == MAILC_OK);
  talk_sent(&talk, "");
  CHECK(talk_receive(&talk, "334 YQ==\r\n") == MAILC_OK);
  CHECK(mailc_smtp_cancel(&talk.session) == MAILC_OK);
  talk_sent(&talk, "*");
  CHECK(talk_receive(&talk, "501\r\n") == MAILC_OK);
  TALK_LOG(&talk,
           "READY CMD_AUTH WAIT_AUTH\nWAIT_AUTH REPLY_3YZ CHALLENGED\n"
           "challenge [<a>]\nCHALLENGED RESPONSE WAIT_AUTH\n"
           "WAIT_AUTH REPLY_3YZ CHALLENGED\nchallenge []\n"
           "CHALLENGED RESPONSE WAIT_AUTH\nWAIT_AUTH REPLY_3YZ CHALLENGED\n"
           "challenge [a]\nCHALLENGED CANCEL WAIT_CANCEL\n"
           "WAIT_CANCEL REPLY_5YZ READY\nE_AUTH 501 []\n");
  CHECK(mailc_smtp_cancel(&talk.session) == MAILC_E_STATE);
}

static void test_an_answer_longer_than_the_buffer_is_refused(void) {
  static const uint8_t octets[1000];
  struct mailc_login login = {.mech = MAILC_SPAN("FOO")};
  struct talk talk;

  ready(&talk);
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH FOO");
  CHECK(talk_receive(&talk, "334 \r\n") == MAILC_OK);
  CHECK(mailc_smtp_answer(&talk.session, (struct mailc_span){octets, 1000}) ==
        MAILC_E_TOO_LONG);
  CHECK(mailc_smtp_answer(&talk.session, (struct mailc_span){octets, 383}) ==
        MAILC_E_TOO_LONG);
  CHECK(mailc_smtp_answer(&talk.session, (struct mailc_span){octets, 381}) ==
        MAILC_OK);
}

static void test_policy_comes_before_octets(void) {
  struct mailc_login plain = login_of("PLAIN", "test", "1234");
  struct mailc_login cram = login_of("CRAM-MD5", "test", "1234");
  struct mailc_login foo = {.mech = MAILC_SPAN("FOO")};
  struct talk talk;

  ready_with(&talk, "PLAIN CRAM-MD5 FOO", MAILC_POLICY_OWN);
  CHECK(mailc_smtp_auth(&talk.session, &plain) == MAILC_E_CLEAR_SECRET);
  CHECK(mailc_smtp_auth(&talk.session, &foo) == MAILC_E_CLEAR_SECRET);
  CHECK(talk_is_silent(&talk));
  CHECK(mailc_smtp_auth(&talk.session, &cram) == MAILC_OK);
  ready_with(&talk, "PLAIN CRAM-MD5 FOO", MAILC_POLICY_TLS);
  CHECK(mailc_smtp_auth(&talk.session, &cram) == MAILC_E_CLEAR_SECRET);
  CHECK(talk_give(&talk, "MAIL FROM:<a@b>") == MAILC_E_CLEAR_MAIL);
  CHECK(talk_is_silent(&talk));
}

static void test_only_what_is_offered_is_tried(void) {
  struct mailc_login plain = login_of("PLAIN", "test", "1234");
  struct mailc_login foo = {.mech = MAILC_SPAN("FOO")};
  struct talk talk;

  ready_with(&talk, "LOGIN", MAILC_POLICY_CLEAR);
  CHECK(mailc_smtp_auth(&talk.session, &plain) == MAILC_E_NOT_OFFERED);
  CHECK(mailc_smtp_auth(&talk.session, &foo) == MAILC_OK);
  talk_ready(&talk, "250 HELP\r\n");
  CHECK(mailc_smtp_auth(&talk.session, &foo) == MAILC_E_NOT_OFFERED);
  CHECK(talk_is_silent(&talk));
}

static void test_wrong_logins_are_refused_before_octets(void) {
  char secret[1000];
  struct mailc_login login = login_of("CRAM-MD5", "u", "s");
  struct talk talk;

  memset(secret, 's', sizeof secret);
  talk_ready(&talk, "250 AUTH PLAIN CRAM-MD5\r\n");
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_E_NO_HASH);
  CHECK(mailc_smtp_auth(&talk.session, NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_auth(NULL, &login) == MAILC_E_ARGUMENT);
  login = login_of("PLAIN", "u\r\nQUIT", "s");
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_E_TEXT);
  login = login_of("PLAIN", "u", "s");
  login.secret = (struct mailc_span){(const uint8_t *)secret, sizeof secret};
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_E_TOO_LONG);
  CHECK(talk_is_silent(&talk));
  CHECK(mailc_smtp_answer(&talk.session, MAILC_SPAN("x")) == MAILC_E_STATE);
}

static void test_scram_needs_prepared_names_and_scratch(void) {
  static uint8_t scratch[8];
  struct mailc_login login = login_of("SCRAM-SHA-1", "\xc3\xbc", "s");
  struct talk talk;

  login.nonce = talk_span("abc");
  login.scratch = (struct mailc_buffer){scratch, sizeof scratch};
  ready_with(&talk, "SCRAM-SHA-1", MAILC_POLICY_CLEAR);
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_E_UNPREPARED);
  login.is_prepared = true;
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_E_BUFFER);
  CHECK(talk_is_silent(&talk));
}

/* The move comes first, the challenge waits behind it. */
static void test_a_challenge_is_taken_before_it_is_answered(void) {
  struct mailc_login login = {.mech = MAILC_SPAN("FOO")};
  struct mailc_smtp_event event;
  struct talk talk;
  size_t room = 0;

  ready(&talk);
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH FOO");
  CHECK(talk_take(&talk) == MAILC_OK);
  memcpy(mailc_smtp_rx_buf(&talk.session, &room), "334 \r\n", 6);
  CHECK(mailc_smtp_rx_ack(&talk.session, 6) == MAILC_OK);
  CHECK(mailc_smtp_next(&talk.session, &event) == MAILC_OK);
  CHECK(event.kind == MAILC_SMTP_EVENT_MOVE);
  CHECK(mailc_smtp_answer(&talk.session, MAILC_SPAN("x")) == MAILC_E_EVENTS);
  CHECK(mailc_smtp_cancel(&talk.session) == MAILC_E_EVENTS);
  CHECK(talk_take(&talk) == MAILC_OK);
  CHECK(mailc_smtp_answer(&talk.session, MAILC_SPAN("x")) == MAILC_OK);
}

int main(void) {
  test_plain_with_and_without_initial_response();
  test_the_octets_of_a_secret_are_wiped();
  test_an_initial_response_that_is_too_long_waits();
  test_login_by_two_prompts();
  test_cram_md5_of_rfc_2554();
  test_challenges_without_an_answer_are_cancelled();
  test_one_challenge_too_many_is_cancelled();
  test_octets_behind_a_challenge_are_surplus();
  test_refused_logins_leave_the_session_usable();
  test_the_caller_answers_other_mechanisms();
  test_an_answer_longer_than_the_buffer_is_refused();
  test_policy_comes_before_octets();
  test_only_what_is_offered_is_tried();
  test_wrong_logins_are_refused_before_octets();
  test_scram_needs_prepared_names_and_scratch();
  test_a_challenge_is_taken_before_it_is_answered();
  return check_status();
}
