/* What a server offers beyond RFC 1939. */
#ifndef MAILC_SRC_POP3_EXTENSION_H
#define MAILC_SRC_POP3_EXTENSION_H

#include <mailc/pop3.h>

/* A line of an answer to CAPA: the event of a capability. */
void mailc_pop3_read_capability(struct mailc_pop3 *session,
                                const struct mailc_pop3_event *line);

#endif
