/* What the moves of a POP3 session do. */
#ifndef MAILC_SRC_POP3_ACTION_H
#define MAILC_SRC_POP3_ACTION_H

#include "pop3/pop3_names.h"

/* Performs the action of a row. session->event holds what was read: its text
 * and its values. */
void mailc_pop3_perform(struct mailc_pop3 *session,
                        enum mailc_pop3_action action, enum mailc_status cause);

#endif
