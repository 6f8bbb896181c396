/* What the mechanisms differ in. */
#ifndef MAILC_SRC_SASL_MECH_H
#define MAILC_SRC_SASL_MECH_H

#include <mailc/sasl.h>

enum mailc_mech_trait {
  MAILC_TRAIT_CLEAR = 1,    /* whoever listens learns enough to log in */
  MAILC_TRAIT_FIRST = 2,    /* the client speaks first (RFC 4422 section 5) */
  MAILC_TRAIT_USER = 4,     /* needs a user */
  MAILC_TRAIT_SECRET = 8,   /* needs a secret */
  MAILC_TRAIT_AUTHZID = 16, /* may have an authorization identity */
  MAILC_TRAIT_HASH = 32,    /* needs a hash port */
  MAILC_TRAIT_NONCE = 64,   /* needs a nonce and the scratch buffer */
  MAILC_TRAIT_SCRAM = MAILC_TRAIT_FIRST | MAILC_TRAIT_USER |
                      MAILC_TRAIT_SECRET | MAILC_TRAIT_AUTHZID |
                      MAILC_TRAIT_HASH | MAILC_TRAIT_NONCE
};

/* Whether a mechanism is compiled in: a constant for a constant. */
#define MAILC_HAS_MECH(mech) ((MAILC_MECHS & 1u << (unsigned)(mech)) != 0)
#define MAILC_HAS_SCRAM                                                        \
  (MAILC_HAS_MECH(MAILC_MECH_SCRAM_SHA_1) ||                                   \
   MAILC_HAS_MECH(MAILC_MECH_SCRAM_SHA_256))

struct mailc_mech_traits {
  const char *name;
  unsigned traits; /* a set of enum mailc_mech_trait */
};

const struct mailc_mech_traits *mailc_mech_traits_of(unsigned mech);

static inline bool mailc_mech_has(unsigned mech, enum mailc_mech_trait trait) {
  return (mailc_mech_traits_of(mech)->traits & (unsigned)trait) != 0;
}

#endif
