/* The octets of a message on their way through a session. */
#ifndef MAILC_SRC_SMTP_BODY_H
#define MAILC_SRC_SMTP_BODY_H

#include <mailc/smtp.h>

/* In a message, to be called whenever octets have left: puts what of
 * session->span comes next to where it is sent from, long runs by reference,
 * short ones and what is added to the message by way of the transmit buffer.
 * Elsewhere it does nothing. */
void mailc_smtp_load_body(struct mailc_smtp *session);

#endif
