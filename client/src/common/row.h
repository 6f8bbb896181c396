/* Rows of a state machine as data. Both engines have theirs in a .def file. */
#ifndef MAILC_SRC_ROW_H
#define MAILC_SRC_ROW_H

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

/* The row for an event in a state: its own, or else the one of ANY; NULL if
 * there is none, as in the two states that end a session. They are numbered
 * last before ANY, and ANY's rows stand last. */
const struct mailc_row *mailc_row_find(const struct mailc_row *rows,
                                       size_t count, unsigned state,
                                       unsigned event);

unsigned mailc_row_action(const struct mailc_row *row);

#endif
