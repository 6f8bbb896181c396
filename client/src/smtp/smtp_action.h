/* What the moves of an SMTP session do. */
#ifndef MAILC_SRC_SMTP_ACTION_H
#define MAILC_SRC_SMTP_ACTION_H

#include "smtp/smtp_names.h"

/* What a session does by itself after a move: the values of
 * session->next_step. */
enum mailc_smtp_next_step {
  MAILC_SMTP_STEP_NONE,
  MAILC_SMTP_STEP_HELO,      /* EHLO was refused */
  MAILC_SMTP_STEP_CHALLENGE, /* session->event.text holds one in base64 */
  MAILC_SMTP_STEP_LONE_DOT,  /* DATA was accepted though its group had failed */
  MAILC_SMTP_STEP_END_DELIVERIES /* the last of LMTP's recipients is answered */
};

bool mailc_smtp_is_over(const struct mailc_smtp *session);

/* Whether an event waits to be taken. */
bool mailc_smtp_has_event(const struct mailc_smtp *session);

/* What EHLO said counts no more. */
void mailc_smtp_forget_offers(struct mailc_smtp *session);

/* Performs the action of a row. session->event holds the line that was read:
 * code, line_no and text. */
void mailc_smtp_perform(struct mailc_smtp *session,
                        enum mailc_smtp_action action, enum mailc_status cause);

#endif
