/* AUTH and what follows it as lines of the wire. */
#include "common/secret.h"
#include "sasl/sasl.h"
#include "sasl/sasl_mech.h"
#include "sasl/sasl_response.h"

#include <string.h>

/* Whether AUTH may carry the first response of this login. */
static bool wants_initial(const struct mailc_sasl *sasl) {
  const struct mailc_login *login = sasl->login;

  if (sasl->is_bare || login->initial == MAILC_INITIAL_NO) {
    return false;
  }
  if (MAILC_IS_MECH(sasl->mech, MAILC_MECH_LOGIN)) {
    return login->initial == MAILC_INITIAL_YES;
  }
  return sasl->mech == MAILC_MECH_CALLER
             ? login->first.data != NULL
             : (mailc_mech_traits(sasl->mech) & MAILC_TRAIT_FIRST) != 0;
}

/* Puts a line of `len` octets at `out` that lacks its CRLF. */
static void end_line(struct mailc_link *link, uint8_t *out, size_t len) {
  memcpy(out + len, "\r\n", 2);
  mailc_link_commit(link, len + 2);
}

/* Writes the first response of the login to the start of the transmit buffer,
 * which is empty: whether each response whose length depends on the login alone
 * fits is better known now than in the middle of a login. */
static enum mailc_status write_first(const struct mailc_sasl *sasl,
                                     const struct mailc_link *link,
                                     struct mailc_base64 *encoder) {
  const struct mailc_login *login = sasl->login;
  size_t longer =
      login->user.len > login->secret.len ? login->user.len : login->secret.len;
  enum mailc_status status = MAILC_OK;

  mailc_base64_begin(encoder, link->tx, link->tx_cap - 2);
  status = mailc_sasl_first(sasl, encoder);
  if (!mailc_base64_end(encoder)) {
    status = MAILC_E_TOO_LONG;
  }
  if (sasl->mech == MAILC_MECH_CALLER) {
    return MAILC_OK;
  }
  return longer > (link->tx_cap - 2) / 4 * 3 - 1 -
                      2 * mailc_hash_len(MAILC_HASH_MD5)
             ? MAILC_E_TOO_LONG
             : status;
}

enum mailc_status mailc_sasl_write_auth(struct mailc_sasl *sasl,
                                        struct mailc_link *link, size_t max) {
  uint8_t *out = mailc_link_room(link, link->tx_cap);
  struct mailc_base64 first;
  enum mailc_status status = MAILC_E_TOO_LONG;

  if (out == NULL) {
    return status;
  }
  status = write_first(sasl, link, &first);
  if (status == MAILC_OK && first.len == 0) {
    out[0] = '=';
    first.len = 1;
  }
  if (status == MAILC_OK) {
    /* At the end of the buffer it lies behind all that is put before it. */
    uint8_t *at = out + link->tx_cap - first.len;
    struct mailc_span parts[] = {
        MAILC_SPAN("AUTH"), sasl->login->mech, {at, first.len}};

    memmove(at, out, first.len);
    sasl->step = wants_initial(sasl) && !first.is_full;
    status = mailc_link_write_line(link, parts, 2u + sasl->step, max);
    if (status == MAILC_E_TOO_LONG && sasl->step != 0) {
      sasl->step = 0;
      status = mailc_link_write_line(link, parts, 2, max);
    }
  }
  mailc_wipe(out + link->tx_len, link->tx_cap - link->tx_len);
  return status;
}

/* Puts the response that was written at `out`; wipes one that does not fit. */
static bool put_response(struct mailc_link *link, uint8_t *out,
                         struct mailc_base64 *encoder) {
  if (!mailc_base64_end(encoder)) {
    mailc_wipe(out, link->tx_cap);
    return false;
  }
  end_line(link, out, encoder->len);
  return true;
}

static enum mailc_sasl_turn cancel(struct mailc_link *link,
                                   enum mailc_status cause,
                                   enum mailc_status *why) {
  *why = cause;
  mailc_sasl_write_cancel(link);
  return MAILC_SASL_CANCEL;
}

/* Puts the library's answer to a decoded challenge. */
static enum mailc_sasl_turn answer(struct mailc_sasl *sasl,
                                   struct mailc_link *link,
                                   struct mailc_span challenge,
                                   enum mailc_status *why) {
  uint8_t *out = mailc_link_room(link, link->tx_cap);
  struct mailc_base64 encoder;
  enum mailc_status status = MAILC_OK;

  mailc_base64_begin(&encoder, out, link->tx_cap - 2);
  status = mailc_sasl_answer(sasl, challenge, &encoder);
  encoder.is_full = encoder.is_full || status != MAILC_OK;
  if (put_response(link, out, &encoder)) {
    return MAILC_SASL_RESPONSE;
  }
  return cancel(link, status != MAILC_OK ? status : MAILC_E_BUFFER, why);
}

enum mailc_sasl_turn mailc_sasl_read_challenge(struct mailc_sasl *sasl,
                                               struct mailc_link *link,
                                               struct mailc_span *challenge,
                                               enum mailc_status *why) {
  /* It lies in the receive buffer, which is the session's to write. */
  uint8_t *at = link->rx + (challenge->data - link->rx);
  unsigned rounds_max =
      sasl->login->rounds_max == 0 ? MAILC_ROUNDS_MAX : sasl->login->rounds_max;

  if (!mailc_base64_decode(at, &challenge->len, at, challenge->len)) {
    return cancel(link, MAILC_E_CHALLENGE, why);
  }
  if (sasl->round_count == rounds_max) {
    return cancel(link, MAILC_E_TOO_MANY_ROUNDS, why);
  }
  sasl->round_count++;
  return sasl->mech == MAILC_MECH_CALLER ? MAILC_SASL_CALLER
                                         : answer(sasl, link, *challenge, why);
}

enum mailc_status mailc_sasl_write_answer(struct mailc_link *link,
                                          struct mailc_span octets) {
  struct mailc_base64 encoder;
  uint8_t *out = NULL;

  if (octets.data == NULL) {
    return MAILC_E_ARGUMENT;
  }
  out = mailc_link_room(link, link->tx_cap);
  if (out == NULL) {
    return MAILC_E_TOO_LONG;
  }
  mailc_base64_begin(&encoder, out, link->tx_cap - 2);
  mailc_base64_add(&encoder, octets.data, octets.len);
  return put_response(link, out, &encoder) ? MAILC_OK : MAILC_E_TOO_LONG;
}

void mailc_sasl_write_cancel(struct mailc_link *link) {
  static const struct mailc_span star = {(const uint8_t *)"*", 1};

  (void)mailc_link_write_line(link, &star, 1, MAILC_SMTP_COMMAND_MAX);
}
