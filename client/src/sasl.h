/* The client's side of the mechanisms that the library knows. */
#ifndef MAILC_SRC_SASL_H
#define MAILC_SRC_SASL_H

#include "base64.h"

#include <mailc/hash.h>
#include <mailc/sasl.h>
#include <mailc/status.h>
#include <stdbool.h>

enum mailc_mech {
  MAILC_MECH_CALLER, /* none of the others: the caller answers */
  MAILC_MECH_PLAIN,
  MAILC_MECH_LOGIN,
  MAILC_MECH_CRAM_MD5
};

/* Checks `login` and begins with it; sends nothing. E_ARGUMENT: a name or a
 * secret is missing, the mechanism's name is none, or it has no authzid;
 * E_TEXT: CR, LF or NUL in a field; E_NO_HASH: the mechanism needs a hash and
 * there is none. */
enum mailc_status mailc_sasl_begin(struct mailc_sasl *sasl,
                                   const struct mailc_login *login,
                                   const struct mailc_hash *hash);

/* Whether the secret can be read off the wire. What the caller answers is
 * counted in, as nothing is known of it. */
bool mailc_sasl_is_clear(const struct mailc_sasl *sasl);

/* Whether AUTH may carry the first response of this login. */
bool mailc_sasl_has_initial(const struct mailc_sasl *sasl);

/* The length of that response, not in base64. */
size_t mailc_sasl_initial_len(const struct mailc_sasl *sasl);

/* The length of the longest response of the library's own, not in base64; 0
 * where the caller answers. */
size_t mailc_sasl_response_max(const struct mailc_sasl *sasl);

/* Writes the initial response. Only if mailc_sasl_has_initial(). */
void mailc_sasl_initial(struct mailc_sasl *sasl, struct mailc_base64 *out);

/* Answers a challenge (decoded) of a mechanism of the library's. E_CHALLENGE:
 * the mechanism has no answer to it, the login has to be cancelled; E_NO_HASH:
 * the hash library refused, likewise. */
enum mailc_status mailc_sasl_answer(struct mailc_sasl *sasl,
                                    struct mailc_span challenge,
                                    struct mailc_base64 *out);

#endif
