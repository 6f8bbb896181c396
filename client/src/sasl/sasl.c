#include "sasl/sasl.h"

#include "common/secret.h"
#include "common/text.h"
#include "sasl/sasl_mech.h"

#include <string.h>

/* The most characters of trace information, RFC 4505 section 2. */
#define TRACE_MAX 255

/* RFC 4422 section 3.1, in any case. */
static bool is_mech_name(struct mailc_span name) {
  for (size_t i = 0; i < name.len; i++) {
    uint8_t c = name.data[i];
    if (!mailc_text_is_alnum(c) && c != '-' && c != '_') {
      return false;
    }
  }
  return name.len >= 1 && name.len <= 20;
}

static bool has(struct mailc_span text, uint8_t octet) {
  return text.len != 0 && memchr(text.data, octet, text.len) != NULL;
}

/* RFC 5802 section 7: visible octets but the comma. */
static bool is_nonce(struct mailc_span nonce) {
  return mailc_text_kinds(nonce) == MAILC_TEXT_VISIBLE && !has(nonce, ',');
}

/* ^A ends a field of OAUTHBEARER and XOAUTH2 (RFC 7628 section 3.1). */
static bool has_end_mark(const struct mailc_login *login) {
  return has(login->user, 1) || has(login->secret, 1) || has(login->host, 1);
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
  return count_characters(text) <= TRACE_MAX &&
         (mailc_text_kinds(text) & MAILC_TEXT_CONTROL) == 0;
}

/* What the mechanisms forbid beyond what all do. Controls are those of RFC 3454
 * section C.2.1, which RFC 4013 and RFC 4505 prohibit. */
static enum mailc_status check_own(const struct mailc_login *login,
                                   unsigned mech, unsigned kinds) {
  bool is_token = MAILC_IS_MECH(mech, MAILC_MECH_OAUTHBEARER) ||
                  MAILC_IS_MECH(mech, MAILC_MECH_XOAUTH2);
  bool is_scram = mailc_mech_is_scram(mech);

  if ((is_token && has_end_mark(login)) ||
      (MAILC_IS_MECH(mech, MAILC_MECH_ANONYMOUS) && !is_trace(login->user)) ||
      (is_scram && (kinds & MAILC_TEXT_CONTROL) != 0)) {
    return MAILC_E_TEXT;
  }
  return is_scram && !login->is_prepared && (kinds & MAILC_TEXT_ABOVE) != 0
             ? MAILC_E_UNPREPARED
             : MAILC_OK;
}

static enum mailc_status check_texts(const struct mailc_login *login,
                                     unsigned mech) {
  unsigned kinds = mailc_text_kinds(login->user) |
                   mailc_text_kinds(login->secret) |
                   mailc_text_kinds(login->authzid);

  return ((kinds | mailc_text_kinds(login->host)) &
          (MAILC_TEXT_LINE_END | MAILC_TEXT_NOT_UTF8)) != 0
             ? MAILC_E_TEXT
             : check_own(login, mech, kinds);
}

static enum mailc_status check_presence(const struct mailc_login *login,
                                        unsigned mech) {
  unsigned traits = mailc_mech_traits(mech);

  if (((traits & MAILC_TRAIT_USER) != 0 && login->user.len == 0) ||
      ((traits & MAILC_TRAIT_SECRET) != 0 && login->secret.len == 0) ||
      ((traits & MAILC_TRAIT_AUTHZID) == 0 && login->authzid.len != 0) ||
      (mailc_mech_is_scram(mech) &&
       (!is_nonce(login->nonce) || login->scratch.data == NULL))) {
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
    if (status == MAILC_OK) {
      status = check_presence(login, mech);
    }
  }
  if (status == MAILC_OK && hash == NULL &&
      mailc_mech_needs_hash((enum mailc_mech)mech)) {
    status = MAILC_E_NO_HASH;
  }
  if (status == MAILC_OK) {
    *sasl = (struct mailc_sasl){
        .login = login, .hash = hash, .mech = (uint8_t)mech};
  }
  return status;
}

void mailc_sasl_end(struct mailc_sasl *sasl) {
  if (sasl->login != NULL && sasl->login->scratch.data != NULL) {
    mailc_wipe(sasl->login->scratch.data, sasl->login->scratch.cap);
  }
  sasl->login = NULL;
}
