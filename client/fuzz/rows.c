#include "rows.h"

#include <stddef.h>
#include <string.h>

struct row {
  const char *protocol;
  const char *state;
  const char *event;
  const char *next;
  bool is_internal;
};

#define ROW(state, event, action, next, rfc)                                   \
  {PROTOCOL, #state, #event, #next, false},
#define CHOICE(state, event, action, next, rfc)                                \
  {PROTOCOL, #state, #event, #next, true},

static const struct row rows[] = {
#define PROTOCOL "pop3"
#include "pop3/pop3_fsm.def"
#undef PROTOCOL
#define PROTOCOL "smtp"
#include "smtp/smtp_fsm.def"
#undef PROTOCOL
};

static const struct row *find(const char *protocol, const char *state,
                              const char *event) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (strcmp(rows[i].event, event) == 0 &&
        strcmp(rows[i].state, state) == 0 &&
        strcmp(rows[i].protocol, protocol) == 0) {
      return &rows[i];
    }
  }
  return NULL;
}

bool fuzz_is_row(const char *protocol, const char *state, const char *event,
                 const char *next, bool is_internal) {
  const struct row *row = find(protocol, state, event);

  if (strcmp(state, "CLOSED") == 0 || strcmp(state, "FAILED") == 0) {
    return false;
  }
  if (row == NULL) {
    row = find(protocol, "ANY", event);
  }
  return row != NULL && strcmp(row->next, next) == 0 &&
         row->is_internal == is_internal;
}
