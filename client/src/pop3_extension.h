/* What a server offers beyond RFC 1939, and what its refusals mean. */
#ifndef MAILC_SRC_POP3_EXTENSION_H
#define MAILC_SRC_POP3_EXTENSION_H

#include <mailc/pop3.h>

/* An answer to CAPA begins: what the last one said counts no more. */
void mailc_pop3_forget_offers(struct mailc_pop3 *session);

/* A line of that answer: the event of a capability. */
void mailc_pop3_learn(struct mailc_pop3 *session,
                      const struct mailc_pop3_event *line);

/* The status of a command that `line` refuses. */
enum mailc_status mailc_pop3_refusal(const struct mailc_pop3 *session,
                                     struct mailc_span line, bool is_login);

#endif
