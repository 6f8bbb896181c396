/* The commands that were given and are not answered yet, in their order, and
 * which of their octets may leave. The first slot is the head, the command that
 * is waited for; it is NO_COMMAND while the greeting is. */
#ifndef MAILC_SRC_POP3_QUEUE_H
#define MAILC_SRC_POP3_QUEUE_H

#include "pop3/pop3_fsm.h"
#include "pop3/pop3_slots.h"

/* Whether the command may be given now: MAILC_OK, E_ARGUMENT without a session,
 * its sticky status, E_STATE, E_QUEUE_FULL, E_EVENTS. */
enum mailc_status mailc_pop3_check_command(const struct mailc_pop3 *session,
                                           enum mailc_pop3_command command);

/* Puts a command that may be given into the transmit buffer, its keyword and
 * at most two words with blanks between, and queues it: MAILC_OK, E_TEXT,
 * E_TOO_LONG, E_QUEUE_FULL. `number` is of the message it is about. */
enum mailc_status
mailc_pop3_write(struct mailc_pop3 *session, enum mailc_pop3_command command,
                 uint32_t number, const struct mailc_span *words, size_t count);

/* Queues a command whose line was just put into the transmit buffer, behind
 * `before` octets. The first of the queue becomes its head at once. */
void mailc_pop3_enqueue(struct mailc_pop3 *session,
                        enum mailc_pop3_command command, uint32_t number,
                        size_t before);

/* Whether no event, no octet and no end of the stream waits to be taken. */
bool mailc_pop3_is_quiet(const struct mailc_pop3 *session);

/* Makes the first of the queue the head: by its move; or, if that is no longer
 * a move, drops it with a REPLY of status E_DROPPED. Octets that came before
 * any of it had left fail the session. Only where there is one that was not
 * begun. False if nothing happened, as the server's stream has ended. */
bool mailc_pop3_begin_head(struct mailc_pop3 *session);

#endif
