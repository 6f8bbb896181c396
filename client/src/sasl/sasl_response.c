#include "sasl/sasl_response.h"

#include "common/number.h"
#include "sasl/sasl_cram.h"
#include "sasl/sasl_mech.h"
#include "sasl/sasl_scram.h"

static void add_span(struct mailc_base64 *out, struct mailc_span octets) {
  mailc_base64_add(out, octets.data, octets.len);
}

/* RFC 4616 section 2. */
static void write_plain(const struct mailc_login *login,
                        struct mailc_base64 *out) {
  add_span(out, login->authzid);
  mailc_base64_add(out, "", 1);
  add_span(out, login->user);
  mailc_base64_add(out, "", 1);
  add_span(out, login->secret);
}

static void write_port(uint16_t port, struct mailc_base64 *out) {
  char digits[MAILC_NUMBER_CAP];

  mailc_base64_add(out, "\x01port=", 6);
  mailc_base64_add(out, digits, mailc_number_print(port, digits));
}

static void write_token(const struct mailc_login *login,
                        struct mailc_base64 *out) {
  add_span(out, MAILC_SPAN("\x01"
                           "auth=Bearer "));
  add_span(out, login->secret);
  mailc_base64_add(out, "\x01\x01", 2);
}

/* RFC 7628 section 3.1. */
static void write_bearer(const struct mailc_login *login,
                         struct mailc_base64 *out) {
  mailc_scram_add_header(out, login->authzid.len != 0 ? login->authzid
                                                      : login->user);
  if (login->host.len != 0) {
    mailc_base64_add(out, "\x01host=", 6);
    add_span(out, login->host);
  }
  if (login->port != 0) {
    write_port(login->port, out);
  }
  write_token(login, out);
}

/* Google's form of it. */
static void write_xoauth2(const struct mailc_login *login,
                          struct mailc_base64 *out) {
  mailc_base64_add(out, "user=", 5);
  add_span(out, login->user);
  write_token(login, out);
}

enum mailc_status mailc_sasl_first(const struct mailc_sasl *sasl,
                                   struct mailc_base64 *out) {
  const struct mailc_login *login = sasl->login;

  if (MAILC_IS_MECH(sasl->mech, MAILC_MECH_PLAIN)) {
    write_plain(login, out);
  } else if (mailc_mech_is_scram(sasl->mech)) {
    return mailc_scram_first(sasl, out);
  } else if (MAILC_IS_MECH(sasl->mech, MAILC_MECH_OAUTHBEARER)) {
    write_bearer(login, out);
  } else if (MAILC_IS_MECH(sasl->mech, MAILC_MECH_XOAUTH2)) {
    write_xoauth2(login, out);
  } else if (MAILC_IS_MECH(sasl->mech, MAILC_MECH_EXTERNAL)) {
    add_span(out, login->authzid);
  } else if (MAILC_IS_MECH(sasl->mech, MAILC_MECH_LOGIN) ||
             MAILC_IS_MECH(sasl->mech, MAILC_MECH_ANONYMOUS)) {
    add_span(out, login->user);
  } else if (sasl->mech == MAILC_MECH_CALLER) {
    add_span(out, login->first);
  }
  return MAILC_OK;
}

/* What answers a challenge behind the first response. */
static enum mailc_status write_later(struct mailc_sasl *sasl,
                                     struct mailc_span challenge,
                                     struct mailc_base64 *out) {
  const struct mailc_login *login = sasl->login;
  bool is_scram = mailc_mech_is_scram(sasl->mech);
  enum mailc_status status = MAILC_E_CHALLENGE;

  if (is_scram && sasl->step == 1) {
    status = mailc_scram_final(sasl, challenge, out);
  } else if (is_scram && sasl->step == 2) {
    status = mailc_scram_verify(sasl, challenge);
  } else if (MAILC_IS_MECH(sasl->mech, MAILC_MECH_LOGIN) && sasl->step == 1) {
    add_span(out, login->secret);
    status = MAILC_OK;
  } else if (MAILC_IS_MECH(sasl->mech, MAILC_MECH_OAUTHBEARER) &&
             sasl->step == 1) {
    /* The challenge says why the login fails (RFC 7628 section 3.2.3). */
    mailc_base64_add(out, "\x01", 1);
    status = MAILC_OK;
  } else if (MAILC_IS_MECH(sasl->mech, MAILC_MECH_XOAUTH2) && sasl->step == 1) {
    status = MAILC_OK; /* likewise, answered with nothing */
  }
  return status;
}

enum mailc_status mailc_sasl_answer(struct mailc_sasl *sasl,
                                    struct mailc_span challenge,
                                    struct mailc_base64 *out) {
  enum mailc_status status = MAILC_OK;

  if (sasl->step != 0) {
    status = write_later(sasl, challenge, out);
  } else if (MAILC_IS_MECH(sasl->mech, MAILC_MECH_CRAM_MD5)) {
    status = mailc_cram_md5(sasl, challenge, out);
  } else {
    status = mailc_sasl_first(sasl, out);
  }
  if (status == MAILC_OK) {
    sasl->step++;
  }
  return status;
}
