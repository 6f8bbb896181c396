#include "smtp/smtp_login.h"

#include "common/link.h"
#include "sasl/sasl.h"
#include "smtp/smtp_action.h"
#include "smtp/smtp_queue.h"

enum mailc_status mailc_smtp_auth(struct mailc_smtp *session,
                                  const struct mailc_login *login) {
  struct mailc_sasl sasl;
  enum mailc_status status = mailc_smtp_check_command(session, MAILC_SMTP_AUTH);

  if (status == MAILC_OK && session->is_logged_in) {
    status = MAILC_E_STATE;
  }
  if (status == MAILC_OK) {
    status = mailc_sasl_begin(&sasl, login, session->sasl.hash);
  }
  if (status == MAILC_OK && (session->offers & MAILC_SMTP_OFFER_AUTH) == 0 &&
      !session->allow_unlisted_auth) {
    status = MAILC_E_NOT_OFFERED;
  }
  if (status == MAILC_OK) {
    status = mailc_sasl_check(
        &sasl, session->allow_unlisted_auth ? UINT32_MAX : session->mechs,
        (enum mailc_policy)session->policy, session->link.has_tls);
  }
  if (status == MAILC_OK) {
    status =
        mailc_sasl_write_auth(&sasl, &session->link, MAILC_SMTP_COMMAND_MAX);
  }
  if (status == MAILC_OK) {
    session->sasl = sasl;
    mailc_smtp_enqueue(session, MAILC_SMTP_AUTH,
                       mailc_link_unsent(&session->link));
  }
  return status;
}

enum mailc_mech mailc_smtp_best_mech(const struct mailc_smtp *session,
                                     uint32_t allowed) {
  return session == NULL
             ? MAILC_MECH_CALLER
             : mailc_sasl_choose(session->mechs, allowed,
                                 (enum mailc_policy)session->policy,
                                 session->link.has_tls, session->sasl.hash);
}

/* The star is out, which the server has to refuse (RFC 4954 section 4). */
static void cancel(struct mailc_smtp *session, enum mailc_status why) {
  session->cancel_status = (int16_t)why;
  mailc_smtp_step(session, MAILC_SMTP_EV_CANCEL, MAILC_OK);
}

static void take_challenge(struct mailc_smtp *session) {
  struct mailc_span *text = &session->event.text;
  enum mailc_sasl_turn turn = MAILC_SASL_CANCEL;
  enum mailc_status why = MAILC_E_CHALLENGE;

  if (session->event.line_no == 1) {
    turn =
        mailc_sasl_read_challenge(&session->sasl, &session->link, text, &why);
  } else {
    mailc_sasl_write_cancel(&session->link);
  }
  switch (turn) {
  case MAILC_SASL_RESPONSE:
    mailc_smtp_step(session, MAILC_SMTP_EV_RESPONSE, MAILC_OK);
    break;
  case MAILC_SASL_CANCEL:
    cancel(session, why);
    break;
  case MAILC_SASL_CALLER:
    session->event.kind = MAILC_SMTP_EVENT_CHALLENGE;
    break;
  }
}

void mailc_smtp_take_next_step(struct mailc_smtp *session) {
  static const struct mailc_span dot = {(const uint8_t *)".", 1};
  unsigned step = session->next_step;

  session->next_step = MAILC_SMTP_STEP_NONE;
  if (step == MAILC_SMTP_STEP_HELO) {
    (void)mailc_smtp_helo(session, session->span);
  } else if (MAILC_HAS(QUEUE) && step == MAILC_SMTP_STEP_LONE_DOT) {
    (void)mailc_link_write_line(&session->link, &dot, 1,
                                MAILC_SMTP_COMMAND_MAX);
    mailc_smtp_step(session, MAILC_SMTP_EV_END_OF_DATA, MAILC_OK);
  } else if (MAILC_HAS(LMTP) && step == MAILC_SMTP_STEP_END_DELIVERIES) {
    mailc_smtp_step(session, MAILC_SMTP_EV_LAST_ANSWERED, MAILC_OK);
  } else {
    take_challenge(session);
  }
}

/* Whether the caller may answer a challenge now. */
static enum mailc_status may_answer(const struct mailc_smtp *session) {
  if (session == NULL) {
    return MAILC_E_ARGUMENT;
  }
  if (session->link.status != MAILC_OK) {
    return session->link.status;
  }
  if (session->state != MAILC_SMTP_ST_CHALLENGED) {
    return MAILC_E_STATE;
  }
  return mailc_smtp_check_idle(session);
}

enum mailc_status mailc_smtp_answer(struct mailc_smtp *session,
                                    struct mailc_span octets) {
  enum mailc_status status = may_answer(session);

  if (status == MAILC_OK) {
    status = mailc_sasl_write_answer(&session->link, octets);
  }
  if (status == MAILC_OK) {
    mailc_smtp_step(session, MAILC_SMTP_EV_RESPONSE, MAILC_OK);
  }
  return status;
}

enum mailc_status mailc_smtp_cancel(struct mailc_smtp *session) {
  enum mailc_status status = may_answer(session);

  if (status == MAILC_OK) {
    mailc_sasl_write_cancel(&session->link);
    cancel(session, MAILC_E_AUTH);
  }
  return status;
}
