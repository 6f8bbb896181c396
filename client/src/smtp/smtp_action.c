#include "smtp/smtp_action.h"

#include "common/link.h"
#include "sasl/sasl.h"
#include "smtp/smtp_slots.h"

bool mailc_smtp_is_over(const struct mailc_smtp *session) {
  return session->state >= MAILC_SMTP_ST_CLOSED;
}

bool mailc_smtp_has_event(const struct mailc_smtp *session) {
  return session->link.has_move || session->event.kind != MAILC_SMTP_EVENT_NONE;
}

/* The server owes an answer from now on. */
static void await(struct mailc_smtp *session, uint32_t timeout_ms) {
  session->link.timeout_ms = timeout_ms;
  session->is_awaiting = true;
  mailc_link_start_timer(&session->link);
}

/* The server has answered. */
static void stop_waiting(struct mailc_smtp *session) {
  session->is_awaiting = false;
  mailc_link_stop_timer(&session->link);
}

/* The last event of a command, or of one of the answers to it. */
static void report(struct mailc_smtp *session, enum mailc_status status) {
  bool is_greeting = session->is_awaiting && session->queue_count == 0;

  session->event.kind =
      is_greeting ? MAILC_SMTP_EVENT_GREETING : MAILC_SMTP_EVENT_REPLY;
  session->event.command = mailc_smtp_head(session);
  session->event.status = status;
}

static void finish(struct mailc_smtp *session, enum mailc_status status) {
  report(session, status);
  if (session->event.command == MAILC_SMTP_RCPT && status == MAILC_OK) {
    session->rcpt_count++;
  }
  mailc_smtp_dequeue(session);
  stop_waiting(session);
}

/* The status of a refusal: 4yz is one for now (RFC 5321 section 4.2.1). */
static enum mailc_status refusal(const struct mailc_smtp *session) {
  return session->event.code < 500 ? MAILC_E_REFUSED_NOW : MAILC_E_REFUSED;
}

/* The status that a command ends with by this action. */
static enum mailc_status result_of(const struct mailc_smtp *session,
                                   enum mailc_smtp_action action) {
  if (action == MAILC_SMTP_DO_REFUSE || action == MAILC_SMTP_DO_REFUSE_ONE ||
      action == MAILC_SMTP_DO_REFUSE_MESSAGE) {
    return refusal(session);
  }
  if (action == MAILC_SMTP_DO_REFUSE_LOGIN) {
    return MAILC_E_AUTH;
  }
  if (action == MAILC_SMTP_DO_END_LOGIN) {
    return (enum mailc_status)session->cancel_status;
  }
  return action == MAILC_SMTP_DO_DROP ? MAILC_E_DROPPED : MAILC_OK;
}

/* The library answers the challenge, or the caller does. */
static void take_challenge(struct mailc_smtp *session) {
  stop_waiting(session);
  session->next_step = MAILC_SMTP_STEP_CHALLENGE;
}

static void end_login(struct mailc_smtp *session, enum mailc_status status) {
  session->is_logged_in = status == MAILC_OK;
  mailc_sasl_end(&session->sasl);
  finish(session, status);
}

static void end_message(struct mailc_smtp *session) {
  session->delivery = MAILC_DELIVERY_UNKNOWN;
  session->is_taken = false;
  await(session, session->delivery_timeout_ms);
}

/* How long the answer to a command or to a message may take. */
static uint32_t timeout_of(const struct mailc_smtp *session,
                           enum mailc_smtp_action action) {
  enum mailc_smtp_command head = mailc_smtp_head(session);

  if (action == MAILC_SMTP_DO_AWAIT_DELIVERY) {
    return session->delivery_timeout_ms;
  }
  if (head == MAILC_SMTP_DATA) {
    return session->data_timeout_ms;
  }
  return head == MAILC_SMTP_BDAT ? session->block_timeout_ms
                                 : session->timeout_ms;
}

/* The handshake is the owner's to make; the reply waits until it is done. */
static void await_tls(struct mailc_smtp *session) {
  if (MAILC_HAS(TLS)) {
    stop_waiting(session);
    mailc_link_want_tls(&session->link);
  }
}

void mailc_smtp_forget_offers(struct mailc_smtp *session) {
  session->offers = 0;
  session->mechs = 0;
  session->size_max = 0;
}

/* Nothing that was learned without TLS is used with it (RFC 3207 section 4.2).
 */
static void begin_anew(struct mailc_smtp *session) {
  if (!MAILC_HAS(TLS)) {
    return;
  }
  mailc_smtp_forget_offers(session);
  session->is_logged_in = false;
  session->event =
      (struct mailc_smtp_event){.code = session->code, .line_no = 1};
  finish(session, MAILC_OK);
}

