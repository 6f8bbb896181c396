/* SMTP sessions in memory, the same at every size of the pieces received. */
#include "smtp_talk.h"

struct exchange {
  const char *command;
  const char *answer;
};

static const struct exchange session[] = {
    {"EHLO bar.com", "250-foo.com greets bar.com\r\n250-8bitmime\r\n"
                     "250-SIZE 1000\r\n250-\r\n250 HELP\r\n"},
    {"VRFY Crispin", "250 Mark Crispin <Admin.MRC@foo.com>\r\n"},
    {"NOOP", "250\r\n"},
    {"MAIL FROM:<>", "550 no\r\n"},
    {"MAIL FROM:<Smith@bar.com> SIZE=10", "259 OK\r\n"},
    {"RCPT TO:<Green@foo.com>", "450-not\r\n450 now\r\n"},
    {"RCPT TO:<Jones@foo.com>", "251 will forward\r\n"},
    {"RCPT TO:<Brown@foo.com>", "550 No such user here\r\n"},
    {"RSET", "250 OK\r\n"},
    {"QUIT", "221 closing\r\n"},
};

static const char session_log[] = "START CONNECTED WAIT_GREETING\n"
                                  "line 1 220 [foo.com]\n"
                                  "line 2 220 []\n"
                                  "WAIT_GREETING GREETING_OK GREETED\n"
                                  "OK 220 [ready]\n"
                                  "GREETED CMD_EHLO WAIT_EHLO\n"
                                  "line 1 250 [foo.com greets bar.com]\n"
                                  "line 2 250 [8bitmime]\n"
                                  "line 3 250 [SIZE 1000]\n"
                                  "line 4 250 []\n"
                                  "WAIT_EHLO REPLY_2YZ READY\n"
                                  "OK 250 [HELP]\n"
                                  "READY CMD_VRFY WAIT_VRFY\n"
                                  "WAIT_VRFY REPLY_2YZ READY\n"
                                  "OK 250 [Mark Crispin <Admin.MRC@foo.com>]\n"
                                  "READY CMD_NOOP WAIT_NOOP\n"
                                  "WAIT_NOOP REPLY_2YZ READY\n"
                                  "OK 250 []\n"
                                  "READY CMD_MAIL WAIT_MAIL\n"
                                  "WAIT_MAIL REPLY_5YZ READY\n"
                                  "E_REFUSED 550 [no]\n"
                                  "READY CMD_MAIL WAIT_MAIL\n"
                                  "WAIT_MAIL REPLY_2YZ MAIL\n"
                                  "OK 259 [OK]\n"
                                  "MAIL CMD_RCPT WAIT_FIRST_RCPT\n"
                                  "line 1 450 [not]\n"
                                  "WAIT_FIRST_RCPT REPLY_4YZ MAIL\n"
                                  "E_REFUSED_NOW 450 [now]\n"
                                  "MAIL CMD_RCPT WAIT_FIRST_RCPT\n"
                                  "WAIT_FIRST_RCPT REPLY_2YZ RCPT\n"
                                  "OK 251 [will forward]\n"
                                  "RCPT CMD_RCPT WAIT_RCPT\n"
                                  "WAIT_RCPT REPLY_5YZ RCPT\n"
                                  "E_REFUSED 550 [No such user here]\n"
                                  "RCPT CMD_RSET WAIT_RSET\n"
                                  "WAIT_RSET REPLY_2YZ READY\n"
                                  "OK 250 [OK]\n"
                                  "READY CMD_QUIT WAIT_QUIT\n"
                                  "WAIT_QUIT REPLY_2YZ CLOSED\n"
                                  "OK 221 [closing]\n";

static void test_a_session_in_pieces_of_every_size(void) {
  static const char greeting[] = "220-foo.com\r\n220-\r\n220 ready\r\n";
  struct talk talk;

  for (size_t step = 1; step <= 100; step++) {
    talk_begin(&talk);
    CHECK(mailc_smtp_connected(&talk.session) == MAILC_OK);
    CHECK(talk_receive_octets(&talk, greeting, strlen(greeting), step) ==
          MAILC_OK);
    for (size_t i = 0; i < sizeof session / sizeof session[0]; i++) {
      CHECK(talk_exchange(&talk, session[i].command, session[i].answer, step) ==
            MAILC_OK);
    }
    TALK_LOG(&talk, session_log);
    CHECK(mailc_smtp_want(&talk.session) == MAILC_WANT_CLOSED);
  }
}

