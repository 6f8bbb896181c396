/* Wrong calls of each POP3 function: an error that leaves the session as it
 * was, and no octet for the server. */
#include "pop3_talk.h"

static bool is_silent(const struct talk *talk) {
  size_t len = 0;

  return mailc_pop3_tx_buf(&talk->session, &len) == NULL && len == 0;
}

static void test_init_refuses_what_cannot_work(void) {
  struct talk talk;
  struct mailc_pop3_config config = talk_config(&talk);
  size_t size = sizeof talk.session;

  CHECK(mailc_pop3_init(NULL, size, &config) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_init(&talk.session, size, NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_init(&talk.session, size - 1, &config) == MAILC_E_SIZE);
  CHECK(mailc_pop3_init(&talk.session, size + 1, &config) == MAILC_E_SIZE);
  config.rx.cap = MAILC_RX_CAP_MIN - 1;
  CHECK(mailc_pop3_init(&talk.session, size, &config) == MAILC_E_ARGUMENT);
  config = talk_config(&talk);
  config.timestamp.data = NULL;
  CHECK(mailc_pop3_init(&talk.session, size, &config) == MAILC_E_ARGUMENT);
  config.timestamp.cap = 0;
  CHECK(mailc_pop3_init(&talk.session, size, &config) == MAILC_OK);
  config.queue = NULL;
  CHECK(mailc_pop3_init(&talk.session, size, &config) == MAILC_E_ARGUMENT);
}

/* 256 and 257 are 0 and 1 in an octet. */
static void test_a_queue_holds_1_to_255_commands(void) {
  static const size_t caps[] = {0,   1,   MAILC_QUEUE_MAX, MAILC_QUEUE_MAX + 1,
                                257, 513, SIZE_MAX};
  static struct mailc_pop3_slot slots[MAILC_QUEUE_MAX];
  struct talk talk;
  struct mailc_pop3_config config = talk_config(&talk);

  config.queue = slots;
  for (size_t i = 0; i < sizeof caps / sizeof caps[0]; i++) {
    config.queue_cap = caps[i];
    CHECK(mailc_pop3_init(&talk.session, sizeof talk.session, &config) ==
          (caps[i] == 1 || caps[i] == MAILC_QUEUE_MAX ? MAILC_OK
                                                      : MAILC_E_ARGUMENT));
  }
}

static void test_no_session_is_an_argument_error(void) {
  struct mailc_pop3_event event;
  struct mailc_span text = MAILC_SPAN("a");
  size_t len = 1;

  CHECK(mailc_pop3_connected(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_next(NULL, &event) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_want(NULL) == 0);
  CHECK(mailc_pop3_tx_buf(NULL, &len) == NULL && len == 0);
  CHECK(mailc_pop3_rx_buf(NULL, &len) == NULL && len == 0);
  CHECK(mailc_pop3_tx_ack(NULL, 0) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_rx_ack(NULL, 0) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_rx_eof(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_tick(NULL, 1) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_deadline_ms(NULL) == MAILC_NEVER);
  CHECK(mailc_pop3_capa(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_user(NULL, text) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_pass(NULL, text) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_apop(NULL, text, text) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_stat(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_list(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_list_one(NULL, 1) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_uidl(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_uidl_one(NULL, 1) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_retr(NULL, 1) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_top(NULL, 1, 1) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_dele(NULL, 1) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_noop(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_rset(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_quit(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_stls(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_utf8(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_lang(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_lang_to(NULL, text) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_set_limit_ms(NULL, 1) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_tls_up(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_tls_failed(NULL, MAILC_E_TLS) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_offers(NULL) == 0 && mailc_pop3_mechs(NULL) == 0);
}

static void test_no_result_is_an_argument_error(void) {
  struct talk talk;

  talk_begin(&talk);
  CHECK(mailc_pop3_next(&talk.session, NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_tx_buf(&talk.session, NULL) == NULL);
  CHECK(mailc_pop3_rx_buf(&talk.session, NULL) == NULL);
}

static void test_connected_counts_once(void) {
  struct talk talk;

  talk_begin(&talk);
  CHECK(mailc_pop3_want(&talk.session) == MAILC_WANT_CALLER);
  CHECK(mailc_pop3_connected(&talk.session) == MAILC_OK);
  CHECK(mailc_pop3_connected(&talk.session) == MAILC_E_STATE);
  CHECK(talk_take(&talk) == MAILC_OK);
  CHECK(mailc_pop3_want(&talk.session) == MAILC_WANT_RX);
  CHECK(is_silent(&talk));
}

static void test_more_than_there_is_cannot_be_acknowledged(void) {
  struct talk talk;
  size_t room = 0;

  talk_greeted(&talk);
  CHECK(mailc_pop3_tx_ack(&talk.session, 1) == MAILC_E_ARGUMENT);
  (void)mailc_pop3_rx_buf(&talk.session, &room);
  CHECK(room == sizeof talk.rx);
  CHECK(mailc_pop3_rx_ack(&talk.session, room + 1) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_rx_ack(&talk.session, SIZE_MAX) == MAILC_E_ARGUMENT);
  CHECK(talk_take(&talk) == MAILC_OK);
}

static void test_events_and_octets_come_before_commands(void) {
  struct talk talk;
  size_t room = 0;
  struct mailc_pop3_event event;

  talk_logged_in(&talk);
  talk.session.queue_cap = 1;
  CHECK(talk_give(&talk, "NOOP") == MAILC_OK);
  CHECK(talk_give(&talk, "NOOP") == MAILC_E_QUEUE_FULL);
  talk_sent(&talk, "NOOP");
  CHECK(talk_take(&talk) == MAILC_OK);
  memcpy(mailc_pop3_rx_buf(&talk.session, &room), "+OK\r\n+", 6);
  CHECK(mailc_pop3_rx_ack(&talk.session, 6) == MAILC_OK);
  CHECK(mailc_pop3_next(&talk.session, &event) == MAILC_OK);
  CHECK(event.kind == MAILC_POP3_EVENT_MOVE);
  CHECK(talk_give(&talk, "NOOP") == MAILC_E_EVENTS);
  CHECK(mailc_pop3_rx_buf(&talk.session, &room) == NULL && room == 0);
  CHECK(mailc_pop3_next(&talk.session, &event) == MAILC_OK);
  CHECK(event.kind == MAILC_POP3_EVENT_REPLY);
  CHECK(talk_give(&talk, "NOOP") == MAILC_E_EVENTS);
  CHECK(is_silent(&talk));
  CHECK(talk_take(&talk) == MAILC_E_SURPLUS);
}

static void test_texts_that_no_command_may_hold_are_refused(void) {
  static const char *const bad[] = {"a\r\nDELE 1", "a\n",  "a b",
                                    "a\tb",        "\x7f", "\xc3\xa4"};
  static const char nul[] = "a\0b";
  struct mailc_span text = {(const uint8_t *)nul, 3};
  struct talk talk;

  talk_greeted(&talk);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    CHECK(mailc_pop3_user(&talk.session, talk_span(bad[i])) == MAILC_E_TEXT);
    CHECK(mailc_pop3_apop(&talk.session, talk_span(bad[i]), text) ==
          MAILC_E_TEXT);
  }
  CHECK(mailc_pop3_user(&talk.session, text) == MAILC_E_TEXT);
  CHECK(mailc_pop3_user(&talk.session, talk_span("")) == MAILC_E_ARGUMENT);
  CHECK(is_silent(&talk));
  CHECK(talk_exchange(&talk, "USER a", "+OK\r\n", 9) == MAILC_OK);
  CHECK(mailc_pop3_pass(&talk.session, text) == MAILC_E_TEXT);
  CHECK(mailc_pop3_pass(&talk.session, talk_span("a\n")) == MAILC_E_TEXT);
  CHECK(mailc_pop3_pass(&talk.session, talk_span("")) == MAILC_E_ARGUMENT);
  CHECK(is_silent(&talk));
}

static void test_a_line_of_255_octets_is_the_longest(void) {
  static char name[256];
  struct talk talk;

  memset(name, 'x', 249);
  talk_greeted(&talk);
  CHECK(mailc_pop3_user(&talk.session, talk_span(name)) == MAILC_E_TOO_LONG);
  CHECK(is_silent(&talk));
  name[248] = '\0';
  CHECK(mailc_pop3_user(&talk.session, talk_span(name)) == MAILC_OK);
}

static void test_there_is_no_message_0(void) {
  static const char *const commands[] = {"LIST 0", "UIDL 0", "RETR 0",
                                         "TOP 0 1", "DELE 0"};
  struct talk talk;

  talk_logged_in(&talk);
  for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
    CHECK(talk_give(&talk, commands[i]) == MAILC_E_ARGUMENT);
    CHECK(is_silent(&talk));
  }
}

static void test_the_largest_numbers_are_sent_whole(void) {
  struct talk talk;

  talk_logged_in(&talk);
  CHECK(talk_exchange(&talk, "TOP 4294967295 4294967295", "-ERR\r\n", 9) ==
        MAILC_OK);
  CHECK(talk_exchange(&talk, "RETR 4294967295", "-ERR\r\n", 9) == MAILC_OK);
}

int main(void) {
  test_init_refuses_what_cannot_work();
  test_a_queue_holds_1_to_255_commands();
  test_no_session_is_an_argument_error();
  test_no_result_is_an_argument_error();
  test_connected_counts_once();
  test_more_than_there_is_cannot_be_acknowledged();
  test_events_and_octets_come_before_commands();
  test_texts_that_no_command_may_hold_are_refused();
  test_a_line_of_255_octets_is_the_longest();
  test_there_is_no_message_0();
  test_the_largest_numbers_are_sent_whole();
  return check_status();
}
