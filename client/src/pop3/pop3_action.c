#include "pop3/pop3_action.h"

#include "common/link.h"
#include "pop3/pop3_code.h"
#include "pop3/pop3_line.h"
#include "pop3/pop3_slots.h"
#include "sasl/sasl.h"

#include <string.h>

/* The server owes an answer from now on. */
static void await(struct mailc_pop3 *session, enum mailc_pop3_reading reading) {
  session->reading = (uint8_t)reading;
  mailc_link_start_timer(&session->link);
}

static void report(struct mailc_pop3 *session, enum mailc_pop3_event_kind kind,
                   enum mailc_status status) {
  session->event.kind = kind;
  session->event.command = (enum mailc_pop3_command)session->queue->command;
  session->event.status = status;
}

/* The last event of a command. */
static void finish(struct mailc_pop3 *session, enum mailc_pop3_event_kind kind,
                   enum mailc_status status) {
  report(session, kind, status);
  mailc_pop3_dequeue(session);
}

static void greet(struct mailc_pop3 *session) {
  struct mailc_span timestamp = mailc_pop3_timestamp(session->event.text);

  session->event.value = timestamp;
  if (timestamp.len != 0 && timestamp.len <= session->timestamp_cap) {
    memcpy(session->timestamp, timestamp.data, timestamp.len);
    session->timestamp_len = (uint16_t)timestamp.len;
  }
  finish(session, MAILC_POP3_EVENT_GREETING, MAILC_OK);
}

/* An answer to CAPA begins: what the last one said no longer counts. */
static void forget_offers(struct mailc_pop3 *session) {
  session->offers = MAILC_POP3_CAPA_ANSWERED;
  session->mechs = 0;
}

static void refuse(struct mailc_pop3 *session, enum mailc_pop3_action action) {
  bool is_login = action != MAILC_POP3_DO_REFUSE;

  if (action == MAILC_POP3_DO_REFUSE_APOP) {
    session->has_refused_apop = true;
  }
  if (session->queue->command == MAILC_POP3_CAPA) {
    forget_offers(session);
  }
  finish(session, MAILC_POP3_EVENT_REPLY,
         mailc_pop3_refusal(session, session->event.text, is_login));
}

static void begin(struct mailc_pop3 *session, enum mailc_pop3_reading reading) {
  if (session->queue->command == MAILC_POP3_CAPA) {
    forget_offers(session);
  }
  report(session, MAILC_POP3_EVENT_REPLY, MAILC_OK);
  session->event.has_more = true;
  session->place = MAILC_POP3_AT_START;
  session->reading = (uint8_t)reading;
}

static void await_tls(struct mailc_pop3 *session) {
  begin(session, MAILC_POP3_READ_TLS);
  mailc_link_want_tls(&session->link);
}

/* Nothing that was learned without TLS counts any more. */
static void begin_anew(struct mailc_pop3 *session) {
  session->offers = 0;
  session->mechs = 0;
  session->timestamp_len = 0;
  finish(session, MAILC_POP3_EVENT_END, MAILC_OK);
}

static void take_challenge(struct mailc_pop3 *session) {
  session->reading = MAILC_POP3_READ_CHALLENGE;
  mailc_link_stop_timer(&session->link);
}

static void fail(struct mailc_pop3 *session, enum mailc_status cause) {
  session->link.status = cause;
  session->event = (struct mailc_pop3_event){.kind = MAILC_POP3_EVENT_NONE};
  if (session->queue_count != 0) {
    mailc_sasl_end(&session->queue[0].sasl);
  }
  session->queue_count = 0;
  session->reading = MAILC_POP3_READ_NOTHING;
  mailc_link_tx_lost(&session->link);
  mailc_link_stop_timer(&session->link);
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
    finish(session, MAILC_POP3_EVENT_GREETING,
           mailc_pop3_refusal(session, session->event.text, false));
    break;
  case MAILC_POP3_DO_ANSWER:
    finish(session, MAILC_POP3_EVENT_REPLY, MAILC_OK);
    break;
  case MAILC_POP3_DO_REFUSE:
  case MAILC_POP3_DO_REFUSE_LOGIN:
  case MAILC_POP3_DO_REFUSE_APOP:
    refuse(session, action);
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
  case MAILC_POP3_DO_AWAIT_TLS:
    if (MAILC_HAS(TLS)) {
      await_tls(session);
    }
    break;
  case MAILC_POP3_DO_BEGIN_ANEW:
    if (MAILC_HAS(TLS)) {
      begin_anew(session);
    }
    break;
  case MAILC_POP3_DO_TAKE_CHALLENGE:
    take_challenge(session);
    break;
  case MAILC_POP3_DO_END_CANCELLED:
    finish(session, MAILC_POP3_EVENT_REPLY, session->queue->cause);
    break;
  case MAILC_POP3_DO_FAIL:
    fail(session, cause);
    break;
  }
}
