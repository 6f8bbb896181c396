/* Inside mailc-driver: the arguments of pop3.auth and smtp.auth. */
#ifndef MAILC_DRIVER_LOGIN_H
#define MAILC_DRIVER_LOGIN_H

#include "driver.h"

#include <mailc/sasl.h>

#define DRIVER_AUTH_ARGUMENTS                                                  \
  "mech mechs user secret authzid initial nonce answers cancel_at"

/* What an op is to log in with. */
struct driver_login {
  struct mailc_login
      login; /* mech is empty until one is chosen, if not one alone is named */
  struct driver_texts mechs; /* in the caller's order of preference */
  bool is_own;               /* the library chooses */
  struct driver_texts answers;
  size_t answer_count;      /* of these, given */
  uint64_t challenge_count; /* challenges taken */
  uint64_t cancel_at;       /* 0: never */
};

/* Reads them; false where one cannot be honoured. Where answers are given or a
 * challenge is to be cancelled, the driver answers; otherwise the library does,
 * if it has the mechanism. */
bool driver_login_read(const json_t *request, struct driver_login *plan);

/* The best of these mechanisms that the server offers and the policy allows,
 * MAILC_MECH_CALLER where there is none. */
typedef enum mailc_mech driver_best_mech(uint32_t allowed);

/* Chooses the mechanism: the first of plan->mechs that the server offers and
 * the policy allows, or the library's own choice. Where there is none, it is
 * the last that was named. Nothing is done where one alone is named. */
void driver_login_choose(struct driver_login *plan, driver_best_mech *best);

/* The next answer to a challenge; data NULL where the login is to be cancelled
 * instead. */
struct mailc_span driver_login_answer(struct driver_login *plan);

/* Ends the op: its value is the mechanism, and a server that has not proved
 * itself is a failed login. */
void driver_login_end(struct driver_answer *answer,
                      const struct driver_login *plan);

#endif
