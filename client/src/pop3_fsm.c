/* The rows as code, and the only assignment of the state. */
#include "pop3_fsm.h"

#include "link.h"
#include "pop3_action.h"

struct row {
  enum mailc_pop3_action action;
  enum mailc_pop3_state next;
};

#define KEY(state, event) ((unsigned)(state) << 8 | (unsigned)(event))

static bool find_exact(enum mailc_pop3_state state,
                       enum mailc_pop3_fsm_event event, struct row *row) {
  switch (KEY(state, event)) {
#define ROW(state, event, action, next, source)                                \
  case KEY(MAILC_POP3_ST_##state, MAILC_POP3_EV_##event):                      \
    *row = (struct row){MAILC_POP3_DO_##action, MAILC_POP3_ST_##next};         \
    return true;
#include "pop3_fsm.def"
#undef ROW
  default:
    return false;
  }
}

static bool find_row(enum mailc_pop3_state state,
                     enum mailc_pop3_fsm_event event, struct row *row) {
  if (state == MAILC_POP3_ST_CLOSED || state == MAILC_POP3_ST_FAILED) {
    return false;
  }
  return find_exact(state, event, row) ||
         find_exact(MAILC_POP3_ST_ANY, event, row);
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
