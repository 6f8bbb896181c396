/* The rows as code, and the only assignment of the state. */
#include "smtp_fsm.h"

#include "link.h"
#include "smtp_action.h"

struct row {
  enum mailc_smtp_action action;
  enum mailc_smtp_state next;
};

/* Event first: that gives the compiler's search fewer octets. */
#define KEY(state, event) ((unsigned)(event) << 6 | (unsigned)(state))
#define VALUE(action, next) ((unsigned)(action) << 8 | (unsigned)(next))
#define NO_ROW VALUE(0, MAILC_SMTP_ST_ANY)

_Static_assert(MAILC_SMTP_ST_ANY < 1 << 6, "a state has six bits in a key");

static unsigned find_exact(enum mailc_smtp_state state,
                           enum mailc_smtp_fsm_event event) {
  switch (KEY(state, event)) {
#define ROW(state, event, action, next, source)                                \
  case KEY(MAILC_SMTP_ST_##state, MAILC_SMTP_EV_##event):                      \
    return VALUE(MAILC_SMTP_DO_##action, MAILC_SMTP_ST_##next);
#define CHOICE ROW
#include "smtp_fsm.def"
#undef CHOICE
#undef ROW
  default:
    return NO_ROW;
  }
}

static bool find_row(enum mailc_smtp_state state,
                     enum mailc_smtp_fsm_event event, struct row *row) {
  unsigned value;

  if (state == MAILC_SMTP_ST_CLOSED || state == MAILC_SMTP_ST_FAILED) {
    return false;
  }
  value = find_exact(state, event);
  if (value == NO_ROW) {
    value = find_exact(MAILC_SMTP_ST_ANY, event);
  }
  *row = (struct row){(enum mailc_smtp_action)(value >> 8),
                      (enum mailc_smtp_state)(value & 255u)};
  return value != NO_ROW;
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
