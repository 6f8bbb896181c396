/* BDAT (RFC 3030) and LMTP (RFC 2033). */
#include "smtp_talk.h"

static void go(struct talk *talk, const struct mailc_smtp_config *config,
               const char *hello, const char *mail) {
  talk_begin_with(talk, config);
  CHECK(mailc_smtp_connected(&talk->session) == MAILC_OK);
  CHECK(talk_receive(talk, "220 ready\r\n") == MAILC_OK);
  CHECK(talk_exchange(talk, hello,
                      "250-x\r\n250-CHUNKING\r\n250 BINARYMIME\r\n",
                      SIZE_MAX) == MAILC_OK);
  CHECK(talk_exchange(talk, mail, "250 m\r\n", SIZE_MAX) == MAILC_OK);
  CHECK(talk_exchange(talk, "RCPT TO:<c@d>", "250 r\r\n", SIZE_MAX) ==
        MAILC_OK);
  talk->log_len = 0;
}

static void chunking(struct talk *talk, const char *mail) {
  struct mailc_smtp_config config = talk_config(talk);

  config.trace_moves = false;
  config.lf_to_crlf = true;
  go(talk, &config, "EHLO x", mail);
}

/* Everything that waits to be sent is `expected`, in pieces of `step`. */
static void sent(struct talk *talk, const char *expected, size_t len,
                 size_t step) {
  while (len != 0) {
    size_t piece = 0;
    const uint8_t *at = mailc_smtp_tx_buf(&talk->session, &piece);

    piece = piece < step ? piece : step;
    CHECK(piece != 0 && piece <= len && memcmp(at, expected, piece) == 0);
    if (piece == 0 || piece > len) {
      return;
    }
    CHECK(mailc_smtp_tx_ack(&talk->session, piece) == MAILC_OK);
    expected += piece;
    len -= piece;
  }
  CHECK(talk_is_silent(talk));
}

static void test_chunks_leave_as_they_are(void) {
  struct talk talk;

  for (size_t step = 1; step < 20; step++) {
    chunking(&talk, "MAIL FROM:<a@b>");
    CHECK(mailc_smtp_bdat(&talk.session, MAILC_SPAN(".a\r\n.\r"), false) ==
          MAILC_OK);
    CHECK(mailc_smtp_bdat(&talk.session, MAILC_SPAN("\n"), true) ==
          MAILC_E_STATE);
    sent(&talk, "BDAT 6\r\n.a\r\n.\r", 14, step);
    CHECK(talk_receive_octets(&talk, "250 7\r\n", 7, step) == MAILC_OK);
    CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_NOT_SENT);
    CHECK(mailc_smtp_bdat(&talk.session, MAILC_SPAN("\n"), true) == MAILC_OK);
    sent(&talk, "BDAT 1 LAST\r\n\n", 14, step);
    CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_UNKNOWN);
    CHECK(talk_receive_octets(&talk, "250 8\r\n", 7, step) == MAILC_OK);
    CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_SENT);
    TALK_LOG(&talk, "OK 250 [7]\nOK 250 [8]\n");
  }
}

static void test_a_chunk_of_text_is_text(void) {
  static const struct mailc_span wrong[] = {
      {(const uint8_t *)"a\nb", 3}, {(const uint8_t *)"a\rb", 3},
      {(const uint8_t *)"a\0b", 3}, {(const uint8_t *)"\xe9", 1},
      {(const uint8_t *)"a\r", 2},  {NULL, 1}};
  struct talk talk;

  chunking(&talk, "MAIL FROM:<a@b>");
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    CHECK(mailc_smtp_bdat(&talk.session, wrong[i], true) ==
          (wrong[i].data == NULL ? MAILC_E_ARGUMENT : MAILC_E_MESSAGE));
    CHECK(talk_is_silent(&talk));
  }
  CHECK(mailc_smtp_bdat(&talk.session, MAILC_SPAN(""), true) == MAILC_OK);
  talk_sent(&talk, "BDAT 0 LAST");
}

static void test_binary_octets_go_by_chunks_alone(void) {
  struct talk talk;

  chunking(&talk, "MAIL FROM:<a@b> BODY=BINARYMIME");
  CHECK(mailc_smtp_data(&talk.session) == MAILC_E_STATE);
  CHECK(mailc_smtp_bdat(&talk.session, MAILC_SPAN("a\nb\0\xe9\r"), true) ==
        MAILC_OK);
  sent(&talk, "BDAT 6 LAST\r\na\nb\0\xe9\r", 19, SIZE_MAX);
}

static void test_a_chunk_that_is_refused_ends_the_transaction(void) {
  struct talk talk;

  chunking(&talk, "MAIL FROM:<a@b>");
  CHECK(mailc_smtp_bdat(&talk.session, MAILC_SPAN("a\r\n"), false) == MAILC_OK);
  sent(&talk, "BDAT 3\r\na\r\n", 11, SIZE_MAX);
  CHECK(talk_receive(&talk, "452 full\r\n") == MAILC_OK);
  TALK_LOG(&talk, "E_REFUSED_NOW 452 [full]\n");
  CHECK(mailc_smtp_bdat(&talk.session, MAILC_SPAN("b\r\n"), true) ==
        MAILC_E_STATE);
  CHECK(talk_exchange(&talk, "RSET", "250 OK\r\n", SIZE_MAX) == MAILC_OK);
}

