/* Whole SMTP operations that block. Each sends one command, waits for the
 * answer, and returns
 *   MAILC_OK       the server did it
 *   E_REFUSED      it refused for good, E_REFUSED_NOW for now, E_AUTH a login;
 *                  pump->code and mailc_pump_reply() have its words, and the
 *                  session goes on, but after 421
 * or what the session's function or its failure gives: see <mailc/smtp.h>.
 * Before it sends, an operation takes in what the server sent while nobody
 * waited: a connection that was closed meanwhile is noticed there.
 *
 * Every operation returns MAILC_E_ARGUMENT for a NULL pump and for one without
 * a session or transport; the status of a session that has failed;
 * MAILC_E_STATE where a message is open, or it is not its turn.
 *
 * Parameters and results, where an operation says nothing else of them:
 *   pump         in/out: the caller's, filled in as below
 *   name         in: of the client, RFC 5321 section 4.1.3
 *   text         in: octets; needed during the call only
 *   params       in: KEYWORD or KEYWORD=value each, or NULL; needed during the
 *                call only
 *   param_count  in: how many, at most MAILC_SMTP_PARAMS_MAX
 *   message      in: all of its octets, not dot-stuffed
 *   challenge    out: what the server asks, not in base64; data NULL once the
 *                login is over. Valid until the next operation
 *   returns  MAILC_OK; or what is said above or in <mailc/smtp.h>
 */
#ifndef MAILC_SMTP_PUMP_H
#define MAILC_SMTP_PUMP_H

#include <mailc/pump.h>
#include <mailc/smtp.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a server said to something. */
struct mailc_smtp_answer {
  enum mailc_status status;       /* MAILC_OK: it accepted */
  uint16_t code;                  /* 0: nothing */
  struct mailc_enhanced enhanced; /* class_no 0 if it has none */
};

/* The caller fills in the first block and leaves the rest zero. */
struct mailc_smtp_pump {
  struct mailc_pump pump;     /* what both protocols' pumps share */
  struct mailc_smtp *session; /* initialised; the caller's, outlives the pump */
  /* In LMTP, where the answers to a message go that was sent by other than
   * mailc_smtp_pump_send(): one for each recipient that was accepted, in their
   * order. NULL: nowhere. */
  struct mailc_smtp_answer *answers;
  size_t answer_cap; /* how many `answers` holds */

  size_t answer_count; /* of the last message, which may be above the cap */
  uint16_t code;       /* of the last reply, 0 if there was none */
  struct mailc_enhanced enhanced; /* of it, with class_no 0 if it has none */
};

/* Waits for the greeting of a transport that has just been connected, RFC 5321
 * section 3.1. */
enum mailc_status mailc_smtp_pump_connect(struct mailc_smtp_pump *pump);

/* Says who the client is, RFC 5321 section 4.1.1.1; HELO follows by itself
 * where EHLO is refused. The lines of the reply are kept.
 *   is_extended  out: whether those behind the first are for
 *                mailc_smtp_extension(). May be NULL */
enum mailc_status mailc_smtp_pump_ehlo(struct mailc_smtp_pump *pump,
                                       struct mailc_span name,
                                       bool *is_extended);

/* The same without extensions, RFC 5321 section 4.1.1.1. */
enum mailc_status mailc_smtp_pump_helo(struct mailc_smtp_pump *pump,
                                       struct mailc_span name);

/* The same by LHLO, in LMTP (RFC 2033 section 4.1). */
enum mailc_status mailc_smtp_pump_lhlo(struct mailc_smtp_pump *pump,
                                       struct mailc_span name);

/* STARTTLS and the handshake, RFC 3207 section 4. Say EHLO again behind it.
 * MAILC_E_NO_TLS       the transport has no TLS; nothing was sent
 * MAILC_E_NOT_OFFERED  the server has no STARTTLS; nothing was sent
 * MAILC_E_TLS          the handshake failed, and with it the session
 * MAILC_E_CERTIFICATE  the server is not who it should be; likewise */
enum mailc_status mailc_smtp_pump_starttls(struct mailc_smtp_pump *pump);

/* Logs in, RFC 4954 section 4. Where the caller answers, MAILC_OK with
 * challenge->data not NULL says that the server asks for
 * mailc_smtp_pump_answer() or _cancel(). `challenge` may be NULL for the
 * mechanisms of the library's.
 *   login  in: what to log in with; the caller's, in place until the end
 * MAILC_E_AUTH  the server refused the login, or it was cancelled */
enum mailc_status mailc_smtp_pump_auth(struct mailc_smtp_pump *pump,
                                       const struct mailc_login *login,
                                       struct mailc_span *challenge);

/* Answers the challenge, RFC 4954 section 4.
 *   octets  in: the answer, not in base64 */
enum mailc_status mailc_smtp_pump_answer(struct mailc_smtp_pump *pump,
                                         struct mailc_span octets,
                                         struct mailc_span *challenge);

/* Gives the login up, RFC 4954 section 4; never MAILC_OK.
 * MAILC_E_AUTH  that was done, and the session goes on */
enum mailc_status mailc_smtp_pump_cancel(struct mailc_smtp_pump *pump);

/* The beginning of a message, RFC 5321 section 4.1.1.2, as mailc_smtp_mail().
 *   from  in: without angle brackets; empty for the null reverse-path */
