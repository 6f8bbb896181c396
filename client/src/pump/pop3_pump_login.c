/* What comes before the maildrop: the greeting, TLS, languages, logins. */
#include "pop3/pop3_command.h"
#include "pump/pop3_pump.h"
#include "pump/pump.h"

enum mailc_status mailc_pop3_pump_connect(struct mailc_pop3_pump *pump,
                                          struct mailc_span *timestamp) {
  struct mailc_pop3_event event = {.kind = MAILC_POP3_EVENT_NONE};
  enum mailc_status status = mailc_pop3_pump_prepare(pump);

  if (status == MAILC_OK) {
    status = mailc_pop3_connected(pump->session);
    status = mailc_pop3_pump_finish(pump, status, &event);
  }
  if (timestamp != NULL) {
    *timestamp =
        status == MAILC_OK ? event.value : (struct mailc_span){NULL, 0};
  }
  return status;
}

enum mailc_status mailc_pop3_pump_user(struct mailc_pop3_pump *pump,
                                       struct mailc_span user,
                                       struct mailc_span secret) {
  struct mailc_pop3_event event;
  enum mailc_status status = mailc_pop3_pump_prepare(pump);

  if (status == MAILC_OK && secret.data != NULL) {
    status = mailc_pop3_check_secret(pump->session, secret);
  }
  if (status == MAILC_OK) {
    status = mailc_pop3_user(pump->session, user);
    status = mailc_pop3_pump_finish(pump, status, &event);
  }
  if (status != MAILC_OK || secret.data == NULL) {
    return status;
  }
  mailc_pump_poll(&pump->pump, &pump->session->link);
  status = mailc_pop3_pump_await(pump, &event);
  if (status == MAILC_OK) {
    status = mailc_pop3_pass(pump->session, secret);
    status = mailc_pop3_pump_finish(pump, status, &event);
  }
  return status;
}

enum mailc_status mailc_pop3_pump_apop(struct mailc_pop3_pump *pump,
                                       struct mailc_span user,
                                       struct mailc_span secret) {
  struct mailc_pop3_event event;
  enum mailc_status status = mailc_pop3_pump_prepare(pump);

  if (status == MAILC_OK) {
    status = mailc_pop3_apop(pump->session, user, secret);
    status = mailc_pop3_pump_finish(pump, status, &event);
  }
  return status;
}

enum mailc_status mailc_pop3_pump_stls(struct mailc_pop3_pump *pump) {
  struct mailc_pop3_event event = {.kind = MAILC_POP3_EVENT_NONE};
  enum mailc_status status = MAILC_OK;

  if (pump != NULL && pump->pump.transport != NULL &&
      !mailc_pump_can_start_tls(&pump->pump)) {
    return MAILC_E_NO_TLS;
  }
  status = mailc_pop3_pump_run(pump, mailc_pop3_stls, &event);
  return status == MAILC_OK ? mailc_pop3_pump_skip(pump) : status;
}

enum mailc_status mailc_pop3_pump_utf8(struct mailc_pop3_pump *pump) {
  struct mailc_pop3_event event = {.kind = MAILC_POP3_EVENT_NONE};

  return mailc_pop3_pump_run(pump, mailc_pop3_utf8, &event);
}

enum mailc_status mailc_pop3_pump_lang_to(struct mailc_pop3_pump *pump,
                                          struct mailc_span tag) {
  struct mailc_pop3_event event = {.kind = MAILC_POP3_EVENT_NONE};
  enum mailc_status status = mailc_pop3_pump_prepare(pump);

  if (status == MAILC_OK) {
    status = mailc_pop3_lang_to(pump->session, tag);
    status = mailc_pop3_pump_finish(pump, status, &event);
  }
  return status;
}

/* Waits for what the login comes to: its end, or a challenge. */
static enum mailc_status finish_login(struct mailc_pop3_pump *pump,
                                      enum mailc_status status,
                                      struct mailc_span *challenge) {
  struct mailc_pop3_event event = {.kind = MAILC_POP3_EVENT_NONE};

  status = mailc_pop3_pump_finish(pump, status, &event);
  if (status == MAILC_OK && event.kind == MAILC_POP3_EVENT_CHALLENGE) {
    if (challenge == NULL) {
      return mailc_pop3_pump_cancel(pump);
    }
    *challenge = event.text;
  }
  return status;
}

enum mailc_status mailc_pop3_pump_auth(struct mailc_pop3_pump *pump,
                                       const struct mailc_login *login,
                                       struct mailc_span *challenge) {
  enum mailc_status status = mailc_pop3_pump_prepare(pump);

  if (challenge != NULL) {
    *challenge = (struct mailc_span){NULL, 0};
  }
  return status != MAILC_OK
             ? status
             : finish_login(pump, mailc_pop3_auth(pump->session, login),
                            challenge);
}

enum mailc_status mailc_pop3_pump_answer(struct mailc_pop3_pump *pump,
                                         struct mailc_span octets,
                                         struct mailc_span *challenge) {
  enum mailc_status status = mailc_pop3_pump_prepare(pump);

  if (challenge != NULL) {
    *challenge = (struct mailc_span){NULL, 0};
  }
  return status != MAILC_OK
             ? status
             : finish_login(pump, mailc_pop3_answer(pump->session, octets),
                            challenge);
}

enum mailc_status mailc_pop3_pump_cancel(struct mailc_pop3_pump *pump) {
  struct mailc_pop3_event event = {.kind = MAILC_POP3_EVENT_NONE};

  return mailc_pop3_pump_run(pump, mailc_pop3_cancel, &event);
}
