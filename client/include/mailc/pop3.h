/* A POP3 session, RFC 1939 with the extensions of RFC 2449, 2595, 3206, 5034
 * and 6856, that does no I/O.
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
 *   stls                             REPLY, END once there is TLS
 *   auth                             REPLY; CHALLENGE first, as often as the
 *                                    server asks, where the caller answers
 *   utf8, lang_to                    REPLY
 *   lang                             REPLY, LANGUAGE..., END
 *
 * A REPLY whose status is not MAILC_OK is the last event of its command: the
 * server refused. So is any REPLY whose has_more is false.
 *
 * Every function takes a session that mailc_pop3_init() has accepted. Each one
 * that returns a status returns MAILC_E_ARGUMENT for a NULL session, span or
 * result, and first of all the sticky status of a session that has failed:
 * MAILC_E_REPLY, _SURPLUS or _LINE_END (the server broke the protocol),
 * MAILC_E_LINE_TOO_LONG (a line of the server's does not fit the receive
 * buffer), MAILC_E_REPLY_TOO_LONG, _TOO_MANY_LINES or
 * _TOO_MANY_CAPABILITIES (a limit of config.limits), MAILC_E_TLS or
 * _CERTIFICATE (no TLS after STLS), MAILC_E_CLOSED, MAILC_E_TIMEOUT. Only
 * mailc_pop3_init() ends that.
 *
 * Commands may be queued: given before those ahead of them are answered, as far
 * as the queue and the transmit buffer have room. Each is checked against the
 * state that holds if all before it succeed. Where the server offers PIPELINING
 * they leave at once (RFC 2449 section 6.6), otherwise each when the one before
 * it is answered; their events come in their order in both cases. A command
 * that changes the state ends what leaves at once, so a command behind a login
 * waits for it. One that is no longer allowed, as STAT after a refused PASS, is
 * never sent: its REPLY has status MAILC_E_DROPPED. Any other goes on whatever
 * became of those before it: DELE behind RETR deletes what RETR did not fetch.
 * STLS, AUTH and QUIT are the last of a queue, and AUTH waits until all before
 * it are answered.
 *
 * Parameters and results, where a function says nothing else of them:
 *   session  in/out: what mailc_pop3_init() has accepted; the caller's
 *   number   in: of a message, from 1 to 4294967295, RFC 1939 section 5
 *   user     in: the mailbox's name; needed during the call only
 *   secret   in: the password; needed during the call only
 *   event    out: what happened
 *   returns  MAILC_OK; or what is listed with the function or above
 *
 * A session that failed sends nothing more. Deletions that were not followed by
 * QUIT do not happen, which is what its user wants then (RFC 1939 section 6).
 */
#ifndef MAILC_POP3_H
#define MAILC_POP3_H

#include <mailc/pop3_types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Begins a session. No octet moves yet. A session of the right size that is
 * refused is failed: each function repeats the status.
 *   session       out: memory of the caller's, of any content
 *   session_size  sizeof *session as the caller sees it, octets
 *   config        in: copied, but for the buffers and the hash port
 * MAILC_E_SIZE      the caller was compiled with another mailc or other limits
 * MAILC_E_ARGUMENT  a buffer is missing or too small; queue is NULL, or
 *                   queue_cap is not in 1 to MAILC_QUEUE_MAX */
enum mailc_status mailc_pop3_init(struct mailc_pop3 *session,
                                  size_t session_size,
                                  const struct mailc_pop3_config *config);

/* The transport is connected: the greeting is awaited (RFC 1939 section 4).
 * Event: GREETING, with status E_REFUSED if the server wants no session, with
 * value.data NULL if there is no timestamp. A timestamp counts only if it looks
 * like an RFC 822 msg-id, since any other text would let a server make the
 * client hash what it likes; what a timestamp does not fit into says
 * config.timestamp.
 * MAILC_E_STATE  it was said before */
enum mailc_status mailc_pop3_connected(struct mailc_pop3 *session);

/* Returns what the session can do now: bits of enum mailc_want. CALLER: an
 * event may wait, or a command may be given. 0 for a NULL session. */
unsigned mailc_pop3_want(const struct mailc_pop3 *session);

/* Returns the octets to be sent next, which are the session's and stay until
 * the next call that is not for a const session; NULL if there are none.
 *   len  out: how many, octets; 0 if there are none */
const uint8_t *mailc_pop3_tx_buf(const struct mailc_pop3 *session, size_t *len);

/* The first `len` of these were sent, and are wiped.
 *   len  in: octets; may be 0
 * MAILC_E_ARGUMENT  there were fewer */
enum mailc_status mailc_pop3_tx_ack(struct mailc_pop3 *session, size_t len);

/* Returns where received octets go, in the caller's receive buffer. Ends the
 * life of all spans. NULL if events have to be taken first.
 *   len  out: how many octets fit; 0 if events have to be taken first */
uint8_t *mailc_pop3_rx_buf(struct mailc_pop3 *session, size_t *len);

/* `len` octets were put there.
 *   len  in: octets; may be 0
 * MAILC_E_ARGUMENT  more than fit */
