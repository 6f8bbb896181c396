/* Dot-stuffing and line ends: every message in chunks of every size. */
#include "check.h"
#include "common/dot.h"

struct sent {
  uint8_t octets[4096];
  size_t len;
};

static void append(struct sent *sent, const struct mailc_dot_piece *piece) {
  memcpy(sent->octets + sent->len, piece->octets, piece->len);
  sent->len += piece->len;
}

static enum mailc_dot_violation feed(struct mailc_dot *dot, struct sent *sent,
                                     const uint8_t *octets, size_t len) {
  while (len != 0) {
    struct mailc_dot_piece piece;
    enum mailc_dot_violation offence = mailc_dot_next(dot, octets, len, &piece);
    if (offence != MAILC_DOT_OK) {
      return offence;
    }
    CHECK(piece.len != 0 && piece.used_len <= len);
    append(sent, &piece);
    octets += piece.used_len;
    len -= piece.used_len;
  }
  return MAILC_DOT_OK;
}

/* Sends a message in chunks of `size` octets. */
static enum mailc_dot_violation send_chunks(struct sent *sent, unsigned flags,
                                            const void *message, size_t len,
                                            size_t size) {
  const uint8_t *octets = message;
  struct mailc_dot dot;
  struct mailc_dot_piece piece;
  enum mailc_dot_violation offence;

  sent->len = 0;
  mailc_dot_begin(&dot, flags);
  for (size_t at = 0; at < len; at += size) {
    size_t left = len - at;
    offence = feed(&dot, sent, octets + at, left < size ? left : size);
    if (offence != MAILC_DOT_OK) {
      return offence;
    }
  }
  offence = mailc_dot_end(&dot, &piece);
  if (offence == MAILC_DOT_OK) {
    append(sent, &piece);
  }
  return offence;
}

#define CHECK_SENT(flags, message, wire)                                       \
  check_sent(flags, message, sizeof(message) - 1, wire, sizeof(wire) - 1,      \
             __LINE__)

static void check_sent(unsigned flags, const char *message, size_t len,
                       const char *wire, size_t wire_len, int line) {
  for (size_t size = 1; size <= len + 1; size++) {
    static struct sent sent;
    check_that(send_chunks(&sent, flags, message, len, size) == MAILC_DOT_OK,
               message, __FILE__, line);
    check_that(check_same(sent.octets, sent.len, wire, wire_len), wire,
               __FILE__, line);
  }
}

#define CHECK_OFFENCE(flags, message, offence)                                 \
  check_offence(flags, message, sizeof(message) - 1, offence, __LINE__)

static void check_offence(unsigned flags, const char *message, size_t len,
                          enum mailc_dot_violation offence, int line) {
  for (size_t size = 1; size <= len; size++) {
    static struct sent sent;
    check_that(send_chunks(&sent, flags, message, len, size) == offence,
               message, __FILE__, line);
  }
}

static void test_dots_at_line_starts_are_doubled(void) {
  CHECK_SENT(0, ".", "..\r\n.\r\n");
  CHECK_SENT(0, "..", "...\r\n.\r\n");
  CHECK_SENT(0, ".\r\n", "..\r\n.\r\n");
  CHECK_SENT(0, ".a\r\na.\r\n.\r\n..\r\n", "..a\r\na.\r\n..\r\n...\r\n.\r\n");
  CHECK_SENT(0, "a\r\n\r\n.\r\n\r\n", "a\r\n\r\n..\r\n\r\n.\r\n");
}

static void test_the_last_crlf_is_added_once(void) {
  CHECK_SENT(0, "", ".\r\n");
  CHECK_SENT(0, "\r\n", "\r\n.\r\n");
  CHECK_SENT(0, "abc", "abc\r\n.\r\n");
  CHECK_SENT(0, "abc\r\n", "abc\r\n.\r\n");
  CHECK_SENT(0, "abc \t\r\n\r\n", "abc \t\r\n\r\n.\r\n");
}

static void test_lf_becomes_crlf_where_asked(void) {
  CHECK_SENT(MAILC_DOT_LF_TO_CRLF, "a\n.b\n\n.\n",
             "a\r\n..b\r\n\r\n..\r\n.\r\n");
  CHECK_SENT(MAILC_DOT_LF_TO_CRLF, "a\r\nb\nc", "a\r\nb\r\nc\r\n.\r\n");
  CHECK_SENT(MAILC_DOT_LF_TO_CRLF, "\n", "\r\n.\r\n");
  CHECK_OFFENCE(MAILC_DOT_LF_TO_CRLF, "a\r\r\n", MAILC_DOT_BARE_CR);
}

static void test_lone_line_ends_are_offences(void) {
  CHECK_OFFENCE(0, "a\nb", MAILC_DOT_BARE_LF);
  CHECK_OFFENCE(0, "\n", MAILC_DOT_BARE_LF);
  CHECK_OFFENCE(0, "a\r\n\n.\r\n", MAILC_DOT_BARE_LF);
  CHECK_OFFENCE(0, "a\r\n.\n", MAILC_DOT_BARE_LF);
  CHECK_OFFENCE(0, "a\rb", MAILC_DOT_BARE_CR);
  CHECK_OFFENCE(0, "a\r.\r\n", MAILC_DOT_BARE_CR);
  CHECK_OFFENCE(0, "a\r\r\n", MAILC_DOT_BARE_CR);
  CHECK_OFFENCE(0, "a\r", MAILC_DOT_BARE_CR);
}

