/* What the files that give commands share. */
#ifndef MAILC_SRC_POP3_COMMAND_H
#define MAILC_SRC_POP3_COMMAND_H

#include "pop3/pop3_queue.h"

/* Gives a command that is its keyword. */
enum mailc_status mailc_pop3_write_keyword(struct mailc_pop3 *session,
                                           enum mailc_pop3_command command);

/* Puts a command that may be given and that has one word. */
enum mailc_status mailc_pop3_write_word(struct mailc_pop3 *session,
                                        enum mailc_pop3_command command,
                                        struct mailc_span word);

/* Whether a text may be a word of a command: it has octets, printable ASCII,
 * also blanks if `has_blanks`, and UTF-8 if `is_utf8`. MAILC_OK, E_ARGUMENT,
 * E_TEXT. */
enum mailc_status mailc_pop3_check_text(struct mailc_span text, bool has_blanks,
                                        bool is_utf8);

/* Whether mailc_pop3_pass() would take this password: MAILC_OK, E_ARGUMENT,
 * E_TEXT or E_TOO_LONG. */
enum mailc_status mailc_pop3_check_secret(const struct mailc_pop3 *session,
                                          struct mailc_span secret);

#endif
