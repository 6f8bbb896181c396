/* The mechanisms by name, and which of them may be used. */
#include "sasl_mech.h"

#include "sasl.h"
#include "text.h"

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

enum mailc_status mailc_sasl_verdict(const struct mailc_sasl *sasl) {
  if (sasl->step >= mailc_mech_traits(sasl->mech) / MAILC_TRAIT_STEP) {
    return MAILC_OK;
  }
  return mailc_mech_is_scram(sasl->mech) ? MAILC_E_PROOF : MAILC_E_REPLY;
}

/* Whether the policy admits it: E_CLEAR_SECRET if not. */
static enum mailc_status check_policy(unsigned mech, enum mailc_policy policy,
                                      bool has_tls) {
  return !has_tls && (policy == MAILC_POLICY_TLS ||
                      (policy == MAILC_POLICY_OWN &&
                       mailc_mech_is_clear((enum mailc_mech)mech)))
             ? MAILC_E_CLEAR_SECRET
             : MAILC_OK;
}

enum mailc_status mailc_sasl_check(const struct mailc_sasl *sasl,
                                   uint32_t offered, enum mailc_policy policy,
                                   bool has_tls) {
  enum mailc_mech named = mailc_mech_of(sasl->login->mech);

  if (named != MAILC_MECH_CALLER && (offered & 1u << (unsigned)named) == 0) {
    return MAILC_E_NOT_OFFERED;
  }
  return check_policy(sasl->mech, policy, has_tls);
}

enum mailc_mech mailc_sasl_choose(uint32_t offered, uint32_t allowed,
                                  enum mailc_policy policy, bool has_tls,
                                  const struct mailc_hash *hash) {
  static const uint8_t order[] = {
      MAILC_MECH_SCRAM_SHA_256, MAILC_MECH_SCRAM_SHA_1, MAILC_MECH_EXTERNAL,
      MAILC_MECH_OAUTHBEARER,   MAILC_MECH_XOAUTH2,     MAILC_MECH_CRAM_MD5,
      MAILC_MECH_PLAIN,         MAILC_MECH_LOGIN,       MAILC_MECH_ANONYMOUS};

  for (size_t i = 0; i < sizeof order; i++) {
    unsigned mech = order[i];
    if ((offered & allowed & 1u << mech) != 0 &&
        (hash != NULL || !mailc_mech_needs_hash((enum mailc_mech)mech)) &&
        check_policy(mech, policy, has_tls) == MAILC_OK) {
      return (enum mailc_mech)mech;
    }
  }
  return MAILC_MECH_CALLER;
}
