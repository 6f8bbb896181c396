/* Which mechanism may be used, and which login is to be believed. */
#include "sasl/sasl.h"
#include "sasl/sasl_mech.h"

enum mailc_status mailc_sasl_check_success(const struct mailc_sasl *sasl) {
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
