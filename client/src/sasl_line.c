/* AUTH and what follows it as lines of the wire. */
#include "sasl.h"
#include "sasl_mech.h"
#include "sasl_response.h"
#include "secret.h"

#include <string.h>

/* Whether AUTH may carry the first response of this login. */
static bool wants_initial(const struct mailc_sasl *sasl) {
  const struct mailc_login *login = sasl->login;

  if (login->initial == MAILC_INITIAL_NO) {
    return false;
  }
  if (sasl->mech == MAILC_MECH_LOGIN) {
    return login->initial == MAILC_INITIAL_YES;
  }
  return sasl->mech == MAILC_MECH_CALLER
             ? login->first.data != NULL
             : mailc_mech_has(sasl->mech, MAILC_TRAIT_FIRST);
}

/* Whether each response whose length depends on the login alone fits the
 * transmit buffer: better told now than in the middle of a login. */
static enum mailc_status check_room(const struct mailc_sasl *sasl,
                                    struct mailc_link *link) {
  const struct mailc_login *login = sasl->login;
  size_t longer =
      login->user.len > login->secret.len ? login->user.len : login->secret.len;
  uint8_t *out = mailc_link_room(link, link->tx_cap);
  struct mailc_base64 encoder;
  enum mailc_status status = MAILC_OK;

  if (sasl->mech == MAILC_MECH_CALLER) {
    return MAILC_OK;
  }
  if (out == NULL || longer > link->tx_cap ||
      MAILC_BASE64_LEN(longer + 1 + 2 * mailc_hash_len(MAILC_HASH_MD5)) + 2 >
          link->tx_cap) {
    return MAILC_E_TOO_LONG;
  }
  mailc_base64_begin(&encoder, out, link->tx_cap - 2);
  status = mailc_sasl_first(sasl, &encoder);
  if (!mailc_base64_end(&encoder)) {
    status = MAILC_E_TOO_LONG;
  }
  mailc_wipe(out, link->tx_cap);
  return status;
}

/* Puts the line with the initial response if that fits into `max` octets. */
static bool put_with_initial(struct mailc_sasl *sasl, struct mailc_link *link,
                             const struct mailc_span *parts, size_t max) {
  size_t head_len = parts[0].len + parts[1].len + 1;
  uint8_t *out = mailc_link_room(link, max);
  struct mailc_base64 encoder;

  if (out == NULL) {
    return false;
  }
  memcpy(out, parts[0].data, parts[0].len);
  memcpy(out + parts[0].len, parts[1].data, parts[1].len);
  out[head_len - 1] = ' ';
  mailc_base64_begin(&encoder, out + head_len, max - head_len - 2);
  (void)mailc_sasl_first(sasl, &encoder);
  if (!mailc_base64_end(&encoder)) {
    mailc_wipe(out, max);
    return false;
  }
  if (encoder.len == 0) {
    out[head_len] = '=';
    encoder.len = 1;
  }
  memcpy(out + head_len + encoder.len, "\r\n", 2);
  mailc_link_put(link, head_len + encoder.len + 2);
  sasl->step = 1;
  return true;
}

enum mailc_status mailc_sasl_put_auth(struct mailc_sasl *sasl,
                                      struct mailc_link *link, size_t max) {
  struct mailc_span parts[] = {MAILC_SPAN("AUTH "), sasl->login->mech};
  enum mailc_status status = check_room(sasl, link);

  if (status != MAILC_OK ||
      (wants_initial(sasl) && put_with_initial(sasl, link, parts, max))) {
    return status;
  }
  return mailc_link_put_line(link, parts, 2, max);
}

static enum mailc_sasl_turn cancel(struct mailc_link *link,
                                   enum mailc_status cause,
                                   enum mailc_status *why) {
  *why = cause;
  mailc_sasl_put_cancel(link);
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
  if (!mailc_base64_end(&encoder) && status == MAILC_OK) {
    status = MAILC_E_BUFFER;
  }
  if (status != MAILC_OK) {
    mailc_wipe(out, link->tx_cap);
    return cancel(link, status, why);
  }
  memcpy(out + encoder.len, "\r\n", 2);
  mailc_link_put(link, encoder.len + 2);
  return MAILC_SASL_RESPONSE;
}

enum mailc_sasl_turn mailc_sasl_take(struct mailc_sasl *sasl,
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

enum mailc_status mailc_sasl_put_answer(struct mailc_link *link,
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
  if (!mailc_base64_end(&encoder)) {
    mailc_wipe(out, link->tx_cap);
    return MAILC_E_TOO_LONG;
  }
  memcpy(out + encoder.len, "\r\n", 2);
  mailc_link_put(link, encoder.len + 2);
  return MAILC_OK;
}

void mailc_sasl_put_cancel(struct mailc_link *link) {
  static const struct mailc_span star = {(const uint8_t *)"*", 1};

  (void)mailc_link_put_line(link, &star, 1, MAILC_SMTP_COMMAND_MAX);
}