static void test_what_is_offered_is_known_after_ehlo_only(void) {
  struct talk talk;

  talk_greeted(&talk);
  CHECK(mailc_smtp_offers(&talk.session) == 0);
  CHECK(talk_exchange(&talk, "EHLO x",
                      "250-SIZE is my name\r\n250-AUTH plain\r\n250 DSN\r\n",
                      SIZE_MAX) == MAILC_OK);
  CHECK(mailc_smtp_offers(&talk.session) ==
        (MAILC_SMTP_OFFER_AUTH | MAILC_SMTP_OFFER_DSN));
  CHECK(mailc_smtp_mechs(&talk.session) == 1u << MAILC_MECH_PLAIN);
  talk_greeted(&talk);
  CHECK(talk_exchange(&talk, "HELO x", "250-x\r\n250 SIZE\r\n", SIZE_MAX) ==
        MAILC_OK);
  CHECK(mailc_smtp_offers(&talk.session) == 0);
}

static void test_ehlo_falls_back_to_helo(void) {
  struct talk talk;

  for (size_t step = 1; step <= 40; step++) {
    talk_greeted(&talk);
    CHECK(talk_exchange(&talk, "EHLO bar.com", "500-SIZE\r\n500 SIZE\r\n",
                        step) == MAILC_OK);
    talk_sent(&talk, "HELO bar.com");
    CHECK(talk_receive_octets(&talk, "250 hello\r\n", 11, step) == MAILC_OK);
    TALK_LOG(&talk, "GREETED CMD_EHLO WAIT_EHLO\n"
                    "line 1 500 [SIZE]\n"
                    "WAIT_EHLO REPLY_5YZ GREETED\n"
                    "GREETED CMD_HELO WAIT_HELO\n"
                    "WAIT_HELO REPLY_2YZ READY\n"
                    "OK 250 [hello]\n");
    CHECK(mailc_smtp_offers(&talk.session) == 0);
  }
}

static void test_ehlo_refused_for_now_has_no_fall_back(void) {
  struct talk talk;

  talk_greeted(&talk);
  CHECK(talk_exchange(&talk, "EHLO x", "450 later\r\n", SIZE_MAX) == MAILC_OK);
  CHECK(talk_is_silent(&talk));
  TALK_LOG(&talk, "GREETED CMD_EHLO WAIT_EHLO\n"
                  "WAIT_EHLO REPLY_4YZ GREETED\n"
                  "E_REFUSED_NOW 450 [later]\n");
}

static void test_greetings_that_refuse(void) {
  struct talk talk;

  talk_begin(&talk);
  CHECK(mailc_smtp_connected(&talk.session) == MAILC_OK);
  CHECK(talk_receive(&talk, "554-no\r\n554 mail\r\n") == MAILC_OK);
  TALK_LOG(&talk, "START CONNECTED WAIT_GREETING\n"
                  "line 1 554 [no]\n"
                  "WAIT_GREETING GREETING_REFUSED REFUSED\n"
                  "E_REFUSED 554 [mail]\n");
  CHECK(talk_give(&talk, "EHLO x") == MAILC_E_STATE);
  CHECK(talk_exchange(&talk, "QUIT", "221\r\n", SIZE_MAX) == MAILC_OK);
  talk_begin(&talk);
  CHECK(mailc_smtp_connected(&talk.session) == MAILC_OK);
  CHECK(talk_receive(&talk, "354 go\r\n") == MAILC_E_REPLY);
}

/* A session in READY whose next input is `octets`. */
static enum mailc_status status_of_noop_reply(const char *octets, size_t len,
                                              size_t step) {
  struct talk talk;

  talk_ready(&talk, "250 HELP\r\n");
  CHECK(talk_give(&talk, "NOOP") == MAILC_OK);
  talk_sent(&talk, "NOOP");
  return talk_receive_octets(&talk, octets, len, step);
}

static void test_malformed_replies_end_the_session(void) {
  static const char *const malformed[] = {"OK\r\n",
                                          "25\r\n",
                                          "2500 x\r\n",
                                          "250x\r\n",
                                          "150 x\r\n",
                                          "600 x\r\n",
                                          "\r\n",
                                          "354 x\r\n",
                                          "+OK x\r\n",
                                          "250-a\r\n\r\n",
                                          "250-a\r\n550 b\r\n",
                                          "550-a\r\n250 b\r\n",
                                          "25 0 x\r\n",
                                          "250-a\r\n25\r\n"};

  for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
    size_t len = strlen(malformed[i]);

    for (size_t step = 1; step <= len; step++) {
      check_that(status_of_noop_reply(malformed[i], len, step) == MAILC_E_REPLY,
                 malformed[i], __FILE__, __LINE__);
    }
  }
}

