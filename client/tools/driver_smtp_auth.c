/* The op smtp.auth. */
#include "driver_smtp.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

/* What smtp.auth is to do. */
struct login_plan {
  struct mailc_login login;
  struct driver_texts answers;
  size_t answer_count; /* of these, given */
  uint64_t cancel_at;  /* 0: never */
};

/* The first of `mechs` that the library has and the server offers, or the last.
 */
static struct mailc_span choose_mech(struct driver_texts mechs) {
  static const struct {
    const char *name;
    uint32_t offer;
  } known[] = {{"PLAIN", MAILC_SMTP_OFFER_PLAIN},
               {"LOGIN", MAILC_SMTP_OFFER_LOGIN},
               {"CRAM-MD5", MAILC_SMTP_OFFER_CRAM_MD5}};

  for (size_t i = 0; i < mechs.count; i++) {
    for (size_t j = 0; j < sizeof known / sizeof known[0]; j++) {
      if (mailc_text_is(mechs.spans[i], known[j].name) &&
          (mailc_smtp_offers(&driver_smtp_state.session) & known[j].offer) !=
              0) {
        return mechs.spans[i];
      }
    }
  }
  return mechs.spans[mechs.count - 1];
}

static bool get_mech(const json_t *request, struct mailc_span *mech) {
  struct driver_texts mechs;

  if (json_object_get(request, "mechs") == NULL) {
    return driver_text(request, "mech", mech);
  }
  if (!driver_texts(request, "mechs", &mechs) || mechs.count == 0) {
    return false;
  }
  *mech = choose_mech(mechs);
  return true;
}

static bool get_initial(const json_t *request, enum mailc_initial *initial) {
  const json_t *value = json_object_get(request, "initial");
  const char *name = value == NULL ? "own" : json_string_value(value);

  if (name != NULL && strcmp(name, "own") == 0) {
    *initial = MAILC_INITIAL_OWN;
  } else if (name != NULL && strcmp(name, "yes") == 0) {
    *initial = MAILC_INITIAL_YES;
  } else if (name != NULL && strcmp(name, "no") == 0) {
    *initial = MAILC_INITIAL_NO;
  } else {
    return false;
  }
  return true;
}

/* An optional text. */
static bool get_optional(const json_t *request, const char *name,
                         struct mailc_span *text) {
  char coded_name[40];

  (void)snprintf(coded_name, sizeof coded_name, "%s_b64", name);
  if (json_object_get(request, name) == NULL &&
      json_object_get(request, coded_name) == NULL) {
    return true;
  }
  return driver_text(request, name, text);
}

/* Where answers are given or a challenge is to be cancelled, the driver
 * answers; otherwise the library does, if it has the mechanism. */
static bool get_plan(const json_t *request, struct login_plan *plan) {
  struct mailc_login *login = &plan->login;

  *plan = (struct login_plan){.cancel_at = 0};
  if (!get_mech(request, &login->mech) ||
      !get_optional(request, "user", &login->user) ||
      !get_optional(request, "secret", &login->secret) ||
      !get_optional(request, "authzid", &login->authzid) ||
      !get_initial(request, &login->initial) ||
      !driver_texts(request, "answers", &plan->answers) ||
      (json_object_get(request, "cancel_at") != NULL &&
       !driver_number(request, "cancel_at", UINT32_MAX, &plan->cancel_at))) {
    return false;
  }
  login->is_raw = plan->answers.count != 0 || plan->cancel_at != 0;
  if (login->is_raw && plan->answers.count != 0 &&
      login->initial == MAILC_INITIAL_YES) {
    login->first = plan->answers.spans[plan->answer_count++];
  }
  return true;
}

/* Answers the challenges one after the other; the login is cancelled where
 * there is no answer. */
static enum mailc_status log_in(struct login_plan *plan) {
  struct mailc_span challenge;
  uint64_t challenge_count = 0;
  enum mailc_status status =
      mailc_smtp_pump_auth(&driver_smtp_state.pump, &plan->login, &challenge);

  while (status == MAILC_OK && challenge.data != NULL) {
    if (++challenge_count == plan->cancel_at ||
        plan->answer_count == plan->answers.count) {
      return mailc_smtp_pump_cancel(&driver_smtp_state.pump);
    }
    status = mailc_smtp_pump_answer(&driver_smtp_state.pump,
                                    plan->answers.spans[plan->answer_count++],
                                    &challenge);
  }
  return status;
}

void driver_smtp_auth(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  struct login_plan plan;

  (void)driver;
  if (!get_plan(request, &plan)) {
    driver_unsupported(answer);
    return;
  }
  driver_smtp_end(answer, log_in(&plan));
  if (answer->status == MAILC_OK) {
    driver_set_text(answer, "mech", plan.login.mech);
  }
}
