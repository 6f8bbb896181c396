/* Commands queued before those ahead of them are answered: when they leave, in
 * what order their answers count, and what becomes of those that lost their
 * ground. */
#include "pop3_talk.h"

static const char *const commands[] = {"STAT", "RETR 1", "RETR 2",
                                       "UIDL", "NOOP",   "QUIT"};

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static const char answers[] = "+OK 2 30\r\n"
                              "+OK\r\nA: b\r\n\r\n..\r\n.\r\n"
                              "-ERR no such message\r\n"
                              "+OK\r\n1 a\r\n.\r\n"
                              "+OK\r\n"
                              "+OK bye\r\n";

static const char session_log[] = "TRANSACTION CMD_STAT WAIT_STAT\n"
                                  "WAIT_STAT REPLY_OK TRANSACTION\n"
                                  "OK 2 30 [+OK 2 30] []\n"
                                  "TRANSACTION CMD_RETR WAIT_RETR\n"
                                  "WAIT_RETR REPLY_OK IN_RETR\n"
                                  "OK... 0 0 [+OK] []\n"
                                  "data A: b\r\n\r\n.\r\n"
                                  "IN_RETR TERMINATOR TRANSACTION\n"
                                  "end\n"
                                  "TRANSACTION CMD_RETR WAIT_RETR\n"
                                  "WAIT_RETR REPLY_ERR TRANSACTION\n"
                                  "E_REFUSED 0 0 [-ERR no such message] []\n"
                                  "TRANSACTION CMD_UIDL WAIT_UIDL\n"
                                  "WAIT_UIDL REPLY_OK IN_UIDL\n"
                                  "OK... 0 0 [+OK] []\n"
                                  "OK 1 0 [] [a]\n"
                                  "IN_UIDL TERMINATOR TRANSACTION\n"
                                  "end\n"
                                  "TRANSACTION CMD_NOOP WAIT_NOOP\n"
                                  "WAIT_NOOP REPLY_OK TRANSACTION\n"
                                  "OK 0 0 [+OK] []\n"
                                  "TRANSACTION CMD_QUIT WAIT_UPDATE\n"
                                  "WAIT_UPDATE REPLY_OK CLOSED\n"
                                  "OK 0 0 [+OK bye] []\n";

static void give_all(struct talk *talk) {
  for (size_t i = 0; i < COMMAND_COUNT; i++) {
    CHECK(talk_give(talk, commands[i]) == MAILC_OK);
  }
}

static void test_where_it_is_offered_one_write_has_them_all(void) {
  for (size_t step = 1; step <= sizeof answers; step++) {
    struct talk talk;

    talk_logged_in(&talk);
    talk.session.offers = MAILC_POP3_OFFER_PIPELINING;
    give_all(&talk);
    talk_sent(&talk, "STAT\r\nRETR 1\r\nRETR 2\r\nUIDL\r\nNOOP\r\nQUIT");
    CHECK(talk_receive(&talk, answers, sizeof answers - 1, step) == MAILC_OK);
    TALK_LOG(&talk, session_log);
  }
}

/* Without the offer each waits for the answer before it; the log is the same.
 */
static void test_where_it_is_not_they_leave_one_by_one(void) {
  struct talk talk;
  const char *answer = answers;

  talk_logged_in(&talk);
  give_all(&talk);
  for (size_t i = 0; i < COMMAND_COUNT; i++) {
    static const size_t lens[] = {10, 20, 22, 13, 5, 9};

    talk_sent(&talk, commands[i]);
    CHECK(talk_receive(&talk, answer, lens[i], 7) == MAILC_OK);
    answer += lens[i];
  }
  TALK_LOG(&talk, session_log);
}

static void test_an_answer_counts_once_its_command_has_left(void) {
  struct talk talk;
  size_t len = 0;

  talk_logged_in(&talk);
  talk.session.offers = MAILC_POP3_OFFER_PIPELINING;
  CHECK(talk_give(&talk, "NOOP") == MAILC_OK);
  CHECK(talk_give(&talk, "STAT") == MAILC_OK);
  CHECK(talk_receive(&talk, "+OK\r\n", 5, 9) == MAILC_OK);
  (void)mailc_pop3_tx_buf(&talk.session, &len);
  CHECK(len == 12 && mailc_pop3_tx_ack(&talk.session, 7) == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_OK);
  TALK_LOG(&talk, "TRANSACTION CMD_NOOP WAIT_NOOP\n"
                  "WAIT_NOOP REPLY_OK TRANSACTION\n"
                  "OK 0 0 [+OK] []\n"
                  "TRANSACTION CMD_STAT WAIT_STAT\n");
}

