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
  MAILC_TRAIT_STEP = 64 /* times the responses that it takes, 0 to 3; SCRAM's
                           last is to a signature that was right */
};

/* Whether a mechanism is compiled in: a constant for a constant. */
#define MAILC_HAS_MECH(mech) ((MAILC_MECHS & 1u << (unsigned)(mech)) != 0)
#define MAILC_HAS_SCRAM                                                        \
  (MAILC_HAS_MECH(MAILC_MECH_SCRAM_SHA_1) ||                                   \
   MAILC_HAS_MECH(MAILC_MECH_SCRAM_SHA_256))

/* Whether it is this one: a constant for one that is not compiled in. */
#define MAILC_IS_MECH(mech, which)                                             \
  (MAILC_HAS_MECH(which) && (mech) == (unsigned)(which))

/* Whether it is SCRAM, which needs a nonce and the scratch buffer. */
static inline bool mailc_mech_is_scram(unsigned mech) {
  return MAILC_IS_MECH(mech, MAILC_MECH_SCRAM_SHA_1) ||
         MAILC_IS_MECH(mech, MAILC_MECH_SCRAM_SHA_256);
}

/* A set of enum mailc_mech_trait. */
unsigned mailc_mech_traits(unsigned mech);

#endif
