/* An SMTP or LMTP session that does no I/O: RFC 5321 and RFC 2033 with AUTH
 * (RFC 4954), STARTTLS (RFC 3207), PIPELINING (RFC 2920), SIZE (RFC 1870),
 * 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531), CHUNKING and BINARYMIME (RFC 3030),
 * DSN (RFC 3461) and enhanced status codes (RFC 2034).
 *
 * <mailc/link.h> has the loop that drives it. A program that may block finds
 * whole operations in <mailc/smtp_pump.h>.
 *
 * A command function only puts a command into the session; its result comes as
 * events:
 *
 *   command                          events
 *   connected                        LINE..., GREETING
 *   ehlo, helo, lhlo, mail, rcpt,
 *   data, bdat, rset, noop, vrfy,
 *   expn, help, quit                 LINE..., REPLY
 *   starttls                         LINE..., REPLY, after the handshake if the
 *                                    server accepts it
 *   auth                             CHALLENGE... where the caller answers,
 *                                    LINE..., REPLY
 *   end, the last bdat               LINE..., REPLY to the message; in LMTP one
 *                                    for each recipient that was accepted, in
 *                                    their order
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
 * Where the server has CHUNKING, bdat for each chunk may stand for data, body
 * and end.
 *
 * Commands may be queued behind MAIL and RCPT that are not answered yet, as far
 * as the queue and the transmit buffer have room; each is checked as if
 * those ahead of it succeeded. Where the server has PIPELINING (RFC 2920),
 * MAIL, the RCPTs and DATA leave together, else one at a time. Their REPLYs
 * come in their order. A command that is no longer allowed because one
 * ahead was refused is not sent, or its answer is ignored: its REPLY has status
 * MAILC_E_DROPPED. A server that accepts DATA though no recipient was accepted
 * is sent a message of no octets at once (RFC 2920 section 3.1).
 *
 * Every function takes a session that mailc_smtp_init() has accepted. Each one
 * that returns a status returns MAILC_E_ARGUMENT for a NULL session, span or
 * result, and first of all the sticky status of a session that has failed:
 * MAILC_E_REPLY, _SURPLUS or _LINE_END (the server broke the protocol),
 * MAILC_E_LINE_TOO_LONG, _REPLY_TOO_LONG, _TOO_MANY_LINES or
 * _TOO_MANY_CAPABILITIES (a limit of config.limits), MAILC_E_PROOF (a
 * server that accepts a login without having proved itself), MAILC_E_TLS,
 * MAILC_E_CERTIFICATE, MAILC_E_CLOSED, MAILC_E_TIMEOUT,
 * MAILC_E_DELIVERY_UNKNOWN. Only mailc_smtp_init() ends that.
 *
 * Parameters and results, where a function says nothing else of them:
 *   session      in/out: what mailc_smtp_init() has accepted; the caller's
 *   name         in: of the client, RFC 5321 section 4.1.3
 *   text         in: octets; needed during the call only
 *   octets       in: not dot-stuffed
 *   params       in: KEYWORD or KEYWORD=value each, or NULL; needed during the
 *                call only
 *   param_count  in: how many, at most MAILC_SMTP_PARAMS_MAX
 *   event        out: what happened
 *   returns  MAILC_OK; or what is listed with the function or above
 *
 * A session that failed sends nothing more. One that the server ended with 421
 * (RFC 5321 section 3.8) is closed; the REPLY has status MAILC_E_REFUSED_NOW.
 */
#ifndef MAILC_SMTP_H
#define MAILC_SMTP_H

#include <mailc/smtp_types.h>
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
enum mailc_status mailc_smtp_init(struct mailc_smtp *session,
                                  size_t session_size,
                                  const struct mailc_smtp_config *config);

/* The connection. */

/* The transport is connected: the greeting is awaited (RFC 5321 section 3.1).
 * Event: GREETING; with status E_REFUSED or E_REFUSED_NOW the server takes no
 * mail, and QUIT is all that may follow.
 * MAILC_E_STATE  it was said before */