/* An answer that is there before its command has begun to leave is none. */
static void test_answers_sent_ahead_of_a_held_command_are_surplus(void) {
  struct talk talk;

  talk_logged_in(&talk);
  CHECK(talk_give(&talk, "NOOP") == MAILC_OK);
  CHECK(talk_give(&talk, "RSET") == MAILC_OK);
  talk_sent(&talk, "NOOP");
  CHECK(talk_receive(&talk, "+OK\r\n+OK\r\n", 10, 99) == MAILC_E_SURPLUS);
  TALK_LOG(&talk, "TRANSACTION CMD_NOOP WAIT_NOOP\n"
                  "WAIT_NOOP REPLY_OK TRANSACTION\n"
                  "OK 0 0 [+OK] []\n"
                  "TRANSACTION BAD_REPLY FAILED\n");
}

static void test_a_login_ends_what_leaves_at_once(void) {
  struct talk talk;

  talk_greeted(&talk);
  talk.session.offers = MAILC_POP3_OFFER_PIPELINING;
  CHECK(talk_give(&talk, "LANG") == MAILC_E_NOT_OFFERED);
  CHECK(talk_give(&talk, "CAPA") == MAILC_OK);
  CHECK(talk_give(&talk, "USER mrose") == MAILC_OK);
  CHECK(talk_give(&talk, "PASS secret") == MAILC_OK);
  CHECK(talk_give(&talk, "STAT") == MAILC_OK);
  CHECK(talk_give(&talk, "NOOP") == MAILC_OK);
  CHECK(talk_give(&talk, "STLS") == MAILC_E_STATE);
  talk_sent(&talk, "CAPA\r\nUSER mrose");
  CHECK(talk_receive(&talk, "+OK\r\nPIPELINING\r\n.\r\n+OK\r\n", 25, 99) ==
        MAILC_OK);
  talk_sent(&talk, "PASS secret");
  CHECK(talk_receive(&talk, "+OK\r\n", 5, 99) == MAILC_OK);
  talk_sent(&talk, "STAT\r\nNOOP");
}

static void test_what_follows_a_refused_login_is_dropped(void) {
  struct talk talk;
  size_t len = 0;

  talk_greeted(&talk);
  CHECK(talk_give(&talk, "USER mrose") == MAILC_OK);
  CHECK(talk_give(&talk, "PASS secret") == MAILC_OK);
  CHECK(talk_give(&talk, "STAT") == MAILC_OK);
  CHECK(talk_give(&talk, "QUIT") == MAILC_OK);
  CHECK(talk_give(&talk, "NOOP") == MAILC_E_STATE);
  talk_sent(&talk, "USER mrose");
  CHECK(talk_receive(&talk, "-ERR\r\n", 6, 99) == MAILC_OK);
  TALK_LOG(&talk, "AUTHORIZATION CMD_USER WAIT_USER\n"
                  "WAIT_USER REPLY_ERR AUTHORIZATION\n"
                  "E_AUTH 0 0 [-ERR] []\n"
                  "E_DROPPED 0 0 [] []\n"
                  "E_DROPPED 0 0 [] []\n"
                  "AUTHORIZATION CMD_QUIT WAIT_QUIT\n");
  talk_sent(&talk, "QUIT");
  CHECK(mailc_pop3_tx_buf(&talk.session, &len) == NULL);
  for (size_t i = 0; i < sizeof talk.tx; i++) {
    CHECK(talk.tx[i] == 0);
  }
}

/* LANG is allowed before the login too, but what was to come behind it is not.
 */
static void test_no_command_leaves_behind_one_that_lost_its_ground(void) {
  struct talk talk;

  talk_greeted(&talk);
  talk.session.offers = MAILC_POP3_OFFER_PIPELINING | MAILC_POP3_OFFER_LANG;
  CHECK(talk_exchange(&talk, "USER mrose", "+OK\r\n", 9) == MAILC_OK);
  CHECK(talk_give(&talk, "PASS secret") == MAILC_OK);
  CHECK(talk_give(&talk, "LANG de") == MAILC_OK);
  CHECK(talk_give(&talk, "UIDL") == MAILC_OK);
  CHECK(talk_give(&talk, "CAPA") == MAILC_OK);
  talk_sent(&talk, "PASS secret");
  CHECK(talk_receive(&talk, "-ERR\r\n", 6, 99) == MAILC_OK);
  talk_sent(&talk, "LANG de");
  talk.log_len = 0;
  CHECK(talk_receive(&talk, "+OK\r\n", 5, 99) == MAILC_OK);
  TALK_LOG(&talk, "WAIT_LANG_TO REPLY_OK AUTHORIZATION\n"
                  "OK 0 0 [+OK] []\n"
                  "E_DROPPED 0 0 [] []\n"
                  "AUTHORIZATION CMD_CAPA WAIT_CAPA\n");
  talk_sent(&talk, "CAPA");
}

