/* What the files of the SMTP client share. */
#ifndef NETX_SRC_SMTP_H
#define NETX_SRC_SMTP_H

#include <nxd_smtp_client.h>

#define NX_MAIL_SMTP_ID 0x534D5450ul

/* The steps of a dialogue, each with a status of its own for its refusal. */
enum nx_mail_smtp_step {
  NX_MAIL_SMTP_GREET,
  NX_MAIL_SMTP_HELLO,
  NX_MAIL_SMTP_AUTH,
  NX_MAIL_SMTP_MAIL,
  NX_MAIL_SMTP_RCPT,
  NX_MAIL_SMTP_DATA,
  NX_MAIL_SMTP_MESSAGE
};

/* Pieces of a message: the lines of the header in the parts that they are made
 * of, and the body. */
#define NX_MAIL_SMTP_PIECES 8

struct nx_mail_smtp_message {
  struct mailc_span recipient;
  struct mailc_span pieces[NX_MAIL_SMTP_PIECES];
  size_t piece_count;
  bool is_8bit; /* octets above 127 are in it */
};

/* Begins a step: how long the server has for it. */
void nx_mail_smtp_begin_step(NX_SMTP_CLIENT *client,
                             enum nx_mail_smtp_step step);

/* What a status of mailc's is after a step; it is kept for diagnosis. */
UINT nx_mail_smtp_status(NX_SMTP_CLIENT *client, enum nx_mail_smtp_step step,
                         enum mailc_status status);

/* What the server's EHLO offers. */
struct nx_mail_smtp_offers {
  bool has_auth;     /* mechanisms are listed */
  uint64_t size_max; /* octets of a message, RFC 1870; 0: not said */
};

/* Reads what the session learned from the reply to EHLO; nothing after HELO. */
struct nx_mail_smtp_offers
nx_mail_smtp_read_offers(const NX_SMTP_CLIENT *client);

/* Logs in if that is to be done. */
UINT nx_mail_smtp_log_in(NX_SMTP_CLIENT *client,
                         const struct nx_mail_smtp_offers *offers);

/* The texts that the client keeps. */
struct mailc_span nx_mail_smtp_username(const NX_SMTP_CLIENT *client);
struct mailc_span nx_mail_smtp_domain(const NX_SMTP_CLIENT *client);
struct mailc_span nx_mail_smtp_password(const NX_SMTP_CLIENT *client);

/* Begins a session that is not connected yet. */
enum mailc_status nx_mail_smtp_init_session(NX_SMTP_CLIENT *client);

/* Whether `len` octets are printable, as a blank and octets above 127 are. */
bool nx_mail_smtp_is_text(const CHAR *text, size_t len);

#endif