static void test_line_ends_other_than_crlf_end_the_session(void) {
  for (size_t step = 1; step <= 10; step++) {
    CHECK(status_of_noop_reply("250 a\n", 6, step) == MAILC_E_LINE_END);
    CHECK(status_of_noop_reply("250 a\r.\r\n", 9, step) == MAILC_E_LINE_END);
    CHECK(status_of_noop_reply("250 \0a\r\n", 8, step) == MAILC_E_LINE_END);
    CHECK(status_of_noop_reply("250 a\r\r\n", 8, step) == MAILC_E_LINE_END);
  }
}

static void test_421_ends_a_session_anywhere(void) {
  struct talk talk;

  talk_ready(&talk, "250 HELP\r\n");
  CHECK(talk_exchange(&talk, "MAIL FROM:<a@b>", "421-shutting\r\n421 down\r\n",
                      3) == MAILC_OK);
  TALK_LOG(&talk, "READY CMD_MAIL WAIT_MAIL\n"
                  "line 1 421 [shutting]\n"
                  "WAIT_MAIL REPLY_421 CLOSED\n"
                  "E_REFUSED_NOW 421 [down]\n");
  CHECK(talk_give(&talk, "QUIT") == MAILC_E_STATE);
  CHECK(mailc_smtp_want(&talk.session) == MAILC_WANT_CLOSED);
  talk_begin(&talk);
  CHECK(mailc_smtp_connected(&talk.session) == MAILC_OK);
  CHECK(talk_receive(&talk, "421\r\n") == MAILC_OK);
  TALK_LOG(&talk, "START CONNECTED WAIT_GREETING\n"
                  "WAIT_GREETING REPLY_421 CLOSED\n"
                  "E_REFUSED_NOW 421 []\n");
}

static void test_421_while_idle_is_waited_for_to_its_end(void) {
  struct talk talk;

  for (size_t step = 1; step <= 9; step++) {
    talk_ready(&talk, "250 HELP\r\n");
    CHECK(talk_receive_octets(&talk, "421 x\r", 6, step) == MAILC_OK);
    CHECK(talk_give(&talk, "NOOP") == MAILC_E_EVENTS);
    CHECK(mailc_smtp_deadline_ms(&talk.session) == 1400);
    CHECK(talk_receive(&talk, "\n") == MAILC_OK);
    TALK_LOG(&talk, "READY REPLY_421 CLOSED\nE_REFUSED_NOW 421 [x]\n");
  }
}

static void test_anything_else_while_idle_is_surplus(void) {
  static const char *const surplus[] = {"250 OK\r\n", "42", "x"};
  struct talk talk;

  for (size_t i = 0; i < 3; i++) {
    enum mailc_status status = MAILC_OK;

    talk_ready(&talk, "250 HELP\r\n");
    status = talk_receive(&talk, surplus[i]);
    CHECK(status == (surplus[i][0] == '4' ? MAILC_OK : MAILC_E_SURPLUS));
    if (status == MAILC_OK) {
      CHECK(talk_receive(&talk, "0 x\r\n") == MAILC_E_SURPLUS);
    }
    TALK_LOG(&talk, "READY BAD_REPLY FAILED\n");
  }
}

static void test_a_reply_too_many_in_one_piece_is_surplus(void) {
  struct talk talk;

  talk_ready(&talk, "250 HELP\r\n");
  CHECK(talk_exchange(&talk, "NOOP", "250 OK\r\n250 extra\r\n", SIZE_MAX) ==
        MAILC_E_SURPLUS);
  TALK_LOG(&talk, "READY CMD_NOOP WAIT_NOOP\nWAIT_NOOP REPLY_2YZ READY\n"
                  "OK 250 [OK]\nREADY BAD_REPLY FAILED\n");
}