enum mailc_status mailc_pop3_rx_ack(struct mailc_pop3 *session, size_t len);

/* The server sends no more: it closed, or the connection failed. */
enum mailc_status mailc_pop3_rx_eof(struct mailc_pop3 *session);

/* Says what time it is.
 *   now_ms  in: ms of any clock; one that went back counts as standing still */
enum mailc_status mailc_pop3_tick(struct mailc_pop3 *session, uint64_t now_ms);

/* Returns the time, in ms, by which to call mailc_pop3_tick() and take events,
 * for the session to notice that the server is silent; MAILC_NEVER if it owes
 * nothing. */
uint64_t mailc_pop3_deadline_ms(const struct mailc_pop3 *session);

/* Sets the time by which what the caller does now has to be over, whatever the
 * server sends. It ends a session by MAILC_E_TIMEOUT while the server owes an
 * answer.
 *   limit_ms  in: ms of the same clock; MAILC_NEVER, as at first: no limit */
enum mailc_status mailc_pop3_set_limit_ms(struct mailc_pop3 *session,
                                          uint64_t limit_ms);

/* The handshake that MAILC_WANT_TLS asked for was made, and the server's
 * certificate verified, RFC 2595 section 2.4.
 * MAILC_E_STATE  none was asked for */
enum mailc_status mailc_pop3_tls_up(struct mailc_pop3 *session);

/* It failed, which ends the session. For a connection that ended in it
 * call mailc_pop3_rx_eof() instead.
 *   cause  in: MAILC_E_TLS or MAILC_E_CERTIFICATE; the session's status then
 * MAILC_E_STATE     none was asked for
 * MAILC_E_ARGUMENT  another cause */
enum mailc_status mailc_pop3_tls_failed(struct mailc_pop3 *session,
                                        enum mailc_status cause);

/* Takes the next event.
 *   event  out: of kind NONE if nothing happened */
enum mailc_status mailc_pop3_next(struct mailc_pop3 *session,
                                  struct mailc_pop3_event *event);

/* The commands.
 *
 * Each is refused, with nothing changed and nothing sent, by
 *   MAILC_E_STATE     it is not allowed now: not logged in, logged in already,
 *                     or behind STLS, AUTH or QUIT
 *   MAILC_E_QUEUE_FULL  it does not fit the queue or the transmit buffer behind
 *                     those that wait
 *   MAILC_E_EVENTS    events or received octets wait to be taken first, and no
 *                     command is under way
 *   MAILC_E_ARGUMENT  an empty text, a message number of 0
 *   MAILC_E_TEXT      a text holds other than printable ASCII (RFC 1939
 *                     section 3), or a name a blank; a name or a password may
 *                     be UTF-8 where the last CAPA said UTF8 USER (RFC 6856
 *                     section 2.2)
 *   MAILC_E_TOO_LONG  the line would be longer than 255 octets (RFC 2449
 *                     section 4)
 * Texts are the caller's and are not needed after the call. */

/* Asks what the server can do, RFC 2449 section 5; before and after login. What
 * it says replaces what it said before. A server that refuses does not know
 * CAPA, and then offers nothing. */
enum mailc_status mailc_pop3_capa(struct mailc_pop3 *session);

/* Returns what the server said it offers: bits of enum mailc_pop3_offer, 0
 * before CAPA was answered. */
uint32_t mailc_pop3_offers(const struct mailc_pop3 *session);

/* Returns the mechanisms that the server said it offers, bits 1 << enum
 * mailc_mech; 0 before CAPA was answered. */
uint32_t mailc_pop3_mechs(const struct mailc_pop3 *session);

/* Begins TLS, RFC 2595 section 4. After REPLY the session wants MAILC_WANT_TLS;
 * with END there is TLS, and the greeting's timestamp and what CAPA said are
 * forgotten, as they may have been anybody's.
 * MAILC_E_STATE        there is TLS already, or UTF8 was said (RFC 6856 section
 *                      2.1)
 * MAILC_E_NOT_OFFERED  CAPA was answered without it */
enum mailc_status mailc_pop3_stls(struct mailc_pop3 *session);

/* Login in two steps, RFC 1939 section 7: first the mailbox's name.
 * MAILC_E_CLEAR_SECRET  the password would go out in clear, which config.policy
 *                       does not allow
 * MAILC_E_AFTER_APOP    APOP was refused before: the password itself does not
 *                       follow unless config.allow_pass_after_apop */
enum mailc_status mailc_pop3_user(struct mailc_pop3 *session,
                                  struct mailc_span user);

/* Then, as the very next command and if the REPLY to USER has status MAILC_OK,
 * the password, RFC 1939 section 7. Blanks in it are sent as they are. */
enum mailc_status mailc_pop3_pass(struct mailc_pop3 *session,
                                  struct mailc_span secret);

/* Login by the digest of the greeting's timestamp and the secret, RFC 1939
 * section 7. The secret may hold any octets of ASCII.
 * MAILC_E_TIMESTAMP     the greeting had no timestamp that is usable, or STLS
 *                       made it worthless
 * MAILC_E_NO_HASH       config.hash is NULL, or its library refuses MD5
 * MAILC_E_UNPREPARED    the name or the secret is not ASCII, and
 *                       config.is_prepared is not set
 * MAILC_E_CLEAR_SECRET  config.policy is MAILC_POLICY_TLS */
