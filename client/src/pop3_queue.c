#include "pop3_queue.h"

#include "link.h"
#include "pop3_action.h"
#include "sasl.h"

#include <string.h>

_Static_assert((int)MAILC_POP3_EV_CMD_LANG_TO - (int)MAILC_POP3_EV_CMD_CAPA ==
                   (int)MAILC_POP3_LANG_TO - (int)MAILC_POP3_CAPA,
               "the events of commands are in the order of the commands");

static enum mailc_pop3_fsm_event event_of(unsigned command) {
  return (enum mailc_pop3_fsm_event)(MAILC_POP3_EV_CMD_CAPA + command -
                                     MAILC_POP3_CAPA);
}

const struct mailc_pop3_slot *
mailc_pop3_head(const struct mailc_pop3 *session) {
  static const struct mailc_pop3_slot greeting = {.command =
                                                      MAILC_POP3_NO_COMMAND};

  return session->queue_count == 0 ? &greeting : &session->queue[0];
}

/* Whether the head has made its move. */
static bool has_begun(const struct mailc_pop3 *session) {
  return session->reading != MAILC_POP3_READ_NOTHING;
}

/* The state once the server has granted what `state` waits for. */
static uint8_t settle(uint8_t state) {
  uint8_t next = mailc_pop3_next_state(state, MAILC_POP3_EV_REPLY_OK);

  if (next != MAILC_POP3_ST_ANY) {
    state = next;
  }
  next = mailc_pop3_next_state(state, MAILC_POP3_EV_TERMINATOR);
  return next != MAILC_POP3_ST_ANY ? next : state;
}

/* Whether the command is a move from where those in the queue lead to. */
static bool can_follow(const struct mailc_pop3 *session, unsigned command) {
  uint8_t state = session->state;

  if (session->queue_count == 0) {
    return mailc_pop3_next_state(state, event_of(command)) != MAILC_POP3_ST_ANY;
  }
  if (has_begun(session)) {
    state = settle(state);
  }
  for (unsigned i = has_begun(session) ? 1 : 0; i < session->queue_count; i++) {
    state = settle(
        mailc_pop3_next_state(state, event_of(session->queue[i].command)));
  }
  return mailc_pop3_next_state(state, event_of(command)) != MAILC_POP3_ST_ANY;
}

/* Whether nothing can be queued behind it: the TLS handshake, or the dialogue
 * of the login, has the connection for itself. */
static bool is_last(unsigned command) {
  return command == MAILC_POP3_STLS || command == MAILC_POP3_AUTH;
}

enum mailc_status mailc_pop3_may(const struct mailc_pop3 *session,
                                 enum mailc_pop3_command command) {
  if (session == NULL) {
    return MAILC_E_ARGUMENT;
  }
  if (session->link.status != MAILC_OK) {
    return session->link.status;
  }
  if (!can_follow(session, command) ||
      (session->queue_count != 0 &&
       is_last(session->queue[session->queue_count - 1].command))) {
    return MAILC_E_STATE;
  }
  if (session->queue_count == session->queue_cap) {
    return MAILC_E_QUEUE_FULL;
  }
  if (session->queue_count == 0 &&
      (session->link.has_move || session->event.kind != MAILC_POP3_EVENT_NONE ||
       session->link.is_eof || mailc_link_rest(&session->link).len != 0)) {
    return MAILC_E_EVENTS;
  }
  return MAILC_OK;
}

/* Whether a command may leave before the one ahead of it is answered: not where
 * that one decides what the state will be (RFC 2449 section 6.6). */
static bool may_leave_behind(const struct mailc_pop3 *session,
                             unsigned command) {
  switch (command) {
  case MAILC_POP3_USER:
  case MAILC_POP3_PASS:
  case MAILC_POP3_APOP:
  case MAILC_POP3_AUTH:
  case MAILC_POP3_STLS:
  case MAILC_POP3_QUIT:
    return false;
  default:
    return (session->offers & MAILC_POP3_OFFERS_PIPELINING) != 0;
  }
}

/* Lets the head leave, and those behind it that need not wait and that will be
 * allowed then: a command may have lost its ground. What was let go before
 * stays so. */
