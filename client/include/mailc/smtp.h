/* An SMTP session, RFC 5321 with AUTH of RFC 4954, that does no I/O.
 *
 * <mailc/link.h> has the loop that drives it. A program that may block finds
 * whole operations in <mailc/smtp_pump.h>.
 *
 * A command function only puts a command into the session; its result comes as
 * events:
 *
 *   command                          events
 *   connected                        LINE..., GREETING
 *   ehlo, helo, mail, rcpt, data,
 *   rset, noop, vrfy, quit           LINE..., REPLY
 *   auth                             CHALLENGE... where the caller answers,
 *                                    LINE..., REPLY
 *   end                              LINE..., REPLY to the message
 *
 * A reply of several lines comes as LINE events and a REPLY for its last line
 * (RFC 5321 section 4.2.1). Only the first digit of the code decides (section
 * 4.3.2), never the text.
 *
 * A message: mail, rcpt for each recipient, data; after its REPLY of status
 * MAILC_OK body for each piece of the message, and end. A recipient that is
 * refused does not hinder the others. Several messages may follow each other;
 * rset gives one up before data.
 *
 * Every function takes a session that mailc_smtp_init() has accepted. Each one
 * that returns a status returns MAILC_E_ARGUMENT for a NULL session, span or
 * result, and first of all the sticky status of a session that has failed:
 * MAILC_E_REPLY, _SURPLUS or _LINE_END (the server broke the protocol),
 * MAILC_E_LINE_TOO_LONG or _REPLY_TOO_LONG (a reply does not fit),
 * MAILC_E_CLOSED, MAILC_E_TIMEOUT, MAILC_E_DELIVERY_UNKNOWN. Only
 * mailc_smtp_init() ends that.
 *
 * A session that failed sends nothing more. One that the server ended with 421
 * (RFC 5321 section 3.8) is closed; the REPLY has status MAILC_E_REFUSED_NOW.
 */
#ifndef MAILC_SMTP_H
#define MAILC_SMTP_H

#include <mailc/link.h>
#include <mailc/sasl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The commands. MESSAGE is the end of a message, which has a reply too. */
enum mailc_smtp_command {
  MAILC_SMTP_NO_COMMAND, /* the greeting, which answers none */
  MAILC_SMTP_EHLO,
  MAILC_SMTP_HELO,
  MAILC_SMTP_AUTH,
  MAILC_SMTP_MAIL,
  MAILC_SMTP_RCPT,
  MAILC_SMTP_DATA,
  MAILC_SMTP_MESSAGE,
  MAILC_SMTP_RSET,
  MAILC_SMTP_NOOP,
  MAILC_SMTP_VRFY,
  MAILC_SMTP_QUIT
};

/* What the server's EHLO reply offers: a set of bits. */
enum mailc_smtp_offer {
  MAILC_SMTP_OFFER_AUTH = 1,
  MAILC_SMTP_OFFER_8BITMIME = 2,
  MAILC_SMTP_OFFER_SIZE = 4,
  MAILC_SMTP_OFFER_SMTPUTF8 = 8,
  MAILC_SMTP_OFFER_DSN = 16
};

/* What became of a message. */
enum mailc_delivery {
  MAILC_DELIVERY_NOT_SENT, /* the server has not taken it and will not */
  MAILC_DELIVERY_UNKNOWN, /* it ended, and the server's word on it is missing */
  MAILC_DELIVERY_SENT     /* the server has taken it */
};

enum mailc_smtp_event_kind {
  MAILC_SMTP_EVENT_NONE,      /* nothing to take now */
  MAILC_SMTP_EVENT_MOVE,      /* move: only with trace_moves */
  MAILC_SMTP_EVENT_GREETING,  /* status, code, line_no, text */
  MAILC_SMTP_EVENT_LINE,      /* command, code, line_no, text */
  MAILC_SMTP_EVENT_CHALLENGE, /* text: the challenge, not in base64 */
  MAILC_SMTP_EVENT_REPLY      /* command, status, code, line_no, text */
};

/* One event. The span points into the receive buffer and is valid until the
 * next call of mailc_smtp_rx_buf(). Members that the kind does not name are
 * zero. */
