/* Wrong calls of each SMTP function: an error that leaves the session as it
 * was, and no octet for the server. */
#include "smtp_talk.h"

static const struct mailc_span none = {NULL, 0};

static void test_init_refuses_what_cannot_work(void) {
  struct talk talk;
  struct mailc_smtp_config config = talk_config(&talk);
  size_t size = sizeof talk.session;

  CHECK(mailc_smtp_init(NULL, size, &config) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_init(&talk.session, size, NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_init(&talk.session, size - 1, &config) == MAILC_E_SIZE);
  config.tx.cap = MAILC_TX_CAP_MIN - 1;
  CHECK(mailc_smtp_init(&talk.session, size, &config) == MAILC_E_ARGUMENT);
  config = talk_config(&talk);
  config.queue = NULL;
  CHECK(mailc_smtp_init(&talk.session, size, &config) == MAILC_E_ARGUMENT);
}

/* 256 and 257 are 0 and 1 in an octet. */
static void test_a_queue_holds_1_to_255_commands(void) {
  static const size_t caps[] = {0,   1,   MAILC_QUEUE_MAX, MAILC_QUEUE_MAX + 1,
                                257, 513, SIZE_MAX};
  static struct mailc_smtp_slot slots[MAILC_QUEUE_MAX];
  struct talk talk;
  struct mailc_smtp_config config = talk_config(&talk);

  config.queue = slots;
  for (size_t i = 0; i < sizeof caps / sizeof caps[0]; i++) {
    config.queue_cap = caps[i];
    CHECK(mailc_smtp_init(&talk.session, sizeof talk.session, &config) ==
          (caps[i] == 1 || caps[i] == MAILC_QUEUE_MAX ? MAILC_OK
                                                      : MAILC_E_ARGUMENT));
  }
}

static void test_no_session_is_an_argument_error(void) {
  struct mailc_smtp_event event;
  struct mailc_span text = MAILC_SPAN("a");
  size_t len = 1;

  CHECK(mailc_smtp_connected(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_next(NULL, &event) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_want(NULL) == 0 && mailc_smtp_offers(NULL) == 0);
  CHECK(mailc_smtp_tx_buf(NULL, &len) == NULL && len == 0);
  CHECK(mailc_smtp_rx_buf(NULL, &len) == NULL && len == 0);
  CHECK(mailc_smtp_tx_ack(NULL, 0) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_rx_ack(NULL, 0) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_rx_eof(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_tick(NULL, 1) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_deadline_ms(NULL) == MAILC_NEVER);
  CHECK(mailc_smtp_set_limit_ms(NULL, 1) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_ehlo(NULL, text) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_helo(NULL, text) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_answer(NULL, text) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_cancel(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_mail(NULL, text, NULL, 0) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_rcpt(NULL, text, NULL, 0) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_data(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_body(NULL, text) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_end(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_abort(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_check_message(NULL, text, false) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_rset(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_noop(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_vrfy(NULL, text) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_quit(NULL) == MAILC_E_ARGUMENT);
}

static void test_no_result_is_an_argument_error(void) {
  struct talk talk;
  struct mailc_span span = MAILC_SPAN("SIZE");

  talk_begin(&talk);
  CHECK(mailc_smtp_next(&talk.session, NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_tx_buf(&talk.session, NULL) == NULL);
  CHECK(mailc_smtp_rx_buf(&talk.session, NULL) == NULL);
  CHECK(!mailc_smtp_extension(span, NULL, &span));
  CHECK(!mailc_smtp_extension(span, &span, NULL));
}

static void test_connected_counts_once(void) {
  struct talk talk;

  talk_begin(&talk);
  CHECK(mailc_smtp_want(&talk.session) == MAILC_WANT_CALLER);
  CHECK(mailc_smtp_connected(&talk.session) == MAILC_OK);
  CHECK(mailc_smtp_connected(&talk.session) == MAILC_E_STATE);
  CHECK(talk_take(&talk) == MAILC_OK);
  CHECK(mailc_smtp_want(&talk.session) == MAILC_WANT_RX);
  CHECK(talk_is_silent(&talk));
}

static void test_more_than_there_is_cannot_be_acknowledged(void) {
  struct talk talk;
  size_t room = 0;

  talk_greeted(&talk);
  CHECK(mailc_smtp_tx_ack(&talk.session, 1) == MAILC_E_ARGUMENT);
  (void)mailc_smtp_rx_buf(&talk.session, &room);
  CHECK(room == sizeof talk.rx);
  CHECK(mailc_smtp_rx_ack(&talk.session, room + 1) == MAILC_E_ARGUMENT);
  CHECK(talk_take(&talk) == MAILC_OK);
}

static void test_events_come_before_commands(void) {
  struct talk talk;
  size_t room = 0;

  talk_ready(&talk, "250 HELP\r\n");
  CHECK(talk_give(&talk, "NOOP") == MAILC_OK);
  CHECK(talk_give(&talk, "NOOP") == MAILC_E_STATE);
  talk_sent(&talk, "NOOP");
  CHECK(talk_take(&talk) == MAILC_OK);
  memcpy(mailc_smtp_rx_buf(&talk.session, &room), "250\r\n", 5);
  CHECK(mailc_smtp_rx_ack(&talk.session, 5) == MAILC_OK);
  CHECK(talk_give(&talk, "RSET") == MAILC_E_STATE);
  CHECK(talk_take(&talk) == MAILC_OK);
  CHECK(talk_give(&talk, "RSET") == MAILC_OK);
}

/* Commands that a session in READY refuses, with the status. */
static void test_arguments_are_checked_before_octets(void) {
  static const struct {
    const char *command;
    enum mailc_status status;
  } wrong[] = {
      {"MAIL FROM:<a@b>\r\nRCPT TO:<x>", MAILC_E_TEXT},
      {"MAIL FROM:<a b@c>", MAILC_E_TEXT},
      {"MAIL FROM:<\344@c>", MAILC_E_TEXT},
      {"MAIL FROM:<a@b> SIZE=1", MAILC_E_NOT_OFFERED},
      {"MAIL FROM:<a@b> X-Y=1", MAILC_E_NOT_OFFERED},
      {"MAIL FROM:<a@b> SIZE=", MAILC_E_TEXT},
      {"MAIL FROM:<\344@c> SMTPUTF8", MAILC_E_NOT_OFFERED},
      {"VRFY ", MAILC_E_ARGUMENT},
      {"VRFY a\r\nQUIT", MAILC_E_TEXT},
      {"RCPT TO:<a@b>", MAILC_E_STATE},
      {"DATA", MAILC_E_STATE},
      {"EHLO x", MAILC_E_STATE},
  };
  struct talk talk;

  talk_ready(&talk, "250 HELP\r\n");
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    check_that(talk_give(&talk, wrong[i].command) == wrong[i].status,
               wrong[i].command, __FILE__, __LINE__);
    CHECK(talk_is_silent(&talk));
  }
  CHECK(mailc_smtp_mail(&talk.session, none, NULL, 0) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_mail(&talk.session, MAILC_SPAN("a"), NULL, 1) ==
        MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_mail(&talk.session, MAILC_SPAN("a"), &none, 11) ==
        MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_mail(&talk.session, MAILC_SPAN("a"), &none, 1) ==
        MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_vrfy(&talk.session, none) == MAILC_E_ARGUMENT);
  CHECK(talk_exchange(&talk, "MAIL FROM:<a@b>", "250\r\n", 9) == MAILC_OK);
  CHECK(talk_give(&talk, "RCPT TO:<>") == MAILC_E_ARGUMENT);
  CHECK(talk_give(&talk, "MAIL FROM:<a@b>") == MAILC_E_STATE);
  CHECK(talk_give(&talk, "NOOP") == MAILC_E_STATE);
  CHECK(talk_is_silent(&talk));
}

static void test_names_are_checked_before_octets(void) {
  struct talk talk;

  talk_greeted(&talk);
  CHECK(mailc_smtp_ehlo(&talk.session, none) == MAILC_E_ARGUMENT);
  CHECK(talk_give(&talk, "EHLO ") == MAILC_E_ARGUMENT);
  CHECK(talk_give(&talk, "EHLO a b") == MAILC_E_TEXT);
  CHECK(talk_give(&talk, "HELO a\r\nQUIT") == MAILC_E_TEXT);
  CHECK(talk_is_silent(&talk));
}

/* RFC 5321 section 4.5.3.1.4: 512 octets, and what the parameters add. */
static void test_lines_have_a_limit(void) {
  char path[1100];
  struct mailc_span param = MAILC_SPAN("AUTH=<>");
  struct mailc_span longest = {(const uint8_t *)path, 512 - 14};
  struct mailc_span extended = {(const uint8_t *)path, 512 + 500 - 14 - 8};
  uint8_t tx[2048];
  struct talk talk;
  struct mailc_smtp_config config = talk_config(&talk);

  memset(path, 'x', sizeof path);
  talk_ready(&talk, "250 AUTH X\r\n");
  longest.len++;
  CHECK(mailc_smtp_mail(&talk.session, longest, NULL, 0) == MAILC_E_TOO_LONG);
  longest.len--;
  CHECK(mailc_smtp_mail(&talk.session, longest, &param, 1) == MAILC_E_TOO_LONG);
  CHECK(talk_is_silent(&talk));
  CHECK(mailc_smtp_mail(&talk.session, longest, NULL, 0) == MAILC_OK);
  config.tx = (struct mailc_buffer){tx, sizeof tx};
  talk_begin_with(&talk, &config);
  talk_go_ready(&talk, "250 AUTH X\r\n");
  extended.len++;
  CHECK(mailc_smtp_mail(&talk.session, extended, &param, 1) ==
        MAILC_E_TOO_LONG);
  extended.len--;
  CHECK(mailc_smtp_mail(&talk.session, extended, &param, 1) == MAILC_OK);
}

static void test_smtputf8_is_for_one_message(void) {
  struct talk talk;

  talk_ready(&talk, "250 SMTPUTF8\r\n");
  CHECK(talk_exchange(&talk, "MAIL FROM:<\303\274@c> SMTPUTF8", "250\r\n", 9) ==
        MAILC_OK);
  CHECK(talk_exchange(&talk, "RCPT TO:<\303\274@c>", "250\r\n", 9) == MAILC_OK);
  CHECK(talk_exchange(&talk, "RSET", "250\r\n", 9) == MAILC_OK);
  CHECK(talk_exchange(&talk, "MAIL FROM:<c@c>", "250\r\n", 9) == MAILC_OK);
  CHECK(talk_give(&talk, "RCPT TO:<\303\274@c>") == MAILC_E_TEXT);
}

static void test_pieces_of_a_message_have_their_place(void) {
  struct talk talk;
  struct mailc_span piece = MAILC_SPAN("abc");

  talk_ready(&talk, "250 HELP\r\n");
  CHECK(mailc_smtp_body(&talk.session, piece) == MAILC_E_STATE);
  CHECK(mailc_smtp_end(&talk.session) == MAILC_E_STATE);
  CHECK(mailc_smtp_abort(&talk.session) == MAILC_E_STATE);
  talk_go_data(&talk, "MAIL FROM:<a@b>");
  CHECK(mailc_smtp_body(&talk.session, (struct mailc_span){NULL, 1}) ==
        MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_body(&talk.session, piece) == MAILC_OK);
  CHECK(mailc_smtp_body(&talk.session, piece) == MAILC_E_STATE);
  CHECK(mailc_smtp_end(&talk.session) == MAILC_E_STATE);
  CHECK(mailc_smtp_tx_ack(&talk.session, 3) == MAILC_OK);
  (void)mailc_smtp_rx_eof(&talk.session);
  CHECK(mailc_smtp_body(&talk.session, piece) == MAILC_E_EVENTS);
  CHECK(mailc_smtp_abort(&talk.session) == MAILC_OK);
  CHECK(mailc_smtp_abort(&talk.session) == MAILC_E_STATE);
}

/* The move to DATA comes first, the reply waits behind it. */
static void test_events_come_before_a_message_is_given_up(void) {
  struct mailc_smtp_event event;
  struct talk talk;
  size_t room = 0;

  talk_ready(&talk, "250 HELP\r\n");
  CHECK(talk_exchange(&talk, "MAIL FROM:<a@b>", "250\r\n", 9) == MAILC_OK);
  CHECK(mailc_smtp_rcpt(&talk.session, MAILC_SPAN("c@d"),
                        &MAILC_SPAN("NOTIFY=NEVER"), 1) == MAILC_E_NOT_OFFERED);
  CHECK(talk_exchange(&talk, "RCPT TO:<c@d>", "250\r\n", 9) == MAILC_OK);
  CHECK(talk_give(&talk, "DATA") == MAILC_OK);
  talk_sent(&talk, "DATA");
  CHECK(talk_take(&talk) == MAILC_OK);
  memcpy(mailc_smtp_rx_buf(&talk.session, &room), "354 \r\n", 6);
  CHECK(mailc_smtp_rx_ack(&talk.session, 6) == MAILC_OK);
  CHECK(mailc_smtp_next(&talk.session, &event) == MAILC_OK);
  CHECK(event.kind == MAILC_SMTP_EVENT_MOVE);
  CHECK(mailc_smtp_abort(&talk.session) == MAILC_E_EVENTS);
  CHECK(talk_take(&talk) == MAILC_OK);
  CHECK(mailc_smtp_abort(&talk.session) == MAILC_OK);
}

int main(void) {
  test_init_refuses_what_cannot_work();
  test_a_queue_holds_1_to_255_commands();
  test_no_session_is_an_argument_error();
  test_no_result_is_an_argument_error();
  test_connected_counts_once();
  test_more_than_there_is_cannot_be_acknowledged();
  test_events_come_before_commands();
  test_arguments_are_checked_before_octets();
  test_names_are_checked_before_octets();
  test_lines_have_a_limit();
  test_smtputf8_is_for_one_message();
  test_pieces_of_a_message_have_their_place();
  test_events_come_before_a_message_is_given_up();
  return check_status();
}
