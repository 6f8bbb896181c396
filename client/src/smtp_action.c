#include "smtp_action.h"

#include "link.h"
#include "sasl.h"

#include <string.h>

enum mailc_smtp_command mailc_smtp_head(const struct mailc_smtp *session) {
  return session->queue_count == 0 ? MAILC_SMTP_NO_COMMAND
                                   : (enum mailc_smtp_command)session->queue[0];
}

bool mailc_smtp_is_over(const struct mailc_smtp *session) {
  return session->state == MAILC_SMTP_ST_CLOSED ||
         session->state == MAILC_SMTP_ST_FAILED;
}

bool mailc_smtp_has_event(const struct mailc_smtp *session) {
  return session->link.has_move || session->event.kind != MAILC_SMTP_EVENT_NONE;
}

/* The server owes an answer from now on. */
static void await(struct mailc_smtp *session, uint32_t timeout_ms) {
  session->link.timeout_ms = timeout_ms;
  session->is_awaiting = true;
  mailc_link_expect(&session->link);
}

/* The server has answered. */
static void relax(struct mailc_smtp *session) {
  session->is_awaiting = false;
  mailc_link_relax(&session->link);
}

static void pop_head(struct mailc_smtp *session) {
  if (session->queue_count != 0) {
    session->queue_count--;
    memmove(&session->queue[0], &session->queue[1], session->queue_count);
  }
}

/* The last event of a command. */
static void finish(struct mailc_smtp *session, enum mailc_status status) {
  bool is_greeting = session->is_awaiting && session->queue_count == 0;

  session->event.kind =
      is_greeting ? MAILC_SMTP_EVENT_GREETING : MAILC_SMTP_EVENT_REPLY;
  session->event.command = mailc_smtp_head(session);
  session->event.status = status;
  pop_head(session);
  relax(session);
}

/* How a refusal is told: 4yz is one for now (RFC 5321 section 4.2.1). */
static enum mailc_status refusal(const struct mailc_smtp *session) {
  return session->event.code < 500 ? MAILC_E_REFUSED_NOW : MAILC_E_REFUSED;
}

/* The library answers the challenge, or the caller does. */
static void take_challenge(struct mailc_smtp *session) {
  relax(session);
  session->next_step = MAILC_SMTP_STEP_CHALLENGE;
}

static void end_login(struct mailc_smtp *session, enum mailc_status status) {
  session->is_logged_in = status == MAILC_OK;
  mailc_sasl_end(&session->sasl);
  finish(session, status);
}

static void end_message(struct mailc_smtp *session) {
  session->delivery = MAILC_DELIVERY_UNKNOWN;
  await(session, session->delivery_timeout_ms);
}

static void end_delivery(struct mailc_smtp *session,
                         enum mailc_delivery delivery,
                         enum mailc_status status) {
  session->delivery = (uint8_t)delivery;
  finish(session, status);
}

/* Nothing leaves any more. A message whose end is not out is not sent. */
static void stop(struct mailc_smtp *session) {
  size_t unsent = 0;

  (void)mailc_link_tx_buf(&session->link, &unsent);
  if ((unsent != 0 || session->link.is_tx_lost) &&
      session->delivery == MAILC_DELIVERY_UNKNOWN) {
    session->delivery = MAILC_DELIVERY_NOT_SENT;
  }
  session->span = (struct mailc_span){NULL, 0};
  mailc_sasl_end(&session->sasl);
  session->next_step = MAILC_SMTP_STEP_NONE;
  mailc_link_tx_lost(&session->link);
}

/* RFC 5321 section 3.8. A message that this answers is refused. */
static void shut_down(struct mailc_smtp *session) {
  if (mailc_smtp_head(session) == MAILC_SMTP_MESSAGE) {
    session->delivery = MAILC_DELIVERY_NOT_SENT;
  }
  finish(session, MAILC_E_REFUSED_NOW);
  stop(session);
}

static void fail(struct mailc_smtp *session, enum mailc_status cause) {
  bool is_message = mailc_smtp_head(session) == MAILC_SMTP_MESSAGE;

  stop(session);
  relax(session);
  session->queue_count = 0;
  session->event = (struct mailc_smtp_event){.kind = MAILC_SMTP_EVENT_NONE};
  session->link.status = cause;
  if (is_message && cause == MAILC_E_CLOSED &&
      session->delivery == MAILC_DELIVERY_UNKNOWN) {
    session->link.status = MAILC_E_DELIVERY_UNKNOWN;
  }
}

void mailc_smtp_perform(struct mailc_smtp *session,
                        enum mailc_smtp_action action,
                        enum mailc_status cause) {
  switch (action) {
  case MAILC_SMTP_DO_AWAIT:
    await(session, session->timeout_ms);
    break;
  case MAILC_SMTP_DO_ANSWER:
    finish(session, MAILC_OK);
    break;
  case MAILC_SMTP_DO_REFUSE:
    finish(session, refusal(session));
    break;
  case MAILC_SMTP_DO_FALL_BACK:
    relax(session);
    pop_head(session);
    session->next_step = MAILC_SMTP_STEP_HELO;
    break;
  case MAILC_SMTP_DO_LOG_IN:
    end_login(session, MAILC_OK);
    break;
  case MAILC_SMTP_DO_TAKE_CHALLENGE:
    take_challenge(session);
    break;
  case MAILC_SMTP_DO_REFUSE_LOGIN:
    end_login(session, MAILC_E_AUTH);
    break;
  case MAILC_SMTP_DO_END_LOGIN:
    end_login(session, session->cancel_status);
    break;
  case MAILC_SMTP_DO_BEGIN_MESSAGE:
    session->delivery = MAILC_DELIVERY_NOT_SENT;
    finish(session, MAILC_OK);
    break;
  case MAILC_SMTP_DO_END_MESSAGE:
    end_message(session);
    break;
  case MAILC_SMTP_DO_GIVE_UP:
    stop(session);
    relax(session);
    break;
  case MAILC_SMTP_DO_DELIVER:
    end_delivery(session, MAILC_DELIVERY_SENT, MAILC_OK);
    break;
  case MAILC_SMTP_DO_REFUSE_MESSAGE:
    end_delivery(session, MAILC_DELIVERY_NOT_SENT, refusal(session));
    break;
  case MAILC_SMTP_DO_SHUT_DOWN:
    shut_down(session);
    break;
  case MAILC_SMTP_DO_FAIL:
    fail(session, cause);
    break;
  }
}
