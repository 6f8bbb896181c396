/* The mechanisms by name, and which of them may be used. */
#include "sasl/sasl_mech.h"

#include "common/text.h"

/* In the order of enum mailc_mech, from the first behind MAILC_MECH_CALLER. */
static const char all_names[] =
    "PLAIN\0LOGIN\0CRAM-MD5\0SCRAM-SHA-1\0"
    "SCRAM-SHA-256\0OAUTHBEARER\0XOAUTH2\0EXTERNAL\0"
    "ANONYMOUS\0";

enum {
  CLEAR = MAILC_TRAIT_CLEAR,
  FIRST = MAILC_TRAIT_FIRST,
  USER = MAILC_TRAIT_USER,
  SECRET = MAILC_TRAIT_SECRET,
  AUTHZID = MAILC_TRAIT_AUTHZID,
  HASH = MAILC_TRAIT_HASH,
  ONE = MAILC_TRAIT_STEP,
  TWO = 2 * MAILC_TRAIT_STEP,
  THREE = 3 * MAILC_TRAIT_STEP
};

static const uint8_t all_traits[MAILC_MECH_COUNT] = {
    [MAILC_MECH_CALLER] = CLEAR,
    [MAILC_MECH_PLAIN] = CLEAR | FIRST | USER | SECRET | AUTHZID | ONE,
    [MAILC_MECH_LOGIN] = CLEAR | USER | SECRET | TWO,
    [MAILC_MECH_CRAM_MD5] = HASH | USER | SECRET | ONE,
    [MAILC_MECH_SCRAM_SHA_1] = FIRST | USER | SECRET | AUTHZID | HASH | THREE,
    [MAILC_MECH_SCRAM_SHA_256] = FIRST | USER | SECRET | AUTHZID | HASH | THREE,
    [MAILC_MECH_OAUTHBEARER] = CLEAR | FIRST | SECRET | AUTHZID | ONE,
    [MAILC_MECH_XOAUTH2] = CLEAR | FIRST | USER | SECRET | ONE,
    [MAILC_MECH_EXTERNAL] = FIRST | AUTHZID | ONE,
    [MAILC_MECH_ANONYMOUS] = FIRST | ONE,
};

unsigned mailc_mech_traits(unsigned mech) {
  return all_traits[mech < MAILC_MECH_COUNT ? mech : MAILC_MECH_CALLER];
}

enum mailc_mech mailc_mech_of(struct mailc_span name) {
  size_t mech = mailc_names_find(all_names, name) + 1;

  return mech < MAILC_MECH_COUNT && MAILC_HAS_MECH(mech) ? (enum mailc_mech)mech
                                                         : MAILC_MECH_CALLER;
}

const char *mailc_mech_name(enum mailc_mech mech) {
  return mech == MAILC_MECH_CALLER
             ? ""
             : mailc_names_at(all_names, (size_t)mech - 1, "");
}

uint32_t mailc_mechs_of(struct mailc_span names) {
  uint32_t mechs = 0;

  for (struct mailc_span name = mailc_text_word(&names); name.len != 0;
       name = mailc_text_word(&names)) {
    mechs |= 1u << (unsigned)mailc_mech_of(name);
  }
  return mechs & ~(1u << MAILC_MECH_CALLER);
}

bool mailc_mech_is_clear(enum mailc_mech mech) {
  return (mailc_mech_traits((unsigned)mech) & MAILC_TRAIT_CLEAR) != 0;
}

bool mailc_mech_needs_hash(enum mailc_mech mech) {
  return (mailc_mech_traits((unsigned)mech) & MAILC_TRAIT_HASH) != 0;
}
