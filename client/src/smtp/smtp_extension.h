/* What an EHLO reply offers, and what it allows in MAIL and RCPT. */
#ifndef MAILC_SMTP_EXTENSION_H
#define MAILC_SMTP_EXTENSION_H

#include <mailc/smtp.h>

/* Reads a line of an accepted EHLO reply (not its first), and keeps what it
 * offers beside what is kept already: keyword and parameters, in any case (RFC
 * 5321 section 4.1.1.1). Keywords that are not known offer nothing. A keyword
 * that ends in "=" is not one by the grammar; "AUTH=" is taken for AUTH, as
 * many servers send it. */
void mailc_smtp_read_capability(struct mailc_smtp *session,
                                struct mailc_span line);

/* Reads a number of octets (RFC 1870 sections 4 and 6); more than UINT32_MAX
 * are that. False, with *size untouched, if it is not a number. */
bool mailc_smtp_read_size(struct mailc_span digits, uint32_t *size);

/* What a parameter says of the message: a set. */
enum mailc_smtp_message_kind {
  MAILC_SMTP_IS_8BIT = 1,   /* BODY=8BITMIME */
  MAILC_SMTP_IS_BINARY = 2, /* BODY=BINARYMIME */
  MAILC_SMTP_IS_UTF8 = 4    /* SMTPUTF8 */
};

/* What the parameters of a MAIL or RCPT come to. */
struct mailc_smtp_param {
  uint32_t size;      /* SIZE, octets, or UINT32_MAX if there are more */
  uint32_t offer;     /* what the server must have offered, all of it */
  uint16_t added_len; /* octets that a command line may have more for it */
  uint8_t kinds;      /* of enum mailc_smtp_message_kind */
  uint8_t seen;       /* which ones there are; of mailc_smtp_param_add() */
};

/* Adds a parameter, KEYWORD or KEYWORD=value (RFC 5321 section 4.1.2), to *sum,
 * which begins as zeros. E_ARGUMENT if there is no text, or one of this keyword
 * was added before; E_TEXT if it or its value is malformed; E_NOT_OFFERED if no
 * extension known here has it for this command. */
enum mailc_status mailc_smtp_param_add(struct mailc_span text, bool is_rcpt,
                                       struct mailc_smtp_param *sum);

#endif
