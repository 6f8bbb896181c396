/* The commands that were given and are not answered yet, in their order, and
 * which of their octets may leave. */
#ifndef MAILC_SRC_POP3_QUEUE_H
#define MAILC_SRC_POP3_QUEUE_H

#include "pop3_fsm.h"

/* A command line that is not queued yet: its parts make the line. */
#define MAILC_POP3_PARTS_MAX 4

struct mailc_pop3_line {
  enum mailc_pop3_command command;
  uint32_t number; /* the message it is about, or 0 */
  struct mailc_span parts[MAILC_POP3_PARTS_MAX];
  size_t part_count;
};

/* Whether the command may be given now: MAILC_OK, E_ARGUMENT without a session,
 * its sticky status, E_STATE, E_QUEUE_FULL, E_EVENTS. */
enum mailc_status mailc_pop3_may(const struct mailc_pop3 *session,
                                 enum mailc_pop3_command command);

/* Puts a command that may be given into the transmit buffer and the queue:
 * MAILC_OK, E_TEXT, E_TOO_LONG, E_QUEUE_FULL. */
enum mailc_status mailc_pop3_put(struct mailc_pop3 *session,
                                 const struct mailc_pop3_line *line);

/* Queues a command whose line of `line_len` octets was just put into the
 * transmit buffer. The first of the queue becomes its head at once. */
void mailc_pop3_enqueue(struct mailc_pop3 *session,
                        const struct mailc_pop3_slot *slot);

/* Makes the first of the queue the head: by its move; or, if that is none any
 * more, drops it with a REPLY of status E_DROPPED. Octets that came before any
 * of it had left fail the session. Only where there is one that was not begun.
 * False if nothing happened, as the server's stream has ended. */
bool mailc_pop3_begin_head(struct mailc_pop3 *session);

/* The command that is waited for; NO_COMMAND for the greeting. */
const struct mailc_pop3_slot *mailc_pop3_head(const struct mailc_pop3 *session);

/* Whether all octets of the head have left, so that an answer may be one. */
bool mailc_pop3_has_asked(const struct mailc_pop3 *session);

/* The head is answered. */
void mailc_pop3_pop(struct mailc_pop3 *session);

#endif
