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

/* The caller fills in the first two and leaves the rest zero. */
struct mailc_smtp_pump {
  struct mailc_pump pump;
  struct mailc_smtp *session; /* initialised; the caller's, outlives the pump */
  uint16_t code;              /* of the last reply, 0 if there was none */
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

/* A recipient and what the server said to it. */
struct mailc_smtp_recipient {
  struct mailc_span to;
  const struct mailc_span *params;
  size_t param_count;
  enum mailc_status status; /* out; MAILC_E_STATE if it was not asked about */
  uint16_t code;            /* out */
};

/* A message with its envelope. */
struct mailc_smtp_mail {
  struct mailc_span from;
  const struct mailc_span *params;
  size_t param_count;
  struct mailc_smtp_recipient *recipients;
  size_t recipient_count;
  struct mailc_span message;
};

/* Sends one message: MAIL, RCPT for each recipient, and the message if one of
 * them at least was accepted. If none was, the status is that of the last. A
 * message that is refused leaves the session ready for the next.
 * MAILC_E_MESSAGE  it holds what may not be sent; nothing was */
enum mailc_status mailc_smtp_pump_send(struct mailc_smtp_pump *pump,
                                       const struct mailc_smtp_mail *mail);

enum mailc_status mailc_smtp_pump_rset(struct mailc_smtp_pump *pump);
enum mailc_status mailc_smtp_pump_noop(struct mailc_smtp_pump *pump);
enum mailc_status mailc_smtp_pump_vrfy(struct mailc_smtp_pump *pump,
                                       struct mailc_span text);

/* Ends the session. The connection is still to be closed. */
enum mailc_status mailc_smtp_pump_quit(struct mailc_smtp_pump *pump);

/* Closes the connection without a word. */
void mailc_smtp_pump_close(struct mailc_smtp_pump *pump);

#ifdef __cplusplus
}
#endif

#endif
