/* The rows as code, and the only assignment of the state. */
#include "pop3_fsm.h"

#include "link.h"
#include "pop3_action.h"

struct row {
  enum mailc_pop3_action action;
  enum mailc_pop3_state next;
};

/* Event first: that gives the compiler's search fewer octets. */
#define KEY(state, event) ((unsigned)(event) << 6 | (unsigned)(state))
#define VALUE(action, next) ((unsigned)(action) << 8 | (unsigned)(next))
#define NO_ROW VALUE(0, MAILC_POP3_ST_ANY)

_Static_assert(MAILC_POP3_ST_ANY < 1 << 6, "a state has six bits in a key");

static unsigned find_exact(enum mailc_pop3_state state,
                           enum mailc_pop3_fsm_event event) {
  switch (KEY(state, event)) {
#define ROW(state, event, action, next, source)                                \
  case KEY(MAILC_POP3_ST_##state, MAILC_POP3_EV_##event):                      \
    return VALUE(MAILC_POP3_DO_##action, MAILC_POP3_ST_##next);
#include "pop3_fsm.def"
#undef ROW
  default:
    return NO_ROW;
  }
}

static bool find_row(enum mailc_pop3_state state,
                     enum mailc_pop3_fsm_event event, struct row *row) {
  unsigned value;

  if (state == MAILC_POP3_ST_CLOSED || state == MAILC_POP3_ST_FAILED) {
    return false;
  }
  value = find_exact(state, event);
  if (value == NO_ROW) {
    value = find_exact(MAILC_POP3_ST_ANY, event);
  }
  *row = (struct row){(enum mailc_pop3_action)(value >> 8),
                      (enum mailc_pop3_state)(value & 255u)};
  return value != NO_ROW;
}

uint8_t mailc_pop3_next_state(uint8_t state, enum mailc_pop3_fsm_event event) {
  struct row row;

  return find_row((enum mailc_pop3_state)state, event, &row)
             ? (uint8_t)row.next
             : (uint8_t)MAILC_POP3_ST_ANY;
}

bool mailc_pop3_can(const struct mailc_pop3 *session,
                    enum mailc_pop3_fsm_event event) {
  return mailc_pop3_next_state(session->state, event) != MAILC_POP3_ST_ANY;
}

void mailc_pop3_step(struct mailc_pop3 *session,
                     enum mailc_pop3_fsm_event event, enum mailc_status cause) {
  struct mailc_move move = {.from = session->state};
  struct row row;

  if (!find_row((enum mailc_pop3_state)session->state, event, &row)) {
    event = MAILC_POP3_EV_BAD_REPLY;
    cause = MAILC_E_REPLY;
    if (!find_row((enum mailc_pop3_state)session->state, event, &row)) {
      return;
    }
  }
  session->state = (uint8_t)row.next;
  move.event = (uint8_t)event;
  move.to = session->state;
  mailc_link_keep_move(&session->link, move);
  mailc_pop3_perform(session, row.action, cause);
}
