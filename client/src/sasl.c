#include "sasl.h"

#include "sasl_mech.h"
#include "secret.h"
#include "text.h"

#include <string.h>

/* The most characters of trace information, RFC 4505 section 2. */
#define TRACE_MAX 255

/* RFC 4422 section 3.1, in any case. */
static bool is_mech_name(struct mailc_span name) {
  for (size_t i = 0; i < name.len; i++) {
    uint8_t c = mailc_text_upper(name.data[i]);
    if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '-' &&
        c != '_') {
      return false;
    }
  }
  return name.len >= 1 && name.len <= 20;
}

/* RFC 5802 section 7: visible octets but the comma. */
static bool is_nonce(struct mailc_span nonce) {
  for (size_t i = 0; i < nonce.len; i++) {
    if (nonce.data[i] <= ' ' || nonce.data[i] > '~' || nonce.data[i] == ',') {
      return false;
    }
  }
  return nonce.len != 0;
}

static bool is_field(struct mailc_span text) {
  return mailc_text_is_clean(text) && mailc_text_is_utf8(text);
}

/* ^A ends a field of OAUTHBEARER and XOAUTH2 (RFC 7628 section 3.1). */
static bool has_end_mark(const struct mailc_login *login) {
  return (login->user.len != 0 &&
          memchr(login->user.data, 1, login->user.len) != NULL) ||
         (login->secret.len != 0 &&
          memchr(login->secret.data, 1, login->secret.len) != NULL) ||
         (login->host.len != 0 &&
          memchr(login->host.data, 1, login->host.len) != NULL);
}

/* RFC 3454 section C.2.1, which RFC 4013 and RFC 4505 prohibit. */
static bool has_control(struct mailc_span text) {
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] < ' ' || text.data[i] == 127) {
      return true;
    }
  }
  return false;
}

/* The characters of a text in UTF-8. */
static size_t count_characters(struct mailc_span text) {
  size_t count = 0;

  for (size_t i = 0; i < text.len; i++) {
    count += (text.data[i] & 0xc0) != 0x80;
  }
  return count;
}

/* RFC 4505 sections 2 and 3. */
static bool is_trace(struct mailc_span text) {
  return count_characters(text) <= TRACE_MAX && !has_control(text);
}

static enum mailc_status check_texts(const struct mailc_login *login,
                                     unsigned mech) {
  bool is_token = mech == MAILC_MECH_OAUTHBEARER || mech == MAILC_MECH_XOAUTH2;

  if (!is_field(login->user) || !is_field(login->secret) ||
      !is_field(login->authzid) || !is_field(login->host) ||
      (is_token && has_end_mark(login)) ||
      (mech == MAILC_MECH_ANONYMOUS && !is_trace(login->user))) {
    return MAILC_E_TEXT;
  }
  if (mailc_mech_has(mech, MAILC_TRAIT_NONCE) &&
      (has_control(login->user) || has_control(login->authzid) ||
       has_control(login->secret))) {
    return MAILC_E_TEXT;
  }
  if (mailc_mech_has(mech, MAILC_TRAIT_NONCE) && !login->is_prepared &&
      (!mailc_text_is_ascii(login->user) ||
       !mailc_text_is_ascii(login->authzid) ||
       !mailc_text_is_ascii(login->secret))) {
    return MAILC_E_UNPREPARED;
  }
  return MAILC_OK;
}

static enum mailc_status check_presence(const struct mailc_login *login,
                                        unsigned mech) {
  if ((mailc_mech_has(mech, MAILC_TRAIT_USER) && login->user.len == 0) ||
      (mailc_mech_has(mech, MAILC_TRAIT_SECRET) && login->secret.len == 0) ||
      (!mailc_mech_has(mech, MAILC_TRAIT_AUTHZID) && login->authzid.len != 0)) {
    return MAILC_E_ARGUMENT;
  }
  if (mailc_mech_has(mech, MAILC_TRAIT_NONCE) &&
      (!is_nonce(login->nonce) || login->scratch.data == NULL)) {
    return MAILC_E_ARGUMENT;
  }
  return MAILC_OK;
}

enum mailc_status mailc_sasl_begin(struct mailc_sasl *sasl,
                                   const struct mailc_login *login,
                                   const struct mailc_hash *hash) {
  enum mailc_status status = MAILC_OK;
  unsigned mech = MAILC_MECH_CALLER;

  if (login == NULL || !is_mech_name(login->mech)) {
    return MAILC_E_ARGUMENT;
  }
  if (!login->is_raw) {
    mech = (unsigned)mailc_mech_of(login->mech);
  }
  if (mech != MAILC_MECH_CALLER) {
    status = check_texts(login, mech);
  }
  if (mech != MAILC_MECH_CALLER && status == MAILC_OK) {
    status = check_presence(login, mech);
  }
  if (status == MAILC_OK && hash == NULL &&
      mailc_mech_has(mech, MAILC_TRAIT_HASH)) {
    status = MAILC_E_NO_HASH;
  }
  if (status == MAILC_OK) {
    *sasl = (struct mailc_sasl){.login = login,
                                .hash = hash,
                                .mech = (uint8_t)mech,
                                .is_unproved =
                                    mailc_mech_has(mech, MAILC_TRAIT_NONCE)};
  }
  return status;
}

enum mailc_status mailc_sasl_verdict(const struct mailc_sasl *sasl) {
  return sasl->is_unproved ? MAILC_E_PROOF : MAILC_OK;
}

void mailc_sasl_end(struct mailc_sasl *sasl) {
  if (sasl->login != NULL && sasl->login->scratch.data != NULL) {
    mailc_wipe(sasl->login->scratch.data, sasl->login->scratch.cap);
  }
  sasl->login = NULL;
}
