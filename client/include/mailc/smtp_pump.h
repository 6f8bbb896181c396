/* Whole SMTP operations that block. Each sends one command, waits for the
 * answer, and returns
 *   MAILC_OK       the server did it
 *   E_REFUSED      it refused for good, E_REFUSED_NOW for now, E_AUTH a login;
 *                  pump->code and mailc_pump_reply() have its words, and the
 *                  session goes on, but after 421
 * or what the session's function or its failure gives: see <mailc/smtp.h>.
 * Before it sends, an operation takes in what the server sent while nobody
 * waited: a connection that was closed meanwhile is noticed there. */
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
  struct mailc_enhanced enhanced; /* with class_no 0 if there is none */
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

/* Waits for the greeting of a transport that has just been connected. */
enum mailc_status mailc_smtp_pump_connect(struct mailc_smtp_pump *pump);

/* Says who the client is; HELO follows by itself where EHLO is refused. The
 * lines of the reply are kept; those behind the first are for
 * mailc_smtp_extension() if *is_extended, which may be NULL. */
enum mailc_status mailc_smtp_pump_ehlo(struct mailc_smtp_pump *pump,
                                       struct mailc_span name,
                                       bool *is_extended);
enum mailc_status mailc_smtp_pump_helo(struct mailc_smtp_pump *pump,
                                       struct mailc_span name);

/* The same by LHLO, in LMTP (RFC 2033 section 4.1). */
enum mailc_status mailc_smtp_pump_lhlo(struct mailc_smtp_pump *pump,
                                       struct mailc_span name);

/* STARTTLS and the handshake. Say EHLO again behind it.
 * MAILC_E_NO_TLS  the transport has no TLS; nothing was sent */
enum mailc_status mailc_smtp_pump_starttls(struct mailc_smtp_pump *pump);

/* Logs in. Where the caller answers, MAILC_OK with challenge->data not NULL
 * says that the server asks for mailc_smtp_pump_answer() or _cancel(); both
 * give the next challenge in the same way. It is valid until the next
 * operation. `challenge` may be NULL for the mechanisms of the library's. */
enum mailc_status mailc_smtp_pump_auth(struct mailc_smtp_pump *pump,
                                       const struct mailc_login *login,
                                       struct mailc_span *challenge);
enum mailc_status mailc_smtp_pump_answer(struct mailc_smtp_pump *pump,
                                         struct mailc_span octets,
                                         struct mailc_span *challenge);
enum mailc_status mailc_smtp_pump_cancel(struct mailc_smtp_pump *pump);

/* The beginning of a message, and each of its recipients. */
enum mailc_status mailc_smtp_pump_mail(struct mailc_smtp_pump *pump,
                                       struct mailc_span from,
                                       const struct mailc_span *params,
                                       size_t param_count);
enum mailc_status mailc_smtp_pump_rcpt(struct mailc_smtp_pump *pump,
                                       struct mailc_span to,
                                       const struct mailc_span *params,
                                       size_t param_count);

/* Sends a whole message after mail and rcpt. What became of it says
 * mailc_smtp_delivery().
 * MAILC_E_MESSAGE  it holds what may not be sent, which the server had agreed
 *                  to take: the connection is closed. mailc_smtp_check() tells
 *                  it before */
enum mailc_status mailc_smtp_pump_data(struct mailc_smtp_pump *pump,
                                       struct mailc_span message);

/* Open, write, close: for messages that are not in memory as a whole. After
 * open any number of writes, cut anywhere, and then close, whose status is the
 * server's answer to the message. A caller who cannot go on closes the
 * connection instead. */
enum mailc_status mailc_smtp_pump_open_data(struct mailc_smtp_pump *pump);
enum mailc_status mailc_smtp_pump_write(struct mailc_smtp_pump *pump,
                                        struct mailc_span octets);
enum mailc_status mailc_smtp_pump_close_data(struct mailc_smtp_pump *pump);

/* Sends a whole message after mail and rcpt by BDAT, in chunks of `chunk_len`
 * octets, the last of which may have fewer; 0: in one.
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
  enum mailc_status status; /* out; MAILC_E_DROPPED if it was not asked about,
                               or in vain. MAILC_OK says accepted; in LMTP, once
                               the message was sent, that it has it */
  uint16_t code;            /* out; 0: nothing was said */
  struct mailc_enhanced enhanced; /* out */
};

/* A message with its envelope. */
struct mailc_smtp_mail {
  struct mailc_span from;          /* without angle brackets; may be empty */
  const struct mailc_span *params; /* of MAIL, KEYWORD or KEYWORD=value */
  size_t param_count;              /* how many */
  struct mailc_smtp_recipient *recipients; /* in and out */
  size_t recipient_count;                  /* how many, above 0 */
  struct mailc_span message;               /* its octets, not dot-stuffed */
};

/* Sends one message: MAIL, RCPT for each recipient, and the message if one of
 * them at least was accepted. What the queue of the session holds leaves
 * together where the server has PIPELINING. A message of BODY=BINARYMIME goes
 * by BDAT. If no recipient was accepted, the status is that of the last. After
 * a message that was refused the session takes the next one. A transaction that
 * is still open is given up first, by RSET.
 * MAILC_E_MESSAGE    it holds what may not be sent; nothing was
 * MAILC_E_TOO_LARGE  the server takes no message of this size; likewise */
enum mailc_status mailc_smtp_pump_send(struct mailc_smtp_pump *pump,
                                       const struct mailc_smtp_mail *mail);

/* The commands of these names. */
enum mailc_status mailc_smtp_pump_rset(struct mailc_smtp_pump *pump);
enum mailc_status mailc_smtp_pump_noop(struct mailc_smtp_pump *pump);
enum mailc_status mailc_smtp_pump_vrfy(struct mailc_smtp_pump *pump,
                                       struct mailc_span text);
enum mailc_status mailc_smtp_pump_expn(struct mailc_smtp_pump *pump,
                                       struct mailc_span text);
enum mailc_status mailc_smtp_pump_help(struct mailc_smtp_pump *pump,
                                       struct mailc_span topic);

/* Ends the session. The connection is still to be closed. */
enum mailc_status mailc_smtp_pump_quit(struct mailc_smtp_pump *pump);

/* Closes the connection without a word. */
void mailc_smtp_pump_close(struct mailc_smtp_pump *pump);

#ifdef __cplusplus
}
#endif

#endif