enum mailc_status mailc_smtp_connected(struct mailc_smtp *session);

/* Returns what the session can do now: bits of enum mailc_want. CALLER: an
 * event may wait, or a command, a piece of the message or an answer may be
 * given. 0 for a NULL session. */
unsigned mailc_smtp_want(const struct mailc_smtp *session);

/* Returns the octets to be sent next, of the session's or of the caller's
 * message; NULL if there are none.
 *   len  out: how many, octets; 0 if there are none */
const uint8_t *mailc_smtp_tx_buf(const struct mailc_smtp *session, size_t *len);

/* The first `len` of these were sent; the session's own are wiped.
 *   len  in: octets; may be 0
 * MAILC_E_ARGUMENT  there were fewer */
enum mailc_status mailc_smtp_tx_ack(struct mailc_smtp *session, size_t len);

/* Returns where received octets go, in the caller's receive buffer. Ends the
 * life of all spans. NULL if events have to be taken first.
 *   len  out: how many octets fit; 0 if events have to be taken first */
uint8_t *mailc_smtp_rx_buf(struct mailc_smtp *session, size_t *len);

/* `len` octets were put there.
 *   len  in: octets; may be 0
 * MAILC_E_ARGUMENT  more than fit */
enum mailc_status mailc_smtp_rx_ack(struct mailc_smtp *session, size_t len);

/* The server sends no more: it closed, or the connection failed. */
enum mailc_status mailc_smtp_rx_eof(struct mailc_smtp *session);

/* Says what time it is.
 *   now_ms  in: ms of any clock; one that went back counts as standing still */
enum mailc_status mailc_smtp_tick(struct mailc_smtp *session, uint64_t now_ms);

/* Returns the time, in ms, by which to call mailc_smtp_tick() and take events,
 * for the session to notice that the server is silent; MAILC_NEVER if it owes
 * nothing. */
uint64_t mailc_smtp_deadline_ms(const struct mailc_smtp *session);

/* Sets the time by which what the caller does now has to be over, whatever the
 * server sends. It ends a session by MAILC_E_TIMEOUT while the server owes an
 * answer.
 *   limit_ms  in: ms of the same clock; MAILC_NEVER, as at first: no limit */
enum mailc_status mailc_smtp_set_limit_ms(struct mailc_smtp *session,
                                          uint64_t limit_ms);

/* Takes the next event.
 *   event  out: of kind NONE if nothing happened */
enum mailc_status mailc_smtp_next(struct mailc_smtp *session,
                                  struct mailc_smtp_event *event);

/* The commands.
 *
 * Each is refused, with nothing changed and nothing sent, by
 *   MAILC_E_STATE     it is not allowed now, or behind another command that is
 *                     not answered yet
 *   MAILC_E_QUEUE_FULL  of rcpt, data, bdat, rset and quit, which may stand
 *                     behind MAIL and RCPT: the queue or the transmit buffer
 *                     has no room
 *   MAILC_E_EVENTS    events or received octets wait to be taken first
 *   MAILC_E_ARGUMENT  an empty text where one is needed, too many params, or
 *                     one that is given twice
 *   MAILC_E_TEXT      a text holds what may not stand there, CR, LF and NUL
 *                     before all
 *   MAILC_E_TOO_LONG  the line would be longer than 512 octets and what the
 *                     extensions in use add (RFC 5321 section 4.5.3.1.4), or
 *                     than the transmit buffer; a name above 255 octets
 * Texts are the caller's and are not needed after the call, but where said. */

/* Says who the client is and asks what the server can do, RFC 5321 section
 * 4.1.1.1. `name` stays until the REPLY. It is a domain (section 4.1.2):
 * labels of letters, digits and inner hyphens with dots between; or an address
 * literal (section 4.1.3): [192.0.2.1] or [IPv6:2001:db8::1]. Others, such as
 * one with a dot at its end or an underscore, are refused by MAILC_E_TEXT. A
 * server that answers 5yz is sent HELO at once (section 3.2), so the REPLY may
 * be to that; it offers nothing then. */
