/* Whole POP3 operations that block. Each sends one command, or two for a login,
 * waits for the answer, and returns
 *   MAILC_OK       the server did it
 *   E_REFUSED      it refused (E_AUTH for a login); mailc_pump_reply() has its
 *                  text, and the session goes on
 * or what the session's function or its failure gives: see <mailc/pop3.h>.
 * Before it sends, an operation takes in what the server sent while nobody
 * waited: a connection that was closed meanwhile is noticed there. */
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

/* Waits for the greeting of a transport that has just been connected. The
 * timestamp goes to *timestamp, valid until the next operation, with data NULL
 * if there is none; `timestamp` may be NULL. */
enum mailc_status mailc_pop3_pump_connect(struct mailc_pop3_pump *pump,
                                          struct mailc_span *timestamp);

/* STLS and the handshake. E_NO_TLS, before anything is sent, if the transport
 * has none. What CAPA said before is forgotten. */
enum mailc_status mailc_pop3_pump_stls(struct mailc_pop3_pump *pump);

/* UTF8, RFC 6856 section 2: before the login. */
enum mailc_status mailc_pop3_pump_utf8(struct mailc_pop3_pump *pump);

/* Has the server speak the language of this tag, "*" for its own choice. */
enum mailc_status mailc_pop3_pump_lang_to(struct mailc_pop3_pump *pump,
                                          struct mailc_span tag);

/* USER, then PASS if that was accepted. A secret that PASS could not send is
 * refused before USER. With a secret whose data is NULL, USER alone. */
enum mailc_status mailc_pop3_pump_user(struct mailc_pop3_pump *pump,
                                       struct mailc_span user,
                                       struct mailc_span secret);

/* The login of mailc_pop3_apop(). */
enum mailc_status mailc_pop3_pump_apop(struct mailc_pop3_pump *pump,
                                       struct mailc_span user,
                                       struct mailc_span secret);

/* AUTH, and what follows it. Where the caller answers, *challenge is what the
 * server asks, valid until the next call, and data NULL once the login is over:
 * answer by pump_answer(), or give up by pump_cancel(). `challenge` may be NULL
 * where the library answers; what asks for the caller then cancels. */
enum mailc_status mailc_pop3_pump_auth(struct mailc_pop3_pump *pump,
                                       const struct mailc_login *login,
                                       struct mailc_span *challenge);
enum mailc_status mailc_pop3_pump_answer(struct mailc_pop3_pump *pump,
                                         struct mailc_span octets,
                                         struct mailc_span *challenge);
enum mailc_status mailc_pop3_pump_cancel(struct mailc_pop3_pump *pump);

/* The number of messages and the octets of all of them. */
enum mailc_status mailc_pop3_pump_stat(struct mailc_pop3_pump *pump,
                                       uint32_t *count, uint64_t *size);

/* The size of one message, octets. */
enum mailc_status mailc_pop3_pump_list_one(struct mailc_pop3_pump *pump,
                                           uint32_t number, uint64_t *size);

/* The unique id of one message, valid until the next operation. */
enum mailc_status mailc_pop3_pump_uidl_one(struct mailc_pop3_pump *pump,
                                           uint32_t number,
                                           struct mailc_span *uid);

/* The commands of these names. */
enum mailc_status mailc_pop3_pump_dele(struct mailc_pop3_pump *pump,
                                       uint32_t number);
enum mailc_status mailc_pop3_pump_noop(struct mailc_pop3_pump *pump);
enum mailc_status mailc_pop3_pump_rset(struct mailc_pop3_pump *pump);

/* Ends the session, which makes the server delete what is marked. The
 * connection is still to be closed. */
enum mailc_status mailc_pop3_pump_quit(struct mailc_pop3_pump *pump);

/* Fetches a whole message into `message`; *len is its octets. E_BUFFER if it
 * does not fit, after the rest was read and dropped: the session goes on. */
enum mailc_status mailc_pop3_pump_retr(struct mailc_pop3_pump *pump,
                                       uint32_t number,
                                       struct mailc_buffer message,
                                       size_t *len);

/* Open, read, close: for answers of any length. An opened operation is read
 * with mailc_pop3_pump_read() until it gives END, or dropped with
 * mailc_pop3_pump_skip(); until then every other operation is MAILC_E_STATE. A
 * refused one is not open. */
enum mailc_status mailc_pop3_pump_open_capa(struct mailc_pop3_pump *pump);
enum mailc_status mailc_pop3_pump_open_lang(struct mailc_pop3_pump *pump);
enum mailc_status mailc_pop3_pump_open_list(struct mailc_pop3_pump *pump);
enum mailc_status mailc_pop3_pump_open_uidl(struct mailc_pop3_pump *pump);
enum mailc_status mailc_pop3_pump_open_retr(struct mailc_pop3_pump *pump,
                                            uint32_t number);
enum mailc_status mailc_pop3_pump_open_top(struct mailc_pop3_pump *pump,
                                           uint32_t number, uint32_t lines);

/* The next CAPABILITY, LANGUAGE, ITEM or DATA, or END; valid until the next
 * call. MAILC_E_STATE if nothing is open. What was read before an error is part
 * of an answer that never became whole. */
enum mailc_status mailc_pop3_pump_read(struct mailc_pop3_pump *pump,
                                       struct mailc_pop3_event *event);

/* Reads what is left and drops it. */
enum mailc_status mailc_pop3_pump_skip(struct mailc_pop3_pump *pump);

/* Several commands at once. After begin() commands are given to pump->session
 * by the functions of <mailc/pop3.h>, as many as its queue holds; next() then
 * gives their events one after the other, as they are listed there, and kind
 * NONE once all are answered. More may be given meanwhile. Every other
 * operation is MAILC_E_STATE until then. pump.limit_ms counts from begin(). */
enum mailc_status mailc_pop3_pump_begin(struct mailc_pop3_pump *pump);
enum mailc_status mailc_pop3_pump_next(struct mailc_pop3_pump *pump,
                                       struct mailc_pop3_event *event);

/* Closes the connection without a word. What was marked stays: the server
 * deletes nothing without QUIT (RFC 1939 section 6). */
void mailc_pop3_pump_close(struct mailc_pop3_pump *pump);

#ifdef __cplusplus
}
#endif

#endif
