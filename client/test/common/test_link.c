/* The buffers of a session: lines in every segmentation, limits, deadlines. */
#include "check.h"
#include "common/link.h"

static uint8_t rx[MAILC_RX_CAP_MIN];
static uint8_t tx[MAILC_TX_CAP_MIN];

static struct mailc_link new_link(void) {
  struct mailc_link link = {.rx = rx,
                            .rx_cap = sizeof rx,
                            .tx = tx,
                            .tx_cap = sizeof tx,
                            .now_ms = 1000,
                            .timeout_ms = 400,
                            .trace_moves = true};

  CHECK(mailc_link_init(&link) == MAILC_OK);
  return link;
}

static void receive(struct mailc_link *link, const void *octets, size_t len) {
  size_t room = 0;
  uint8_t *at = mailc_link_rx_buf(link, &room);

  CHECK(room >= len);
  memcpy(at, octets, len);
  CHECK(mailc_link_rx_ack(link, len) == MAILC_OK);
}

static void test_lines_are_the_same_in_every_segmentation(void) {
  static const char wire[] = "+OK one\r\n\r\n.\r\nlast\r\nrest";
  static const char *const lines[] = {"+OK one", "", ".", "last"};

  for (size_t step = 1; step <= sizeof wire - 1; step++) {
    struct mailc_link link = new_link();
    struct mailc_span line;
    size_t found = 0;

    for (size_t at = 0; at < sizeof wire - 1; at += step) {
      size_t left = sizeof wire - 1 - at;

      receive(&link, wire + at, left < step ? left : step);
      while (mailc_link_line(&link, &line) == MAILC_OK && line.data != NULL) {
        CHECK(found < 4 && check_same(line.data, line.len, lines[found],
                                      strlen(lines[found])));
        found++;
      }
    }
    CHECK(found == 4);
    CHECK_OCTETS(mailc_link_unread(&link).data, mailc_link_unread(&link).len,
                 "rest");
  }
}

/* The status that a reader ends with that gets `len` octets at `step` each. */
static enum mailc_status feed(const void *octets, size_t len, size_t step) {
  struct mailc_link link = new_link();
  struct mailc_span line;
  enum mailc_status status = MAILC_OK;

  for (size_t at = 0; at < len && status == MAILC_OK; at += step) {
    receive(&link, (const char *)octets + at,
            len - at < step ? len - at : step);
    do {
      status = mailc_link_line(&link, &line);
    } while (status == MAILC_OK && line.data != NULL);
  }
  return status;
}

static void test_a_bare_cr_or_lf_or_a_nul_is_no_line(void) {
  static const char *const bad[] = {"a\n", "\n", "a\rb\r\n", "\r\r\n"};

  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    for (size_t step = 1; step <= strlen(bad[i]); step++) {
      CHECK(feed(bad[i], strlen(bad[i]), step) == MAILC_E_LINE_END);
    }
  }
  CHECK(feed("a\0b\r\n", 5, 1) == MAILC_E_LINE_END);
  CHECK(feed("a\0b\r\n", 5, 5) == MAILC_E_LINE_END);
}

static void test_a_line_as_long_as_the_buffer_is_the_limit(void) {
  char wire[sizeof rx + 1];

  memset(wire, 'x', sizeof wire);
  memcpy(wire + sizeof rx - 2, "\r\n", 2);
  CHECK(feed(wire, sizeof rx, 1) == MAILC_OK);
  CHECK(feed(wire, sizeof rx, sizeof rx) == MAILC_OK);
  wire[sizeof rx - 2] = 'x';
  wire[sizeof rx - 1] = '\r';
  CHECK(feed(wire, sizeof rx, 1) == MAILC_E_LINE_TOO_LONG);
  CHECK(feed(wire, sizeof rx, sizeof rx) == MAILC_E_LINE_TOO_LONG);
}

static void test_a_command_is_put_whole_or_not_at_all(void) {
  struct mailc_link link = new_link();
  struct mailc_span parts[2] = {MAILC_SPAN("RETR"), MAILC_SPAN("1")};
  const struct mailc_span bad[] = {MAILC_SPAN("a\rb"), MAILC_SPAN("a\n"),
                                   MAILC_SPAN("\0")};
  size_t len = 0;

  for (size_t i = 0; i < 3; i++) {
    struct mailc_span broken[2] = {parts[0], bad[i]};
    CHECK(mailc_link_write_line(&link, broken, 2, 255) == MAILC_E_TEXT);
  }
  CHECK(mailc_link_write_line(&link, parts, 2, 7) == MAILC_E_TOO_LONG);
  parts[1].len = SIZE_MAX;
  CHECK(mailc_link_tx_buf(&link, &len) == NULL && len == 0);
  parts[1].len = 1;
  CHECK(mailc_link_write_line(&link, parts, 2, 8) == MAILC_OK);
  CHECK_OCTETS(mailc_link_tx_buf(&link, &len), 8, "RETR 1\r\n");
  CHECK(len == 8);
}

static void test_a_path_has_no_blanks_around_it(void) {
  struct mailc_link link = new_link();
  struct mailc_span parts[] = {MAILC_SPAN("RCPT TO:<"), MAILC_SPAN("a"),
                               MAILC_SPAN(">"), MAILC_SPAN("X"),
                               MAILC_SPAN("Y")};
  const uint8_t *at = NULL;
  size_t len = 0;

  CHECK(mailc_link_write_line(&link, parts, 5, 16) == MAILC_E_TOO_LONG);
  CHECK(mailc_link_write_line(&link, parts, 5, 17) == MAILC_OK);
  at = mailc_link_tx_buf(&link, &len);
  CHECK_OCTETS(at, len, "RCPT TO:<a> X Y\r\n");
}

