/* The rows of SMTP. "common/fsm.h" says how they work. */
#include "smtp/smtp_fsm.h"

#include "common/fsm.h"
#include "smtp/smtp_action.h"

_Static_assert(MAILC_SMTP_ST_CLOSED + 2 == MAILC_SMTP_ST_ANY &&
                   MAILC_SMTP_ST_FAILED + 1 == MAILC_SMTP_ST_ANY,
               "the ends of a session are the last states");
_Static_assert(MAILC_SMTP_ST_ANY < 64 && MAILC_SMTP_EV_TIMEOUT < 64 &&
                   MAILC_SMTP_DO_FAIL < 64,
               "each has six bits in a row");

static const struct mailc_row rows[] = {
#define ROW(state, event, action, next, source)                                \
  MAILC_ROW(MAILC_SMTP_ST_##state, MAILC_SMTP_EV_##event,                      \
            MAILC_SMTP_DO_##action, MAILC_SMTP_ST_##next),
#define CHOICE ROW
#include "smtp/smtp_fsm.def"
#undef CHOICE
#undef ROW
};

_Static_assert(sizeof rows / sizeof rows[0] <= UINT8_MAX,
               "an octet counts them");

static const struct mailc_fsm fsm = {.rows = rows,
                                     .row_count = sizeof rows / sizeof rows[0],
                                     .bad_reply = MAILC_SMTP_EV_BAD_REPLY,
                                     .internal = MAILC_SMTP_EV_LAST_ANSWERED};

/* Does nothing, in no octet of code. */
static void count(const struct mailc_row *row) {
  switch (MAILC_ROW_KEY(row->state, row->event)) {
#define ROW(state, event, action, next, source)                                \
  case MAILC_ROW_KEY(MAILC_SMTP_ST_##state, MAILC_SMTP_EV_##event):            \
    break;
#define CHOICE ROW
#include "smtp/smtp_fsm.def"
#undef CHOICE
#undef ROW
  default:
    break;
  }
}

bool mailc_smtp_may_begin(enum mailc_smtp_state state,
                          enum mailc_smtp_fsm_event event) {
  const struct mailc_row *row = mailc_fsm_find(&fsm, state, event);

  return row != NULL && row->next != MAILC_SMTP_ST_WAIT_LOST_RCPT &&
         row->next != MAILC_SMTP_ST_WAIT_LOST_DATA &&
         row->next != MAILC_SMTP_ST_WAIT_EMPTY_DATA;
}

void mailc_smtp_step(struct mailc_smtp *session,
                     enum mailc_smtp_fsm_event event, enum mailc_status cause) {
  const struct mailc_row *row =
      mailc_fsm_move(&fsm, &session->link, &session->state, event, &cause);

  if (row != NULL) {
    count(row);
    mailc_smtp_perform(session, (enum mailc_smtp_action)mailc_row_action(row),
                       cause);
  }
}