enum mailc_status mailc_pop3_apop(struct mailc_pop3 *session,
                                  struct mailc_span user,
                                  struct mailc_span secret);

/* Login by a mechanism of SASL, RFC 5034. The response goes with the command
 * where CAPA said SASL, the mechanism has one and the line stays within 255
 * octets; otherwise it answers the first challenge. Where CAPA was not asked
 * for the mechanism is taken as offered. A challenge that is not base64, that
 * the mechanism has no answer to, or that is one too many cancels the login:
 * REPLY then has the status E_CHALLENGE, E_TOO_MANY_ROUNDS or one of
 * <mailc/sasl.h>, and the session goes on. A server that says yes without
 * having proved itself, where the mechanism demands that, fails the session by
 * MAILC_E_PROOF.
 *   login  in: what to log in with; the caller's, in place until the REPLY
 * MAILC_E_QUEUE_FULL    other commands are not answered yet
 * MAILC_E_NOT_OFFERED   CAPA was answered without SASL or the mechanism
 * MAILC_E_CLEAR_SECRET  config.policy does not allow it without TLS
 * MAILC_E_AFTER_APOP    APOP was refused before, and the mechanism shows the
 *                       secret; not with config.allow_pass_after_apop
 * MAILC_E_TOO_LONG      a response does not fit the transmit buffer
 * MAILC_E_ARGUMENT      what the mechanism needs of login is missing
 * MAILC_E_TEXT          login holds what the mechanism cannot send
 * MAILC_E_UNPREPARED    login is not ASCII, and not login->is_prepared
 * MAILC_E_NO_HASH       config.hash is NULL
 * MAILC_E_BUFFER        login->scratch is too small */
enum mailc_status mailc_pop3_auth(struct mailc_pop3 *session,
                                  const struct mailc_login *login);

/* Returns the strongest mechanism that CAPA offered and that mailc_pop3_auth()
 * would take now; MAILC_MECH_CALLER if no
 * mechanism fits. RFC 5034 section 5.
 *   allowed  in: the set to choose from, bits 1 << enum mailc_mech */
enum mailc_mech mailc_pop3_best_mech(const struct mailc_pop3 *session,
                                     uint32_t allowed);

/* Answers a CHALLENGE, RFC 5034 section 4.
 *   octets  in: not in base64, needed during the call only; none, but with
 *           data, are an answer too
 * MAILC_E_STATE     no challenge waits
 * MAILC_E_EVENTS    events or received octets wait to be taken first
 * MAILC_E_TOO_LONG  it does not fit the transmit buffer */
enum mailc_status mailc_pop3_answer(struct mailc_pop3 *session,
                                    struct mailc_span octets);

/* Gives the login up instead (RFC 5034 section 4); REPLY has status E_AUTH.
 * Statuses as of mailc_pop3_answer(). */
enum mailc_status mailc_pop3_cancel(struct mailc_pop3 *session);

/* Has the server show messages and texts in UTF-8, RFC 6856 section 2; before
 * login. STLS is not allowed after it.
 * MAILC_E_NOT_OFFERED  the last CAPA did not say UTF8 */
enum mailc_status mailc_pop3_utf8(struct mailc_pop3 *session);

/* Asks for the languages of the server's texts, RFC 6856 section 3.
 * MAILC_E_NOT_OFFERED  CAPA was answered without it */
enum mailc_status mailc_pop3_lang(struct mailc_pop3 *session);

/* Asks for one of them, RFC 6856 section 3.
 *   tag  in: its tag, "*" for the server's choice; needed during the call only
 * MAILC_E_NOT_OFFERED  CAPA was answered without it */
enum mailc_status mailc_pop3_lang_to(struct mailc_pop3 *session,
                                     struct mailc_span tag);

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

/* The same of the header and the beginning of the body, RFC 1939 section 7.
 *   lines  in: how many of the body */
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

/* Returns the code in a line of the server's, RFC 2449 section 8. Levels below
 * a known one are ignored, as is case.
 *   line  in: begins with +OK or -ERR, as the text of an event does
 *   text  out: what stands between the brackets, of the line's; data NULL if
 *         there are none. May be NULL */
enum mailc_pop3_code mailc_pop3_code(struct mailc_span line,
                                     struct mailc_span *text);

/* Returns whether what was refused with this code may succeed later, unchanged:
 * IN_USE, LOGIN_DELAY and SYS_TEMP, RFC 2449 section 8.1 and RFC 3206 section
 * 4.
 *   code  in: of mailc_pop3_code() */
bool mailc_pop3_code_is_temporary(enum mailc_pop3_code code);

/* Returns the name of a state, as in the table; "?" for an unknown number.
 * Static.
 *   state  in: of struct mailc_move */
const char *mailc_pop3_state_name(uint8_t state);

/* Returns the name of an event, in the same way.
 *   event  in: of struct mailc_move */
const char *mailc_pop3_event_name(uint8_t event);

#ifdef __cplusplus
}
#endif

#endif
