#include "pop3/pop3_slots.h"

#include "common/link.h"
#include "sasl/sasl.h"

#include <string.h>

size_t mailc_pop3_len_from(const struct mailc_pop3 *session, unsigned first) {
  size_t len = 0;

  for (; MAILC_HAS(QUEUE) && first < session->queue_count; first++) {
    len += session->queue[first].line_len;
  }
  return len;
}

bool mailc_pop3_has_asked(const struct mailc_pop3 *session) {
  return mailc_link_unsent(&session->link) <= mailc_pop3_len_from(session, 1);
}

void mailc_pop3_dequeue(struct mailc_pop3 *session) {
  if (session->queue_count != 0) {
    mailc_sasl_end(&session->queue[0].sasl);
    session->queue_count--;
    memmove(&session->queue[0], &session->queue[1],
            session->queue_count * sizeof session->queue[0]);
    if (session->queue_count == 0) {
      session->queue->command = MAILC_POP3_NO_COMMAND;
    }
  }
  session->reading = MAILC_POP3_READ_NOTHING;
  mailc_link_stop_timer(&session->link);
}
