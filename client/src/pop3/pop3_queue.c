#include "pop3/pop3_queue.h"

#include "common/link.h"
#include "pop3/pop3_action.h"

_Static_assert((int)MAILC_POP3_EV_CMD_LANG_TO - (int)MAILC_POP3_EV_CMD_CAPA ==
                   (int)MAILC_POP3_LANG_TO - (int)MAILC_POP3_CAPA,
               "the events of commands are in the order of the commands");

static enum mailc_pop3_fsm_event event_of(unsigned command) {
  return (enum mailc_pop3_fsm_event)(MAILC_POP3_EV_CMD_CAPA + command -
                                     MAILC_POP3_CAPA);
}

/* Whether the head has made its move. */
static bool has_begun(const struct mailc_pop3 *session) {
  return session->reading != MAILC_POP3_READ_NOTHING;
}

/* The state once the server has granted what `state` waits for. */
static uint8_t state_if_granted(uint8_t state) {
  uint8_t next = mailc_pop3_next_state(state, MAILC_POP3_EV_REPLY_OK);

  if (next != MAILC_POP3_ST_ANY) {
    state = next;
  }
  next = mailc_pop3_next_state(state, MAILC_POP3_EV_TERMINATOR);
  return next != MAILC_POP3_ST_ANY ? next : state;
}

/* The state that those in the queue lead to. */
static uint8_t state_behind(const struct mailc_pop3 *session) {
  uint8_t state = session->state;
  unsigned at = 0;

  if (!MAILC_HAS(QUEUE)) {
    return state;
  }
  if (has_begun(session)) {
    state = state_if_granted(state);
    at = 1;
  }
  for (; at < session->queue_count; at++) {
    state = state_if_granted(
        mailc_pop3_next_state(state, event_of(session->queue[at].command)));
  }
  return state;
}

/* Whether nothing can be queued behind it: the TLS handshake, or the dialogue
 * of the login, has the connection for itself. */
static bool is_last(unsigned command) {
  return command == MAILC_POP3_STLS || command == MAILC_POP3_AUTH;
}

bool mailc_pop3_is_quiet(const struct mailc_pop3 *session) {
  return !session->link.has_move &&
         session->event.kind == MAILC_POP3_EVENT_NONE &&
         !session->link.is_eof && mailc_link_unread(&session->link).len == 0;
}

enum mailc_status mailc_pop3_check_command(const struct mailc_pop3 *session,
                                           enum mailc_pop3_command command) {
  unsigned count = 0;
  enum mailc_status status = mailc_pop3_status(session);

  if (status != MAILC_OK) {
    return status;
  }
  count = session->queue_count;
  if (!MAILC_HAS(QUEUE) && count != 0) {
    return MAILC_E_QUEUE_FULL;
  }
  if (mailc_pop3_next_state(state_behind(session), event_of(command)) ==
          MAILC_POP3_ST_ANY ||
      (count != 0 && is_last(session->queue[count - 1].command))) {
    return MAILC_E_STATE;
  }
  if (count == session->queue_cap) {
    return MAILC_E_QUEUE_FULL;
  }
  return count != 0 || mailc_pop3_is_quiet(session) ? MAILC_OK : MAILC_E_EVENTS;
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
    return (session->offers & MAILC_POP3_OFFER_PIPELINING) != 0;
  }
}

/* Lets the head leave, and those behind it that need not wait and that will be
 * allowed then: a refusal ahead may have made a command illegal. What was
 * released before stays so. */
static void release(struct mailc_pop3 *session) {
  const struct mailc_pop3_slot *slot = session->queue;
  uint8_t state = session->state;
  size_t out = slot->line_len;
  size_t held = 0;
  unsigned at = 1;

  for (; at < session->queue_count; at++) {
    uint8_t next = mailc_pop3_next_state(state_if_granted(state),
                                         event_of(slot[1].command));

    out += slot[1].line_len;
    if (next == MAILC_POP3_ST_ANY || out > MAILC_POP3_GROUP_MAX ||
        !may_leave_behind(session, slot->command)) {
      break;
    }
    state = next;
    slot++;
  }
  held = mailc_pop3_len_from(session, at);
  if (held < session->link.tx_held) {
    mailc_link_hold(&session->link, held);
  }
}

