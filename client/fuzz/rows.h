/* The legal moves, as mailc-table prints them. */
#ifndef MAILC_FUZZ_ROWS_H
#define MAILC_FUZZ_ROWS_H

#include <stdbool.h>

/* Whether these names are a row of "pop3" or "smtp". */
bool fuzz_is_row(const char *protocol, const char *state, const char *event,
                 const char *next, bool is_internal);

#endif
