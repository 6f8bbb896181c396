/* The POP3 ops that come before the maildrop. */
#include "driver_login.h"
#include "driver_pop3.h"

typedef enum mailc_status login(struct mailc_pop3_pump *pump,
                                struct mailc_span user,
                                struct mailc_span secret);

/* `is_optional` lets the secret be missing, but not be something else. */
static void run_login(const json_t *request, struct driver_answer *answer,
                      login *log_in, bool is_optional) {
  struct mailc_span user;
  struct mailc_span secret = {NULL, 0};
  enum mailc_status status = MAILC_OK;

  if (!driver_text(request, "user", &user) ||
      (!driver_text(request, "secret", &secret) &&
       !(is_optional && json_object_get(request, "secret") == NULL &&
         json_object_get(request, "secret_b64") == NULL))) {
    driver_unsupported(answer);
    return;
  }
  status = log_in(&pop3.pump, user, secret);
  if (status == MAILC_OK) {
    driver_set_text(answer, "reply", mailc_pump_reply(&pop3.pump.pump));
  }
  driver_pop3_end_op(answer, status);
}

void driver_pop3_user(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  (void)driver;
  run_login(request, answer, mailc_pop3_pump_user, true);
}

void driver_pop3_apop(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  (void)driver;
  run_login(request, answer, mailc_pop3_pump_apop, false);
}

void driver_pop3_stls(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  (void)driver;
  (void)request;
  driver_pop3_end_op(answer, mailc_pop3_pump_stls(&pop3.pump));
}

void driver_pop3_utf8(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  (void)driver;
  (void)request;
  driver_pop3_end_op(answer, mailc_pop3_pump_utf8(&pop3.pump));
}

/* Answers the challenges one after the other; the login is cancelled where
 * there is no answer. */
static enum mailc_status authenticate(struct driver_login *plan) {
  struct mailc_span challenge;
  enum mailc_status status =
      mailc_pop3_pump_auth(&pop3.pump, &plan->login, &challenge);

  while (status == MAILC_OK && challenge.data != NULL) {
    struct mailc_span answer = driver_login_answer(plan);

    if (answer.data == NULL) {
      return mailc_pop3_pump_cancel(&pop3.pump);
    }
    status = mailc_pop3_pump_answer(&pop3.pump, answer, &challenge);
  }
  return status;
}

static enum mailc_mech best_mech(uint32_t allowed) {
  return mailc_pop3_best_mech(&pop3.session, allowed);
}

void driver_pop3_auth(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  struct driver_login plan;

  (void)driver;
  if (!driver_login_read(request, &plan)) {
    driver_unsupported(answer);
    return;
  }
  driver_login_choose(&plan, best_mech);
  driver_pop3_end_op(answer, authenticate(&plan));
  driver_login_end(answer, &plan);
}