static void test_closing_and_silence(void) {
  struct talk talk;

  talk_ready(&talk, "250 HELP\r\n");
  CHECK(talk_give(&talk, "NOOP") == MAILC_OK);
  talk_sent(&talk, "NOOP");
  CHECK(talk_receive(&talk, "250-half") == MAILC_OK);
  CHECK(talk_eof(&talk) == MAILC_E_CLOSED);
  CHECK(talk_give(&talk, "NOOP") == MAILC_E_CLOSED);
  TALK_LOG(&talk, "READY CMD_NOOP WAIT_NOOP\nWAIT_NOOP EOF FAILED\n");

  talk_ready(&talk, "250 HELP\r\n");
  CHECK(mailc_smtp_deadline_ms(&talk.session) == MAILC_NEVER);
  CHECK(talk_give(&talk, "NOOP") == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_OK);
  CHECK(mailc_smtp_deadline_ms(&talk.session) == 1400);
  talk_sent(&talk, "NOOP");
  CHECK(mailc_smtp_tick(&talk.session, 1399) == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_OK);
  CHECK(mailc_smtp_tick(&talk.session, 1400) == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_E_TIMEOUT);
  TALK_LOG(&talk, "READY CMD_NOOP WAIT_NOOP\nWAIT_NOOP TIMEOUT FAILED\n");
}

static void test_closing_while_idle(void) {
  struct talk talk;

  talk_ready(&talk, "250 HELP\r\n");
  (void)mailc_smtp_rx_eof(&talk.session);
  CHECK(talk_give(&talk, "NOOP") == MAILC_E_EVENTS);
  CHECK(talk_take(&talk) == MAILC_E_CLOSED);
  TALK_LOG(&talk, "READY EOF FAILED\n");
}

static void test_a_refused_rset_leaves_quit(void) {
  struct talk talk;

  talk_ready(&talk, "250 HELP\r\n");
  CHECK(talk_exchange(&talk, "RSET", "500 no\r\n", SIZE_MAX) == MAILC_OK);
  CHECK(talk_give(&talk, "MAIL FROM:<a@b>") == MAILC_E_STATE);
  CHECK(talk_exchange(&talk, "QUIT", "500 no\r\n", SIZE_MAX) == MAILC_OK);
  TALK_LOG(&talk, "READY CMD_RSET WAIT_RSET\nWAIT_RSET REPLY_5YZ REFUSED\n"
                  "E_REFUSED 500 [no]\nREFUSED CMD_QUIT WAIT_QUIT\n"
                  "WAIT_QUIT REPLY_5YZ CLOSED\nE_REFUSED 500 [no]\n");
}

static void test_limits_of_lines_and_replies(void) {
  struct talk talk;
  struct mailc_smtp_config config = talk_config(&talk);
  static const struct mailc_limits limits = {.reply_max = 20};
  char line[514];

  memset(line, 'x', sizeof line);
  memcpy(line, "250 ", 4);
  line[510] = '\r';
  line[511] = '\n';
  CHECK(status_of_noop_reply(line, 512, 7) == MAILC_OK);
  memset(line, 'x', sizeof line);
  memcpy(line, "250 ", 4);
  line[511] = '\r';
  line[512] = '\n';
  CHECK(status_of_noop_reply(line, 513, 7) == MAILC_E_LINE_TOO_LONG);
  config.limits = &limits;
  talk_begin_with(&talk, &config);
  CHECK(mailc_smtp_connected(&talk.session) == MAILC_OK);
  CHECK(talk_receive(&talk, "220-5678\r\n220-5678\r\n") == MAILC_OK);
  CHECK(talk_receive(&talk, "220\r\n") == MAILC_E_REPLY_TOO_LONG);
  talk_begin_with(&talk, &config);
  CHECK(mailc_smtp_connected(&talk.session) == MAILC_OK);
  CHECK(talk_receive(&talk, "220-5678\r\n220 5678\r\n") == MAILC_OK);
  CHECK(talk_exchange(&talk, "HELO x", "250-5678\r\n250 5678\r\n", 1) ==
        MAILC_OK);
}

int main(void) {
  test_a_session_in_pieces_of_every_size();
  test_what_is_offered_is_known_after_ehlo_only();
  test_ehlo_falls_back_to_helo();
  test_ehlo_refused_for_now_has_no_fall_back();
  test_greetings_that_refuse();
  test_malformed_replies_end_the_session();
  test_line_ends_other_than_crlf_end_the_session();
  test_421_ends_a_session_anywhere();
  test_421_while_idle_is_waited_for_to_its_end();
  test_anything_else_while_idle_is_surplus();
  test_a_reply_too_many_in_one_piece_is_surplus();
  test_closing_and_silence();
  test_closing_while_idle();
  test_a_refused_rset_leaves_quit();
  test_limits_of_lines_and_replies();
  return check_status();
}
