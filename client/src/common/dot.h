/* The octets of a message on their way out: lines end in CRLF, a dot at the
 * start of a line is doubled, a lone dot ends it all (RFC 5321 sections 2.3.8
 * and 4.5.2). The message stays where it is; the pieces returned are runs of
 * it and short constants in between. */
#ifndef MAILC_DOT_H
#define MAILC_DOT_H

#include <mailc/smtp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest line of a message without its CRLF and without an added dot, RFC
 * 5321 section 4.5.3.1.6. */
#define MAILC_DOT_LINE_MAX 998u

/* What the caller allows beyond the default. */
enum mailc_dot_flag {
  MAILC_DOT_LF_TO_CRLF = 1, /* a lone LF ends a line, and leaves as CRLF */
  MAILC_DOT_8BIT = 2,       /* octets above 127 */
  MAILC_DOT_NUL = 4,
  MAILC_DOT_LONG_LINES = 8
};

enum mailc_dot_violation {
  MAILC_DOT_OK,
  MAILC_DOT_BARE_CR,
  MAILC_DOT_BARE_LF,
  MAILC_DOT_NOT_7BIT,
  MAILC_DOT_HAS_NUL,
  MAILC_DOT_LINE_TOO_LONG
};

/* The place within a line: mailc_dot.place. mailc_dot.flags are of enum
 * mailc_dot_flag, and line_len is at most MAILC_DOT_LINE_MAX. */
enum mailc_dot_place {
  MAILC_DOT_AT_START,  /* of the message or of a line */
  MAILC_DOT_AT_DOUBLE, /* the added dot is out, the line's own follows */
  MAILC_DOT_IN_LINE,
  MAILC_DOT_AFTER_CR,  /* a CR is out that an LF must follow */
  MAILC_DOT_AT_LONE_LF /* the CR that an LF lacked is out */
};

struct mailc_dot_piece {
  const uint8_t *octets;
  size_t len;      /* octets to send */
  size_t used_len; /* octets of the message that this stands for: len or 0 */
};

void mailc_dot_begin(struct mailc_dot *dot, unsigned flags);

/* Finds what to send first of `octets`, which follow those used before. The
 * piece is the longest run of the message that can go out as it is, or the one
 * octet to be added before it, and points into `octets` or to a constant. Call
 * it again with the rest until all are used. With len > 0 the piece is empty
 * only for an offence, and *dot is then as it was. */
enum mailc_dot_violation mailc_dot_next(struct mailc_dot *dot,
                                        const uint8_t *octets, size_t len,
                                        struct mailc_dot_piece *piece);

/* Whether all of `octets` may follow; on success *dot stands behind them. */
enum mailc_dot_violation mailc_dot_skip(struct mailc_dot *dot,
                                        const uint8_t *octets, size_t len);

/* Gives the end of the message: a lone dot, before it the CRLF that the last
 * line lacks. A CR at the very end is an offence. */
enum mailc_dot_violation mailc_dot_end(const struct mailc_dot *dot,
                                       struct mailc_dot_piece *piece);

#endif
