/* The client's memory: buffers that lie against pages which nobody may touch,
 * and structures that begin full of rubbish. */
#ifndef MAILC_REPLAY_GUARDED_H
#define MAILC_REPLAY_GUARDED_H

#include <mailc/pop3.h>
#include <mailc/smtp.h>

/* Maps the memory; ends the program if there is none. */
void replay_guard(void);

/* Which end of its pages a buffer lies at, from now on. */
void replay_place(bool at_end);

/* What the ops call in place of init(): the same, with other memory and with
 * the capacities of the plan. */
enum mailc_status replay_pop3_init(struct mailc_pop3 *session,
                                   size_t session_size,
                                   const struct mailc_pop3_config *config);
enum mailc_status replay_smtp_init(struct mailc_smtp *session,
                                   size_t session_size,
                                   const struct mailc_smtp_config *config);

#endif
