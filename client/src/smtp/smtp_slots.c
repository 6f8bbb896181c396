#include "smtp/smtp_slots.h"

#include "common/link.h"

#include <string.h>

enum mailc_smtp_command mailc_smtp_head(const struct mailc_smtp *session) {
  return session->queue_count == 0
             ? MAILC_SMTP_NO_COMMAND
             : (enum mailc_smtp_command)session->queue->command;
}

size_t mailc_smtp_len_behind_head(const struct mailc_smtp *session) {
  size_t len = 0;

  for (unsigned i = 1; MAILC_HAS(QUEUE) && i < session->queue_count; i++) {
    len += session->queue[i].line_len;
  }
  return len;
}

bool mailc_smtp_has_asked(const struct mailc_smtp *session) {
  return mailc_link_unsent(&session->link) <=
             mailc_smtp_len_behind_head(session) &&
         session->link.ref_len == 0 && !session->link.is_tx_lost;
}

void mailc_smtp_push(struct mailc_smtp *session,
                     enum mailc_smtp_command command, size_t line_len) {
  struct mailc_smtp_slot *slot = session->queue;

  if (MAILC_HAS(QUEUE)) {
    slot += session->queue_count;
  }
  slot->line_len = (uint16_t)line_len;
  slot->command = (uint8_t)command;
  session->queue_count++;
}

void mailc_smtp_dequeue(struct mailc_smtp *session) {
  if (session->queue_count != 0) {
    session->queue_count--;
    if (MAILC_HAS(QUEUE)) {
      memmove(session->queue, session->queue + 1,
              session->queue_count * sizeof(struct mailc_smtp_slot));
    }
  }
  session->has_begun = false;
}