struct mailc_smtp_event {
  enum mailc_smtp_event_kind kind;
  enum mailc_smtp_command command;
  enum mailc_status status; /* MAILC_OK, E_REFUSED (5yz), E_REFUSED_NOW (4yz);
                               AUTH: E_AUTH, and for a login that the library
                               cancelled E_CHALLENGE or E_NO_HASH */
  uint16_t code;            /* of three digits */
  uint16_t line_no;         /* of this line in its reply, from 1 */
  struct mailc_move move;
  struct mailc_span text; /* of the line, without code and CRLF */
};

/* What a session is made with. The buffers are the caller's, serve this session
 * alone and stay until it is no longer used. */
struct mailc_smtp_config {
  struct mailc_buffer rx; /* at least MAILC_RX_CAP_MIN; the longest line of a
                             reply. Challenges may have 12288 octets (RFC 4954
                             section 4) */
  struct mailc_buffer tx; /* at least MAILC_TX_CAP_MIN; the longest line that is
                             sent, responses to challenges in base64 too */

  const struct mailc_hash *hash; /* for CRAM-MD5; NULL: there is none. Static */
  uint64_t now_ms;               /* the time */
  uint32_t timeout_ms;           /* how long the server may be silent while it
                                    owes an answer, and take no octet of a
                                    message; above 0. RFC 5321 section 4.5.3.2
                                    asks for 5 minutes */
  uint32_t delivery_timeout_ms;  /* the same after the end of a message, 10
                                    minutes there; 0: timeout_ms */
  uint32_t reply_max;            /* octets of one reply; 0: MAILC_REPLY_MAX */
  enum mailc_policy policy;      /* PLAIN, LOGIN and what the caller answers
                                    need MAILC_POLICY_CLEAR; MAILC_POLICY_TLS
                                    forbids any login and any mail */
  bool lf_to_crlf;       /* in messages a lone LF ends a line, sent as CRLF */
  bool allow_nul;        /* in messages */
  bool allow_8bit;       /* in messages, without BODY=8BITMIME (RFC 6152) */
  bool allow_long_lines; /* of messages, above 998 octets */
  bool has_tls; /* the transport has had TLS from its first octet (RFC 8314
                   section 3): policy is met */
  bool allow_unlisted_auth; /* AUTH where the server offers none, or not this
                               mechanism; nothing in RFC 4954 asks for it */
  bool trace_moves;         /* moves come as events */
};

/* Where a message stands. Of the library's. */
struct mailc_dot {
  uint16_t line_len;
  uint8_t place;
  uint8_t flags;
};

/* A session. Of the library's: the caller provides the memory and reads nothing
 * here. 320 octets at most, without the buffers. */
struct mailc_smtp {
  struct mailc_link link;
  struct mailc_smtp_event event; /* waits to be taken if kind is not NONE */
  struct mailc_sasl sasl;
  struct mailc_span span; /* EHLO: the name; in a message: what is to be sent */
  uint32_t timeout_ms;
  uint32_t delivery_timeout_ms;
  uint32_t reply_max;
  uint32_t reply_len; /* octets of the reply read so far */
  uint32_t offers;
  uint32_t mechs;                  /* of the offers */
  enum mailc_status cancel_status; /* why the login was cancelled */
  struct mailc_dot dot;
  uint16_t code;                  /* of the reply that is being read */
  uint16_t line_count;            /* lines of it read so far */
  uint8_t queue[MAILC_QUEUE_CAP]; /* enum mailc_smtp_command */
  uint8_t queue_count;
  uint8_t state;
  uint8_t next_step; /* what the session does by itself */
  uint8_t policy;
  uint8_t dot_flags;
  uint8_t delivery;
  bool is_awaiting; /* the server owes an answer */
  bool is_logged_in;
  bool allow_unlisted_auth;
  bool is_utf8; /* this message's MAIL had SMTPUTF8 */
};

/* Begins a session. No octet moves yet.
 *   session       out: memory of the caller's, of any content
 *   session_size  sizeof *session as the caller sees it, octets
 *   config        in: copied, but for the buffers and the hash port
 * MAILC_E_SIZE      the caller was compiled with another mailc or other limits
 * MAILC_E_ARGUMENT  a buffer is missing or too small, or timeout_ms is 0 */
enum mailc_status mailc_smtp_init(struct mailc_smtp *session,
                                  size_t session_size,
                                  const struct mailc_smtp_config *config);

/* The connection. */

/* The transport is connected: the greeting is awaited (RFC 5321 section 3.1).
 * Event: GREETING; with status E_REFUSED or E_REFUSED_NOW the server takes no
 * mail, and QUIT is all that may follow.
 * MAILC_E_STATE  it was said before */
