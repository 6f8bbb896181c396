#include "sasl.h"

#include "secret.h"
#include "text.h"

#include <string.h>

static const char hex_digits[] = "0123456789abcdef";

static enum mailc_mech mech_of(struct mailc_span name) {
  if (mailc_text_is(name, "PLAIN")) {
    return MAILC_MECH_PLAIN;
  }
  if (mailc_text_is(name, "LOGIN")) {
    return MAILC_MECH_LOGIN;
  }
  return mailc_text_is(name, "CRAM-MD5") ? MAILC_MECH_CRAM_MD5
                                         : MAILC_MECH_CALLER;
}

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

enum mailc_status mailc_sasl_begin(struct mailc_sasl *sasl,
                                   const struct mailc_login *login,
                                   const struct mailc_hash *hash) {
  enum mailc_mech mech;

  if (login == NULL || !is_mech_name(login->mech)) {
    return MAILC_E_ARGUMENT;
  }
  mech = login->is_raw ? MAILC_MECH_CALLER : mech_of(login->mech);
  if (mech != MAILC_MECH_CALLER) {
    if (!mailc_text_is_clean(login->user) ||
        !mailc_text_is_clean(login->secret) ||
        !mailc_text_is_clean(login->authzid)) {
      return MAILC_E_TEXT;
    }
    if (login->user.len == 0 || login->secret.len == 0 ||
        (login->authzid.len != 0 && mech != MAILC_MECH_PLAIN)) {
      return MAILC_E_ARGUMENT;
    }
  }
  if (mech == MAILC_MECH_CRAM_MD5 && hash == NULL) {
    return MAILC_E_NO_HASH;
  }
  *sasl =
      (struct mailc_sasl){.login = login, .hash = hash, .mech = (uint8_t)mech};
  return MAILC_OK;
}

bool mailc_sasl_is_clear(const struct mailc_sasl *sasl) {
  return sasl->mech != MAILC_MECH_CRAM_MD5;
}

bool mailc_sasl_has_initial(const struct mailc_sasl *sasl) {
  const struct mailc_login *login = sasl->login;

  if (login->initial == MAILC_INITIAL_NO) {
    return false;
  }
  if (sasl->mech == MAILC_MECH_LOGIN) {
    return login->initial == MAILC_INITIAL_YES;
  }
  if (sasl->mech == MAILC_MECH_CALLER) {
    return login->first.data != NULL;
  }
  return sasl->mech == MAILC_MECH_PLAIN;
}

size_t mailc_sasl_initial_len(const struct mailc_sasl *sasl) {
  const struct mailc_login *login = sasl->login;

  if (sasl->mech == MAILC_MECH_CALLER) {
    return login->first.len;
  }
  if (sasl->mech == MAILC_MECH_LOGIN) {
    return login->user.len;
  }
  return login->authzid.len + 1 + login->user.len + 1 + login->secret.len;
}

size_t mailc_sasl_response_max(const struct mailc_sasl *sasl) {
  const struct mailc_login *login = sasl->login;

  switch ((enum mailc_mech)sasl->mech) {
  case MAILC_MECH_PLAIN:
    return mailc_sasl_initial_len(sasl);
  case MAILC_MECH_LOGIN:
    return login->user.len > login->secret.len ? login->user.len
                                               : login->secret.len;
  case MAILC_MECH_CRAM_MD5:
    return login->user.len + 1 + 2 * mailc_hash_len(MAILC_HASH_MD5);
  case MAILC_MECH_CALLER:
    break;
  }
  return 0;
}

/* RFC 4616 section 2. */
static void write_plain(const struct mailc_login *login,
                        struct mailc_base64 *out) {
  mailc_base64_add(out, login->authzid.data, login->authzid.len);
  mailc_base64_add(out, "", 1);
  mailc_base64_add(out, login->user.data, login->user.len);
  mailc_base64_add(out, "", 1);
  mailc_base64_add(out, login->secret.data, login->secret.len);
}

/* RFC 2195 section 2: the user, a blank, HMAC-MD5 in lower-case hex. */
static enum mailc_status write_cram_md5(const struct mailc_sasl *sasl,
                                        struct mailc_span challenge,
                                        struct mailc_base64 *out) {
  const struct mailc_login *login = sasl->login;
  uint8_t mac[MAILC_HASH_CAP];

  if (challenge.len == 0) {
    return MAILC_E_CHALLENGE;
  }
  if (!sasl->hash->hmac(MAILC_HASH_MD5, login->secret.data, login->secret.len,
                        challenge.data, challenge.len, mac)) {
    return MAILC_E_NO_HASH;
  }
  mailc_base64_add(out, login->user.data, login->user.len);
  mailc_base64_add(out, " ", 1);
  for (size_t i = 0; i < mailc_hash_len(MAILC_HASH_MD5); i++) {
    mailc_base64_add(out, &hex_digits[mac[i] >> 4], 1);
    mailc_base64_add(out, &hex_digits[mac[i] & 15], 1);
  }
  mailc_wipe(mac, sizeof mac);
  return MAILC_OK;
}

void mailc_sasl_initial(struct mailc_sasl *sasl, struct mailc_base64 *out) {
  const struct mailc_login *login = sasl->login;

  if (sasl->mech == MAILC_MECH_CALLER) {
    mailc_base64_add(out, login->first.data, login->first.len);
  } else if (sasl->mech == MAILC_MECH_LOGIN) {
    mailc_base64_add(out, login->user.data, login->user.len);
  } else {
    write_plain(login, out);
  }
  sasl->step = 1;
}

enum mailc_status mailc_sasl_answer(struct mailc_sasl *sasl,
                                    struct mailc_span challenge,
                                    struct mailc_base64 *out) {
  const struct mailc_login *login = sasl->login;
  unsigned step = sasl->step++;

  if (sasl->mech == MAILC_MECH_PLAIN && step == 0) {
    write_plain(login, out);
    return MAILC_OK;
  }
  if (sasl->mech == MAILC_MECH_CRAM_MD5 && step == 0) {
    return write_cram_md5(sasl, challenge, out);
  }
  /* LOGIN's challenges are prompts, of which servers send various forms. */
  if (sasl->mech == MAILC_MECH_LOGIN && step <= 1) {
    const struct mailc_span *field = step == 0 ? &login->user : &login->secret;
    mailc_base64_add(out, field->data, field->len);
    return MAILC_OK;
  }
  return MAILC_E_CHALLENGE;
}