enum mailc_status mailc_smtp_pump_mail(struct mailc_smtp_pump *pump,
                                       struct mailc_span from,
                                       const struct mailc_span *params,
                                       size_t param_count);

/* Each of its recipients, RFC 5321 section 4.1.1.3, as mailc_smtp_rcpt().
 *   to  in: without angle brackets */
enum mailc_status mailc_smtp_pump_rcpt(struct mailc_smtp_pump *pump,
                                       struct mailc_span to,
                                       const struct mailc_span *params,
                                       size_t param_count);

/* Sends a whole message after mail and rcpt, RFC 5321 section 4.1.1.4. What
 * became of it says mailc_smtp_delivery().
 * MAILC_E_MESSAGE  it holds what may not be sent, which the server had agreed
 *                  to take: the connection is closed.
 * mailc_smtp_check_message() tells it before */
enum mailc_status mailc_smtp_pump_data(struct mailc_smtp_pump *pump,
                                       struct mailc_span message);

/* Open, write, close: for messages that are not in memory as a whole, RFC 5321
 * section 4.1.1.4. After open any number of writes, and then close. A caller
 * who cannot go on closes the connection instead. */
enum mailc_status mailc_smtp_pump_open_data(struct mailc_smtp_pump *pump);

/* The next octets of the message that is open, RFC 5321 section 4.5.2.
 *   octets  in: cut anywhere, not dot-stuffed; needed during the call only */
enum mailc_status mailc_smtp_pump_write(struct mailc_smtp_pump *pump,
                                        struct mailc_span octets);

/* Ends the message that is open, RFC 5321 section 4.1.1.4. The status is the
 * server's answer to it. */
enum mailc_status mailc_smtp_pump_close_data(struct mailc_smtp_pump *pump);

/* Sends a whole message after mail and rcpt by BDAT, RFC 3030 section 2.
 *   chunk_len  in: octets of each chunk but the last, which may have fewer; 0:
 *              all in one
 * MAILC_E_MESSAGE  it holds what may not be sent, and this chunk was not; the
 *                  transaction is still open */
enum mailc_status mailc_smtp_pump_bdat(struct mailc_smtp_pump *pump,
                                       struct mailc_span message,
                                       size_t chunk_len);

/* A recipient and what the server said to it. */
struct mailc_smtp_recipient {
  struct mailc_span to;            /* without angle brackets */
  const struct mailc_span *params; /* of RCPT, KEYWORD or KEYWORD=value */
  size_t param_count;              /* how many */
  /* Out, whatever mailc_smtp_pump_send() returns but E_ARGUMENT: E_DROPPED if
   * it was not asked about, or in vain. MAILC_OK says accepted; in LMTP, once
   * the message was sent, that it has it. */
  enum mailc_status status;
  uint16_t code;                  /* out; 0: nothing was said */
  struct mailc_enhanced enhanced; /* out */
};

/* A message with its envelope. */
struct mailc_smtp_mail {
  struct mailc_span from;          /* without angle brackets; may be empty */
  const struct mailc_span *params; /* of MAIL, KEYWORD or KEYWORD=value */
  size_t param_count;              /* how many */
  struct mailc_smtp_recipient *recipients; /* in and out */
  size_t recipient_count;                  /* how many, above 0 */
  struct mailc_span message; /* its octets, not dot-stuffed; lines end in CRLF,
                                or with config.lf_to_crlf in LF too */
};

/* Sends one message: MAIL, RCPT for each recipient, and the message if one of
 * them at least was accepted. What the queue of the session holds leaves
 * together where the server has PIPELINING. A message of BODY=BINARYMIME goes
 * by BDAT. If no recipient was accepted, the status is that of the last. After
 * a message that was refused the session takes the next one. A transaction that
 * is still open is given up first, by RSET. RFC 5321 section 3.3.
 *   mail  in/out: the message; the results of its recipients are written
 * MAILC_E_MESSAGE    it holds what may not be sent; nothing was
 * MAILC_E_TOO_LARGE  the server takes no message of this size; likewise */
enum mailc_status mailc_smtp_pump_send(struct mailc_smtp_pump *pump,
                                       const struct mailc_smtp_mail *mail);

/* The commands of these names, RFC 5321 section 4.1.1. What they say is in
 * pump->code and mailc_pump_reply(). */
enum mailc_status mailc_smtp_pump_rset(struct mailc_smtp_pump *pump);
enum mailc_status mailc_smtp_pump_noop(struct mailc_smtp_pump *pump);
enum mailc_status mailc_smtp_pump_vrfy(struct mailc_smtp_pump *pump,
                                       struct mailc_span text);
enum mailc_status mailc_smtp_pump_expn(struct mailc_smtp_pump *pump,
                                       struct mailc_span text);

/* Asks for help, RFC 5321 section 4.1.1.8.
 *   topic  in: about what; empty: in general */
enum mailc_status mailc_smtp_pump_help(struct mailc_smtp_pump *pump,
                                       struct mailc_span topic);

/* Ends the session, RFC 5321 section 4.1.1.10. The connection is still to be
 * closed. */
enum mailc_status mailc_smtp_pump_quit(struct mailc_smtp_pump *pump);

/* Closes the connection without a word. A message that is open is not sent. */
void mailc_smtp_pump_close(struct mailc_smtp_pump *pump);

#ifdef __cplusplus
}
#endif

#endif
