/* How the link works: what both engines share below their state machines.
 *
 * The link owns three things: two buffers of the caller's, one timer, and the
 * sticky status.
 *
 *   receive buffer   [ done with | unread, searched | unread | free ]
 *                    0           rx_used    rx_seen   rx_len   rx_cap
 *   transmit buffer  [ sent, wiped | may leave | held back | free ]
 *                    0             tx_sent     tx_len - tx_held   tx_len
 *
 * Octets are found, checked and handed out where they lie. A span that an event
 * shows points into the receive buffer; rx_buf() moves the unread octets to the
 * front and so ends its life. Sent octets are wiped at once, since any of them
 * may be a secret. Queued commands lie in the transmit buffer already, held
 * back until they may leave. A message is sent from the caller's own memory,
 * `ref`, behind the transmit buffer.
 *
 * The timer runs while the server owes an answer; each octet in either
 * direction starts it again. The caller's own limit is put off by nothing.
 *
 * Whatever fails a session sets `status`, once, and leads to FAILED. From then
 * on each call returns that status. */
#ifndef MAILC_SRC_LINK_H
#define MAILC_SRC_LINK_H

#include <mailc/link.h>

/* Begins with what is set in *link, all else being zero: rx and tx, of which
 * each has its least capacity, now_ms, timeout_ms above 0, trace_moves, and
 * has_tls if there is TLS from the first octet (RFC 8314 section 3). E_ARGUMENT
 * if a buffer is missing or too small. */
enum mailc_status mailc_link_init(struct mailc_link *link);

/* E_ARGUMENT without a link, or its sticky status. */
static inline enum mailc_status
mailc_link_status(const struct mailc_link *link) {
  return link == NULL ? MAILC_E_ARGUMENT : link->status;
}

/* Octets of the server's. */

/* The free part of the receive buffer; *len 0 if there is none. Moves what is
 * not done with to the front, which ends the life of spans given before. */
uint8_t *mailc_link_rx_buf(struct mailc_link *link, size_t *len);

/* `len` octets were received. E_ARGUMENT if they do not fit or there is no
 * link; its sticky status. */
enum mailc_status mailc_link_rx_ack(struct mailc_link *link, size_t len);

/* Octets received and not done with yet. */
static inline struct mailc_span
mailc_link_unread(const struct mailc_link *link) {
  return (struct mailc_span){link->rx + link->rx_used,
                             link->rx_len - link->rx_used};
}

/* The first `len` octets of the rest are done with; they stay where they are
 * until mailc_link_rx_buf(). */
void mailc_link_consume(struct mailc_link *link, size_t len);

/* Takes the next line. MAILC_OK with line->data NULL if it is not whole yet,
 * otherwise *line without its CRLF, valid until mailc_link_rx_buf().
 * E_LINE_END for a bare CR, a bare LF or a NUL in it; E_LINE_TOO_LONG if it
 * cannot fit the buffer. The answer is the same in any segmentation. */
enum mailc_status mailc_link_line(struct mailc_link *link,
                                  struct mailc_span *line);

/* Octets for the server. */

/* What is to be sent first; *len 0 if nothing is, or there is no link. */
const uint8_t *mailc_link_tx_buf(const struct mailc_link *link, size_t *len);

/* `len` octets left; those in the transmit buffer are wiped. As above. */
enum mailc_status mailc_link_tx_ack(struct mailc_link *link, size_t len);

/* What waits to be sent will not be: it is wiped and forgotten. */
void mailc_link_tx_lost(struct mailc_link *link);

/* Octets that wait to be sent, with those that are held back. */
static inline size_t mailc_link_unsent(const struct mailc_link *link) {
  return link->tx_len - link->tx_sent;
}

/* The last `len` of the octets that wait to be sent are held back from now on,
 * and no others: commands that must not leave before an answer has come. At
 * most mailc_link_unsent(). */
static inline void mailc_link_hold(struct mailc_link *link, size_t len) {
  link->tx_held = len;
}