enum mailc_status mailc_smtp_ehlo(struct mailc_smtp *session,
                                  struct mailc_span name);

/* The same without extensions, RFC 5321 section 4.1.1.1. */
enum mailc_status mailc_smtp_helo(struct mailc_smtp *session,
                                  struct mailc_span name);

/* EHLO of LMTP, RFC 2033 section 4.1, with config.is_lmtp; there alone, and
 * there EHLO and HELO are refused by MAILC_E_STATE. */
enum mailc_status mailc_smtp_lhlo(struct mailc_smtp *session,
                                  struct mailc_span name);

/* Asks for TLS, RFC 3207 section 4. A server that accepts makes the session
 * want MAILC_WANT_TLS; the REPLY comes when mailc_smtp_tls_up() was called.
 * What the server offered is forgotten then, and EHLO comes next. Octets behind
 * its answer fail the session by MAILC_E_SURPLUS.
 * MAILC_E_NOT_OFFERED  the server has no STARTTLS
 * MAILC_E_STATE        also: there is TLS */
enum mailc_status mailc_smtp_starttls(struct mailc_smtp *session);

/* The handshake that the session wants was made, and the server's certificate
 * verified, RFC 3207 section 4.1.
 * MAILC_E_STATE  it wants none */
enum mailc_status mailc_smtp_tls_up(struct mailc_smtp *session);

/* It failed, which ends the session. For a connection that ended in it
 * call mailc_smtp_rx_eof() instead.
 *   cause  in: MAILC_E_TLS or MAILC_E_CERTIFICATE; the session's status then
 * MAILC_E_STATE     it wants none
 * MAILC_E_ARGUMENT  another cause */
enum mailc_status mailc_smtp_tls_failed(struct mailc_smtp *session,
                                        enum mailc_status cause);

/* Returns what the server offers: bits of enum mailc_smtp_offer, 0 before EHLO
 * and after HELO. */
uint32_t mailc_smtp_offers(const struct mailc_smtp *session);

/* Returns the mechanisms that are offered, bits 1 << enum mailc_mech. */
uint32_t mailc_smtp_mechs(const struct mailc_smtp *session);

/* Returns the strongest of the mechanisms that the server offers, config.policy
 * admits and the hash port serves; MAILC_MECH_CALLER if no
 * mechanism fits.
 * mailc_mech_name() gives the name for the login, which SCRAM needs a nonce and
 * scratch for. RFC 4954 section 3.
 *   allowed  in: the set to choose from, bits 1 << enum mailc_mech */
enum mailc_mech mailc_smtp_best_mech(const struct mailc_smtp *session,
                                     uint32_t allowed);

/* Returns the octets that a message may have, RFC 1870 section 4; 0: the server
 * has not said. More than 4294967295 count as that. */
uint32_t mailc_smtp_size_max(const struct mailc_smtp *session);

/* Reads a line of an accepted EHLO reply, but its first, which names the
 * server: RFC 5321 section 4.1.1.1. Returns false if there is no extension's
 * name, or a result is missing.
 *   text     in: of the line, without code and CRLF
 *   keyword  out: the extension's name as sent, of the text's
 *   params   out: what follows, of the text's; may have no octets */
bool mailc_smtp_extension(struct mailc_span text, struct mailc_span *keyword,
                          struct mailc_span *params);

