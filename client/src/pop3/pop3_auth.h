/* What a session does with a challenge. */
#ifndef MAILC_SRC_POP3_AUTH_H
#define MAILC_SRC_POP3_AUTH_H

#include <mailc/pop3.h>

/* Takes the challenge in session->event.text: a response or the cancellation is
 * put and makes its move, or the caller gets it as an event. */
void mailc_pop3_take_challenge(struct mailc_pop3 *session);

#endif