static void test_an_end_before_a_held_command_left_comes_without_it(void) {
  struct talk talk;
  size_t room = 0;

  talk_logged_in(&talk);
  CHECK(talk_give(&talk, "NOOP") == MAILC_OK);
  CHECK(talk_give(&talk, "STAT") == MAILC_OK);
  talk_sent(&talk, "NOOP");
  CHECK(mailc_pop3_rx_eof(&talk.session) == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_E_CLOSED);
  TALK_LOG(&talk, "TRANSACTION CMD_NOOP WAIT_NOOP\n"
                  "WAIT_NOOP EOF FAILED\n");
  talk_logged_in(&talk);
  CHECK(talk_give(&talk, "NOOP") == MAILC_OK);
  CHECK(talk_give(&talk, "STAT") == MAILC_OK);
  talk_sent(&talk, "NOOP");
  CHECK(talk_take(&talk) == MAILC_OK);
  memcpy(mailc_pop3_rx_buf(&talk.session, &room), "+OK\r\n", 5);
  CHECK(mailc_pop3_rx_ack(&talk.session, 5) == MAILC_OK);
  CHECK(mailc_pop3_rx_eof(&talk.session) == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_E_CLOSED);
  TALK_LOG(&talk, "TRANSACTION CMD_NOOP WAIT_NOOP\n"
                  "WAIT_NOOP REPLY_OK TRANSACTION\n"
                  "OK 0 0 [+OK] []\n"
                  "TRANSACTION EOF FAILED\n");
}

static void test_the_queue_and_the_buffer_are_bounds(void) {
  static char name[200];
  struct talk talk;

  talk_logged_in(&talk);
  for (unsigned i = 0; i < 8; i++) {
    CHECK(talk_give(&talk, "NOOP") == MAILC_OK);
  }
  CHECK(talk_give(&talk, "NOOP") == MAILC_E_QUEUE_FULL);
  talk_sent(&talk, "NOOP");
  CHECK(talk_receive(&talk, "+OK\r\n", 5, 9) == MAILC_OK);
  CHECK(talk_give(&talk, "NOOP") == MAILC_OK);
  memset(name, 'x', sizeof name - 1);
  talk_greeted(&talk);
  CHECK(mailc_pop3_lang_to(&talk.session, talk_span(name)) == MAILC_OK);
  CHECK(mailc_pop3_lang_to(&talk.session, talk_span(name)) == MAILC_OK);
  CHECK(mailc_pop3_lang_to(&talk.session, talk_span(name)) ==
        MAILC_E_QUEUE_FULL);
  CHECK(talk_give(&talk, "CAPA") == MAILC_OK);
}

/* However many are queued, a bounded number of octets is under way. */
static void test_a_group_is_bounded(void) {
  static struct mailc_pop3_slot queue[200];
  static uint8_t tx[200 * 17];
  struct talk talk;
  size_t len = 0;

  talk_logged_in(&talk);
  talk.session.queue = queue;
  talk.session.queue_cap = 200;
  talk.session.link.tx = tx;
  talk.session.link.tx_cap = sizeof tx;
  talk.session.offers = MAILC_POP3_OFFER_PIPELINING;
  for (unsigned i = 0; i < 200; i++) {
    CHECK(mailc_pop3_retr(&talk.session, UINT32_MAX) == MAILC_OK);
  }
  (void)mailc_pop3_tx_buf(&talk.session, &len);
  CHECK(len == 1020);
  CHECK(mailc_pop3_tx_ack(&talk.session, len) == MAILC_OK);
  CHECK(talk_receive(&talk, "-ERR\r\n-ERR\r\n", 12, 99) == MAILC_OK);
  (void)mailc_pop3_tx_buf(&talk.session, &len);
  CHECK(len == 34);
}

int main(void) {
  test_where_it_is_offered_one_write_has_them_all();
  test_where_it_is_not_they_leave_one_by_one();
  test_an_answer_counts_once_its_command_has_left();
  test_answers_sent_ahead_of_a_held_command_are_surplus();
  test_a_login_ends_what_leaves_at_once();
  test_what_follows_a_refused_login_is_dropped();
  test_no_command_leaves_behind_one_that_lost_its_ground();
  test_an_end_before_a_held_command_left_comes_without_it();
  test_the_queue_and_the_buffer_are_bounds();
  test_a_group_is_bounded();
  return check_status();
}
