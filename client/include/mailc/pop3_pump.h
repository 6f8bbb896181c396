/* Whole POP3 operations that block. Each sends one command, or two for a login,
 * waits for the answer, and returns
 *   MAILC_OK       the server did it
 *   E_REFUSED      it refused (E_AUTH for a login); mailc_pump_reply() has its
 *                  text, and the session goes on
 * or what the session's function or its failure gives: see <mailc/pop3.h>.
 * Before it sends, an operation takes in what the server sent while nobody
 * waited: a connection that was closed meanwhile is noticed there.
 *
 * Every operation returns MAILC_E_ARGUMENT for a NULL pump, for one without a
 * session or transport, and for a NULL result; MAILC_E_STATE where another one
 * is not ended; then the status of a session that has failed.
 *
 * Parameters and results, where an operation says nothing else of them:
 *   pump       in/out: the caller's, filled in as below
 *   number     in: of a message, from 1 to 4294967295, RFC 1939 section 5
 *   user       in: the mailbox's name; needed during the call only
 *   secret     in: the password; needed during the call only
 *   challenge  out: what the server asks, not in base64; data NULL once the
 *              login is over. Valid until the next call. NULL: see pump_auth()
 *   size       out: octets
 *   event      out: what came; its spans are valid until the next call
 *   returns  MAILC_OK; or what is said above or in <mailc/pop3.h>
 */
#ifndef MAILC_POP3_PUMP_H
#define MAILC_POP3_PUMP_H

#include <mailc/pop3.h>
#include <mailc/pump.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The caller fills in both and leaves the rest zero. */
struct mailc_pop3_pump {
  struct mailc_pump pump;     /* what both protocols' pumps share */
  struct mailc_pop3 *session; /* initialised; the caller's, outlives the pump */
  bool is_reading;            /* an open operation is not read to its end */
};

/* Waits for the greeting of a transport that has just been connected, RFC 1939
 * section 4.
 *   timestamp  out: that of the greeting, valid until the next operation; data
 *              NULL if there is none. May be NULL */
enum mailc_status mailc_pop3_pump_connect(struct mailc_pop3_pump *pump,
                                          struct mailc_span *timestamp);

/* STLS and the handshake, RFC 2595 section 4. What CAPA said before is
 * forgotten.
 * MAILC_E_NO_TLS       the transport has none; nothing was sent
 * MAILC_E_NOT_OFFERED  CAPA was asked for and has no STLS; nothing was sent
 * MAILC_E_TLS          the handshake failed, and with it the session
 * MAILC_E_CERTIFICATE  the server is not who it should be; likewise */
enum mailc_status mailc_pop3_pump_stls(struct mailc_pop3_pump *pump);

/* UTF8, RFC 6856 section 2: before the login. */
enum mailc_status mailc_pop3_pump_utf8(struct mailc_pop3_pump *pump);

/* Has the server speak another language, RFC 6856 section 3.
 *   tag  in: the language's, "*" for the server's choice */
enum mailc_status mailc_pop3_pump_lang_to(struct mailc_pop3_pump *pump,
                                          struct mailc_span tag);

/* USER, then PASS if that was accepted, RFC 1939 section 7. A secret that PASS
 * could not send is refused before USER.
 *   secret  in: the password; with data NULL, USER alone is sent
 * MAILC_E_AUTH  the server refused the name or the password */
enum mailc_status mailc_pop3_pump_user(struct mailc_pop3_pump *pump,
                                       struct mailc_span user,
                                       struct mailc_span secret);

/* The login of mailc_pop3_apop(), RFC 1939 section 7.
 * MAILC_E_AUTH  the server refused it */
enum mailc_status mailc_pop3_pump_apop(struct mailc_pop3_pump *pump,
                                       struct mailc_span user,
                                       struct mailc_span secret);

/* AUTH, and what follows it, RFC 5034 section 4. Where the caller answers,
 * MAILC_OK with challenge->data not NULL says that the server asks: answer by
 * pump_answer(), or give up by pump_cancel(). `challenge` may be NULL where the
 * library answers; what asks for the caller then cancels.
 *   login  in: what to log in with; the caller's, in place until the end
 * MAILC_E_AUTH   the server refused the login, or it was cancelled
 * MAILC_E_PROOF  the server does not know the secret either */
enum mailc_status mailc_pop3_pump_auth(struct mailc_pop3_pump *pump,
                                       const struct mailc_login *login,
                                       struct mailc_span *challenge);

/* Answers the challenge, RFC 5034 section 4.
 *   octets  in: the answer, not in base64 */
enum mailc_status mailc_pop3_pump_answer(struct mailc_pop3_pump *pump,
                                         struct mailc_span octets,
                                         struct mailc_span *challenge);