/* Logs in, RFC 4954 section 4; once a session. `login` is kept by reference
 * until the REPLY. The initial response goes with the command if login->initial
 * wants it and the line stays within 512 octets, otherwise it answers the first
 * challenge. A challenge that is not base64, or one too many, makes the library
 * cancel the login; the session can go on then. A server that accepts before
 * the mechanism's last response was given fails the session by MAILC_E_REPLY
 * (RFC 4422 section 5), SCRAM's before its signature by MAILC_E_PROOF; any 2yz
 * is a success, as the first digit decides.
 *   login  in: what to log in with; the caller's, in place until the REPLY
 * MAILC_E_NOT_OFFERED   the server has no AUTH, or not this mechanism where it
 *                       is one of the library's; not with
 *                       config.allow_unlisted_auth
 * MAILC_E_CLEAR_SECRET  config.policy does not allow it without TLS
 * MAILC_E_NO_HASH       config.hash is NULL
 * MAILC_E_STATE         also: logged in already
 * MAILC_E_ARGUMENT      what the mechanism needs of login is missing
 * MAILC_E_TEXT          login holds what the mechanism cannot send
 * MAILC_E_UNPREPARED    login is not ASCII, and not login->is_prepared
 * MAILC_E_TOO_LONG      a response does not fit the transmit buffer
 * MAILC_E_BUFFER        login->scratch is too small */
enum mailc_status mailc_smtp_auth(struct mailc_smtp *session,
                                  const struct mailc_login *login);

/* Answers the CHALLENGE taken last, RFC 4954 section 4.
 *   octets  in: any and none, not in base64; needed during the call only
 * MAILC_E_STATE     no challenge waits
 * MAILC_E_EVENTS    events or received octets wait to be taken first
 * MAILC_E_TOO_LONG  they do not fit the transmit buffer */
enum mailc_status mailc_smtp_answer(struct mailc_smtp *session,
                                    struct mailc_span octets);

/* Cancels the login instead, RFC 4954 section 4; its REPLY follows and has
 * status MAILC_E_AUTH. Statuses as of mailc_smtp_answer(). */
enum mailc_status mailc_smtp_cancel(struct mailc_smtp *session);

/* Returns the enhanced status code of a line of a reply, RFC 2034 section 4;
 * class_no 0 if it has none. Of no use for the greeting and for EHLO, whose
 * texts have none.
 *   code  in: of the reply; the class has to be its first digit
 *   text  in: of the line, which it begins */
struct mailc_enhanced mailc_smtp_enhanced(uint16_t code,
                                          struct mailc_span text);

/* Writes a text as xtext, RFC 3461 section 4, for the parameters AUTH, ENVID
 * and ORCPT. Returns its length, octets, or 0 if it does not fit.
 *   out  in/out: where to; three octets for each of the text's always fit */
size_t mailc_smtp_xtext(struct mailc_span text, struct mailc_buffer out);

/* Begins a message, RFC 5321 section 4.1.1.2. The params are sent as they are;
 * BODY=8BITMIME allows octets above 127 in the
 * message, SMTPUTF8 in addresses, which are UTF-8 then. What the values of
 * AUTH, SIZE, RET, ENVID, NOTIFY and ORCPT may be is checked. The domain of an
 * address is checked as the name of EHLO; with SMTPUTF8 it may have U-labels
 * (RFC 6531 section 3.3).
 *   from  in: what stands between the angle brackets; empty is the null
 *         reverse-path, which only reports of a failed delivery have (section
 *         4.5.5)
 * MAILC_E_NOT_OFFERED  a parameter is of no extension that the server has
 * MAILC_E_TOO_LARGE    SIZE is more than the server takes
 * MAILC_E_CLEAR_MAIL   config.policy is MAILC_POLICY_TLS */
enum mailc_status mailc_smtp_mail(struct mailc_smtp *session,
                                  struct mailc_span from,
                                  const struct mailc_span *params,
                                  size_t param_count);

/* Adds a recipient, RFC 5321 section 4.1.1.3; the rest is as for MAIL.
 *   to  in: what stands between the angle brackets
 * MAILC_E_NOT_OFFERED  a parameter is of no extension that the server has */