static void test_octets_above_127_and_nul_need_leave(void) {
  CHECK_OFFENCE(0, "a\200", MAILC_DOT_NOT_7BIT);
  CHECK_OFFENCE(MAILC_DOT_NUL, "a\377", MAILC_DOT_NOT_7BIT);
  CHECK_OFFENCE(MAILC_DOT_8BIT, "a\0b", MAILC_DOT_HAS_NUL);
  CHECK_SENT(MAILC_DOT_8BIT, "\200\377", "\200\377\r\n.\r\n");
  CHECK_SENT(MAILC_DOT_NUL, "\0.\r\n", "\0.\r\n.\r\n");
  CHECK_SENT(0, "\001\177", "\001\177\r\n.\r\n");
}

/* A line of `len` octets, the first a dot. */
static enum mailc_dot_violation send_line(struct sent *sent, size_t len,
                                          unsigned flags, size_t size) {
  char line[1100];

  memset(line, 'x', sizeof line);
  line[0] = '.';
  line[len] = '\r';
  line[len + 1] = '\n';
  line[len + 2] = 'y';
  return send_chunks(sent, flags, line, len + 3, size);
}

static void test_a_line_may_have_998_octets(void) {
  for (size_t size = 1; size <= 1001; size++) {
    static struct sent sent;
    CHECK(send_line(&sent, 998, 0, size) == MAILC_DOT_OK);
    CHECK(sent.len == 1 + 998 + 2 + 1 + 5);
    CHECK(send_line(&sent, 999, 0, size) == MAILC_DOT_LINE_TOO_LONG);
    CHECK(send_line(&sent, 1050, MAILC_DOT_LONG_LINES, size) == MAILC_DOT_OK);
    CHECK(sent.len == 1 + 1050 + 2 + 1 + 5);
  }
}

static void test_a_run_goes_out_as_one_piece_by_reference(void) {
  static const uint8_t message[] = "one\r\ntwo\r\n.three";
  struct mailc_dot dot;
  struct mailc_dot_piece piece;

  mailc_dot_begin(&dot, 0);
  CHECK(mailc_dot_next(&dot, message, 16, &piece) == MAILC_DOT_OK);
  CHECK(piece.octets == message && piece.len == 10 && piece.used_len == 10);
  CHECK(mailc_dot_next(&dot, message + 10, 6, &piece) == MAILC_DOT_OK);
  CHECK(piece.len == 1 && piece.used_len == 0 && piece.octets[0] == '.');
  CHECK(mailc_dot_next(&dot, message + 10, 6, &piece) == MAILC_DOT_OK);
  CHECK(piece.octets == message + 10 && piece.len == 6);
}

static void test_skip_checks_without_harm(void) {
  struct mailc_dot dot;
  struct mailc_dot before;

  mailc_dot_begin(&dot, 0);
  CHECK(mailc_dot_skip(&dot, (const uint8_t *)"a\r", 2) == MAILC_DOT_OK);
  before = dot;
  CHECK(mailc_dot_skip(&dot, (const uint8_t *)"\n.\n", 3) == MAILC_DOT_BARE_LF);
  CHECK(dot.place == before.place && dot.line_len == before.line_len);
  CHECK(mailc_dot_skip(&dot, (const uint8_t *)"\n.", 2) == MAILC_DOT_OK);
}

/* The octets for a message, made line by line; false if it may not be sent. */
static bool expect_wire(struct sent *wire, const char *message, size_t len) {
  bool is_line_start = true;

  wire->len = 0;
  for (size_t i = 0; i < len; i++) {
    if (is_line_start && message[i] == '.') {
      wire->octets[wire->len++] = '.';
    }
    is_line_start = false;
    wire->octets[wire->len++] = (uint8_t)message[i];
    if (message[i] == '\n' || (message[i] == '\r' && i + 1 == len)) {
      return false;
    }
    if (message[i] == '\r') {
      if (message[++i] != '\n') {
        return false;
      }
      wire->octets[wire->len++] = '\n';
      is_line_start = true;
    }
  }
  memcpy(wire->octets + wire->len, "\r\n.\r\n", 5);
  if (is_line_start) {
    memcpy(wire->octets + wire->len, ".\r\n", 3);
  }
  wire->len += is_line_start ? 3 : 5;
  return true;
}

static void test_all_short_messages_of_four_octets(void) {
  static const char octets[] = {'a', '.', '\r', '\n'};
  static struct sent sent;
  static struct sent wire;

  for (size_t len = 0; len <= 7; len++) {
    for (unsigned number = 0; number < 1u << (2 * len); number++) {
      char message[7];
      bool is_good = false;

      for (size_t i = 0; i < len; i++) {
        message[i] = octets[number >> (2 * i) & 3u];
      }
      is_good = expect_wire(&wire, message, len);
      for (size_t size = 1; size <= len + 1; size += len == 0 ? 1 : len) {
        CHECK((send_chunks(&sent, 0, message, len, size) == MAILC_DOT_OK) ==
              is_good);
        CHECK(!is_good ||
              check_same(sent.octets, sent.len, wire.octets, wire.len));
      }
    }
  }
}

int main(void) {
  test_dots_at_line_starts_are_doubled();
  test_the_last_crlf_is_added_once();
  test_lf_becomes_crlf_where_asked();
  test_lone_line_ends_are_offences();
  test_octets_above_127_and_nul_need_leave();
  test_a_line_may_have_998_octets();
  test_a_run_goes_out_as_one_piece_by_reference();
  test_skip_checks_without_harm();
  test_all_short_messages_of_four_octets();
  return check_status();
}
