/* POP3 sessions in memory, the same at every size of the pieces received. */
#include "pop3_talk.h"

struct exchange {
  const char *command;
  const char *answer;
};

static const struct exchange exchanges[] = {
    {"CAPA", "+OK list\r\nTOP\r\nSASL PLAIN LOGIN \r\n..X a\r\n.\r\n"},
    {"USER mrose", "+OK\r\n"},
    {"PASS  a  b ", "+OK 2 messages\r\n"},
    {"STAT", "+OK 2 18446744073709551615 more\r\n"},
    {"LIST", "+OK 2 messages\r\n1 120\r\n3 200 more\r\n.\r\n"},
    {"LIST 3", "+OK 3 200\r\n"},
    {"LIST 9", "-ERR no such message\r\n"},
    {"UIDL", "+OK\r\n1 whqtswO00WBw418f9t5JxYwZ\r\n.\r\n"},
    {"UIDL 1", "+OK 1 a\r\n"},
    {"RETR 1", "+OK 120 octets\r\nA: b\r\n\r\n..\r\n...x\r\na.\r\n.\r\n"},
    {"TOP 1 0", "+OK\r\n.\r\n"},
    {"DELE 1", "+OK\r\n"},
    {"RSET", "+OK\r\n"},
    {"NOOP", "+OK\r\n"},
    {"QUIT", "+OK bye\r\n"},
};

static const char session_log[] =
    "START CONNECTED WAIT_GREETING\n"
    "WAIT_GREETING GREETING_OK AUTHORIZATION\n"
    "OK 0 0 [+OK ready <1896.697170952@dbc.mtview.ca.us>] "
    "[<1896.697170952@dbc.mtview.ca.us>]\n"
    "AUTHORIZATION CMD_CAPA WAIT_CAPA\n"
    "WAIT_CAPA REPLY_OK IN_CAPA\n"
    "OK... 0 0 [+OK list] []\n"
    "OK 0 0 [TOP] []\n"
    "OK 0 0 [SASL] [PLAIN LOGIN]\n"
    "OK 0 0 [.X] [a]\n"
    "IN_CAPA TERMINATOR AUTHORIZATION\n"
    "end\n"
    "AUTHORIZATION CMD_USER WAIT_USER\n"
    "WAIT_USER REPLY_OK USER_ACCEPTED\n"
    "OK 0 0 [+OK] []\n"
    "USER_ACCEPTED CMD_PASS WAIT_PASS\n"
    "WAIT_PASS REPLY_OK TRANSACTION\n"
    "OK 0 0 [+OK 2 messages] []\n"
    "TRANSACTION CMD_STAT WAIT_STAT\n"
    "WAIT_STAT REPLY_OK TRANSACTION\n"
    "OK 2 18446744073709551615 [+OK 2 18446744073709551615 more] []\n"
    "TRANSACTION CMD_LIST WAIT_LIST\n"
    "WAIT_LIST REPLY_OK IN_LIST\n"
    "OK... 0 0 [+OK 2 messages] []\n"
    "OK 1 120 [] []\n"
    "OK 3 200 [] []\n"
    "IN_LIST TERMINATOR TRANSACTION\n"
    "end\n"
    "TRANSACTION CMD_LIST_ONE WAIT_LIST_ONE\n"
    "WAIT_LIST_ONE REPLY_OK TRANSACTION\n"
    "OK 3 200 [+OK 3 200] []\n"
    "TRANSACTION CMD_LIST_ONE WAIT_LIST_ONE\n"
    "WAIT_LIST_ONE REPLY_ERR TRANSACTION\n"
    "E_REFUSED 0 0 [-ERR no such message] []\n"
    "TRANSACTION CMD_UIDL WAIT_UIDL\n"
    "WAIT_UIDL REPLY_OK IN_UIDL\n"
    "OK... 0 0 [+OK] []\n"
    "OK 1 0 [] [whqtswO00WBw418f9t5JxYwZ]\n"
    "IN_UIDL TERMINATOR TRANSACTION\n"
    "end\n"
    "TRANSACTION CMD_UIDL_ONE WAIT_UIDL_ONE\n"
    "WAIT_UIDL_ONE REPLY_OK TRANSACTION\n"
    "OK 1 0 [+OK 1 a] [a]\n"
    "TRANSACTION CMD_RETR WAIT_RETR\n"
    "WAIT_RETR REPLY_OK IN_RETR\n"
    "OK... 0 0 [+OK 120 octets] []\n"
    "data A: b\r\n\r\n.\r\n..x\r\na.\r\n"
    "IN_RETR TERMINATOR TRANSACTION\n"
    "end\n"
    "TRANSACTION CMD_TOP WAIT_TOP\n"
    "WAIT_TOP REPLY_OK IN_TOP\n"
    "OK... 0 0 [+OK] []\n"
    "IN_TOP TERMINATOR TRANSACTION\n"
    "end\n"
    "TRANSACTION CMD_DELE WAIT_DELE\n"
    "WAIT_DELE REPLY_OK TRANSACTION\n"
    "OK 0 0 [+OK] []\n"
    "TRANSACTION CMD_RSET WAIT_RSET\n"
    "WAIT_RSET REPLY_OK TRANSACTION\n"
    "OK 0 0 [+OK] []\n"
    "TRANSACTION CMD_NOOP WAIT_NOOP\n"
    "WAIT_NOOP REPLY_OK TRANSACTION\n"
    "OK 0 0 [+OK] []\n"
    "TRANSACTION CMD_QUIT WAIT_UPDATE\n"
    "WAIT_UPDATE REPLY_OK CLOSED\n"
    "OK 0 0 [+OK bye] []\n";