static void test_a_link_lost_behind_the_last_chunk_leaves_it_unknown(void) {
  struct talk talk;

  chunking(&talk, "MAIL FROM:<a@b>");
  CHECK(mailc_smtp_bdat(&talk.session, MAILC_SPAN("a\r\n"), true) == MAILC_OK);
  sent(&talk, "BDAT 3 LAST\r\na\r\n", 16, SIZE_MAX);
  CHECK(talk_eof(&talk) == MAILC_E_DELIVERY_UNKNOWN);
  chunking(&talk, "MAIL FROM:<a@b>");
  CHECK(mailc_smtp_bdat(&talk.session, MAILC_SPAN("a\r\n"), true) == MAILC_OK);
  CHECK(mailc_smtp_tx_ack(&talk.session, 13) == MAILC_OK);
  CHECK(talk_eof(&talk) == MAILC_E_CLOSED);
  CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_NOT_SENT);
}

static void test_bdat_needs_the_offer(void) {
  struct talk talk;

  talk_ready(&talk, "250 SIZE\r\n");
  CHECK(talk_exchange(&talk, "MAIL FROM:<a@b>", "250 m\r\n", SIZE_MAX) ==
        MAILC_OK);
  CHECK(talk_exchange(&talk, "RCPT TO:<c@d>", "250 r\r\n", SIZE_MAX) ==
        MAILC_OK);
  CHECK(mailc_smtp_bdat(&talk.session, MAILC_SPAN("a"), true) ==
        MAILC_E_NOT_OFFERED);
  CHECK(mailc_smtp_bdat(NULL, MAILC_SPAN("a"), true) == MAILC_E_ARGUMENT);
}

/* LMTP. */

static void lmtp(struct talk *talk) {
  struct mailc_smtp_config config = talk_config(talk);

  config.trace_moves = false;
  config.is_lmtp = true;
  go(talk, &config, "LHLO x", "MAIL FROM:<a@b>");
  CHECK(talk_exchange(talk, "RCPT TO:<no@d>", "550 no\r\n", SIZE_MAX) ==
        MAILC_OK);
  CHECK(talk_exchange(talk, "RCPT TO:<e@f>", "250 r\r\n", SIZE_MAX) ==
        MAILC_OK);
  CHECK(talk_exchange(talk, "DATA", "354 go on\r\n", SIZE_MAX) == MAILC_OK);
  CHECK(talk_exchange(talk, ".", "", SIZE_MAX) == MAILC_OK);
  talk->log_len = 0;
}

static void test_each_recipient_has_an_answer(void) {
  static const char replies[] = "250-a\r\n250 a\r\n452 b\r\n";
  struct talk talk;

  for (size_t step = 1; step < sizeof replies; step++) {
    lmtp(&talk);
    CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_UNKNOWN);
    CHECK(talk_receive_octets(&talk, replies, sizeof replies - 1, step) ==
          MAILC_OK);
    TALK_LOG(&talk, "line 1 250 [a]\nOK 250 [a]\nE_REFUSED_NOW 452 [b]\n");
    CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_SENT);
    CHECK(talk_exchange(&talk, "NOOP", "250 n\r\n", SIZE_MAX) == MAILC_OK);
  }
  lmtp(&talk);
  CHECK(talk_receive(&talk, "452 a\r\n550 b\r\n") == MAILC_OK);
  CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_NOT_SENT);
  lmtp(&talk);
  CHECK(talk_receive(&talk, "250 a\r\n250 b\r\n250 c\r\n") == MAILC_E_SURPLUS);
}

static void test_a_link_lost_between_the_answers_leaves_the_rest_unknown(void) {
  struct talk talk;

  lmtp(&talk);
  CHECK(talk_receive(&talk, "250 a\r\n") == MAILC_OK);
  CHECK(talk_eof(&talk) == MAILC_E_DELIVERY_UNKNOWN);
  CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_UNKNOWN);
  lmtp(&talk);
  CHECK(talk_receive(&talk, "250 a\r\n") == MAILC_OK);
  CHECK(mailc_smtp_deadline_ms(&talk.session) == 1000 + 900);
  CHECK(mailc_smtp_tick(&talk.session, 1900) == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_E_TIMEOUT);
}

static void test_lhlo_is_of_lmtp_alone(void) {
  struct mailc_smtp_config config;
  struct talk talk;

  talk_greeted(&talk);
  CHECK(talk_give(&talk, "LHLO x") == MAILC_E_STATE);
  config = talk_config(&talk);
  config.is_lmtp = true;
  talk_begin_with(&talk, &config);
  CHECK(mailc_smtp_connected(&talk.session) == MAILC_OK);
  CHECK(talk_receive(&talk, "220 ready\r\n") == MAILC_OK);
  CHECK(talk_give(&talk, "EHLO x") == MAILC_E_STATE);
  CHECK(talk_give(&talk, "HELO x") == MAILC_E_STATE);
  talk.log_len = 0;
  CHECK(talk_exchange(&talk, "LHLO x", "500 what\r\n", SIZE_MAX) == MAILC_OK);
  TALK_LOG(&talk, "GREETED CMD_LHLO WAIT_LHLO\nWAIT_LHLO REPLY_5YZ GREETED\n"
                  "E_REFUSED 500 [what]\n");
}

int main(void) {
  test_chunks_leave_as_they_are();
  test_a_chunk_of_text_is_text();
  test_binary_octets_go_by_chunks_alone();
  test_a_chunk_that_is_refused_ends_the_transaction();
  test_a_link_lost_behind_the_last_chunk_leaves_it_unknown();
  test_bdat_needs_the_offer();
  test_each_recipient_has_an_answer();
  test_a_link_lost_between_the_answers_leaves_the_rest_unknown();
  test_lhlo_is_of_lmtp_alone();
  return check_status();
}