/* The first `len` of the octets that wait to be sent are wiped and forgotten;
 * none of them may be held back. */
void mailc_link_drop(struct mailc_link *link, size_t len);

/* Room for `len` more octets behind those waiting to be sent, or NULL. They
 * are sent once mailc_link_commit() has said how many there are. */
uint8_t *mailc_link_room(struct mailc_link *link, size_t len);
static inline void mailc_link_commit(struct mailc_link *link, size_t len) {
  link->tx_len += len;
}

/* Puts one line: the parts with a blank between, but for a path, which begins
 * with a part that ends in "<" and has three of them; then CRLF. The first is
 * not empty. Nothing is put if it fails: E_TEXT for CR, LF or NUL in a part,
 * E_TOO_LONG above `max` octets with CRLF or above the buffer, E_QUEUE_FULL if
 * there will be room for it. */
enum mailc_status mailc_link_write_line(struct mailc_link *link,
                                        const struct mailc_span *parts,
                                        size_t count, size_t max);

/* The limits of a session without limits of its own: all defaults. */
extern const struct mailc_limits mailc_link_defaults;

/* Adds `more` to a count. False, with nothing added, if that is above the
 * limit; a limit of 0 stands for `standard`. */
bool mailc_link_count(uint32_t *total, size_t more, uint32_t limit,
                      uint32_t standard);

/* Time. */

/* From now on the server has to be heard: within timeout_ms of the last octet
 * that went either way. */
void mailc_link_start_timer(struct mailc_link *link);

/* Nothing is expected of the server. */
void mailc_link_stop_timer(struct mailc_link *link);

/* The time is now_ms; going back is ignored. As mailc_link_status(). */
enum mailc_status mailc_link_tick(struct mailc_link *link, uint64_t now_ms);

/* Sets the caller's own limit. As mailc_link_status(). */
static inline enum mailc_status mailc_link_set_limit(struct mailc_link *link,
                                                     uint64_t limit_ms) {
  if (link != NULL) {
    link->limit_ms = limit_ms;
  }
  return mailc_link_status(link);
}

/* The time by which to tick, or MAILC_NEVER, as without a link. */
uint64_t mailc_link_deadline_ms(const struct mailc_link *link);

/* The deadline has come. */
bool mailc_link_is_late(const struct mailc_link *link);

/* The caller's own limit has come, whatever the server sends. */
bool mailc_link_is_past_limit(const struct mailc_link *link);

/* TLS in the middle of a session (RFC 2595 section 4, RFC 3207 section 4).
 *
 * An engine whose STLS or STARTTLS was accepted goes to START_TLS and calls
 * mailc_link_want_tls(). From there it moves by the first of these that holds:
 * octets in the rest: BAD_REPLY with E_SURPLUS, as they came before the
 * handshake; has_tls: TLS_UP, and what was learned before is forgotten;
 * tls_status not MAILC_OK: TLS_FAILED with it; the end of the stream: EOF; the
 * deadline: TIMEOUT. It wants MAILC_WANT_TLS while wants_tls is set, and
 * nothing else. */

/* The handshake is to be made, and the server has to be heard in time. */
void mailc_link_want_tls(struct mailc_link *link);

/* It was made, by the session's owner. E_STATE if it was not asked for,
 * E_ARGUMENT without a link; the sticky status of a session that failed
 * meanwhile. */
enum mailc_status mailc_link_tls_up(struct mailc_link *link);

/* It failed: `cause` is E_TLS or E_CERTIFICATE. E_STATE as above, E_ARGUMENT
 * for another cause: a connection that ended is reported by its end. */
enum mailc_status mailc_link_tls_failed(struct mailc_link *link,
                                        enum mailc_status cause);

/* Moves. */

/* Keeps the move for the caller if moves are traced. Only one can wait: the
 * engines make none while has_move is set. */
void mailc_link_keep_move(struct mailc_link *link, struct mailc_move move);

#endif
