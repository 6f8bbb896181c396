/* Commands in a queue: what leaves together, what waits, and what becomes of
 * those that lose their ground (RFC 2920). */
#include "smtp_talk.h"

#define CAP 40
#define MAIL "MAIL FROM:<a@b>"
#define RCPT "RCPT TO:<c@d>"
#define GROUP MAIL "\r\n" RCPT "\r\n" RCPT "\r\nDATA"

static struct mailc_smtp_slot slots[CAP];
static uint8_t tx[8192];

/* A session in READY with a queue. */
static void ready(struct talk *talk, const char *offers, size_t cap) {
  struct mailc_smtp_config config = talk_config(talk);

  config.queue = slots;
  config.queue_cap = cap;
  config.tx = (struct mailc_buffer){tx, sizeof tx};
  config.trace_moves = false;
  talk_begin_with(talk, &config);
  talk_go_ready(talk, offers);
}

static void give_group(struct talk *talk) {
  CHECK(talk_give(talk, MAIL) == MAILC_OK);
  CHECK(talk_give(talk, RCPT) == MAILC_OK);
  CHECK(talk_give(talk, RCPT) == MAILC_OK);
  CHECK(talk_give(talk, "DATA") == MAILC_OK);
}

static void test_a_group_leaves_at_once_where_the_server_has_pipelining(void) {
  static const char replies[] = "250 m\r\n250-r\r\n250 r\r\n550 s\r\n354 d\r\n";
  struct talk talk;

  for (size_t step = 1; step < sizeof replies; step++) {
    ready(&talk, "250 PIPELINING\r\n", CAP);
    give_group(&talk);
    talk_sent(&talk, GROUP);
    CHECK(talk_receive_octets(&talk, replies, sizeof replies - 1, step) ==
          MAILC_OK);
    TALK_LOG(&talk, "OK 250 [m]\nline 1 250 [r]\nOK 250 [r]\n"
                    "E_REFUSED 550 [s]\nOK 354 [d]\n");
    CHECK((mailc_smtp_want(&talk.session) & MAILC_WANT_CALLER) != 0);
    CHECK(mailc_smtp_body(&talk.session, MAILC_SPAN("x\r\n")) == MAILC_OK);
  }
}

static void test_one_leaves_after_the_other_where_it_has_not(void) {
  struct talk talk;

  ready(&talk, "250 SIZE\r\n", CAP);
  give_group(&talk);
  talk_sent(&talk, MAIL);
  CHECK(talk_is_silent(&talk));
  CHECK(talk_receive(&talk, "250 m\r\n") == MAILC_OK);
  talk_sent(&talk, RCPT);
  CHECK(talk_receive(&talk, "450 r\r\n") == MAILC_OK);
  talk_sent(&talk, RCPT);
  CHECK(talk_receive(&talk, "250 s\r\n") == MAILC_OK);
  talk_sent(&talk, "DATA");
  CHECK(talk_receive(&talk, "354 d\r\n") == MAILC_OK);
  TALK_LOG(&talk,
           "OK 250 [m]\nE_REFUSED_NOW 450 [r]\nOK 250 [s]\nOK 354 [d]\n");
}

/* What was not sent is dropped without a word on the wire. */
static void test_what_loses_its_ground_before_it_leaves_is_dropped(void) {
  struct talk talk;

  ready(&talk, "250 SIZE\r\n", CAP);
  give_group(&talk);
  talk_sent(&talk, MAIL);
  CHECK(talk_receive(&talk, "550 m\r\n") == MAILC_OK);
  TALK_LOG(&talk, "E_REFUSED 550 [m]\nE_DROPPED 0 []\nE_DROPPED 0 []\n"
                  "E_DROPPED 0 []\n");
  CHECK(talk_is_silent(&talk));
  CHECK(talk_exchange(&talk, "NOOP", "250 n\r\n", SIZE_MAX) == MAILC_OK);
  ready(&talk, "250 SIZE\r\n", CAP);
  give_group(&talk);
  talk_sent(&talk, MAIL);
  CHECK(talk_receive(&talk, "250 m\r\n") == MAILC_OK);
  talk_sent(&talk, RCPT);
  CHECK(talk_receive(&talk, "550 r\r\n") == MAILC_OK);
  talk_sent(&talk, RCPT);
  CHECK(talk_receive(&talk, "550 r\r\n") == MAILC_OK);
  CHECK(talk_is_silent(&talk));
  CHECK(talk_exchange(&talk, "RSET", "250 n\r\n", SIZE_MAX) == MAILC_OK);
}