static void test_sent_octets_are_wiped(void) {
  struct mailc_link link = new_link();
  struct mailc_span part = MAILC_SPAN("PASS secret");
  size_t len = 0;

  CHECK(mailc_link_write_line(&link, &part, 1, 255) == MAILC_OK);
  CHECK(mailc_link_tx_ack(&link, 14) == MAILC_E_ARGUMENT);
  CHECK(mailc_link_tx_ack(&link, 7) == MAILC_OK);
  CHECK_OCTETS(mailc_link_tx_buf(&link, &len), 6, "cret\r\n");
  CHECK_OCTETS(tx, 8, "\0\0\0\0\0\0\0c");
  CHECK(mailc_link_tx_ack(&link, 6) == MAILC_OK);
  CHECK_OCTETS(tx, 13, "\0\0\0\0\0\0\0\0\0\0\0\0\0");
}

static void test_room_is_made_from_what_was_sent(void) {
  struct mailc_link link = new_link();

  CHECK(mailc_link_room(&link, sizeof tx + 1) == NULL);
  memset(mailc_link_room(&link, sizeof tx), 'x', sizeof tx);
  mailc_link_commit(&link, sizeof tx);
  CHECK(mailc_link_room(&link, 1) == NULL);
  CHECK(mailc_link_tx_ack(&link, 10) == MAILC_OK);
  CHECK(mailc_link_room(&link, 11) == NULL);
  CHECK(mailc_link_room(&link, 10) == tx + sizeof tx - 10);
}

static void test_what_is_held_back_leaves_only_when_it_is_let_go(void) {
  struct mailc_span parts[] = {MAILC_SPAN("A"), MAILC_SPAN("B")};
  struct mailc_link link = new_link();
  const uint8_t *at = NULL;
  size_t len = 0;

  CHECK(mailc_link_write_line(&link, &parts[0], 1, 255) == MAILC_OK);
  CHECK(mailc_link_write_line(&link, &parts[1], 1, 255) == MAILC_OK);
  mailc_link_hold(&link, 3);
  CHECK(mailc_link_unsent(&link) == 6);
  at = mailc_link_tx_buf(&link, &len);
  CHECK_OCTETS(at, len, "A\r\n");
  CHECK(mailc_link_tx_ack(&link, 4) == MAILC_E_ARGUMENT);
  CHECK(mailc_link_tx_ack(&link, 3) == MAILC_OK);
  CHECK(mailc_link_tx_buf(&link, &len) == NULL && len == 0);
  mailc_link_hold(&link, 0);
  at = mailc_link_tx_buf(&link, &len);
  CHECK_OCTETS(at, len, "B\r\n");
  mailc_link_drop(&link, 3);
  CHECK(mailc_link_tx_buf(&link, &len) == NULL && len == 0);
  CHECK(tx[0] == 0 && tx[3] == 0 && mailc_link_unsent(&link) == 0);
}

static void test_the_deadline_moves_with_every_octet(void) {
  struct mailc_link link = new_link();

  CHECK(mailc_link_deadline_ms(&link) == MAILC_NEVER);
  mailc_link_start_timer(&link);
  CHECK(mailc_link_deadline_ms(&link) == 1400);
  mailc_link_tick(&link, 1399);
  mailc_link_tick(&link, 5);
  CHECK(!mailc_link_is_late(&link));
  receive(&link, "x", 1);
  CHECK(mailc_link_deadline_ms(&link) == 1799);
  link.limit_ms = 1500;
  CHECK(mailc_link_deadline_ms(&link) == 1500);
  mailc_link_tick(&link, 1500);
  CHECK(mailc_link_is_late(&link));
  mailc_link_stop_timer(&link);
  CHECK(!mailc_link_is_late(&link));
  CHECK(mailc_link_deadline_ms(&link) == MAILC_NEVER);
}

static void test_a_late_clock_does_not_wrap(void) {
  struct mailc_link link = new_link();

  mailc_link_tick(&link, UINT64_MAX - 1);
  mailc_link_start_timer(&link);
  CHECK(mailc_link_deadline_ms(&link) == UINT64_MAX - 1);
}

static void test_small_buffers_and_no_timeout_are_refused(void) {
  struct mailc_link bad = new_link();

  bad.rx_cap--;
  CHECK(mailc_link_init(&bad) == MAILC_E_ARGUMENT);
  bad = new_link();
  bad.tx_cap--;
  CHECK(mailc_link_init(&bad) == MAILC_E_ARGUMENT);
  bad = new_link();
  bad.tx = NULL;
  CHECK(mailc_link_init(&bad) == MAILC_E_ARGUMENT);
  bad = new_link();
  bad.timeout_ms = 0;
  CHECK(mailc_link_init(&bad) == MAILC_E_ARGUMENT);
}

int main(void) {
  test_lines_are_the_same_in_every_segmentation();
  test_a_bare_cr_or_lf_or_a_nul_is_no_line();
  test_a_line_as_long_as_the_buffer_is_the_limit();
  test_a_command_is_put_whole_or_not_at_all();
  test_a_path_has_no_blanks_around_it();
  test_sent_octets_are_wiped();
  test_room_is_made_from_what_was_sent();
  test_what_is_held_back_leaves_only_when_it_is_let_go();
  test_the_deadline_moves_with_every_octet();
  test_a_late_clock_does_not_wrap();
  test_small_buffers_and_no_timeout_are_refused();
  return check_status();
}
