/* The SMTP state machine: the one function that changes the state. The rows are
 * in smtp_fsm.def. */
#ifndef MAILC_SRC_SMTP_FSM_H
#define MAILC_SRC_SMTP_FSM_H

#include "smtp/smtp_names.h"

/* Whether the event is a move for a command whose octets have not left: not by
 * the rows for those that were sent ahead and lost their ground. */
bool mailc_smtp_may_begin(enum mailc_smtp_state state,
                          enum mailc_smtp_fsm_event event);

/* Makes the move and performs its action. An event that is no move is made
 * BAD_REPLY with MAILC_E_REPLY. `cause` is the status of a session that fails
 * by this. */
void mailc_smtp_step(struct mailc_smtp *session,
                     enum mailc_smtp_fsm_event event, enum mailc_status cause);

#endif
