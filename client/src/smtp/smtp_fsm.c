/* The rows, and the only assignment of the state. */
#include "smtp/smtp_fsm.h"

#include "common/link.h"
#include "common/row.h"
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

/* Does nothing, in no octet of code: the compiler refuses a row that is there
 * twice, and a coverage tool counts each time that one is taken. */
static void count(const struct mailc_row *row) {
#define KEY(state, event) ((unsigned)(state) << 6 | (unsigned)(event))
  switch (KEY(row->state, row->event)) {
#define ROW(state, event, action, next, source)                                \
  case KEY(MAILC_SMTP_ST_##state, MAILC_SMTP_EV_##event):                      \
    break;
#define CHOICE ROW
#include "smtp/smtp_fsm.def"
#undef CHOICE
#undef ROW
#undef KEY
  default:
    break;
  }
}

static const struct mailc_row *find(unsigned state, unsigned event) {
  return mailc_row_find(rows, sizeof rows / sizeof rows[0], state, event);
}

bool mailc_smtp_may_begin(enum mailc_smtp_state state,
                          enum mailc_smtp_fsm_event event) {
  const struct mailc_row *row = find(state, event);

  return row != NULL && row->next != MAILC_SMTP_ST_WAIT_LOST_RCPT &&
         row->next != MAILC_SMTP_ST_WAIT_LOST_DATA &&
         row->next != MAILC_SMTP_ST_WAIT_EMPTY_DATA;
}

void mailc_smtp_step(struct mailc_smtp *session,
                     enum mailc_smtp_fsm_event event, enum mailc_status cause) {
  const struct mailc_row *row = find(session->state, event);

  if (row == NULL) {
    event = MAILC_SMTP_EV_BAD_REPLY;
    cause = MAILC_E_REPLY;
    row = find(session->state, event);
  }
  if (row == NULL) {
    return;
  }
  count(row);
  mailc_link_keep_move(
      &session->link,
      (struct mailc_move){.from = session->state,
                          .event = (uint8_t)event,
                          .to = row->next,
                          .is_internal = event == MAILC_SMTP_EV_LAST_ANSWERED});
  session->state = row->next;
  mailc_smtp_perform(session, (enum mailc_smtp_action)mailc_row_action(row),
                     cause);
}