/* What was sent is answered, whatever became of the ground. */
static void test_what_loses_its_ground_on_the_way_is_read(void) {
  static const char replies[] = "550 m\r\n250 r\r\n503 s\r\n354 d\r\n";
  struct talk talk;

  for (size_t step = 1; step < sizeof replies; step++) {
    ready(&talk, "250 PIPELINING\r\n", CAP);
    give_group(&talk);
    talk_sent(&talk, GROUP);
    CHECK(talk_receive_octets(&talk, replies, sizeof replies - 1, step) ==
          MAILC_OK);
    TALK_LOG(&talk,
             "E_REFUSED 550 [m]\nE_DROPPED 250 [r]\nE_REFUSED 503 [s]\n");
    talk_sent(&talk, ".");
    talk.log_len = 0;
    CHECK(talk_receive(&talk, "250 what\r\n") == MAILC_OK);
    TALK_LOG(&talk, "E_DROPPED 250 [what]\n");
    CHECK(talk_exchange(&talk, "NOOP", "250 n\r\n", SIZE_MAX) == MAILC_OK);
  }
}

static void test_data_without_recipients_is_ended_by_a_lone_dot(void) {
  struct talk talk;

  ready(&talk, "250 PIPELINING\r\n", CAP);
  give_group(&talk);
  talk_sent(&talk, GROUP);
  CHECK(talk_receive(&talk, "250 m\r\n550 r\r\n550 s\r\n354 d\r\n") ==
        MAILC_OK);
  talk_sent(&talk, ".");
  CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_NOT_SENT);
  CHECK(talk_receive(&talk, "554 none\r\n") == MAILC_OK);
  ready(&talk, "250 PIPELINING\r\n", CAP);
  give_group(&talk);
  talk_sent(&talk, GROUP);
  CHECK(talk_receive(&talk, "250 m\r\n550 r\r\n550 s\r\n354 d\r\n250 x\r\n") ==
        MAILC_E_SURPLUS);
}

/* Replies that come before their command are none. */
static void test_surplus_replies_fail_the_session(void) {
  struct talk talk;

  ready(&talk, "250 SIZE\r\n", CAP);
  give_group(&talk);
  talk_sent(&talk, MAIL);
  CHECK(talk_receive(&talk, "250 m\r\n250 r\r\n") == MAILC_E_SURPLUS);
  ready(&talk, "250 PIPELINING\r\n", CAP);
  give_group(&talk);
  talk_sent(&talk, GROUP);
  CHECK(talk_receive(&talk, "250 m\r\n421 down\r\n") == MAILC_OK);
  CHECK((mailc_smtp_want(&talk.session) & MAILC_WANT_CLOSED) != 0);
}

static void test_the_queue_and_the_buffer_are_bounded(void) {
  struct mailc_smtp_config config;
  struct talk talk;
  unsigned count = 0;

  ready(&talk, "250 PIPELINING\r\n", 2);
  CHECK(talk_give(&talk, MAIL) == MAILC_OK);
  CHECK(talk_give(&talk, RCPT) == MAILC_OK);
  CHECK(talk_give(&talk, RCPT) == MAILC_E_QUEUE_FULL);
  CHECK(talk_give(&talk, "NOOP") == MAILC_E_STATE);
  config = talk_config(&talk);
  config.queue = slots;
  config.queue_cap = CAP;
  talk_begin_with(&talk, &config);
  talk_go_ready(&talk, "250 PIPELINING\r\n");
  CHECK(talk_give(&talk, MAIL) == MAILC_OK);
  while (talk_give(&talk, RCPT) == MAILC_OK) {
    count++;
  }
  CHECK(count == (MAILC_TX_CAP_MIN - sizeof MAIL - 1) / (sizeof RCPT + 1));
  CHECK(talk_give(&talk, RCPT) == MAILC_E_QUEUE_FULL);
}

