/* A POP3 session, RFC 1939 with CAPA of RFC 2449, that does no I/O.
 *
 * <mailc/link.h> has the loop that drives it. A program that may block finds
 * whole operations in <mailc/pop3_pump.h>.
 *
 * A command function only puts a command into the session; its result comes as
 * events:
 *
 *   command                          events
 *   connected                        GREETING
 *   user, pass, apop                 REPLY
 *   stat                             REPLY with number (messages) and size
 *   list_one, uidl_one               REPLY with number and size or value
 *   dele, noop, rset, quit           REPLY
 *   capa                             REPLY, CAPABILITY..., END
 *   list, uidl                       REPLY, ITEM..., END
 *   retr, top                        REPLY, DATA..., END
 *
 * A REPLY whose status is not MAILC_OK is the last event of its command: the
 * server refused. So is any REPLY whose has_more is false.
 *
 * Every function takes a session that mailc_pop3_init() has accepted. Each one
 * that returns a status returns MAILC_E_ARGUMENT for a NULL session, span or
 * result, and first of all the sticky status of a session that has failed:
 * MAILC_E_REPLY, _SURPLUS or _LINE_END (the server broke the protocol),
 * MAILC_E_LINE_TOO_LONG (a line of the server's does not fit the receive
 * buffer), MAILC_E_CLOSED, MAILC_E_TIMEOUT. Only mailc_pop3_init() ends that.
 *
 * A session that failed sends nothing more. Deletions that were not followed by
 * QUIT do not happen, which is what its user wants then (RFC 1939 section 6).
 */
#ifndef MAILC_POP3_H
#define MAILC_POP3_H

#include <mailc/hash.h>
#include <mailc/link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The commands; CAPA and the others are named as on the wire, _ONE is the form
 * with a message number. */
enum mailc_pop3_command {
  MAILC_POP3_NO_COMMAND, /* the greeting, which answers none */
  MAILC_POP3_CAPA,
  MAILC_POP3_USER,
  MAILC_POP3_PASS,
  MAILC_POP3_APOP,
  MAILC_POP3_STAT,
  MAILC_POP3_LIST,
  MAILC_POP3_LIST_ONE,
  MAILC_POP3_UIDL,
  MAILC_POP3_UIDL_ONE,
  MAILC_POP3_RETR,
  MAILC_POP3_TOP,
  MAILC_POP3_DELE,
  MAILC_POP3_NOOP,
  MAILC_POP3_RSET,
  MAILC_POP3_QUIT
};

enum mailc_pop3_event_kind {
  MAILC_POP3_EVENT_NONE,       /* nothing to take now */
  MAILC_POP3_EVENT_MOVE,       /* move: only with trace_moves */
  MAILC_POP3_EVENT_GREETING,   /* status, text; value: the timestamp */
  MAILC_POP3_EVENT_REPLY,      /* command, status, text, has_more; values */
  MAILC_POP3_EVENT_CAPABILITY, /* text: keyword; value: parameters, may be "" */
  MAILC_POP3_EVENT_ITEM,       /* number and size (LIST) or value (UIDL) */
  MAILC_POP3_EVENT_DATA,       /* value: the next octets of the message */
  MAILC_POP3_EVENT_END         /* command: all of its lines were handed out */
};

/* One event. Spans point into the receive buffer and are valid until the next
 * call of mailc_pop3_rx_buf(). Members that the kind does not name are zero. */
struct mailc_pop3_event {
  enum mailc_pop3_event_kind kind;
  enum mailc_pop3_command command;
  enum mailc_status status; /* MAILC_OK, E_REFUSED, or E_AUTH for a login */
  bool has_more;            /* lines follow, and END after them */
  struct mailc_move move;
  uint32_t number;         /* a message's number; for STAT the messages */
  uint64_t size;           /* octets */
  struct mailc_span text;  /* the server's line without CRLF; a keyword */
  struct mailc_span value; /* what it carries */
};

/* What a session is made with. The buffers are the caller's, serve this session
 * alone and stay until it is no longer used. */
struct mailc_pop3_config {
  struct mailc_buffer rx; /* at least MAILC_RX_CAP_MIN; the longest line of the
                             server's but in messages, which come in pieces */
  struct mailc_buffer tx; /* at least MAILC_TX_CAP_MIN */

  /* Keeps the timestamp of the greeting for APOP; 512 octets hold any that is
   * legal. Without it, or if the timestamp does not fit, there is no APOP. */
  struct mailc_buffer timestamp;

