/* How both state machines work.
 *
 * A protocol has its moves as data: one row for each legal move, in its .def
 * file. A row says: in this state, on this event, perform this action and go to
 * that state. An engine never assigns its state; it says what happened, by
 * mailc_pop3_step() or mailc_smtp_step(), and the row does the rest:
 *
 *   1. mailc_fsm_move() looks for the row of the state and the event. A row of
 *      the state itself comes before one of ANY, which stands for every state
 *      but the last two, CLOSED and FAILED. These two have no row.
 *   2. An event without a row is a server that said what it may not say here.
 *      It becomes BAD_REPLY, whose row leads to FAILED.
 *   3. The move is kept for the caller if the session traces moves, and the
 *      state is assigned: here, and nowhere else.
 *   4. The protocol performs the action: it reports an event, takes a command
 *      out of the queue, starts or stops the timer. An action makes no move.
 *
 * The .def file is included twice. Once as the rows, three octets each. Once as
 * the cases of a switch that does nothing and takes no code: the compiler
 * refuses a row that is there twice, and a coverage tool counts each row that
 * is taken. mailc-table prints the rows; the suite compares them with its own
 * model of the protocol.
 *
 * What is not in the rows: what the policy forbids and what the server does not
 * offer is checked before a command is written, and changes nothing. */
#ifndef MAILC_SRC_FSM_H
#define MAILC_SRC_FSM_H

#include "common/link.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One row in three octets: its action is cut into three pieces of two bits. */
struct mailc_row {
  uint8_t state : 6;
  uint8_t action_low : 2;
  uint8_t event : 6;
  uint8_t action_middle : 2;
  uint8_t next : 6;
  uint8_t action_high : 2;
};

#define MAILC_ROW(at, when, action, to)                                        \
  {                                                                            \
    .state = (at), .action_low = (action)&3u, .event = (when),                 \
    .action_middle = (action) >> 2 & 3u, .next = (to),                         \
    .action_high = (action) >> 4                                               \
  }

/* What tells two rows apart: a constant for constants. */
#define MAILC_ROW_KEY(state, event) ((unsigned)(state) << 6 | (unsigned)(event))

/* A protocol's machine. The states are numbered so that CLOSED, FAILED and ANY
 * are the last; the rows of ANY stand last. */
struct mailc_fsm {
  const struct mailc_row *rows;
  uint8_t row_count;
  uint8_t bad_reply; /* what an event without a row becomes */
  uint8_t internal;  /* the event that nothing on the wire shows; 0: none is */
};

/* Returns the row for an event in a state: the state's own, or else that of
 * ANY; NULL if it is no move there. */
const struct mailc_row *mailc_row_find(const struct mailc_row *rows,
                                       size_t count, unsigned state,
                                       unsigned event);

static inline const struct mailc_row *
mailc_fsm_find(const struct mailc_fsm *fsm, unsigned state, unsigned event) {
  return mailc_row_find(fsm->rows, fsm->row_count, state, event);
}

/* Makes the move: assigns the state and keeps the move in the link. Returns its
 * row, whose action is still to be performed; NULL, with nothing changed, where
 * the session has ended. An event without a row becomes BAD_REPLY, and its
 * cause MAILC_E_REPLY. Inline: the one caller of a protocol knows all of its
 * machine. */
static inline const struct mailc_row *
mailc_fsm_move(const struct mailc_fsm *fsm, struct mailc_link *link,
               uint8_t *state, unsigned event, enum mailc_status *cause) {
  const struct mailc_row *row = mailc_fsm_find(fsm, *state, event);

  if (row == NULL) {
    event = fsm->bad_reply;
    *cause = MAILC_E_REPLY;
    row = mailc_fsm_find(fsm, *state, event);
  }
  if (row == NULL) {
    return NULL;
  }
  mailc_link_keep_move(
      link, (struct mailc_move){.from = *state,
                                .event = (uint8_t)event,
                                .to = row->next,
                                .is_internal = fsm->internal != 0 &&
                                               event == fsm->internal});
  *state = row->next;
  return row;
}

/* Returns the action of a row. */
unsigned mailc_row_action(const struct mailc_row *row);

#endif
