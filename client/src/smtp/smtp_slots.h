/* The slots of the queue: the commands that were given and are not answered
 * yet, in their order. The first is the head, the command that is waited for.
 * No state changes here. */
#ifndef MAILC_SRC_SMTP_SLOTS_H
#define MAILC_SRC_SMTP_SLOTS_H

#include "smtp/smtp_names.h"

/* Octets of the command lines behind the head. */
size_t mailc_smtp_len_behind_head(const struct mailc_smtp *session);

/* The command that is waited for; NO_COMMAND for the greeting. */
enum mailc_smtp_command mailc_smtp_head(const struct mailc_smtp *session);

/* Whether all octets of the head have left, so that an answer may be one. */
bool mailc_smtp_has_asked(const struct mailc_smtp *session);

/* Fills in the slot behind the last. */
void mailc_smtp_push(struct mailc_smtp *session,
                     enum mailc_smtp_command command, size_t line_len);

/* The head is answered. */
void mailc_smtp_dequeue(struct mailc_smtp *session);

#endif
