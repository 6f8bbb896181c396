#include "smtp/smtp_slots.h"

#include "common/link.h"

#include <string.h>

enum mailc_smtp_command mailc_smtp_head(const struct mailc_smtp *session) {
  return session->queue_count == 0
             ? MAILC_SMTP_NO_COMMAND
             : (enum mailc_smtp_command)mailc_smtp_slot_at(session, 0)->command;
}

size_t mailc_smtp_len_behind_head(const struct mailc_smtp *session) {
  size_t len = 0;

  for (unsigned i = 1; MAILC_HAS(QUEUE) && i < session->queue_count; i++) {
    len += mailc_smtp_slot_at(session, i)->line_len;
  }
  return len;
}

bool mailc_smtp_has_asked(const struct mailc_smtp *session) {
  return mailc_link_unsent(&session->link) <=
             mailc_smtp_len_behind_head(session) &&
         session->link.ref_len == 0 && !session->link.is_tx_lost;
}

void mailc_smtp_dequeue(struct mailc_smtp *session) {
  if (session->queue_count != 0) {
    session->queue_count--;
    memmove(mailc_smtp_slots(session), mailc_smtp_slots(session) + 1,
            session->queue_count * sizeof(struct mailc_smtp_slot));
  }
  session->has_begun = false;
}