static void test_a_session_is_the_same_at_every_piece_size(void) {
  struct talk talk;

  for (size_t step = 1; step <= 80; step++) {
    talk_begin(&talk);
    CHECK(mailc_pop3_connected(&talk.session) == MAILC_OK);
    CHECK(talk_receive(&talk, TALK_GREETING, strlen(TALK_GREETING), step) ==
          MAILC_OK);
    for (size_t i = 0; i < sizeof exchanges / sizeof exchanges[0]; i++) {
      CHECK(talk_exchange(&talk, exchanges[i].command, exchanges[i].answer,
                          step) == MAILC_OK);
    }
    TALK_LOG(&talk, session_log);
    CHECK(mailc_pop3_want(&talk.session) == MAILC_WANT_CLOSED);
  }
}

static void test_a_refused_greeting_ends_the_session(void) {
  struct talk talk;

  talk_begin(&talk);
  CHECK(mailc_pop3_connected(&talk.session) == MAILC_OK);
  CHECK(talk_receive(&talk, "-ERR busy <a@b>\r\n", 17, 3) == MAILC_OK);
  TALK_LOG(&talk, "START CONNECTED WAIT_GREETING\n"
                  "WAIT_GREETING GREETING_REFUSED CLOSED\n"
                  "E_REFUSED 0 0 [-ERR busy <a@b>] []\n");
  CHECK(talk_give(&talk, "QUIT") == MAILC_E_STATE);
  CHECK(mailc_pop3_want(&talk.session) == MAILC_WANT_CLOSED);
}

static void test_every_refusal_leaves_the_session_usable(void) {
  static const char *const commands[] = {
      "CAPA",   "STAT",    "LIST",   "LIST 1", "UIDL", "UIDL 1",
      "RETR 1", "TOP 1 1", "DELE 1", "NOOP",   "RSET"};
  struct talk talk;

  talk_logged_in(&talk);
  for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
    CHECK(talk_exchange(&talk, commands[i], "-ERR\r\n", 1) == MAILC_OK);
    CHECK(strstr(talk.log, "E_REFUSED 0 0 [-ERR] []\n") != NULL);
    talk.log_len = 0;
    CHECK(talk_exchange(&talk, "NOOP", "+OK\r\n", 99) == MAILC_OK);
  }
  CHECK(talk_exchange(&talk, "QUIT", "-ERR not all deleted\r\n", 9) ==
        MAILC_OK);
  CHECK(strstr(talk.log, "WAIT_UPDATE REPLY_ERR CLOSED\n") != NULL);
}

static void test_refused_logins_can_be_tried_again(void) {
  struct talk talk;

  talk_greeted(&talk);
  CHECK(talk_exchange(&talk, "USER a", "-ERR\r\n", 9) == MAILC_OK);
  CHECK(talk_give(&talk, "PASS a") == MAILC_E_STATE);
  CHECK(talk_exchange(&talk, "USER b", "+OK\r\n", 9) == MAILC_OK);
  CHECK(talk_exchange(&talk, "PASS b", "-ERR\r\n", 9) == MAILC_OK);
  TALK_LOG(&talk, "AUTHORIZATION CMD_USER WAIT_USER\n"
                  "WAIT_USER REPLY_ERR AUTHORIZATION\n"
                  "E_AUTH 0 0 [-ERR] []\n"
                  "AUTHORIZATION CMD_USER WAIT_USER\n"
                  "WAIT_USER REPLY_OK USER_ACCEPTED\n"
                  "OK 0 0 [+OK] []\n"
                  "USER_ACCEPTED CMD_PASS WAIT_PASS\n"
                  "WAIT_PASS REPLY_ERR AUTHORIZATION\n"
                  "E_AUTH 0 0 [-ERR] []\n");
  CHECK(talk_exchange(&talk, "USER c", "+OK\r\n", 9) == MAILC_OK);
  CHECK(talk_exchange(&talk, "QUIT", "+OK\r\n", 9) == MAILC_OK);
}

