/* The commands that were given and are not answered yet, in their order, and
 * which of their octets may leave. */
#ifndef MAILC_SRC_SMTP_QUEUE_H
#define MAILC_SRC_SMTP_QUEUE_H

#include "smtp/smtp_fsm.h"
#include "smtp/smtp_slots.h"

/* Whether the command may be given now: MAILC_OK, E_ARGUMENT without a session,
 * its sticky status, E_STATE, E_QUEUE_FULL, E_EVENTS. */
enum mailc_status mailc_smtp_check_command(const struct mailc_smtp *session,
                                           enum mailc_smtp_command command);

/* Whether nothing else waits: events, octets received or octets to be sent. */
enum mailc_status mailc_smtp_check_idle(const struct mailc_smtp *session);

/* Puts the line of a command that may be given into the transmit buffer and
 * queues it: MAILC_OK, E_TEXT, E_TOO_LONG, E_QUEUE_FULL. parts[0] is for its
 * verb, which is set here; a blank stands before each of the others, but around
 * a path. */
enum mailc_status mailc_smtp_write(struct mailc_smtp *session,
                                   enum mailc_smtp_command command,
                                   struct mailc_span *parts, size_t count,
                                   size_t max);

/* The same of a command that is its verb and a word, which may be empty. */
enum mailc_status mailc_smtp_write_word(struct mailc_smtp *session,
                                        enum mailc_smtp_command command,
                                        struct mailc_span word);

/* Queues a command whose line of `line_len` octets was just put into the
 * transmit buffer. The first of the queue becomes its head at once. */
void mailc_smtp_enqueue(struct mailc_smtp *session,
                        enum mailc_smtp_command command, size_t line_len);

/* The end of a message was put into the transmit buffer: its answer, or in LMTP
 * those of its recipients, are waited for. */
void mailc_smtp_end_message(struct mailc_smtp *session);

/* Makes the first of the queue, which has not begun, the head: by its move; or,
 * if that is no longer a move and none of it was sent, drops it with a REPLY of
 * status E_DROPPED. Octets that came before any of it had left fail the
 * session. False if nothing happened. */
bool mailc_smtp_begin_head(struct mailc_smtp *session);

#endif
