/* The POP3 state machine: the one function that changes the state. The rows are
 * in pop3_fsm.def. */
#ifndef MAILC_SRC_POP3_FSM_H
#define MAILC_SRC_POP3_FSM_H

#include "pop3/pop3_names.h"

/* The state that the event leads to from `state`; MAILC_POP3_ST_ANY if it is no
 * move. */
uint8_t mailc_pop3_next_state(uint8_t state, enum mailc_pop3_fsm_event event);

/* Whether the event is a move from the state that the session is in. */
bool mailc_pop3_can(const struct mailc_pop3 *session,
                    enum mailc_pop3_fsm_event event);

/* Makes the move and performs its action. An event that is no move is made
 * BAD_REPLY with MAILC_E_REPLY. `cause` is the status of a session that fails
 * by this. */
void mailc_pop3_step(struct mailc_pop3 *session,
                     enum mailc_pop3_fsm_event event, enum mailc_status cause);

#endif
