/* What an EHLO reply offers, and what it allows in MAIL and RCPT. */
#ifndef MAILC_SMTP_EXTENSION_H
#define MAILC_SMTP_EXTENSION_H

#include <mailc/smtp.h>

/* What a line of an EHLO reply offers. */
struct mailc_smtp_offers {
  uint32_t extensions; /* of enum mailc_smtp_offer */
  uint32_t mechs;      /* as of mailc_mechs_of() */
  uint32_t size_max;   /* octets of a message; 0: not told */
};

/* Reads a line of an EHLO reply (not its first): keyword and parameters, in any
 * case (RFC 5321 section 4.1.1.1). Keywords that are not known offer nothing.
 */
struct mailc_smtp_offers mailc_smtp_offers_of(struct mailc_span line);

/* What a parameter says of the message: a set. */
enum mailc_smtp_message_kind {
  MAILC_SMTP_IS_8BIT = 1,   /* BODY=8BITMIME */
  MAILC_SMTP_IS_BINARY = 2, /* BODY=BINARYMIME */
  MAILC_SMTP_IS_UTF8 = 4    /* SMTPUTF8 */
};

/* A parameter of MAIL or RCPT. */
struct mailc_smtp_param {
  uint64_t size;      /* SIZE, octets */
  uint32_t offer;     /* what the server must have offered, all of it */
  uint16_t added_len; /* octets that a command line may have more for it */
  uint8_t kinds;      /* of enum mailc_smtp_message_kind */
};

/* Reads a parameter: KEYWORD or KEYWORD=value (RFC 5321 section 4.1.2).
 * E_TEXT if it or its value is malformed, E_NOT_OFFERED if no extension known
 * here has it for this command. */
enum mailc_status mailc_smtp_param_of(struct mailc_span text, bool is_rcpt,
                                      struct mailc_smtp_param *param);

#endif