  const struct mailc_hash *hash; /* for APOP; NULL: there is none. Static */
  uint64_t now_ms;               /* the time */
  uint32_t timeout_ms;           /* how long the server may be silent while it
                                    owes an answer; above 0 */
  enum mailc_policy policy;      /* USER and PASS need MAILC_POLICY_CLEAR; with
                                    MAILC_POLICY_TLS APOP is refused too */
  bool allow_pass_after_apop;    /* USER and PASS even after a refused APOP */
  bool has_tls;                  /* the transport has had TLS from its first
                                    octet (RFC 8314 section 3): policy is met */
  bool trace_moves;              /* moves come as events */
};

/* A command in the queue. */
struct mailc_pop3_slot {
  uint8_t command; /* enum mailc_pop3_command */
  uint32_t number; /* its message */
};

/* A session. Of the library's: the caller provides the memory and reads nothing
 * here. 256 octets at most, without the buffers. */
struct mailc_pop3 {
  struct mailc_link link;
  struct mailc_pop3_event event; /* waits to be taken if kind is not NONE */
  struct mailc_buffer timestamp;
  const struct mailc_hash *hash;
  struct mailc_pop3_slot queue[MAILC_QUEUE_CAP];
  uint16_t timestamp_len;
  uint8_t queue_count;
  uint8_t state;
  uint8_t reading; /* what is expected of the server */
  uint8_t place;   /* within a line of a message */
  uint8_t policy;
  bool allow_pass_after_apop;
  bool has_refused_apop;
};

/* Begins a session. No octet moves yet.
 *   session       out: memory of the caller's, of any content
 *   session_size  sizeof *session as the caller sees it, octets
 *   config        in: copied, but for the buffers and the hash port
 * MAILC_E_SIZE      the caller was compiled with another mailc or other limits
 * MAILC_E_ARGUMENT  a buffer is missing or too small, or timeout_ms is 0 */
enum mailc_status mailc_pop3_init(struct mailc_pop3 *session,
                                  size_t session_size,
                                  const struct mailc_pop3_config *config);

/* The connection. */

/* The transport is connected: the greeting is awaited (RFC 1939 section 4).
 * Event: GREETING, with status E_REFUSED if the server wants no session, with
 * value.data NULL if there is no timestamp. A timestamp counts only if it looks
 * like an RFC 822 msg-id, since any other text would let a server make the
 * client hash what it likes; what a timestamp does not fit into says
 * config.timestamp.
 * MAILC_E_STATE  it was said before */
enum mailc_status mailc_pop3_connected(struct mailc_pop3 *session);

/* What the session can do now: bits of enum mailc_want. CALLER: an event may
 * wait, or a command may be given. */
unsigned mailc_pop3_want(const struct mailc_pop3 *session);

/* The octets to be sent next, of the session's; *len is how many, 0 if none.
 * NULL if there are none. */
const uint8_t *mailc_pop3_tx_buf(const struct mailc_pop3 *session, size_t *len);

/* The first `len` of these were sent, and are wiped.
 * MAILC_E_ARGUMENT  there were fewer */
enum mailc_status mailc_pop3_tx_ack(struct mailc_pop3 *session, size_t len);

/* Where received octets go, in the caller's receive buffer; *len is how many
 * fit, 0 if events have to be taken first. Ends the life of all spans. */
uint8_t *mailc_pop3_rx_buf(struct mailc_pop3 *session, size_t *len);

/* `len` octets were put there.
 * MAILC_E_ARGUMENT  more than fit */
enum mailc_status mailc_pop3_rx_ack(struct mailc_pop3 *session, size_t len);

/* The server sends no more: it closed, or the connection failed. */
enum mailc_status mailc_pop3_rx_eof(struct mailc_pop3 *session);

/* The time, in ms of any clock that does not go back. */
enum mailc_status mailc_pop3_tick(struct mailc_pop3 *session, uint64_t now_ms);

/* The time by which to call mailc_pop3_tick() and take events, for the session
 * to notice that the server is silent; MAILC_NEVER if it owes nothing. */
uint64_t mailc_pop3_deadline_ms(const struct mailc_pop3 *session);

/* Takes the next event into *event; kind NONE says that there is none now. */
enum mailc_status mailc_pop3_next(struct mailc_pop3 *session,
                                  struct mailc_pop3_event *event);

