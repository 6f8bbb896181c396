/* What the files of the POP3 pump share. */
#ifndef MAILC_SRC_POP3_PUMP_H
#define MAILC_SRC_POP3_PUMP_H

#include <mailc/pop3_pump.h>

/* Makes way for a command. E_ARGUMENT, E_STATE, or what the session failed
 * by. */
enum mailc_status mailc_pop3_pump_prepare(struct mailc_pop3_pump *pump);

/* The next event but moves, waited for while the server owes one; kind NONE if
 * it owes none. */
enum mailc_status mailc_pop3_pump_await(struct mailc_pop3_pump *pump,
                                        struct mailc_pop3_event *event);

/* Waits for the answer to a command that gave `status`, and keeps its text. */
enum mailc_status mailc_pop3_pump_finish(struct mailc_pop3_pump *pump,
                                         enum mailc_status status,
                                         struct mailc_pop3_event *event);

typedef enum mailc_status mailc_pop3_plain_command(struct mailc_pop3 *session);

/* All of an operation whose command has no argument. */
enum mailc_status mailc_pop3_pump_run(struct mailc_pop3_pump *pump,
                                      mailc_pop3_plain_command *command,
                                      struct mailc_pop3_event *event);

#endif
