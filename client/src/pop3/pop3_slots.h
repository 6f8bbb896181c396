/* The slots of the queue: the commands that were given and are not answered
 * yet, in their order. The first is the head, the command that is waited for:
 * NO_COMMAND while the greeting is waited for. No state changes here. */
#ifndef MAILC_SRC_POP3_SLOTS_H
#define MAILC_SRC_POP3_SLOTS_H

#include "pop3/pop3_names.h"

/* Octets of the command lines from slot `first` on. */
size_t mailc_pop3_len_from(const struct mailc_pop3 *session, unsigned first);

/* Whether all octets of the head have left, so that an answer may be one. */
bool mailc_pop3_has_asked(const struct mailc_pop3 *session);

/* The head is answered. */
void mailc_pop3_dequeue(struct mailc_pop3 *session);

#endif
