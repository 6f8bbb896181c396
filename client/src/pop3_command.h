/* What the files that give commands share. */
#ifndef MAILC_SRC_POP3_COMMAND_H
#define MAILC_SRC_POP3_COMMAND_H

#include "pop3_queue.h"

/* Gives a command that is its keyword. */
enum mailc_status mailc_pop3_put_plain(struct mailc_pop3 *session,
                                       enum mailc_pop3_command command,
                                       struct mailc_span keyword);

/* Whether a text may be the argument of a command: octets from `min` to the
 * last that is printable ASCII, and UTF-8 where that may be. MAILC_OK,
 * E_ARGUMENT, E_TEXT. */
enum mailc_status mailc_pop3_check_text(struct mailc_span text, uint8_t min,
                                        bool may_be_utf8);

/* Whether mailc_pop3_pass() would take this password: MAILC_OK, E_ARGUMENT,
 * E_TEXT or E_TOO_LONG. */
enum mailc_status mailc_pop3_check_secret(const struct mailc_pop3 *session,
                                          struct mailc_span secret);

#endif
