/* mailc-table: prints the state machines that are compiled into mailc, as TSV.
 * The rows are the very ones that the library includes; a CHOICE is internal,
 * as nothing on the wire shows it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
  const char *protocol;
  const char *state;
  const char *event;
  const char *action;
  const char *next;
  const char *rfc;
  int is_internal;
};

#define ROW(state, event, action, next, rfc)                                   \
  {PROTOCOL, #state, #event, #action, #next, rfc, 0},
#define CHOICE(state, event, action, next, rfc)                                \
  {PROTOCOL, #state, #event, #action, #next, rfc, 1},

static const struct row rows[] = {
#define PROTOCOL "pop3"
#include "pop3/pop3_fsm.def"
#undef PROTOCOL
#define PROTOCOL "smtp"
#include "smtp/smtp_fsm.def"
#undef PROTOCOL
};

int main(void) {
  (void)puts("protocol\tstate\tevent\taction\tnext\trfc\tinternal");
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const struct row *row = &rows[i];

    (void)printf("%s\t%s\t%s\t%s\t%s\t%s\t%d\n", row->protocol,
                 strcmp(row->state, "ANY") == 0 ? "*" : row->state, row->event,
                 row->action, row->next, row->rfc, row->is_internal);
  }
  return ferror(stdout) != 0 || fflush(stdout) != 0 ? EXIT_FAILURE
                                                    : EXIT_SUCCESS;
}