/* A group has an end, so that neither side waits for the other to receive. */
static void test_a_group_is_bounded(void) {
  struct talk talk;
  char line[200];
  size_t sent = 0;

  memset(line, 'x', sizeof line);
  memcpy(line, "RCPT TO:<", 9);
  memcpy(line + 180, "@d>", sizeof "@d>");
  ready(&talk, "250 PIPELINING\r\n", CAP);
  CHECK(talk_give(&talk, MAIL) == MAILC_OK);
  for (unsigned i = 0; i < 20; i++) {
    CHECK(talk_give(&talk, line) == MAILC_OK);
  }
  CHECK(talk_give(&talk, "DATA") == MAILC_OK);
  for (unsigned i = 0; i < 22; i++) {
    size_t len = 0;
    (void)mailc_smtp_tx_buf(&talk.session, &len);
    CHECK(mailc_smtp_tx_ack(&talk.session, len) == MAILC_OK);
    sent += len;
    CHECK(len <= MAILC_SMTP_GROUP_MAX);
    CHECK(sent <= MAILC_SMTP_GROUP_MAX + i * (strlen(line) + 2));
    CHECK(talk_receive(&talk, i == 21 ? "354 d\r\n" : "250 OK\r\n") ==
          MAILC_OK);
  }
  CHECK(sent == sizeof MAIL + 1 + 20 * (strlen(line) + 2) + 6);
  talk.log[talk.log_len] = '\0';
  CHECK(strstr(talk.log, "OK 354 [d]\n") != NULL);
}

static void test_what_may_be_queued_is_what_could_follow(void) {
  struct talk talk;

  ready(&talk, "250 PIPELINING\r\n", CAP);
  CHECK(talk_give(&talk, RCPT) == MAILC_E_STATE);
  CHECK(talk_give(&talk, MAIL) == MAILC_OK);
  CHECK(talk_give(&talk, MAIL) == MAILC_E_STATE);
  CHECK(talk_give(&talk, "DATA") == MAILC_E_STATE);
  CHECK(talk_give(&talk, "RCPT TO:<a b>") == MAILC_E_TEXT);
  CHECK(talk_give(&talk, RCPT) == MAILC_OK);
  CHECK(talk_give(&talk, "RSET") == MAILC_OK);
  CHECK(talk_give(&talk, MAIL) == MAILC_E_STATE);
  talk_sent(&talk, MAIL "\r\n" RCPT "\r\nRSET");
  CHECK(talk_receive(&talk, "250 m\r\n250 r\r\n250 reset\r\n") == MAILC_OK);
  CHECK(talk_exchange(&talk, "QUIT", "221 bye\r\n", SIZE_MAX) == MAILC_OK);
}

static void test_the_end_of_the_stream_within_a_group(void) {
  struct talk talk;

  ready(&talk, "250 PIPELINING\r\n", CAP);
  give_group(&talk);
  talk_sent(&talk, GROUP);
  CHECK(talk_receive(&talk, "250 m\r\n250 r\r\n") == MAILC_OK);
  CHECK(talk_eof(&talk) == MAILC_E_CLOSED);
  ready(&talk, "250 SIZE\r\n", CAP);
  give_group(&talk);
  talk_sent(&talk, MAIL);
  CHECK(mailc_smtp_rx_eof(&talk.session) == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_E_CLOSED);
}

int main(void) {
  test_a_group_leaves_at_once_where_the_server_has_pipelining();
  test_one_leaves_after_the_other_where_it_has_not();
  test_what_loses_its_ground_before_it_leaves_is_dropped();
  test_what_loses_its_ground_on_the_way_is_read();
  test_data_without_recipients_is_ended_by_a_lone_dot();
  test_surplus_replies_fail_the_session();
  test_the_queue_and_the_buffer_are_bounded();
  test_a_group_is_bounded();
  test_what_may_be_queued_is_what_could_follow();
  test_the_end_of_the_stream_within_a_group();
  return check_status();
}
