#include "common/fsm.h"

const struct mailc_row *mailc_row_find(const struct mailc_row *rows,
                                       size_t count, unsigned state,
                                       unsigned event) {
  const struct mailc_row *end = rows + count;
  unsigned any = end[-1].state;

  for (; rows != end && state + 2 < any; rows++) {
    if (rows->event == event && (rows->state == state || rows->state == any)) {
      return rows;
    }
  }
  return NULL;
}

unsigned mailc_row_action(const struct mailc_row *row) {
  return row->action_low | (unsigned)row->action_middle << 2 |
         (unsigned)row->action_high << 4;
}