/* The status after `command` was answered by `answer`, at every piece size. */
static void check_answer(const char *command, const char *answer,
                         enum mailc_status status) {
  struct talk talk;

  for (size_t step = 1; step <= strlen(answer); step++) {
    talk_logged_in(&talk);
    if (talk_exchange(&talk, command, answer, step) != status) {
      (void)fprintf(stderr, "%s answered by %s in pieces of %zu\n", command,
                    answer, step);
      CHECK(false);
    }
    if (status != MAILC_OK) {
      CHECK(talk_give(&talk, "QUIT") == status);
      CHECK(talk_take(&talk) == status);
      CHECK(mailc_pop3_want(&talk.session) == MAILC_WANT_CLOSED);
    }
  }
}

static void test_answers_that_are_none_fail_the_session(void) {
  static const char *const bad[] = {
      "OK\r\n",    "+OKAY\r\n", "+ok\r\n", "200 fine\r\n", "\r\n",
      "-ERRX\r\n", "+ \r\n",    "-\r\n",   " +OK\r\n",     ".\r\n"};

  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    check_answer("NOOP", bad[i], MAILC_E_REPLY);
  }
  check_answer("NOOP", "+OK\n", MAILC_E_LINE_END);
  check_answer("NOOP", "+OK a\rb\r\n", MAILC_E_LINE_END);
  check_answer("NOOP", "+OK\r\n+", MAILC_E_SURPLUS);
}

static void test_values_that_cannot_be_read_fail_the_session(void) {
  static const struct exchange bad[] = {
      {"STAT", "+OK\r\n"},
      {"STAT", "+OK 2\r\n"},
      {"STAT", "+OK two 320\r\n"},
      {"STAT", "+OK -1 5\r\n"},
      {"STAT", "+OK 2 320x\r\n"},
      {"STAT", "+OK 4294967296 1\r\n"},
      {"STAT", "+OK 1 18446744073709551616\r\n"},
      {"LIST", "+OK\r\n\r\n"},
      {"LIST", "+OK\r\n0 1\r\n"},
      {"LIST", "+OK\r\nx 1\r\n"},
      {"LIST", "+OK\r\n1\r\n"},
      {"LIST 1", "+OK 2 120\r\n"},
      {"LIST 1", "+OK\r\n"},
      {"UIDL", "+OK\r\n1\r\n"},
      {"UIDL", "+OK\r\n1 \r\n"},
      {"UIDL", "+OK\r\n1 a b\r\n"},
      {"UIDL", "+OK\r\n1 \x7f\r\n"},
      {"UIDL", "+OK\r\n0 a\r\n"},
      {"UIDL 1", "+OK 2 a\r\n"},
  };

  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    check_answer(bad[i].command, bad[i].answer, MAILC_E_REPLY);
  }
}

static void test_only_a_lone_dot_ends_a_message(void) {
  static const struct exchange messages[] = {
      {"data x\n.\ny\r\n", "x\n.\ny\r\n.\r\n"},
      {"data x\r.\ry\r\n", "x\r.\ry\r\n.\r\n"},
      {"data \rx\r\n", ".\rx\r\n.\r\n"},
      {"data hidden\r\n", ".hidden\r\n.\r\n"},
      {"data \n\r\n", ".\n\r\n.\r\n"},
      {"data .\r\n..\r\n", "..\r\n...\r\n.\r\n"},
      {"data  .\r\na.\r\n", " .\r\na.\r\n.\r\n"},
      {"data \r\n", "\r\n.\r\n"},
      {"data \r\r\n", "\r\r\n.\r\n"},
  };
  struct talk talk;

  for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
    for (size_t step = 1; step < 16; step++) {
      talk_logged_in(&talk);
      CHECK(talk_exchange(&talk, "RETR 1", "+OK\r\n", 9) == MAILC_OK);
      talk.log_len = 0;
      CHECK(talk_receive(&talk, messages[i].answer, strlen(messages[i].answer),
                         step) == MAILC_OK);
      talk.log[talk.log_len] = '\0';
      CHECK(strncmp(talk.log, messages[i].command,
                    strlen(messages[i].command)) == 0);
      CHECK(strstr(talk.log, "IN_RETR TERMINATOR TRANSACTION\nend\n") != NULL);
    }
  }
}

static void test_a_message_line_may_be_longer_than_the_buffer(void) {
  static char octets[5 * MAILC_RX_CAP_MIN];
  struct talk talk;

  memset(octets, 'x', sizeof octets);
  talk_logged_in(&talk);
  CHECK(talk_exchange(&talk, "RETR 1", "+OK\r\n", 9) == MAILC_OK);
  talk.log_len = 0;
  CHECK(talk_receive(&talk, octets, sizeof octets, 4096) == MAILC_OK);
  CHECK(talk.log_len == sizeof octets + 5);
  CHECK(talk_receive(&talk, "\r\n.\r\n", 5, 5) == MAILC_OK);
}

