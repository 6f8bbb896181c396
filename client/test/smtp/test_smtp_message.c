/* Messages: every piece given and every piece sent, offences, and what is known
 * of the delivery when something fails. */
#include "smtp_talk.h"

struct wire {
  char octets[8192];
  size_t len;
};

/* Sends what the session offers, at most `step` octets at a time. */
static void drain(struct talk *talk, struct wire *wire, size_t step) {
  size_t len = 0;
  const uint8_t *at = mailc_smtp_tx_buf(&talk->session, &len);

  while (len != 0) {
    size_t piece = len < step ? len : step;

    memcpy(wire->octets + wire->len, at, piece);
    wire->len += piece;
    CHECK((mailc_smtp_want(&talk->session) & MAILC_WANT_TX) != 0);
    CHECK(mailc_smtp_tx_ack(&talk->session, piece) == MAILC_OK);
    at = mailc_smtp_tx_buf(&talk->session, &len);
  }
  CHECK(talk_take(talk) == MAILC_OK);
}

static void send_message(struct talk *talk, struct wire *wire,
                         struct mailc_span message, size_t chunk, size_t step) {
  wire->len = 0;
  for (size_t at = 0; at < message.len; at += chunk) {
    size_t left = message.len - at;
    struct mailc_span octets = {message.data + at, left < chunk ? left : chunk};

    CHECK(mailc_smtp_body(&talk->session, octets) == MAILC_OK);
    drain(talk, wire, step);
    CHECK((mailc_smtp_want(&talk->session) & MAILC_WANT_CALLER) != 0);
    CHECK(mailc_smtp_deadline_ms(&talk->session) == MAILC_NEVER);
  }
  CHECK(mailc_smtp_end(&talk->session) == MAILC_OK);
  drain(talk, wire, step);
}

static void test_every_chunk_size_gives_the_same_octets(void) {
  static const char message[] = ".\r\n..a\r\n\r\nb.\r\n.c";
  static const char expected[] = "..\r\n...a\r\n\r\nb.\r\n..c\r\n.\r\n";
  struct mailc_span span = {(const uint8_t *)message, sizeof message - 1};
  struct wire wire;
  struct talk talk;

  for (size_t chunk = 1; chunk <= span.len; chunk++) {
    for (size_t step = 1; step <= sizeof expected; step++) {
      talk_data(&talk);
      send_message(&talk, &wire, span, chunk, step);
      CHECK_OCTETS(wire.octets, wire.len,
                   "..\r\n...a\r\n\r\nb.\r\n..c\r\n.\r\n");
      CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_UNKNOWN);
      CHECK(talk_receive(&talk, "250 taken\r\n") == MAILC_OK);
      CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_SENT);
      TALK_LOG(&talk, "DATA END_OF_DATA WAIT_DELIVERY\n"
                      "WAIT_DELIVERY REPLY_2YZ READY\nOK 250 [taken]\n");
    }
  }
}

/* Long runs go by reference, short ones by way of the buffer, in order. */
static void test_long_and_short_lines_in_turn(void) {
  char message[4000];
  size_t len = 0;
  size_t dot_count = 0;
  struct wire wire;
  struct talk talk;

  for (unsigned i = 0; len < 3000; i++) {
    size_t line_len = i * 37 % 300;

    message[len] = '.';
    dot_count++;
    memset(message + len + 1, 'a' + (int)(i % 26), line_len);
    len += 1 + line_len;
    message[len++] = '\r';
    message[len++] = '\n';
  }
  for (size_t chunk = 1; chunk <= len; chunk = chunk * 3 + 1) {
    talk_data(&talk);
    send_message(&talk, &wire,
                 (struct mailc_span){(const uint8_t *)message, len}, chunk, 7);
    CHECK(wire.len == len + dot_count + 3);
    for (size_t from = 0, to = 0; from < len; from++, to++) {
      if (message[from] == '.') {
        CHECK(wire.octets[to++] == '.');
      }
      CHECK(wire.octets[to] == message[from]);
    }
  }
}

static void test_an_empty_message(void) {
  struct wire wire;
  struct talk talk;

  talk_data(&talk);
  CHECK(mailc_smtp_body(&talk.session, (struct mailc_span){NULL, 0}) ==
        MAILC_OK);
  send_message(&talk, &wire, MAILC_SPAN(""), 1, 99);
  CHECK_OCTETS(wire.octets, wire.len, ".\r\n");
}

