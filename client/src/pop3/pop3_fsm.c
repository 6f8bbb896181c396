/* The rows of POP3. "common/fsm.h" says how they work. */
#include "pop3/pop3_fsm.h"

#include "common/fsm.h"
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

_Static_assert(sizeof rows / sizeof rows[0] <= UINT8_MAX,
               "an octet counts them");

static const struct mailc_fsm fsm = {.rows = rows,
                                     .row_count = sizeof rows / sizeof rows[0],
                                     .bad_reply = MAILC_POP3_EV_BAD_REPLY};

/* Does nothing, in no octet of code. */
static void count(const struct mailc_row *row) {
  switch (MAILC_ROW_KEY(row->state, row->event)) {
#define ROW(state, event, action, next, source)                                \
  case MAILC_ROW_KEY(MAILC_POP3_ST_##state, MAILC_POP3_EV_##event):            \
    break;
#include "pop3/pop3_fsm.def"
#undef ROW
  default:
    break;
  }
}

uint8_t mailc_pop3_next_state(uint8_t state, enum mailc_pop3_fsm_event event) {
  const struct mailc_row *row = mailc_fsm_find(&fsm, state, event);

  return row == NULL ? MAILC_POP3_ST_ANY : row->next;
}

bool mailc_pop3_can(const struct mailc_pop3 *session,
                    enum mailc_pop3_fsm_event event) {
  return mailc_fsm_find(&fsm, session->state, event) != NULL;
}

void mailc_pop3_step(struct mailc_pop3 *session,
                     enum mailc_pop3_fsm_event event, enum mailc_status cause) {
  const struct mailc_row *row =
      mailc_fsm_move(&fsm, &session->link, &session->state, event, &cause);

  if (row != NULL) {
    count(row);
    mailc_pop3_perform(session, (enum mailc_pop3_action)mailc_row_action(row),
                       cause);
  }
}