enum mailc_status mailc_smtp_rcpt(struct mailc_smtp *session,
                                  struct mailc_span to,
                                  const struct mailc_span *params,
                                  size_t param_count);

/* Asks to send the message, RFC 5321 section 4.1.1.4. Needs a recipient that
 * was accepted, or is not answered yet.
 * MAILC_E_STATE  also: MAIL had BODY=BINARYMIME, which needs bdat */
enum mailc_status mailc_smtp_data(struct mailc_smtp *session);

/* Gives the next octets of the message, not dot-stuffed. They are sent from
 * where they are: they stay until mailc_smtp_want() has MAILC_WANT_CALLER again
 * (RFC 5321 sections 4.1.1.4 and 4.5.2). Pieces may be cut
 * anywhere. Lines end in CRLF alone and have 998 octets at most; see config for
 * what else may be allowed.
 * MAILC_E_MESSAGE  they hold what may not be sent: none of them leaves, and as
 *                  a message cannot be taken back, the session is closed
 *                  without the final dot. The message is not sent
 * MAILC_E_STATE    no message is being sent, or the last octets are not yet */
enum mailc_status mailc_smtp_body(struct mailc_smtp *session,
                                  struct mailc_span octets);

/* Ends the message, RFC 5321 section 4.1.1.4; a missing last CRLF is added.
 * Statuses as for body. */
enum mailc_status mailc_smtp_end(struct mailc_smtp *session);

/* Sends a chunk of the message, RFC 3030 section 2, instead of data, body and
 * end. The octets are sent as they are from where they are: they stay until the
 * REPLY. Without BODY=BINARYMIME they are text as for body, but for lf_to_crlf;
 * nothing is added. A chunk that the server refuses leaves RSET and QUIT as all
 * that may follow.
 *   octets   in: the chunk
 *   is_last  in: whether the message ends with it
 * MAILC_E_NOT_OFFERED  the server has no CHUNKING
 * MAILC_E_MESSAGE      the chunk holds what may not be sent; nothing was */
enum mailc_status mailc_smtp_bdat(struct mailc_smtp *session,
                                  struct mailc_span octets, bool is_last);

/* Gives the message up by closing the session without the final dot; there is
 * no other way, RFC 5321 section 4.1.1.4.
 * MAILC_E_STATE   no message is being sent
 * MAILC_E_EVENTS  events wait to be taken first */
enum mailc_status mailc_smtp_abort(struct mailc_smtp *session);

/* Tells before data whether a whole message may be sent in this session.
 *   message  in: all of its octets
 *   is_8bit  in: whether its MAIL has BODY=8BITMIME
 * MAILC_E_MESSAGE  it holds what may not be sent */
enum mailc_status mailc_smtp_check_message(const struct mailc_smtp *session,
                                           struct mailc_span message,
                                           bool is_8bit);

/* Returns what became of the last message for which data or bdat was given. In
 * LMTP it is sent if it was to one recipient at least. */
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

/* Asks who is on a mailing list, RFC 5321 section 4.1.1.7. */
enum mailc_status mailc_smtp_expn(struct mailc_smtp *session,
                                  struct mailc_span text);

/* Asks for help, RFC 5321 section 4.1.1.8.
 *   topic  in: about what; empty: in general */
enum mailc_status mailc_smtp_help(struct mailc_smtp *session,
                                  struct mailc_span topic);

/* Ends the session, RFC 5321 section 4.1.1.10; it is over whatever the REPLY
 * says. */
enum mailc_status mailc_smtp_quit(struct mailc_smtp *session);

/* Returns the name of a state, as in the table; "?" for an unknown number.
 * Static.
 *   state  in: of struct mailc_move */
const char *mailc_smtp_state_name(uint8_t state);

/* Returns the name of an event, in the same way.
 *   event  in: of struct mailc_move */
const char *mailc_smtp_event_name(uint8_t event);

#ifdef __cplusplus
}
#endif

#endif
