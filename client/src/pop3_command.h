/* What the pump has to know of a command before it sends the one before it. */
#ifndef MAILC_SRC_POP3_COMMAND_H
#define MAILC_SRC_POP3_COMMAND_H

#include <mailc/pop3.h>

/* Whether mailc_pop3_pass() would take this password: MAILC_OK, E_ARGUMENT,
 * E_TEXT or E_TOO_LONG. */
enum mailc_status mailc_pop3_check_secret(struct mailc_span secret);

#endif
