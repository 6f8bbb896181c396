#include "smtp_login.h"

#include "link.h"
#include "sasl.h"
#include "smtp_action.h"
#include "smtp_command.h"

#include <string.h>

static const uint8_t verb[] = {'A', 'U', 'T', 'H', ' '};
static const uint8_t crlf[] = {'\r', '\n'};

/* The octets of the verb, a blank and CRLF. */
#define AUTH_LEN (sizeof verb + 1 + sizeof crlf)

static enum mailc_status check_policy(const struct mailc_smtp *session,
                                      const struct mailc_sasl *sasl) {
  static const uint32_t offers[] = {
      [MAILC_MECH_CALLER] = MAILC_SMTP_OFFER_AUTH,
      [MAILC_MECH_PLAIN] = MAILC_SMTP_OFFER_PLAIN,
      [MAILC_MECH_LOGIN] = MAILC_SMTP_OFFER_LOGIN,
      [MAILC_MECH_CRAM_MD5] = MAILC_SMTP_OFFER_CRAM_MD5,
  };

  if ((session->offers & offers[sasl->mech]) == 0 &&
      !session->allow_unlisted_auth) {
    return MAILC_E_NOT_OFFERED;
  }
  if (!session->link.has_tls &&
      (session->policy == MAILC_POLICY_TLS ||
       (session->policy == MAILC_POLICY_OWN && mailc_sasl_is_clear(sasl)))) {
    return MAILC_E_CLEAR_SECRET;
  }
  return MAILC_OK;
}

/* Puts AUTH with the initial response if it may have one. RFC 4954 section 4:
 * the line stays within 512 octets, and no response at all is "=". */
static bool put_with_initial(struct mailc_smtp *session,
                             struct mailc_sasl *sasl) {
  struct mailc_span mech = sasl->login->mech;
  size_t len = mailc_sasl_initial_len(sasl);
  struct mailc_base64 encoder;
  uint8_t *out = NULL;

  if (!mailc_sasl_has_initial(sasl) || len > MAILC_SMTP_COMMAND_MAX ||
      AUTH_LEN + mech.len + MAILC_BASE64_LEN(len) > MAILC_SMTP_COMMAND_MAX) {
    return false;
  }
  out = mailc_link_room(&session->link, MAILC_SMTP_COMMAND_MAX);
  if (out == NULL) {
    return false;
  }
  memcpy(out, verb, sizeof verb);
  memcpy(out + 5, mech.data, mech.len);
  out[5 + mech.len] = ' ';
  mailc_base64_begin(&encoder, out + 6 + mech.len,
                     MAILC_SMTP_COMMAND_MAX - AUTH_LEN - mech.len);
  mailc_sasl_initial(sasl, &encoder);
  (void)mailc_base64_end(&encoder);
  if (encoder.len == 0) {
    out[6 + mech.len] = '=';
    encoder.len = 1;
  }
  memcpy(out + 6 + mech.len + encoder.len, crlf, sizeof crlf);
  mailc_link_put(&session->link, AUTH_LEN + mech.len + encoder.len);
  return true;
}

enum mailc_status mailc_smtp_auth(struct mailc_smtp *session,
                                  const struct mailc_login *login) {
  struct mailc_sasl sasl;
  size_t response_max = 0;
  enum mailc_status status = mailc_smtp_may(session, MAILC_SMTP_EV_CMD_AUTH);

  if (status == MAILC_OK && session->is_logged_in) {
    status = MAILC_E_STATE;
  }
  if (status == MAILC_OK) {
    status = mailc_sasl_begin(&sasl, login, session->sasl.hash);
  }
  if (status == MAILC_OK) {
    status = check_policy(session, &sasl);
  }
  if (status != MAILC_OK) {
    return status;
  }
  /* The length of what answers a challenge is known: better now than then. */
  response_max = mailc_sasl_response_max(&sasl);
  if (response_max > session->link.tx_cap ||
      MAILC_BASE64_LEN(response_max) + 2 > session->link.tx_cap) {
    return MAILC_E_TOO_LONG;
  }
  if (!put_with_initial(session, &sasl)) {
    struct mailc_span parts[] = {MAILC_SPAN("AUTH "), login->mech};
    status =
        mailc_link_put_line(&session->link, parts, 2, MAILC_SMTP_COMMAND_MAX);
  }
  if (status == MAILC_OK) {
    session->sasl = sasl;
    mailc_smtp_queue(session, MAILC_SMTP_AUTH, MAILC_SMTP_EV_CMD_AUTH);
  }
  return status;
}

