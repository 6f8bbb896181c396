#include "pop3_action.h"

#include "link.h"
#include "pop3_line.h"

#include <string.h>

static const struct mailc_pop3_slot no_slot = {MAILC_POP3_NO_COMMAND, 0};

const struct mailc_pop3_slot *
mailc_pop3_head(const struct mailc_pop3 *session) {
  return session->queue_count == 0 ? &no_slot : &session->queue[0];
}

/* The server owes an answer from now on. */
static void await(struct mailc_pop3 *session, enum mailc_pop3_reading reading) {
  session->reading = (uint8_t)reading;
  mailc_link_expect(&session->link);
}

static void pop_head(struct mailc_pop3 *session) {
  if (session->queue_count != 0) {
    session->queue_count--;
    memmove(&session->queue[0], &session->queue[1],
            session->queue_count * sizeof session->queue[0]);
  }
  session->reading = MAILC_POP3_READ_NOTHING;
  mailc_link_relax(&session->link);
}

static void report(struct mailc_pop3 *session, enum mailc_pop3_event_kind kind,
                   enum mailc_status status) {
  session->event.kind = kind;
  session->event.command =
      (enum mailc_pop3_command)mailc_pop3_head(session)->command;
  session->event.status = status;
}

/* The last event of a command. */
static void finish(struct mailc_pop3 *session, enum mailc_pop3_event_kind kind,
                   enum mailc_status status) {
  report(session, kind, status);
  pop_head(session);
}

static void greet(struct mailc_pop3 *session) {
  struct mailc_span timestamp = mailc_pop3_timestamp(session->event.text);

  session->event.value = timestamp;
  if (timestamp.len != 0 && timestamp.len <= session->timestamp.cap &&
      timestamp.len <= UINT16_MAX) {
    memcpy(session->timestamp.data, timestamp.data, timestamp.len);
    session->timestamp_len = (uint16_t)timestamp.len;
  }
  finish(session, MAILC_POP3_EVENT_GREETING, MAILC_OK);
}

static void begin(struct mailc_pop3 *session, enum mailc_pop3_reading reading) {
  report(session, MAILC_POP3_EVENT_REPLY, MAILC_OK);
  session->event.has_more = true;
  session->place = MAILC_POP3_AT_START;
  session->reading = (uint8_t)reading;
}

static void fail(struct mailc_pop3 *session, enum mailc_status cause) {
  session->link.status = cause;
  session->event = (struct mailc_pop3_event){.kind = MAILC_POP3_EVENT_NONE};
  session->queue_count = 0;
  session->reading = MAILC_POP3_READ_NOTHING;
  mailc_link_tx_lost(&session->link);
  mailc_link_relax(&session->link);
}

void mailc_pop3_perform(struct mailc_pop3 *session,
                        enum mailc_pop3_action action,
                        enum mailc_status cause) {
  switch (action) {
  case MAILC_POP3_DO_AWAIT_GREETING:
  case MAILC_POP3_DO_SEND:
    await(session, MAILC_POP3_READ_REPLY);
    break;
  case MAILC_POP3_DO_GREET:
    greet(session);
    break;
  case MAILC_POP3_DO_GREET_REFUSED:
    finish(session, MAILC_POP3_EVENT_GREETING, MAILC_E_REFUSED);
    break;
  case MAILC_POP3_DO_ANSWER:
    finish(session, MAILC_POP3_EVENT_REPLY, MAILC_OK);
    break;
  case MAILC_POP3_DO_REFUSE:
    finish(session, MAILC_POP3_EVENT_REPLY, MAILC_E_REFUSED);
    break;
  case MAILC_POP3_DO_REFUSE_APOP:
    session->has_refused_apop = true;
    finish(session, MAILC_POP3_EVENT_REPLY, MAILC_E_AUTH);
    break;
  case MAILC_POP3_DO_REFUSE_LOGIN:
    finish(session, MAILC_POP3_EVENT_REPLY, MAILC_E_AUTH);
    break;
  case MAILC_POP3_DO_BEGIN_LINES:
    begin(session, MAILC_POP3_READ_LINES);
    break;
  case MAILC_POP3_DO_BEGIN_DATA:
    begin(session, MAILC_POP3_READ_DATA);
    break;
  case MAILC_POP3_DO_END_LINES:
    finish(session, MAILC_POP3_EVENT_END, MAILC_OK);
    break;
  case MAILC_POP3_DO_FAIL:
    fail(session, cause);
    break;
  }
}