/* Gives the login up, RFC 5034 section 4; never MAILC_OK.
 * MAILC_E_AUTH  that was done, and the session goes on */
enum mailc_status mailc_pop3_pump_cancel(struct mailc_pop3_pump *pump);

/* How large the mailbox is, RFC 1939 section 5.
 *   count  out: messages
 *   size   out: octets of all of them */
enum mailc_status mailc_pop3_pump_stat(struct mailc_pop3_pump *pump,
                                       uint32_t *count, uint64_t *size);

/* The size of one message, RFC 1939 section 5. */
enum mailc_status mailc_pop3_pump_list_one(struct mailc_pop3_pump *pump,
                                           uint32_t number, uint64_t *size);

/* The unique id of one message, RFC 1939 section 7.
 *   uid  out: valid until the next operation */
enum mailc_status mailc_pop3_pump_uidl_one(struct mailc_pop3_pump *pump,
                                           uint32_t number,
                                           struct mailc_span *uid);

/* The commands of these names, RFC 1939 section 5. */
enum mailc_status mailc_pop3_pump_dele(struct mailc_pop3_pump *pump,
                                       uint32_t number);
enum mailc_status mailc_pop3_pump_noop(struct mailc_pop3_pump *pump);
enum mailc_status mailc_pop3_pump_rset(struct mailc_pop3_pump *pump);

/* Ends the session, which makes the server delete what is marked, RFC 1939
 * section 6. The connection is still to be closed. */
enum mailc_status mailc_pop3_pump_quit(struct mailc_pop3_pump *pump);

/* Fetches a whole message, RFC 1939 section 5.
 *   message  in/out: where to; cap octets at most
 *   len      out: its octets
 * MAILC_E_BUFFER  it does not fit; the rest was read and dropped, the session
 *                 goes on */
enum mailc_status mailc_pop3_pump_retr(struct mailc_pop3_pump *pump,
                                       uint32_t number,
                                       struct mailc_buffer message,
                                       size_t *len);

/* Open, read, close: for answers of any length, RFC 1939 section 3. An opened
 * operation is read with mailc_pop3_pump_read() until it gives END, or dropped
 * with mailc_pop3_pump_skip(); until then every other operation is
 * MAILC_E_STATE. A refused one is not open. */
enum mailc_status mailc_pop3_pump_open_capa(struct mailc_pop3_pump *pump);
enum mailc_status mailc_pop3_pump_open_lang(struct mailc_pop3_pump *pump);
enum mailc_status mailc_pop3_pump_open_list(struct mailc_pop3_pump *pump);
enum mailc_status mailc_pop3_pump_open_uidl(struct mailc_pop3_pump *pump);
enum mailc_status mailc_pop3_pump_open_retr(struct mailc_pop3_pump *pump,
                                            uint32_t number);

/* As mailc_pop3_pump_open_retr(), RFC 1939 section 7, of the header and the
 * beginning of the body.
 *   lines  in: how many of the body */
enum mailc_status mailc_pop3_pump_open_top(struct mailc_pop3_pump *pump,
                                           uint32_t number, uint32_t lines);

/* The next CAPABILITY, LANGUAGE, ITEM or DATA, or END. What was read before an
 * error is part of an answer that never became whole, and is not open any more.
 * MAILC_E_STATE  nothing is open */
enum mailc_status mailc_pop3_pump_read(struct mailc_pop3_pump *pump,
                                       struct mailc_pop3_event *event);

/* Reads what is left of an open operation and drops it; MAILC_OK if none is
 * open, as after a failure. */
enum mailc_status mailc_pop3_pump_skip(struct mailc_pop3_pump *pump);

/* Several commands at once. After begin() commands are given to pump->session
 * by the functions of <mailc/pop3.h>, as many as its queue holds; next() then
 * gives their events one after the other, as they are listed there, and kind
 * NONE once all are answered. More may be given meanwhile. Every other
 * operation is MAILC_E_STATE until then. pump.limit_ms counts from begin(). RFC
 * 2449 section 6.6. */
enum mailc_status mailc_pop3_pump_begin(struct mailc_pop3_pump *pump);

/* The next event, of kind NONE once all commands are answered. */
enum mailc_status mailc_pop3_pump_next(struct mailc_pop3_pump *pump,
                                       struct mailc_pop3_event *event);

/* Closes the connection without a word. What was marked stays: the server
 * deletes nothing without QUIT (RFC 1939 section 6). */
void mailc_pop3_pump_close(struct mailc_pop3_pump *pump);

#ifdef __cplusplus
}
#endif

#endif
