#include "smtp/smtp_queue.h"

#include "common/link.h"
#include "common/text.h"
#include "smtp/smtp_action.h"

#include <string.h>

_Static_assert((int)MAILC_SMTP_EV_CMD_QUIT - (int)MAILC_SMTP_EV_CMD_EHLO ==
                   (int)MAILC_SMTP_QUIT - (int)MAILC_SMTP_EHLO,
               "the events of commands are in the order of the commands");

static enum mailc_smtp_fsm_event event_of(const struct mailc_smtp *session,
                                          unsigned command) {
  if (command == MAILC_SMTP_MESSAGE && mailc_smtp_is_lmtp(session)) {
    return MAILC_SMTP_EV_CMD_BDAT_LAST_EACH;
  }
  return (enum mailc_smtp_fsm_event)(MAILC_SMTP_EV_CMD_EHLO + command -
                                     MAILC_SMTP_EHLO);
}

enum mailc_status mailc_smtp_check_idle(const struct mailc_smtp *session) {
  size_t unsent = 0;

  (void)mailc_link_tx_buf(&session->link, &unsent);
  if (mailc_smtp_has_event(session) || session->link.is_eof ||
      session->next_step != MAILC_SMTP_STEP_NONE || unsent != 0 ||
      mailc_link_unread(&session->link).len != 0) {
    return MAILC_E_EVENTS;
  }
  return MAILC_OK;
}

/* Whether the command is a move from where those in the queue lead to. Others
 * follow MAIL and RCPT alone. */
static bool can_follow(const struct mailc_smtp *session, unsigned command) {
  enum mailc_smtp_state state = (enum mailc_smtp_state)session->state;

  if (MAILC_HAS(QUEUE) && session->queue_count != 0) {
    switch (session->queue[session->queue_count - 1u].command) {
    case MAILC_SMTP_MAIL:
      state = MAILC_SMTP_ST_MAIL;
      break;
    case MAILC_SMTP_RCPT:
      state = MAILC_SMTP_ST_RCPT;
      break;
    default:
      return false;
    }
  }
  return mailc_smtp_may_begin(state, event_of(session, command));
}

enum mailc_status mailc_smtp_check_command(const struct mailc_smtp *session,
                                           enum mailc_smtp_command command) {
  if (session == NULL) {
    return MAILC_E_ARGUMENT;
  }
  if (session->link.status != MAILC_OK) {
    return session->link.status;
  }
  if (!MAILC_HAS(QUEUE) && session->queue_count != 0) {
    return MAILC_E_QUEUE_FULL;
  }
  if (!can_follow(session, command)) {
    return MAILC_E_STATE;
  }
  if (MAILC_HAS(QUEUE) && session->queue_count == session->queue_cap) {
    return MAILC_E_QUEUE_FULL;
  }
  return session->queue_count != 0 ? MAILC_OK : mailc_smtp_check_idle(session);
}

/* Lets the head leave, and those behind it that need not wait: as a group that
 * is bounded, behind MAIL and RCPT alone (RFC 2920 section 3.1). What was
 * released before stays so. */
static void release(struct mailc_smtp *session) {
  bool is_pipelining = (session->offers & MAILC_SMTP_OFFER_PIPELINING) != 0;
  size_t out = 0;
  size_t held = 0;
  bool goes = true;

  for (unsigned i = 0; i < session->queue_count; i++) {
    size_t len = session->queue[i].line_len;

    goes = goes &&
           (i == 0 || (is_pipelining && out + len <= MAILC_SMTP_GROUP_MAX));
    if (goes) {
      out += len;
    } else {
      held += len;
    }
  }
  if (held < session->link.tx_held) {
    mailc_link_hold(&session->link, held);
  }
}

void mailc_smtp_enqueue(struct mailc_smtp *session,
                        enum mailc_smtp_command command, size_t line_len) {
  mailc_smtp_push(session, command, line_len);
  if (!MAILC_HAS(QUEUE) || session->queue_count == 1) {
    session->has_begun = true;
    mailc_smtp_step(session, event_of(session, command), MAILC_OK);
    return;
  }
  mailc_link_hold(&session->link, session->link.tx_held + line_len);
  if (session->has_begun) {
    release(session);
  }
}

void mailc_smtp_end_message(struct mailc_smtp *session) {
  mailc_smtp_push(session, MAILC_SMTP_MESSAGE, 0);
  session->has_begun = true;
  mailc_smtp_step(session,
                  mailc_smtp_is_lmtp(session) ? MAILC_SMTP_EV_END_OF_DATA_EACH
                                              : MAILC_SMTP_EV_END_OF_DATA,
                  MAILC_OK);
}

enum mailc_status mailc_smtp_write(struct mailc_smtp *session,
                                   enum mailc_smtp_command command,
                                   struct mailc_span *parts, size_t count,
                                   size_t max) {
  /* In the order of enum mailc_smtp_command. */
  static const char verbs[] =
      "EHLO\0HELO\0LHLO\0STARTTLS\0AUTH\0MAIL FROM:<\0RCPT TO:<\0"
      "DATA\0BDAT\0BDAT\0RSET\0NOOP\0VRFY\0EXPN\0HELP\0QUIT\0";
  const char *verb = mailc_names_at(verbs, (size_t)command - 1, "");
  size_t before = mailc_link_unsent(&session->link);
  enum mailc_status status = MAILC_OK;

  parts[0] = (struct mailc_span){(const uint8_t *)verb, strlen(verb)};
  status = mailc_link_write_line(&session->link, parts, count, max);
  if (status == MAILC_OK) {
    mailc_smtp_enqueue(session, command,
                       mailc_link_unsent(&session->link) - before);
  }
  return status;
}

enum mailc_status mailc_smtp_write_word(struct mailc_smtp *session,
                                        enum mailc_smtp_command command,
                                        struct mailc_span word) {
  struct mailc_span parts[] = {word, word};

  return mailc_smtp_write(session, command, parts, word.len != 0 ? 2 : 1,
                          MAILC_SMTP_COMMAND_MAX);
}

/* Takes a command out that was not sent and that the state does not allow. */
static void drop_head(struct mailc_smtp *session) {
  session->event =
      (struct mailc_smtp_event){.kind = MAILC_SMTP_EVENT_REPLY,
                                .command = mailc_smtp_head(session),
                                .status = MAILC_E_DROPPED};
  mailc_link_hold(&session->link, mailc_smtp_len_behind_head(session));
  mailc_link_drop(&session->link, session->queue->line_len);
  mailc_smtp_dequeue(session);
}

bool mailc_smtp_begin_head(struct mailc_smtp *session) {
  enum mailc_smtp_fsm_event event = event_of(session, mailc_smtp_head(session));
  bool is_unsent =
      mailc_link_unsent(&session->link) ==
      session->queue->line_len + mailc_smtp_len_behind_head(session);

  if (is_unsent && mailc_link_unread(&session->link).len != 0) {
    return false;
  }
  if (is_unsent &&
      !mailc_smtp_may_begin((enum mailc_smtp_state)session->state, event)) {
    drop_head(session);
    return true;
  }
  if (is_unsent && session->link.is_eof) {
    return false;
  }
  session->has_begun = true;
  mailc_smtp_step(session, event, MAILC_OK);
  release(session);
  return true;
}