/* Sends a lone star, which the server has to refuse (RFC 4954 section 4). */
static void cancel(struct mailc_smtp *session, enum mailc_status why) {
  static const struct mailc_span star = {(const uint8_t *)"*", 1};

  session->cancel_status = why;
  (void)mailc_link_put_line(&session->link, &star, 1, MAILC_SMTP_COMMAND_MAX);
  mailc_smtp_step(session, MAILC_SMTP_EV_CANCEL, MAILC_OK);
}

/* Sends a response that was encoded to where it is sent from. */
static void respond(struct mailc_smtp *session, size_t len) {
  uint8_t *out = mailc_link_room(&session->link, len + 2);

  memcpy(out + len, crlf, sizeof crlf);
  mailc_link_put(&session->link, len + 2);
  mailc_smtp_step(session, MAILC_SMTP_EV_RESPONSE, MAILC_OK);
}

static void answer_challenge(struct mailc_smtp *session,
                             struct mailc_span challenge) {
  size_t cap = MAILC_BASE64_LEN(mailc_sasl_response_max(&session->sasl));
  uint8_t *out = mailc_link_room(&session->link, cap + 2);
  struct mailc_base64 encoder;
  enum mailc_status status = MAILC_OK;

  mailc_base64_begin(&encoder, out, cap);
  status = mailc_sasl_answer(&session->sasl, challenge, &encoder);
  if (!mailc_base64_end(&encoder) || status != MAILC_OK) {
    cancel(session, status);
  } else {
    respond(session, encoder.len);
  }
}

static void take_challenge(struct mailc_smtp *session) {
  struct mailc_span text = session->event.text;
  /* The text lies in the receive buffer, which is the session's to write. */
  uint8_t *at = session->link.rx + (text.data - session->link.rx);
  size_t len = 0;

  if (session->event.line_no != 1 ||
      !mailc_base64_decode(at, &len, at, text.len)) {
    cancel(session, MAILC_E_CHALLENGE);
  } else if (session->sasl.mech == MAILC_MECH_CALLER) {
    session->event.kind = MAILC_SMTP_EVENT_CHALLENGE;
    session->event.text.len = len;
  } else {
    answer_challenge(session, (struct mailc_span){at, len});
  }
}

void mailc_smtp_go_on(struct mailc_smtp *session) {
  unsigned step = session->next_step;

  session->next_step = MAILC_SMTP_STEP_NONE;
  if (step == MAILC_SMTP_STEP_HELO) {
    (void)mailc_smtp_helo(session, session->span);
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
  return mailc_smtp_may_send(session);
}

enum mailc_status mailc_smtp_answer(struct mailc_smtp *session,
                                    struct mailc_span octets) {
  struct mailc_base64 encoder;
  uint8_t *out = NULL;
  enum mailc_status status = may_answer(session);

  if (status == MAILC_OK && octets.data == NULL) {
    status = MAILC_E_ARGUMENT;
  }
  if (status != MAILC_OK) {
    return status;
  }
  if (octets.len > session->link.tx_cap ||
      MAILC_BASE64_LEN(octets.len) + 2 > session->link.tx_cap) {
    return MAILC_E_TOO_LONG;
  }
  out = mailc_link_room(&session->link, session->link.tx_cap);
  mailc_base64_begin(&encoder, out, session->link.tx_cap);
  mailc_base64_add(&encoder, octets.data, octets.len);
  (void)mailc_base64_end(&encoder);
  respond(session, encoder.len);
  return MAILC_OK;
}

enum mailc_status mailc_smtp_cancel(struct mailc_smtp *session) {
  enum mailc_status status = may_answer(session);

  if (status == MAILC_OK) {
    cancel(session, MAILC_E_AUTH);
  }
  return status;
}
