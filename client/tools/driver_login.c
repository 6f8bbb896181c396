#include "driver_login.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

/* Octets of SCRAM's scratch buffer, all of which each login wipes. */
#ifndef DRIVER_SCRATCH_CAP
#define DRIVER_SCRATCH_CAP 16384u
#endif

/* Mechanisms that need a name and a password, and nothing else. */
static const char by_password[] =
    "SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN";

static bool get_mech(const json_t *request, struct driver_login *plan) {
  const char *mech = json_string_value(json_object_get(request, "mech"));

  if (json_object_get(request, "mechs") == NULL) {
    plan->is_own = mech != NULL && strcmp(mech, "own") == 0;
    return driver_text(request, "mech", &plan->login.mech);
  }
  return driver_texts(request, "mechs", &plan->mechs) && plan->mechs.count != 0;
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

/* The nonce asked for, or 18 random octets in hexadecimal. */
static bool get_nonce(const json_t *request, struct mailc_span *nonce) {
  uint8_t random[18];
  char *text = NULL;

  if (!get_optional(request, "nonce", nonce) || nonce->data != NULL) {
    return nonce->data != NULL;
  }
  if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
    return false;
  }
  text = driver_alloc(2 * sizeof random + 1);
  for (size_t i = 0; i < sizeof random; i++) {
    (void)snprintf(text + 2 * i, 3, "%02x", random[i]);
  }
  *nonce = (struct mailc_span){(uint8_t *)text, 2 * sizeof random};
  return true;
}

bool driver_login_read(const json_t *request, struct driver_login *plan) {
  struct mailc_login *login = &plan->login;

  *plan = (struct driver_login){.cancel_at = 0};
  if (!get_mech(request, plan) ||
      !get_optional(request, "user", &login->user) ||
      !get_optional(request, "secret", &login->secret) ||
      !get_optional(request, "authzid", &login->authzid) ||
      !get_initial(request, &login->initial) ||
      !get_nonce(request, &login->nonce) ||
      !driver_texts(request, "answers", &plan->answers) ||
      (json_object_get(request, "cancel_at") != NULL &&
       !driver_number(request, "cancel_at", UINT32_MAX, &plan->cancel_at))) {
    return false;
  }
  login->scratch = (struct mailc_buffer){driver_alloc(DRIVER_SCRATCH_CAP),
                                         DRIVER_SCRATCH_CAP};
  login->is_raw = plan->answers.count != 0 || plan->cancel_at != 0;
  if (login->is_raw && plan->answers.count != 0 &&
      login->initial == MAILC_INITIAL_YES) {
    login->first = plan->answers.spans[plan->answer_count++];
  }
  return true;
}

static void choose_own(struct driver_login *plan, driver_best_mech *best) {
  enum mailc_mech mech = best(mailc_mechs_of(
      (struct mailc_span){(const uint8_t *)by_password, strlen(by_password)}));
  const char *name =
      mech == MAILC_MECH_CALLER ? "PLAIN" : mailc_mech_name(mech);

  plan->login.mech = (struct mailc_span){(const uint8_t *)name, strlen(name)};
}

void driver_login_choose(struct driver_login *plan, driver_best_mech *best) {
  if (plan->is_own) {
    choose_own(plan, best);
  }
  for (size_t i = 0; i < plan->mechs.count; i++) {
    plan->login.mech = plan->mechs.spans[i];
    if (best(mailc_mechs_of(plan->login.mech)) != MAILC_MECH_CALLER) {
      return;
    }
  }
}

struct mailc_span driver_login_answer(struct driver_login *plan) {
  if (++plan->challenge_count == plan->cancel_at ||
      plan->answer_count == plan->answers.count) {
    return (struct mailc_span){NULL, 0};
  }
  return plan->answers.spans[plan->answer_count++];
}

void driver_login_end(struct driver_answer *answer,
                      const struct driver_login *plan) {
  if (answer->status == MAILC_OK) {
    driver_set_text(answer, "mech", plan->login.mech);
  } else if (answer->status == MAILC_E_PROOF) {
    answer->outcome = "auth-failed";
  }
}