static void test_an_offence_closes_without_the_dot(void) {
  static const char *const offences[] = {"a\nb", "a\rb", "\200", "x\r\r\n"};
  struct talk talk;

  for (size_t i = 0; i < sizeof offences / sizeof offences[0]; i++) {
    talk_data(&talk);
    CHECK(mailc_smtp_body(&talk.session, talk_span(offences[i])) ==
          MAILC_E_MESSAGE);
    CHECK(talk_is_silent(&talk));
    CHECK(mailc_smtp_want(&talk.session) ==
          (MAILC_WANT_CALLER | MAILC_WANT_CLOSED));
    CHECK(talk_take(&talk) == MAILC_OK);
    CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_NOT_SENT);
    TALK_LOG(&talk, "DATA ABORT CLOSED\n");
    CHECK(mailc_smtp_end(&talk.session) == MAILC_E_STATE);
  }
}

static void test_a_carriage_return_at_the_very_end_is_an_offence(void) {
  struct wire wire = {.len = 0};
  struct talk talk;

  talk_data(&talk);
  CHECK(mailc_smtp_body(&talk.session, MAILC_SPAN("a\r")) == MAILC_OK);
  drain(&talk, &wire, 99);
  CHECK(mailc_smtp_end(&talk.session) == MAILC_E_MESSAGE);
  CHECK(talk_is_silent(&talk));
}

static void test_what_the_caller_allows(void) {
  struct talk talk;
  struct mailc_smtp_config config = talk_config(&talk);
  struct wire wire;

  config.lf_to_crlf = true;
  config.allow_nul = true;
  config.allow_8bit = true;
  talk_begin_with(&talk, &config);
  talk_go_ready(&talk, "250 HELP\r\n");
  talk_go_data(&talk, "MAIL FROM:<a@b>");
  send_message(&talk, &wire, MAILC_SPAN("a\n.\n\0\377"), 3, 2);
  CHECK_OCTETS(wire.octets, wire.len, "a\r\n..\r\n\0\377\r\n.\r\n");
}

static void test_body_8bitmime_allows_8_bits_for_this_message(void) {
  struct wire wire;
  struct talk talk;

  talk_ready(&talk, "250 8BITMIME\r\n");
  talk_go_data(&talk, "MAIL FROM:<a@b> BODY=8BITMIME");
  send_message(&talk, &wire, MAILC_SPAN("\344"), 1, 99);
  CHECK_OCTETS(wire.octets, wire.len, "\344\r\n.\r\n");
  CHECK(talk_receive(&talk, "250\r\n") == MAILC_OK);
  talk_go_data(&talk, "MAIL FROM:<a@b>");
  CHECK(mailc_smtp_body(&talk.session, MAILC_SPAN("\344")) == MAILC_E_MESSAGE);
}

static void test_a_message_can_be_checked_before(void) {
  struct talk talk;

  talk_ready(&talk, "250 HELP\r\n");
  CHECK(mailc_smtp_check_message(&talk.session, MAILC_SPAN("a\r\n.b"), false) ==
        MAILC_OK);
  CHECK(mailc_smtp_check_message(&talk.session, MAILC_SPAN(""), false) ==
        MAILC_OK);
  CHECK(mailc_smtp_check_message(&talk.session, MAILC_SPAN("a\r"), false) ==
        MAILC_E_MESSAGE);
  CHECK(mailc_smtp_check_message(&talk.session, MAILC_SPAN("\344"), false) ==
        MAILC_E_MESSAGE);
  CHECK(mailc_smtp_check_message(&talk.session, MAILC_SPAN("\344"), true) ==
        MAILC_OK);
}

static void test_refused_messages(void) {
  struct wire wire;
  struct talk talk;

  talk_data(&talk);
  send_message(&talk, &wire, MAILC_SPAN("a"), 1, 99);
  CHECK(talk_receive(&talk, "452 full\r\n") == MAILC_OK);
  CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_NOT_SENT);
  talk_go_data(&talk, "MAIL FROM:<a@b>");
  send_message(&talk, &wire, MAILC_SPAN("a"), 1, 99);
  CHECK(talk_receive(&talk, "554 no\r\n") == MAILC_OK);
  CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_NOT_SENT);
  TALK_LOG(&talk, "DATA END_OF_DATA WAIT_DELIVERY\n"
                  "WAIT_DELIVERY REPLY_5YZ READY\nE_REFUSED 554 [no]\n");
  talk_go_data(&talk, "MAIL FROM:<a@b>");
  send_message(&talk, &wire, MAILC_SPAN("a"), 1, 99);
  CHECK(talk_receive(&talk, "421 down\r\n") == MAILC_OK);
  CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_NOT_SENT);
  CHECK(mailc_smtp_want(&talk.session) == MAILC_WANT_CLOSED);
}

