/* AUTH, and what else a session does by itself. */
#ifndef MAILC_SRC_SMTP_LOGIN_H
#define MAILC_SRC_SMTP_LOGIN_H

#include <mailc/smtp.h>

/* Takes the step of enum mailc_smtp_next_step that waits: sends HELO, answers a
 * challenge or gives it to the caller, ends a message without octets, or is
 * done with LMTP's recipients. */
void mailc_smtp_take_next_step(struct mailc_smtp *session);

#endif
