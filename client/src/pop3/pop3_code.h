/* What a server's refusals mean. */
#ifndef MAILC_SRC_POP3_CODE_H
#define MAILC_SRC_POP3_CODE_H

#include <mailc/pop3.h>

/* The status of a command that `line` refuses. */
enum mailc_status mailc_pop3_refusal(const struct mailc_pop3 *session,
                                     struct mailc_span line, bool is_login);

#endif