/* One of LMTP's recipients is answered (RFC 2033 section 4.2). */
static void answer_one(struct mailc_smtp *session, enum mailc_status status) {
  if (!MAILC_HAS(LMTP)) {
    return;
  }
  session->is_taken = session->is_taken || status == MAILC_OK;
  report(session, status);
  await(session, session->delivery_timeout_ms);
  if (--session->rcpt_count == 0) {
    session->delivery =
        session->is_taken ? MAILC_DELIVERY_SENT : MAILC_DELIVERY_NOT_SENT;
    session->next_step = MAILC_SMTP_STEP_END_DELIVERIES;
  }
}

static void end_deliveries(struct mailc_smtp *session) {
  if (MAILC_HAS(LMTP)) {
    mailc_smtp_dequeue(session);
    stop_waiting(session);
  }
}

/* A message begins, was taken or was refused. */
static void note_delivery(struct mailc_smtp *session,
                          enum mailc_smtp_action action) {
  session->delivery = action == MAILC_SMTP_DO_DELIVER ? MAILC_DELIVERY_SENT
                                                      : MAILC_DELIVERY_NOT_SENT;
  finish(session, result_of(session, action));
}

static void fall_back(struct mailc_smtp *session) {
  stop_waiting(session);
  mailc_smtp_dequeue(session);
  session->next_step = MAILC_SMTP_STEP_HELO;
}

/* DATA was accepted after all ahead of it was refused. */
static void end_at_once(struct mailc_smtp *session) {
  if (MAILC_HAS(QUEUE)) {
    stop_waiting(session);
    session->next_step = MAILC_SMTP_STEP_LONE_DOT;
  }
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
  session->queue_count = 0;
  stop(session);
}

static void fail(struct mailc_smtp *session, enum mailc_status cause) {
  bool is_message = mailc_smtp_head(session) == MAILC_SMTP_MESSAGE;

  stop(session);
  stop_waiting(session);
  session->queue_count = 0;
  session->has_begun = false;
  session->event = (struct mailc_smtp_event){.kind = MAILC_SMTP_EVENT_NONE};
  session->link.status = cause;
  if (is_message && cause == MAILC_E_CLOSED &&
      session->delivery == MAILC_DELIVERY_UNKNOWN) {
    session->link.status = MAILC_E_DELIVERY_UNKNOWN;
  }
}

static void give_up(struct mailc_smtp *session) {
  stop(session);
  stop_waiting(session);
}

void mailc_smtp_perform(struct mailc_smtp *session,
                        enum mailc_smtp_action action,
                        enum mailc_status cause) {
  switch (action) {
  case MAILC_SMTP_DO_AWAIT:
  case MAILC_SMTP_DO_AWAIT_DELIVERY:
    await(session, timeout_of(session, action));
    break;
  case MAILC_SMTP_DO_AWAIT_TLS:
    await_tls(session);
    break;
  case MAILC_SMTP_DO_BEGIN_ANEW:
    begin_anew(session);
    break;
  case MAILC_SMTP_DO_END_AT_ONCE:
    end_at_once(session);
    break;
  case MAILC_SMTP_DO_ANSWER:
  case MAILC_SMTP_DO_REFUSE:
  case MAILC_SMTP_DO_DROP:
    finish(session, result_of(session, action));
    break;
  case MAILC_SMTP_DO_FALL_BACK:
    fall_back(session);
    break;
  case MAILC_SMTP_DO_LOG_IN:
  case MAILC_SMTP_DO_REFUSE_LOGIN:
  case MAILC_SMTP_DO_END_LOGIN:
    end_login(session, result_of(session, action));
    break;
  case MAILC_SMTP_DO_TAKE_CHALLENGE:
    take_challenge(session);
    break;
  case MAILC_SMTP_DO_END_MESSAGE:
    end_message(session);
    break;
  case MAILC_SMTP_DO_BEGIN_MESSAGE:
  case MAILC_SMTP_DO_DELIVER:
  case MAILC_SMTP_DO_REFUSE_MESSAGE:
    note_delivery(session, action);
    break;
  case MAILC_SMTP_DO_DELIVER_ONE:
  case MAILC_SMTP_DO_REFUSE_ONE:
    answer_one(session, result_of(session, action));
    break;
  case MAILC_SMTP_DO_END_DELIVERIES:
    end_deliveries(session);
    break;
  case MAILC_SMTP_DO_GIVE_UP:
    give_up(session);
    break;
  case MAILC_SMTP_DO_SHUT_DOWN:
    shut_down(session);
    break;
  case MAILC_SMTP_DO_FAIL:
    fail(session, cause);
    break;
  }
}
