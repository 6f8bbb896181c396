/* The op smtp.auth. */
#include "driver_login.h"
#include "driver_smtp.h"

/* Answers the challenges one after the other; the login is cancelled where
 * there is no answer. */
static enum mailc_status log_in(struct driver_login *plan) {
  struct mailc_span challenge;
  enum mailc_status status =
      mailc_smtp_pump_auth(&driver_smtp_state.pump, &plan->login, &challenge);

  while (status == MAILC_OK && challenge.data != NULL) {
    struct mailc_span answer = driver_login_answer(plan);
    if (answer.data == NULL) {
      return mailc_smtp_pump_cancel(&driver_smtp_state.pump);
    }
    status =
        mailc_smtp_pump_answer(&driver_smtp_state.pump, answer, &challenge);
  }
  return status;
}

static enum mailc_mech best_mech(uint32_t allowed) {
  return mailc_smtp_best_mech(&driver_smtp_state.session, allowed);
}

void driver_smtp_auth(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  struct driver_login plan;

  (void)driver;
  if (!driver_login_read(request, &plan)) {
    driver_unsupported(answer);
    return;
  }
  driver_login_choose(&plan, best_mech);
  driver_smtp_end(answer, log_in(&plan));
  driver_login_end(answer, &plan);
}