static void test_a_status_line_may_fill_the_buffer(void) {
  static char line[MAILC_RX_CAP_MIN + 1];
  struct talk talk;

  memset(line, 'x', sizeof line - 1);
  memcpy(line, "+OK ", 4);
  memcpy(line + sizeof line - 3, "\r\n", 2);
  check_answer("NOOP", line, MAILC_OK);
  memcpy(line + sizeof line - 3, "xx", 2);
  talk_logged_in(&talk);
  CHECK(talk_exchange(&talk, "NOOP", line, 99) == MAILC_E_LINE_TOO_LONG);
}

static void test_the_end_of_the_stream_is_an_error_at_any_place(void) {
  static const struct exchange cut[] = {{"NOOP", ""},
                                        {"NOOP", "+OK\r"},
                                        {"LIST", "+OK\r\n1 120\r\n"},
                                        {"RETR 1", "+OK\r\nbody\r\n.\r"}};
  struct talk talk;

  for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++) {
    talk_logged_in(&talk);
    CHECK(talk_exchange(&talk, cut[i].command, cut[i].answer, 99) == MAILC_OK);
    CHECK(mailc_pop3_rx_eof(&talk.session) == MAILC_OK);
    CHECK(talk_take(&talk) == MAILC_E_CLOSED);
    CHECK(strstr(talk.log, " EOF FAILED\n") != NULL);
  }
}

static void test_an_answer_before_the_end_of_the_stream_counts(void) {
  struct talk talk;

  talk_greeted(&talk);
  CHECK(talk_exchange(&talk, "USER a", "+OK\r\n", 9) == MAILC_OK);
  CHECK(talk_give(&talk, "PASS a") == MAILC_OK);
  talk_sent(&talk, "PASS a");
  CHECK(talk_take(&talk) == MAILC_OK);
  talk.log_len = 0;
  CHECK(mailc_pop3_rx_eof(&talk.session) == MAILC_OK);
  size_t room = 0;
  memcpy(mailc_pop3_rx_buf(&talk.session, &room), "-ERR\r\n", 6);
  CHECK(mailc_pop3_rx_ack(&talk.session, 6) == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_E_CLOSED);
  TALK_LOG(&talk, "WAIT_PASS REPLY_ERR AUTHORIZATION\n"
                  "E_AUTH 0 0 [-ERR] []\n"
                  "AUTHORIZATION EOF FAILED\n");
}

static void test_silence_ends_at_the_deadline(void) {
  struct talk talk;

  talk_logged_in(&talk);
  CHECK(mailc_pop3_deadline_ms(&talk.session) == MAILC_NEVER);
  CHECK(talk_exchange(&talk, "NOOP", "+O", 9) == MAILC_OK);
  CHECK(mailc_pop3_deadline_ms(&talk.session) == 1400);
  CHECK(mailc_pop3_tick(&talk.session, 1399) == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_OK);
  CHECK(mailc_pop3_tick(&talk.session, 1400) == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_E_TIMEOUT);
  CHECK(strstr(talk.log, "WAIT_NOOP TIMEOUT FAILED\n") != NULL);
  CHECK(mailc_pop3_deadline_ms(&talk.session) == MAILC_NEVER);
}

static void test_an_answer_to_a_command_not_sent_waits(void) {
  struct talk talk;
  size_t room = 0;

  talk_logged_in(&talk);
  CHECK(talk_give(&talk, "NOOP") == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_OK);
  memcpy(mailc_pop3_rx_buf(&talk.session, &room), "+OK\r\n", 5);
  CHECK(mailc_pop3_rx_ack(&talk.session, 5) == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_OK);
  TALK_LOG(&talk, "TRANSACTION CMD_NOOP WAIT_NOOP\n");
  talk_sent(&talk, "NOOP");
  CHECK(talk_take(&talk) == MAILC_OK);
  CHECK(strstr(talk.log, "WAIT_NOOP REPLY_OK TRANSACTION\n") != NULL);
}

int main(void) {
  test_a_session_is_the_same_at_every_piece_size();
  test_a_refused_greeting_ends_the_session();
  test_every_refusal_leaves_the_session_usable();
  test_refused_logins_can_be_tried_again();
  test_answers_that_are_none_fail_the_session();
  test_values_that_cannot_be_read_fail_the_session();
  test_only_a_lone_dot_ends_a_message();
  test_a_message_line_may_be_longer_than_the_buffer();
  test_a_status_line_may_fill_the_buffer();
  test_the_end_of_the_stream_is_an_error_at_any_place();
  test_an_answer_before_the_end_of_the_stream_counts();
  test_silence_ends_at_the_deadline();
  test_an_answer_to_a_command_not_sent_waits();
  return check_status();
}