static void test_data_refused_or_answered_with_another_class(void) {
  struct talk talk;

  talk_ready(&talk, "250 HELP\r\n");
  CHECK(talk_exchange(&talk, "MAIL FROM:<a@b>", "250\r\n", 9) == MAILC_OK);
  CHECK(talk_exchange(&talk, "RCPT TO:<a@b>", "250\r\n", 9) == MAILC_OK);
  talk.log_len = 0;
  CHECK(talk_exchange(&talk, "DATA", "554 no\r\n", 9) == MAILC_OK);
  CHECK(talk_exchange(&talk, "DATA", "250 no\r\n", 9) == MAILC_E_REPLY);
  TALK_LOG(&talk, "RCPT CMD_DATA WAIT_DATA\nWAIT_DATA REPLY_5YZ RCPT\n"
                  "E_REFUSED 554 [no]\nRCPT CMD_DATA WAIT_DATA\n"
                  "WAIT_DATA BAD_REPLY FAILED\n");
}

static void test_a_link_lost_after_the_dot_leaves_it_unknown(void) {
  struct wire wire;
  struct talk talk;

  talk_data(&talk);
  send_message(&talk, &wire, MAILC_SPAN("a"), 1, 99);
  CHECK(talk_eof(&talk) == MAILC_E_DELIVERY_UNKNOWN);
  CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_UNKNOWN);
  TALK_LOG(&talk, "DATA END_OF_DATA WAIT_DELIVERY\n"
                  "WAIT_DELIVERY EOF FAILED\n");
}

static void test_silence_after_the_dot_has_a_time_of_its_own(void) {
  struct wire wire;
  struct talk talk;

  talk_data(&talk);
  send_message(&talk, &wire, MAILC_SPAN("a"), 1, 99);
  CHECK(mailc_smtp_deadline_ms(&talk.session) == 1900);
  CHECK(mailc_smtp_tick(&talk.session, 1900) == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_E_TIMEOUT);
  CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_UNKNOWN);
}

static void test_a_malformed_answer_leaves_it_unknown(void) {
  struct wire wire;
  struct talk talk;

  talk_data(&talk);
  send_message(&talk, &wire, MAILC_SPAN("a"), 1, 99);
  CHECK(talk_receive(&talk, "OK\r\n") == MAILC_E_REPLY);
  CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_UNKNOWN);
}

static void test_a_dot_that_did_not_leave_delivers_nothing(void) {
  struct talk talk;

  talk_data(&talk);
  CHECK(mailc_smtp_end(&talk.session) == MAILC_OK);
  CHECK(mailc_smtp_tx_ack(&talk.session, 2) == MAILC_OK);
  CHECK(talk_eof(&talk) == MAILC_E_CLOSED);
  CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_NOT_SENT);
}

static void test_what_comes_while_a_message_is_sent(void) {
  struct talk talk;

  talk_data(&talk);
  CHECK(mailc_smtp_body(&talk.session, MAILC_SPAN("abc")) == MAILC_OK);
  CHECK(talk_receive(&talk, "552 too much\r\n") == MAILC_E_SURPLUS);
  CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_NOT_SENT);
  talk_data(&talk);
  CHECK(mailc_smtp_body(&talk.session, MAILC_SPAN("abc")) == MAILC_OK);
  CHECK(talk_receive(&talk, "421 down\r\n") == MAILC_OK);
  CHECK(talk_is_silent(&talk));
  TALK_LOG(&talk, "DATA REPLY_421 CLOSED\nE_REFUSED_NOW 421 [down]\n");
  talk_data(&talk);
  CHECK(mailc_smtp_body(&talk.session, MAILC_SPAN("abc")) == MAILC_OK);
  CHECK(talk_eof(&talk) == MAILC_E_CLOSED);
}

static void test_a_server_that_takes_no_octets_is_late(void) {
  struct talk talk;

  talk_data(&talk);
  CHECK(mailc_smtp_body(&talk.session, MAILC_SPAN("abc")) == MAILC_OK);
  CHECK(mailc_smtp_deadline_ms(&talk.session) == 1400);
  CHECK(mailc_smtp_tick(&talk.session, 1300) == MAILC_OK);
  CHECK(mailc_smtp_tx_ack(&talk.session, 1) == MAILC_OK);
  CHECK(mailc_smtp_deadline_ms(&talk.session) == 1700);
  CHECK(mailc_smtp_tick(&talk.session, 1700) == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_E_TIMEOUT);
}

int main(void) {
  test_every_chunk_size_gives_the_same_octets();
  test_long_and_short_lines_in_turn();
  test_an_empty_message();
  test_an_offence_closes_without_the_dot();
  test_a_carriage_return_at_the_very_end_is_an_offence();
  test_what_the_caller_allows();
  test_body_8bitmime_allows_8_bits_for_this_message();
  test_a_message_can_be_checked_before();
  test_refused_messages();
  test_data_refused_or_answered_with_another_class();
  test_a_link_lost_after_the_dot_leaves_it_unknown();
  test_silence_after_the_dot_has_a_time_of_its_own();
  test_a_malformed_answer_leaves_it_unknown();
  test_a_dot_that_did_not_leave_delivers_nothing();
  test_what_comes_while_a_message_is_sent();
  test_a_server_that_takes_no_octets_is_late();
  return check_status();
}
