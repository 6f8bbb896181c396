/* The part that the POP3 and the SMTP session share: buffers, time, status.
 *
 * A session does no I/O, takes no memory and reads no clock. Its owner does,
 * in this loop:
 *
 *   1. take events until there are none;
 *   2. ask what the session wants;
 *   3. TX: send the octets of tx_buf() and acknowledge what went out;
 *      RX: receive into rx_buf() and acknowledge what came in, or say eof;
 *      TLS: make the handshake, then say tls_up or tls_failed;
 *      CALLER: give the next command;
 *      CLOSED: close the connection, it is over;
 *   4. tick() with the time, at the latest at deadline_ms().
 */
#ifndef MAILC_LINK_H
#define MAILC_LINK_H

#include <mailc/config.h>
#include <mailc/span.h>
#include <mailc/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a session can do now: a set of bits. */
enum mailc_want {
  MAILC_WANT_RX = 1,     /* rx_buf() has room for octets of the server's */
  MAILC_WANT_TX = 2,     /* tx_buf() has octets for the server */
  MAILC_WANT_TLS = 4,    /* the TLS handshake comes now, nothing before it */
  MAILC_WANT_CALLER = 8, /* a command, data or an answer of the caller's */
  MAILC_WANT_CLOSED = 16 /* over: close the connection */
};

/* What may go out on a connection without TLS. */
enum mailc_policy {
  MAILC_POLICY_OWN,   /* no password in clear; digests and mail may */
  MAILC_POLICY_CLEAR, /* everything may */
  MAILC_POLICY_TLS    /* no login and no mail at all */
};

/* The most that a session takes from a server. 0 stands for the default of the
 * protocol, which <mailc/config.h> has. The session fails by the status that is
 * named if the server sends more. A line is limited by the receive buffer. The
 * octets of a POP3 message are not limited. */
struct mailc_limits {
  uint32_t reply_max;      /* octets of a reply: E_REPLY_TOO_LONG */
  uint32_t line_max;       /* lines of a reply or list: E_TOO_MANY_LINES */
  uint32_t capability_max; /* E_TOO_MANY_CAPABILITIES */
};

/* The deadline of a session that waits for nothing. */
#define MAILC_NEVER UINT64_MAX

/* Returns the time that comes wait_ms after now_ms: never past, and never
 * MAILC_NEVER, however long the wait. */
static inline uint64_t mailc_later_ms(uint64_t now_ms, uint64_t wait_ms) {
  return now_ms < MAILC_NEVER - wait_ms ? now_ms + wait_ms : MAILC_NEVER - 1;
}

/* One move of a state machine. The numbers are those of the protocol's enums;
 * mailc_pop3_state_name() and its like name them. */
struct mailc_move {
  uint8_t from;  /* the state before */
  uint8_t event; /* what happened */
  uint8_t to;    /* the state after */
  bool
      is_internal; /* a choice of the client's that nothing on the wire shows */
};

/* Of the library's; the caller provides the memory and reads nothing here. */
struct mailc_link {
  enum mailc_status status; /* sticky */
  struct mailc_move move;   /* waits to be taken if has_move */
  bool has_move;
  bool trace_moves;
  bool is_eof;
  bool is_tx_lost; /* octets that were to be sent never will be */
  bool wants_tls;  /* the handshake is to be made now */
  bool has_tls;    /* the server was verified, octets go encrypted */
  enum mailc_status tls_status; /* why the handshake failed */
  uint32_t timeout_ms;
  uint8_t *rx; /* the caller's receive buffer */
  size_t rx_cap;
  size_t rx_len;  /* octets in it */
  size_t rx_used; /* of these, octets done with */
  size_t rx_seen; /* of these, octets searched for a line end */
  uint8_t *tx;    /* the caller's transmit buffer */
  size_t tx_cap;
  size_t tx_len;      /* octets in it */
  size_t tx_sent;     /* of these, octets sent */
  size_t tx_held;     /* of these, the last octets, which may not leave yet */
  const uint8_t *ref; /* octets of the caller's to be sent after those */
  size_t ref_len;
  uint64_t now_ms;
  uint64_t deadline_ms; /* the server must be heard by then, or MAILC_NEVER */
  uint64_t limit_ms;    /* the caller's own deadline, or MAILC_NEVER */
};

#ifdef __cplusplus
}
#endif

#endif