enum mailc_status mailc_smtp_connected(struct mailc_smtp *session);

/* What the session can do now: bits of enum mailc_want. CALLER: an event may
 * wait, or a command, a piece of the message or an answer may be given. */
unsigned mailc_smtp_want(const struct mailc_smtp *session);

/* The octets to be sent next, of the session's or of the caller's message; *len
 * is how many, 0 if none. NULL if there are none. */
const uint8_t *mailc_smtp_tx_buf(const struct mailc_smtp *session, size_t *len);

/* The first `len` of these were sent; the session's own are wiped.
 * MAILC_E_ARGUMENT  there were fewer */
enum mailc_status mailc_smtp_tx_ack(struct mailc_smtp *session, size_t len);

/* Where received octets go, in the caller's receive buffer; *len is how many
 * fit, 0 if events have to be taken first. Ends the life of all spans. */
uint8_t *mailc_smtp_rx_buf(struct mailc_smtp *session, size_t *len);

/* `len` octets were put there.
 * MAILC_E_ARGUMENT  more than fit */
enum mailc_status mailc_smtp_rx_ack(struct mailc_smtp *session, size_t len);

/* The server sends no more: it closed, or the connection failed. */
enum mailc_status mailc_smtp_rx_eof(struct mailc_smtp *session);

/* The time, in ms of any clock that does not go back. */
enum mailc_status mailc_smtp_tick(struct mailc_smtp *session, uint64_t now_ms);

/* The time by which to call mailc_smtp_tick() and take events, for the session
 * to notice that the server is silent; MAILC_NEVER if it owes nothing. */
uint64_t mailc_smtp_deadline_ms(const struct mailc_smtp *session);

/* Takes the next event into *event; kind NONE says that there is none now. */
enum mailc_status mailc_smtp_next(struct mailc_smtp *session,
                                  struct mailc_smtp_event *event);

/* The commands.
 *
 * Each is refused, with nothing changed and nothing sent, by
 *   MAILC_E_STATE     it is not allowed now, or another command is not answered
 *                     yet
 *   MAILC_E_EVENTS    events or received octets wait to be taken first
 *   MAILC_E_ARGUMENT  an empty text where one is needed
 *   MAILC_E_TEXT      a text holds what may not stand there, CR, LF and NUL
 *                     before all
 *   MAILC_E_TOO_LONG  the line would be longer than 512 octets and what the
 *                     extensions in use add (RFC 5321 section 4.5.3.1.4), or
 *                     than the transmit buffer
 * Texts are the caller's and are not needed after the call, but where said. */

/* Says who the client is and asks what the server can do, RFC 5321 section
 * 4.1.1.1. `name` is a domain of letters, digits, hyphens and dots, or an
 * address literal in brackets (section 4.1.3), and stays until the REPLY. A
 * server that answers 5yz is sent HELO at once (section 3.2), so the REPLY may
 * be to that; it offers nothing then. */
enum mailc_status mailc_smtp_ehlo(struct mailc_smtp *session,
                                  struct mailc_span name);

/* The same without extensions. */
enum mailc_status mailc_smtp_helo(struct mailc_smtp *session,
                                  struct mailc_span name);

/* The bits of enum mailc_smtp_offer, 0 before EHLO and after HELO. */
uint32_t mailc_smtp_offers(const struct mailc_smtp *session);

/* The mechanisms that are offered, a set of those of <mailc/sasl.h>. */
uint32_t mailc_smtp_mechs(const struct mailc_smtp *session);

/* The strongest of the mechanisms in the set `allowed` that the server offers,
 * config.policy admits and the hash port serves; MAILC_MECH_CALLER if there is
 * none. mailc_mech_name() gives the name for the login. */
enum mailc_mech mailc_smtp_best_mech(const struct mailc_smtp *session,
                                     uint32_t allowed);

/* Reads the text of a line of an accepted EHLO reply, but its first, which
 * names the server: *keyword is the extension's name as sent, *params what
 * follows. False if there is no name. */
bool mailc_smtp_extension(struct mailc_span text, struct mailc_span *keyword,
                          struct mailc_span *params);

/* Logs in, RFC 4954 section 4; once a session. `login` is kept by reference
 * until the REPLY. The initial response goes with the command if login->initial
 * wants it and the line stays within 512 octets, otherwise it answers the first
 * challenge. A challenge that is not base64, or one too many, makes the library
 * cancel the login; the session can go on then.
 * MAILC_E_NOT_OFFERED   the server has no AUTH, or not this mechanism where it
 *                       is one of the library's; not with
 *                       config.allow_unlisted_auth
 * MAILC_E_CLEAR_SECRET  config.policy does not allow it without TLS
 * MAILC_E_NO_HASH       config.hash is NULL
 * MAILC_E_STATE         also: logged in already */
