#include "common/dot.h"

static const uint8_t lone_dot[] = {'\r', '\n', '.', '\r', '\n'};

void mailc_dot_begin(struct mailc_dot *dot, unsigned flags) {
  *dot =
      (struct mailc_dot){.place = MAILC_DOT_AT_START, .flags = (uint8_t)flags};
}

static bool is_allowed(const struct mailc_dot *dot, enum mailc_dot_flag flag) {
  return (dot->flags & (unsigned)flag) != 0;
}

/* Takes an octet of a line's text. */
static enum mailc_dot_violation take_text(struct mailc_dot *dot,
                                          uint8_t octet) {
  if (octet == 0 && !is_allowed(dot, MAILC_DOT_NUL)) {
    return MAILC_DOT_HAS_NUL;
  }
  if (octet > 127 && !is_allowed(dot, MAILC_DOT_8BIT)) {
    return MAILC_DOT_NOT_7BIT;
  }
  if (dot->line_len < MAILC_DOT_LINE_MAX) {
    dot->line_len++;
  } else if (!is_allowed(dot, MAILC_DOT_LONG_LINES)) {
    return MAILC_DOT_LINE_TOO_LONG;
  }
  dot->place = MAILC_DOT_IN_LINE;
  return MAILC_DOT_OK;
}

/* Takes one octet that goes out as it is. */
static enum mailc_dot_violation take(struct mailc_dot *dot, uint8_t octet) {
  bool may_end =
      dot->place == MAILC_DOT_AFTER_CR || dot->place == MAILC_DOT_AT_LONE_LF;

  if (octet == '\n') {
    if (!may_end) {
      return MAILC_DOT_BARE_LF;
    }
    dot->place = MAILC_DOT_AT_START;
    dot->line_len = 0;
    return MAILC_DOT_OK;
  }
  if (may_end) {
    return MAILC_DOT_BARE_CR;
  }
  if (octet == '\r') {
    dot->place = MAILC_DOT_AFTER_CR;
    return MAILC_DOT_OK;
  }
  return take_text(dot, octet);
}

/* The octet that has to go out before this one, or NULL. */
static const uint8_t *addition(const struct mailc_dot *dot, uint8_t octet) {
  if (octet == '.' && dot->place == MAILC_DOT_AT_START) {
    return &lone_dot[2];
  }
  if (octet == '\n' && is_allowed(dot, MAILC_DOT_LF_TO_CRLF) &&
      dot->place != MAILC_DOT_AFTER_CR && dot->place != MAILC_DOT_AT_LONE_LF) {
    return &lone_dot[0];
  }
  return NULL;
}

enum mailc_dot_violation mailc_dot_next(struct mailc_dot *dot,
                                        const uint8_t *octets, size_t len,
                                        struct mailc_dot_piece *piece) {
  size_t run = 0;

  *piece = (struct mailc_dot_piece){.octets = octets};
  while (run < len && addition(dot, octets[run]) == NULL) {
    enum mailc_dot_violation offence = take(dot, octets[run]);
    if (offence != MAILC_DOT_OK && run == 0) {
      return offence;
    }
    if (offence != MAILC_DOT_OK) {
      break; /* it comes up again as the first octet of the next call */
    }
    run++;
  }
  piece->len = run;
  piece->used_len = run;
  if (run == 0 && len != 0) {
    piece->octets = addition(dot, octets[0]);
    piece->len = 1;
    dot->place = octets[0] == '.' ? MAILC_DOT_AT_DOUBLE : MAILC_DOT_AT_LONE_LF;
  }
  return MAILC_DOT_OK;
}

enum mailc_dot_violation mailc_dot_skip(struct mailc_dot *dot,
                                        const uint8_t *octets, size_t len) {
  struct mailc_dot ahead = *dot;

  while (len != 0) {
    struct mailc_dot_piece piece;
    enum mailc_dot_violation offence =
        mailc_dot_next(&ahead, octets, len, &piece);
    if (offence != MAILC_DOT_OK) {
      return offence;
    }
    octets += piece.used_len;
    len -= piece.used_len;
  }
  *dot = ahead;
  return MAILC_DOT_OK;
}

enum mailc_dot_violation mailc_dot_end(const struct mailc_dot *dot,
                                       struct mailc_dot_piece *piece) {
  size_t skipped = dot->place == MAILC_DOT_AT_START ? 2 : 0;

  *piece = (struct mailc_dot_piece){.octets = lone_dot + skipped,
                                    .len = sizeof lone_dot - skipped};
  return dot->place == MAILC_DOT_AFTER_CR ? MAILC_DOT_BARE_CR : MAILC_DOT_OK;
}
