/* A login in memory: what AUTH and the answers to challenges look like on the
 * wire. */
#ifndef MAILC_TEST_SASL_TALK_H
#define MAILC_TEST_SASL_TALK_H

#include "check.h"
#include "common/base64.h"
#include "sasl/sasl.h"

struct sasl_talk {
  uint8_t rx[2048];
  uint8_t tx[1024];
  uint8_t scratch[512];
  struct mailc_link link;
  struct mailc_sasl sasl;
  enum mailc_status why;
};

static inline struct mailc_span sasl_span(const char *text) {
  return (struct mailc_span){(const uint8_t *)text, strlen(text)};
}

static inline struct mailc_login sasl_login(const char *mech, const char *user,
                                            const char *secret) {
  return (struct mailc_login){.mech = sasl_span(mech),
                              .user = sasl_span(user),
                              .secret = sasl_span(secret)};
}

static inline void sasl_open(struct sasl_talk *talk) {
  memset(talk, 0, sizeof *talk);
  talk->link = (struct mailc_link){.rx = talk->rx,
                                   .rx_cap = sizeof talk->rx,
                                   .tx = talk->tx,
                                   .tx_cap = sizeof talk->tx,
                                   .timeout_ms = 1};
  CHECK(mailc_link_init(&talk->link) == MAILC_OK);
}

/* Begins a login, in the talk's own scratch buffer unless it has another. */
static inline enum mailc_status
sasl_begin(struct sasl_talk *talk, struct mailc_login *login, size_t max) {
  enum mailc_status status;

  sasl_open(talk);
  if (login->scratch.data == NULL) {
    login->scratch = (struct mailc_buffer){talk->scratch, sizeof talk->scratch};
  }
  status = mailc_sasl_begin(&talk->sasl, login, &mailc_hash_openssl);
  return status != MAILC_OK
             ? status
             : mailc_sasl_write_auth(&talk->sasl, &talk->link, max);
}

/* The line that waits to be sent is `expected`; it leaves. */
static inline void sasl_sent(struct sasl_talk *talk, const char *expected) {
  size_t len = 0;
  const uint8_t *at = mailc_link_tx_buf(&talk->link, &len);
  bool is_line = len >= 2 && at[len - 1] == '\n' && at[len - 2] == '\r';

  CHECK(is_line);
  if (is_line && !check_same(at, len - 2, expected, strlen(expected))) {
    (void)fprintf(stderr, "sent: %.*s\n", (int)len - 2, (const char *)at);
    check_that(false, expected, __FILE__, __LINE__);
  }
  CHECK(mailc_link_tx_ack(&talk->link, len) == MAILC_OK);
}

/* Gives a challenge as it stands on the wire. */
static inline enum mailc_sasl_turn sasl_raw(struct sasl_talk *talk,
                                            const char *text) {
  struct mailc_span challenge = {talk->rx, strlen(text)};

  memcpy(talk->rx, text, challenge.len);
  return mailc_sasl_read_challenge(&talk->sasl, &talk->link, &challenge,
                                   &talk->why);
}

/* Gives one that is written here without base64. */
static inline enum mailc_sasl_turn sasl_challenge(struct sasl_talk *talk,
                                                  struct mailc_span octets) {
  struct mailc_base64 encoder;
  struct mailc_span challenge = {talk->rx, 0};

  mailc_base64_begin(&encoder, talk->rx, sizeof talk->rx);
  mailc_base64_add(&encoder, octets.data, octets.len);
  CHECK(mailc_base64_end(&encoder));
  challenge.len = encoder.len;
  return mailc_sasl_read_challenge(&talk->sasl, &talk->link, &challenge,
                                   &talk->why);
}

#endif