static void let_go(struct mailc_pop3 *session) {
  uint8_t state = settle(session->state);
  size_t out = session->queue[0].line_len;
  size_t held = 0;
  bool goes = true;

  for (unsigned i = 1; i < session->queue_count; i++) {
    const struct mailc_pop3_slot *slot = &session->queue[i];
    uint8_t next = mailc_pop3_next_state(state, event_of(slot->command));

    goes = goes && next != MAILC_POP3_ST_ANY &&
           may_leave_behind(session, session->queue[i - 1].command) &&
           out + slot->line_len <= MAILC_POP3_GROUP_MAX;
    if (goes) {
      out += slot->line_len;
      state = settle(next);
    } else {
      held += slot->line_len;
    }
  }
  if (held < session->link.tx_held) {
    mailc_link_hold(&session->link, held);
  }
}

void mailc_pop3_enqueue(struct mailc_pop3 *session,
                        const struct mailc_pop3_slot *slot) {
  session->queue[session->queue_count++] = *slot;
  if (session->queue_count == 1) {
    mailc_pop3_step(session, event_of(slot->command), MAILC_OK);
    return;
  }
  mailc_link_hold(&session->link, session->link.tx_held + slot->line_len);
  if (has_begun(session)) {
    let_go(session);
  }
}

/* The octets of a line with its CRLF. */
static size_t line_len(const struct mailc_pop3_line *line) {
  size_t len = 2;

  for (size_t i = 0; i < line->part_count; i++) {
    len += line->parts[i].len;
  }
  return len;
}

enum mailc_status mailc_pop3_put(struct mailc_pop3 *session,
                                 const struct mailc_pop3_line *line) {
  size_t before = mailc_link_unsent(&session->link);
  struct mailc_pop3_slot slot = {.command = (uint8_t)line->command,
                                 .number = line->number};
  enum mailc_status status = mailc_link_put_line(
      &session->link, line->parts, line->part_count, MAILC_POP3_COMMAND_MAX);

  if (status == MAILC_E_TOO_LONG && line_len(line) <= MAILC_POP3_COMMAND_MAX) {
    return MAILC_E_QUEUE_FULL;
  }
  if (status != MAILC_OK) {
    return status;
  }
  slot.line_len = (uint8_t)(mailc_link_unsent(&session->link) - before);
  mailc_pop3_enqueue(session, &slot);
  return MAILC_OK;
}

/* Octets of the lines behind the head. */
static size_t len_behind_head(const struct mailc_pop3 *session) {
  size_t len = 0;

  for (unsigned i = 1; i < session->queue_count; i++) {
    len += session->queue[i].line_len;
  }
  return len;
}

bool mailc_pop3_has_asked(const struct mailc_pop3 *session) {
  return mailc_link_unsent(&session->link) <= len_behind_head(session);
}

void mailc_pop3_pop(struct mailc_pop3 *session) {
  if (session->queue_count != 0) {
    mailc_sasl_end(&session->queue[0].sasl);
    session->queue_count--;
    memmove(&session->queue[0], &session->queue[1],
            session->queue_count * sizeof session->queue[0]);
  }
  session->reading = MAILC_POP3_READ_NOTHING;
  mailc_link_relax(&session->link);
}

/* Takes a command out that was not sent and that the state no longer allows. */
static void drop_head(struct mailc_pop3 *session) {
  const struct mailc_pop3_slot *head = &session->queue[0];

  session->event = (struct mailc_pop3_event){
      .kind = MAILC_POP3_EVENT_REPLY,
      .command = (enum mailc_pop3_command)head->command,
      .status = MAILC_E_DROPPED};
  mailc_link_hold(&session->link, len_behind_head(session));
  mailc_link_drop(&session->link, head->line_len);
  mailc_pop3_pop(session);
}

bool mailc_pop3_begin_head(struct mailc_pop3 *session) {
  unsigned command = session->queue[0].command;
  bool is_unsent = mailc_link_unsent(&session->link) ==
                   session->queue[0].line_len + len_behind_head(session);

  if (is_unsent && mailc_link_rest(&session->link).len != 0) {
    mailc_pop3_step(session, MAILC_POP3_EV_BAD_REPLY, MAILC_E_SURPLUS);
  } else if (!mailc_pop3_can(session, event_of(command))) {
    drop_head(session);
  } else if (is_unsent && session->link.is_eof) {
    return false;
  } else {
    mailc_pop3_step(session, event_of(command), MAILC_OK);
    let_go(session);
  }
  return true;
}
