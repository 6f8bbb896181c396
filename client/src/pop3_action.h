/* What the moves of a POP3 session do. */
#ifndef MAILC_SRC_POP3_ACTION_H
#define MAILC_SRC_POP3_ACTION_H

#include "pop3_fsm.h"

/* What is expected of the server: the values of session->reading. */
enum mailc_pop3_reading {
  MAILC_POP3_READ_NOTHING, /* no command is under way */
  MAILC_POP3_READ_REPLY,
  MAILC_POP3_READ_LINES,     /* of CAPA, LIST, UIDL, LANG */
  MAILC_POP3_READ_DATA,      /* of a message */
  MAILC_POP3_READ_TLS,       /* its handshake, which is not the session's */
  MAILC_POP3_READ_CHALLENGE, /* nothing: event.text is a challenge to be read */
  MAILC_POP3_READ_ANSWER     /* nothing: the caller answers a challenge */
};

/* Performs the action of a row. session->event holds what was read: its text
 * and its values. */
void mailc_pop3_perform(struct mailc_pop3 *session,
                        enum mailc_pop3_action action, enum mailc_status cause);

#endif