void mailc_pop3_enqueue(struct mailc_pop3 *session,
                        enum mailc_pop3_command command, uint32_t number,
                        size_t before) {
  size_t len = mailc_link_unsent(&session->link) - before;

  session->queue[session->queue_count++] = (struct mailc_pop3_slot){
      .command = (uint8_t)command, .number = number, .line_len = (uint8_t)len};
  if (!MAILC_HAS(QUEUE) || session->queue_count == 1) {
    mailc_pop3_step(session, event_of(command), MAILC_OK);
    return;
  }
  mailc_link_hold(&session->link, session->link.tx_held + len);
  if (has_begun(session)) {
    release(session);
  }
}

/* The keywords in the order of the commands; a shorter one ends in NUL. */
static const char keywords[][4] = {
    {"CAPA"}, {"USER"}, {"PASS"}, {"APOP"}, {"STAT"}, {"LIST"}, {"LIST"},
    {"UIDL"}, {"UIDL"}, {"RETR"}, {"TOP"},  {"DELE"}, {"NOOP"}, {"RSET"},
    {"QUIT"}, {"STLS"}, {"AUTH"}, {"UTF8"}, {"LANG"}, {"LANG"}};

_Static_assert(sizeof keywords / sizeof keywords[0] == MAILC_POP3_LANG_TO,
               "each command has its keyword");

enum mailc_status mailc_pop3_write(struct mailc_pop3 *session,
                                   enum mailc_pop3_command command,
                                   uint32_t number,
                                   const struct mailc_span *words,
                                   size_t count) {
  const char *keyword = keywords[command - 1];
  struct mailc_span parts[3];
  size_t before = mailc_link_unsent(&session->link);
  enum mailc_status status = MAILC_OK;

  parts[0].data = (const uint8_t *)keyword;
  parts[0].len = keyword[3] == '\0' ? 3 : 4;
  for (size_t i = 0; i < count; i++) {
    parts[i + 1] = words[i];
  }
  status = mailc_link_write_line(&session->link, parts, count + 1,
                                 MAILC_POP3_COMMAND_MAX);
  if (status == MAILC_OK) {
    mailc_pop3_enqueue(session, command, number, before);
  }
  return status;
}

/* Takes a command out that was not sent and that the state no longer allows. */
static void drop_head(struct mailc_pop3 *session) {
  const struct mailc_pop3_slot *head = &session->queue[0];

  session->event = (struct mailc_pop3_event){
      .kind = MAILC_POP3_EVENT_REPLY,
      .command = (enum mailc_pop3_command)head->command,
      .status = MAILC_E_DROPPED};
  mailc_link_hold(&session->link, mailc_pop3_len_from(session, 1));
  mailc_link_drop(&session->link, head->line_len);
  mailc_pop3_dequeue(session);
}

bool mailc_pop3_begin_head(struct mailc_pop3 *session) {
  unsigned command = session->queue[0].command;
  bool is_unsent =
      mailc_link_unsent(&session->link) == mailc_pop3_len_from(session, 0);

  if (is_unsent && mailc_link_unread(&session->link).len != 0) {
    mailc_pop3_step(session, MAILC_POP3_EV_BAD_REPLY, MAILC_E_SURPLUS);
  } else if (!mailc_pop3_can(session, event_of(command))) {
    drop_head(session);
  } else if (is_unsent && session->link.is_eof) {
    return false;
  } else {
    mailc_pop3_step(session, event_of(command), MAILC_OK);
    release(session);
  }
  return true;
}
