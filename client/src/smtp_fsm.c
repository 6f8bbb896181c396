/* The rows as code, and the only assignment of the state. */
#include "smtp_fsm.h"

#include "link.h"
#include "smtp_action.h"

struct row {
  enum mailc_smtp_action action;
  enum mailc_smtp_state next;
};

#define KEY(state, event) ((unsigned)(state) << 8 | (unsigned)(event))

static bool find_exact(enum mailc_smtp_state state,
                       enum mailc_smtp_fsm_event event, struct row *row) {
  switch (KEY(state, event)) {
#define ROW(state, event, action, next, source)                                \
  case KEY(MAILC_SMTP_ST_##state, MAILC_SMTP_EV_##event):                      \
    *row = (struct row){MAILC_SMTP_DO_##action, MAILC_SMTP_ST_##next};         \
    return true;
#define CHOICE ROW
#include "smtp_fsm.def"
#undef CHOICE
#undef ROW
  default:
    return false;
  }
}

static bool find_row(enum mailc_smtp_state state,
                     enum mailc_smtp_fsm_event event, struct row *row) {
  if (state == MAILC_SMTP_ST_CLOSED || state == MAILC_SMTP_ST_FAILED) {
    return false;
  }
  return find_exact(state, event, row) ||
         find_exact(MAILC_SMTP_ST_ANY, event, row);
}

bool mailc_smtp_can(const struct mailc_smtp *session,
                    enum mailc_smtp_fsm_event event) {
  struct row row;

  return find_row((enum mailc_smtp_state)session->state, event, &row);
}

bool mailc_smtp_may_begin(enum mailc_smtp_state state,
                          enum mailc_smtp_fsm_event event) {
  struct row row;

  return find_row(state, event, &row) &&
         row.next != MAILC_SMTP_ST_WAIT_LOST_RCPT &&
         row.next != MAILC_SMTP_ST_WAIT_LOST_DATA &&
         row.next != MAILC_SMTP_ST_WAIT_EMPTY_DATA;
}

void mailc_smtp_step(struct mailc_smtp *session,
                     enum mailc_smtp_fsm_event event, enum mailc_status cause) {
  struct mailc_move move = {.from = session->state};
  struct row row;

  if (!find_row((enum mailc_smtp_state)session->state, event, &row)) {
    event = MAILC_SMTP_EV_BAD_REPLY;
    cause = MAILC_E_REPLY;
    if (!find_row((enum mailc_smtp_state)session->state, event, &row)) {
      return;
    }
  }
  session->state = (uint8_t)row.next;
  move.event = (uint8_t)event;
  move.to = session->state;
  move.is_internal = event == MAILC_SMTP_EV_LAST_ANSWERED;
  mailc_link_keep_move(&session->link, move);
  mailc_smtp_perform(session, row.action, cause);
}