enum mailc_status mailc_smtp_auth(struct mailc_smtp *session,
                                  const struct mailc_login *login);

/* Answers the CHALLENGE taken last with `octets`, which may be any and none,
 * not in base64. */
enum mailc_status mailc_smtp_answer(struct mailc_smtp *session,
                                    struct mailc_span octets);

/* Cancels the login instead; its REPLY follows. */
enum mailc_status mailc_smtp_cancel(struct mailc_smtp *session);

/* Begins a message, RFC 5321 section 4.1.1.2. `from` stands between the angle
 * brackets; empty is the null reverse-path, which only reports of a failed
 * delivery have (section 4.5.5). Each of `param_count` params is KEYWORD or
 * KEYWORD=value, sent as it is; BODY=8BITMIME allows octets above 127 in the
 * message, SMTPUTF8 in addresses.
 * MAILC_E_NOT_OFFERED  a parameter is of no extension that the server has
 * MAILC_E_CLEAR_MAIL   config.policy is MAILC_POLICY_TLS */
enum mailc_status mailc_smtp_mail(struct mailc_smtp *session,
                                  struct mailc_span from,
                                  const struct mailc_span *params,
                                  size_t param_count);

/* Adds a recipient, RFC 5321 section 4.1.1.3; the rest is as for MAIL. */
enum mailc_status mailc_smtp_rcpt(struct mailc_smtp *session,
                                  struct mailc_span to,
                                  const struct mailc_span *params,
                                  size_t param_count);

/* Asks to send the message, RFC 5321 section 4.1.1.4. Needs a recipient that
 * was accepted. */
enum mailc_status mailc_smtp_data(struct mailc_smtp *session);

/* Gives the next octets of the message, not dot-stuffed. They are sent from
 * where they are: they stay until WANT_CALLER comes back. Pieces may be cut
 * anywhere. Lines end in CRLF alone and have 998 octets at most; see config for
 * what else may be allowed.
 * MAILC_E_MESSAGE  they hold what may not be sent: none of them leaves, and as
 *                  a message cannot be taken back, the session is closed
 *                  without the final dot. The message is not sent
 * MAILC_E_STATE    no message is being sent, or the last octets are not yet */
enum mailc_status mailc_smtp_body(struct mailc_smtp *session,
                                  struct mailc_span octets);

/* Ends the message; a missing last CRLF is added. Statuses as for body. */
enum mailc_status mailc_smtp_end(struct mailc_smtp *session);

/* Gives the message up by closing the session without the final dot. */
enum mailc_status mailc_smtp_abort(struct mailc_smtp *session);

/* Whether a whole message may be sent in this session, told before data.
 * `is_8bit`: its MAIL has BODY=8BITMIME.
 * MAILC_E_MESSAGE  it holds what may not be sent */
enum mailc_status mailc_smtp_check(const struct mailc_smtp *session,
                                   struct mailc_span message, bool is_8bit);

/* What became of the last message for which data was given. */
enum mailc_delivery mailc_smtp_delivery(const struct mailc_smtp *session);

/* Gives up the message that was begun with mail, RFC 5321 section 4.1.1.5. A
 * server that refuses leaves QUIT as all that may follow. */
enum mailc_status mailc_smtp_rset(struct mailc_smtp *session);

/* Does nothing, RFC 5321 section 4.1.1.9. */
enum mailc_status mailc_smtp_noop(struct mailc_smtp *session);

/* Asks about a user or a mailbox, RFC 5321 section 4.1.1.6. A code of 252 says
 * that the server does not tell. */
enum mailc_status mailc_smtp_vrfy(struct mailc_smtp *session,
                                  struct mailc_span text);

/* Ends the session, RFC 5321 section 4.1.1.10; it is over whatever the REPLY
 * says. */
enum mailc_status mailc_smtp_quit(struct mailc_smtp *session);

/* The names of a state and of an event of struct mailc_move, as in the table;
 * "?" for a number that is none. Static. */
const char *mailc_smtp_state_name(uint8_t state);
const char *mailc_smtp_event_name(uint8_t event);

#ifdef __cplusplus
}
#endif

#endif
