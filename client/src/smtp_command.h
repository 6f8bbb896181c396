/* What all commands of an SMTP session have in common. */
#ifndef MAILC_SRC_SMTP_COMMAND_H
#define MAILC_SRC_SMTP_COMMAND_H

#include "smtp_fsm.h"

/* Whether a command may be given now. */
enum mailc_status mailc_smtp_may(const struct mailc_smtp *session,
                                 enum mailc_smtp_fsm_event event);

/* Whether nothing else waits: events, octets received or octets to be sent. */
enum mailc_status mailc_smtp_may_send(const struct mailc_smtp *session);

/* Queues a command that was checked and put into the transmit buffer. The queue
 * being empty before, it becomes the head at once. */
void mailc_smtp_queue(struct mailc_smtp *session,
                      enum mailc_smtp_command command,
                      enum mailc_smtp_fsm_event event);

#endif
