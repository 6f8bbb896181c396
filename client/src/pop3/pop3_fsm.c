/* The rows, and the only assignment of the state. */
#include "pop3/pop3_fsm.h"

#include "common/link.h"
#include "common/row.h"
#include "pop3/pop3_action.h"

_Static_assert(MAILC_POP3_ST_CLOSED + 2 == MAILC_POP3_ST_ANY &&
                   MAILC_POP3_ST_FAILED + 1 == MAILC_POP3_ST_ANY,
               "the ends of a session are the last states");
_Static_assert(MAILC_POP3_ST_ANY < 64 && MAILC_POP3_EV_TIMEOUT < 64 &&
                   MAILC_POP3_DO_FAIL < 64,
               "each has six bits in a row");

static const struct mailc_row rows[] = {
#define ROW(state, event, action, next, source)                                \
  MAILC_ROW(MAILC_POP3_ST_##state, MAILC_POP3_EV_##event,                      \
            MAILC_POP3_DO_##action, MAILC_POP3_ST_##next),
#include "pop3/pop3_fsm.def"
#undef ROW
};

/* Does nothing, in no octet of code: the compiler refuses a row that is there
 * twice, and a coverage tool counts each time that one is taken. */
static void count(const struct mailc_row *row) {
#define KEY(state, event) ((unsigned)(state) << 6 | (unsigned)(event))
  switch (KEY(row->state, row->event)) {
#define ROW(state, event, action, next, source)                                \
  case KEY(MAILC_POP3_ST_##state, MAILC_POP3_EV_##event):                      \
    break;
#include "pop3/pop3_fsm.def"
#undef ROW
#undef KEY
  default:
    break;
  }
}

static const struct mailc_row *find(unsigned state, unsigned event) {
  return mailc_row_find(rows, sizeof rows / sizeof rows[0], state, event);
}

uint8_t mailc_pop3_next_state(uint8_t state, enum mailc_pop3_fsm_event event) {
  const struct mailc_row *row = find(state, event);

  return row == NULL ? MAILC_POP3_ST_ANY : row->next;
}

bool mailc_pop3_can(const struct mailc_pop3 *session,
                    enum mailc_pop3_fsm_event event) {
  return find(session->state, event) != NULL;
}

void mailc_pop3_step(struct mailc_pop3 *session,
                     enum mailc_pop3_fsm_event event, enum mailc_status cause) {
  const struct mailc_row *row = find(session->state, event);

  if (row == NULL) {
    event = MAILC_POP3_EV_BAD_REPLY;
    cause = MAILC_E_REPLY;
    row = find(session->state, event);
  }
  if (row == NULL) {
    return;
  }
  count(row);
  mailc_link_keep_move(&session->link,
                       (struct mailc_move){.from = session->state,
                                           .event = (uint8_t)event,
                                           .to = row->next});
  session->state = row->next;
  mailc_pop3_perform(session, (enum mailc_pop3_action)mailc_row_action(row),
                     cause);
}