/* The commands.
 *
 * Each is refused, with nothing changed and nothing sent, by
 *   MAILC_E_STATE     it is not allowed now: not logged in, logged in already,
 *                     or another command is not answered yet
 *   MAILC_E_EVENTS    events or received octets wait to be taken first
 *   MAILC_E_ARGUMENT  an empty text, a message number of 0
 *   MAILC_E_TEXT      a text holds other than printable ASCII (RFC 1939
 *                     section 3), or a name a blank
 *   MAILC_E_TOO_LONG  the line would be longer than 255 octets (RFC 2449
 *                     section 4)
 * Texts are the caller's and are not needed after the call. */

/* Asks what the server can do, RFC 2449 section 5; before and after login. A
 * server that refuses does not know CAPA; nothing else follows from it. */
enum mailc_status mailc_pop3_capa(struct mailc_pop3 *session);

/* Login in two steps, RFC 1939 section 7: the mailbox's name, then, after a
 * REPLY of status MAILC_OK and as the very next command, the password. Blanks
 * in the password are sent as they are.
 * MAILC_E_CLEAR_SECRET  the password would go out in clear, which config.policy
 *                       does not allow; said to USER already
 * MAILC_E_AFTER_APOP    APOP was refused before: the password itself does not
 *                       follow unless config.allow_pass_after_apop */
enum mailc_status mailc_pop3_user(struct mailc_pop3 *session,
                                  struct mailc_span user);
enum mailc_status mailc_pop3_pass(struct mailc_pop3 *session,
                                  struct mailc_span secret);

/* Login by the digest of the greeting's timestamp and the secret, RFC 1939
 * section 7. The secret may hold any octets.
 * MAILC_E_TIMESTAMP     the greeting had no timestamp that is usable
 * MAILC_E_NO_HASH       config.hash is NULL, or its library refuses MD5
 * MAILC_E_CLEAR_SECRET  config.policy is MAILC_POLICY_TLS */
enum mailc_status mailc_pop3_apop(struct mailc_pop3 *session,
                                  struct mailc_span user,
                                  struct mailc_span secret);

/* How many messages there are and their octets, RFC 1939 section 5. */
enum mailc_status mailc_pop3_stat(struct mailc_pop3 *session);

/* The size of each message, or of message `number`, RFC 1939 section 5. */
enum mailc_status mailc_pop3_list(struct mailc_pop3 *session);
enum mailc_status mailc_pop3_list_one(struct mailc_pop3 *session,
                                      uint32_t number);

/* The unique id of each message, or of message `number`, RFC 1939 section 7. An
 * id is 1 or more visible ASCII characters; the RFC's bound of 70 is not
 * enforced. */
enum mailc_status mailc_pop3_uidl(struct mailc_pop3 *session);
enum mailc_status mailc_pop3_uidl_one(struct mailc_pop3 *session,
                                      uint32_t number);

/* Fetches message `number`, RFC 1939 section 5. The octets come in DATA events
 * as the message has them: with the CRLF of each line, without the dots that
 * were stuffed and without the final dot. The message is whole only once END
 * was taken. */
enum mailc_status mailc_pop3_retr(struct mailc_pop3 *session, uint32_t number);

/* The same of the header and the first `lines` lines of the body, RFC 1939
 * section 7. */
enum mailc_status mailc_pop3_top(struct mailc_pop3 *session, uint32_t number,
                                 uint32_t lines);

/* Marks message `number`; the server deletes it after QUIT, RFC 1939 sections 5
 * and 6. */
enum mailc_status mailc_pop3_dele(struct mailc_pop3 *session, uint32_t number);

/* Does nothing, RFC 1939 section 5. */
enum mailc_status mailc_pop3_noop(struct mailc_pop3 *session);

/* Takes all marks back, RFC 1939 section 5. */
enum mailc_status mailc_pop3_rset(struct mailc_pop3 *session);

/* Ends the session, and after a login has the marked messages deleted, RFC 1939
 * sections 4 and 6. The REPLY tells whether that was done; the session is over
 * in both cases. */
enum mailc_status mailc_pop3_quit(struct mailc_pop3 *session);

/* The names of a state and of an event of struct mailc_move, as in the table;
 * "?" for a number that is none. Static. */
const char *mailc_pop3_state_name(uint8_t state);
const char *mailc_pop3_event_name(uint8_t event);

#ifdef __cplusplus
}
#endif

#endif
