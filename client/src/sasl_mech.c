/* The mechanisms by name, and which of them may be used. */
#include "sasl_mech.h"

#include "sasl.h"
#include "text.h"

static const struct mailc_mech_traits all_traits[MAILC_MECH_COUNT] = {
    [MAILC_MECH_CALLER] = {"", MAILC_TRAIT_CLEAR},
    [MAILC_MECH_PLAIN] = {"PLAIN", MAILC_TRAIT_CLEAR | MAILC_TRAIT_FIRST |
                                       MAILC_TRAIT_USER | MAILC_TRAIT_SECRET |
                                       MAILC_TRAIT_AUTHZID},
    [MAILC_MECH_LOGIN] = {"LOGIN", MAILC_TRAIT_CLEAR | MAILC_TRAIT_USER |
                                       MAILC_TRAIT_SECRET},
    [MAILC_MECH_CRAM_MD5] = {"CRAM-MD5", MAILC_TRAIT_HASH | MAILC_TRAIT_USER |
                                             MAILC_TRAIT_SECRET},
    [MAILC_MECH_SCRAM_SHA_1] = {"SCRAM-SHA-1", MAILC_TRAIT_SCRAM},
    [MAILC_MECH_SCRAM_SHA_256] = {"SCRAM-SHA-256", MAILC_TRAIT_SCRAM},
    [MAILC_MECH_OAUTHBEARER] = {"OAUTHBEARER",
                                MAILC_TRAIT_CLEAR | MAILC_TRAIT_FIRST |
                                    MAILC_TRAIT_SECRET | MAILC_TRAIT_AUTHZID},
    [MAILC_MECH_XOAUTH2] = {"XOAUTH2", MAILC_TRAIT_CLEAR | MAILC_TRAIT_FIRST |
                                           MAILC_TRAIT_USER |
                                           MAILC_TRAIT_SECRET},
    [MAILC_MECH_EXTERNAL] = {"EXTERNAL",
                             MAILC_TRAIT_FIRST | MAILC_TRAIT_AUTHZID},
    [MAILC_MECH_ANONYMOUS] = {"ANONYMOUS", MAILC_TRAIT_FIRST},
};

const struct mailc_mech_traits *mailc_mech_traits_of(unsigned mech) {
  return &all_traits[mech < MAILC_MECH_COUNT ? mech : MAILC_MECH_CALLER];
}

enum mailc_mech mailc_mech_of(struct mailc_span name) {
  for (unsigned i = MAILC_MECH_CALLER + 1; i < MAILC_MECH_COUNT; i++) {
    if (MAILC_HAS_MECH(i) && mailc_text_is(name, all_traits[i].name)) {
      return (enum mailc_mech)i;
    }
  }
  return MAILC_MECH_CALLER;
}

const char *mailc_mech_name(enum mailc_mech mech) {
  return mailc_mech_traits_of((unsigned)mech)->name;
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
  return mailc_mech_has((unsigned)mech, MAILC_TRAIT_CLEAR);
}

bool mailc_mech_needs_hash(enum mailc_mech mech) {
  return mailc_mech_has((unsigned)mech, MAILC_TRAIT_HASH);
}

/* Whether the policy admits it: E_CLEAR_SECRET if not. */
static enum mailc_status check_policy(unsigned mech, enum mailc_policy policy,
                                      bool has_tls) {
  bool is_clear = mailc_mech_has(mech, MAILC_TRAIT_CLEAR);

  return !has_tls && (policy == MAILC_POLICY_TLS ||
                      (policy == MAILC_POLICY_OWN && is_clear))
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
        (hash != NULL || !mailc_mech_has(mech, MAILC_TRAIT_HASH)) &&
        check_policy(mech, policy, has_tls) == MAILC_OK) {
      return (enum mailc_mech)mech;
    }
  }
  return MAILC_MECH_CALLER;
}
