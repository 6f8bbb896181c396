/* AUTH, RFC 5034. */
#include "pop3/pop3_auth.h"

#include "common/link.h"
#include "pop3/pop3_action.h"
#include "pop3/pop3_queue.h"
#include "sasl/sasl.h"

/* Whether a secret that others could read off may go out as to APOP. */
static bool may_show(const struct mailc_pop3 *session) {
  return !session->has_refused_apop || session->allow_pass_after_apop;
}

static enum mailc_status check_auth(const struct mailc_pop3 *session,
                                    const struct mailc_sasl *sasl) {
  bool is_known = session->offers != 0;
  enum mailc_status status = MAILC_OK;

  if (is_known && (session->offers & MAILC_POP3_OFFER_SASL) == 0) {
    return MAILC_E_NOT_OFFERED;
  }
  status = mailc_sasl_check(sasl, is_known ? session->mechs : UINT32_MAX,
                            (enum mailc_policy)session->policy,
                            session->link.has_tls);
  if (status == MAILC_OK && !may_show(session) &&
      mailc_mech_is_clear((enum mailc_mech)sasl->mech)) {
    status = MAILC_E_AFTER_APOP;
  }
  return status;
}

enum mailc_status mailc_pop3_auth(struct mailc_pop3 *session,
                                  const struct mailc_login *login) {
  struct mailc_sasl sasl;
  enum mailc_status status = mailc_pop3_check_command(session, MAILC_POP3_AUTH);

  if (status == MAILC_OK && session->queue_count != 0) {
    status = MAILC_E_QUEUE_FULL;
  }
  if (status == MAILC_OK) {
    status = mailc_sasl_begin(&sasl, login, session->hash);
  }
  if (status == MAILC_OK) {
    status = check_auth(session, &sasl);
  }
  if (status == MAILC_OK) {
    /* Where the server did not say SASL it may be too old for a response in
     * the line of AUTH (RFC 5034 section 3). */
    sasl.is_bare = (session->offers & MAILC_POP3_OFFER_SASL) == 0;
    status =
        mailc_sasl_write_auth(&sasl, &session->link, MAILC_POP3_COMMAND_MAX);
  }
  if (status == MAILC_OK) {
    mailc_pop3_enqueue(session, MAILC_POP3_AUTH, 0, 0);
    session->queue[0].sasl = sasl;
  }
  return status;
}

enum mailc_mech mailc_pop3_best_mech(const struct mailc_pop3 *session,
                                     uint32_t allowed) {
  if (session == NULL) {
    return MAILC_MECH_CALLER;
  }
  for (unsigned mech = 0; mech < MAILC_MECH_COUNT && !may_show(session);
       mech++) {
    if (mailc_mech_is_clear((enum mailc_mech)mech)) {
      allowed &= ~(1u << mech);
    }
  }
  return mailc_sasl_choose(session->mechs, allowed,
                           (enum mailc_policy)session->policy,
                           session->link.has_tls, session->hash);
}

/* The star is out, which the server has to refuse. */
static void cancel(struct mailc_pop3 *session, enum mailc_status why) {
  session->queue[0].cause = why;
  mailc_pop3_step(session, MAILC_POP3_EV_CANCEL, MAILC_OK);
}

void mailc_pop3_take_challenge(struct mailc_pop3 *session) {
  struct mailc_pop3_event *event = &session->event;
  enum mailc_status why = MAILC_OK;

  switch (mailc_sasl_read_challenge(&session->queue[0].sasl, &session->link,
                                    &event->text, &why)) {
  case MAILC_SASL_RESPONSE:
    mailc_pop3_step(session, MAILC_POP3_EV_RESPONSE, MAILC_OK);
    break;
  case MAILC_SASL_CANCEL:
    cancel(session, why);
    break;
  case MAILC_SASL_CALLER:
    event->kind = MAILC_POP3_EVENT_CHALLENGE;
    event->command = MAILC_POP3_AUTH;
    session->reading = MAILC_POP3_READ_ANSWER;
    break;
  }
}

/* Whether the caller may answer a challenge now. */
static enum mailc_status may_answer(const struct mailc_pop3 *session) {
  enum mailc_status status = mailc_pop3_status(session);

  if (status == MAILC_OK && session->reading != MAILC_POP3_READ_ANSWER) {
    status = MAILC_E_STATE;
  }
  if (status == MAILC_OK && !mailc_pop3_is_quiet(session)) {
    status = MAILC_E_EVENTS;
  }
  return status;
}

enum mailc_status mailc_pop3_answer(struct mailc_pop3 *session,
                                    struct mailc_span octets) {
  enum mailc_status status = may_answer(session);

  if (status == MAILC_OK) {
    status = mailc_sasl_write_answer(&session->link, octets);
  }
  if (status == MAILC_OK) {
    mailc_pop3_step(session, MAILC_POP3_EV_RESPONSE, MAILC_OK);
  }
  return status;
}

enum mailc_status mailc_pop3_cancel(struct mailc_pop3 *session) {
  enum mailc_status status = may_answer(session);

  if (status == MAILC_OK) {
    mailc_sasl_write_cancel(&session->link);
    cancel(session, MAILC_E_AUTH);
  }
  return status;
}
