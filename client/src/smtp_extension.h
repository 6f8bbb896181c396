/* What an EHLO reply offers, and what it allows in MAIL and RCPT. */
#ifndef MAILC_SMTP_EXTENSION_H
#define MAILC_SMTP_EXTENSION_H

#include <mailc/smtp.h>

/* The bits of enum mailc_smtp_offer that a line of an EHLO reply (not its
 * first) stands for: keyword and parameters, in any case (RFC 5321 section
 * 4.1.1.1). Keywords that are not known give none. The mechanisms of AUTH are
 * added to *mechs. */
uint32_t mailc_smtp_offer_of(struct mailc_span line, uint32_t *mechs);

/* A parameter of MAIL or RCPT. */
struct mailc_smtp_param {
  uint32_t offer;     /* what the server must have offered */
  uint16_t added_len; /* octets that a command line may have more for it */
  bool is_8bit;       /* BODY=8BITMIME */
  bool is_utf8;       /* SMTPUTF8 */
};

/* Reads a parameter: KEYWORD or KEYWORD=value (RFC 5321 section 4.1.2).
 * E_TEXT if it is malformed, E_NOT_OFFERED if no extension known here has it
 * for this command. */
enum mailc_status mailc_smtp_param_of(struct mailc_span text, bool is_rcpt,
                                      struct mailc_smtp_param *param);

#endif
