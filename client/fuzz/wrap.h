/* The functions of a session as struct fuzz_protocol has them. */
#ifndef MAILC_FUZZ_WRAP_H
#define MAILC_FUZZ_WRAP_H

#define FUZZ_WRAP(protocol)                                                    \
  static unsigned want(const void *session) {                                  \
    return mailc_##protocol##_want(session);                                   \
  }                                                                            \
  static const uint8_t *tx_buf(const void *session, size_t *len) {             \
    return mailc_##protocol##_tx_buf(session, len);                            \
  }                                                                            \
  static enum mailc_status tx_ack(void *session, size_t len) {                 \
    return mailc_##protocol##_tx_ack(session, len);                            \
  }                                                                            \
  static uint8_t *rx_buf(void *session, size_t *len) {                         \
    return mailc_##protocol##_rx_buf(session, len);                            \
  }                                                                            \
  static enum mailc_status rx_ack(void *session, size_t len) {                 \
    return mailc_##protocol##_rx_ack(session, len);                            \
  }                                                                            \
  static enum mailc_status rx_eof(void *session) {                             \
    return mailc_##protocol##_rx_eof(session);                                 \
  }                                                                            \
  static enum mailc_status tick(void *session, uint64_t now_ms) {              \
    return mailc_##protocol##_tick(session, now_ms);                           \
  }                                                                            \
  static uint64_t deadline_ms(const void *session) {                           \
    return mailc_##protocol##_deadline_ms(session);                            \
  }                                                                            \
  static enum mailc_status tls_up(void *session) {                             \
    return mailc_##protocol##_tls_up(session);                                 \
  }                                                                            \
  static enum mailc_status tls_failed(void *session,                           \
                                      enum mailc_status cause) {               \
    return mailc_##protocol##_tls_failed(session, cause);                      \
  }

/* Their members; next, give, sent and the sizes are the protocol's own. */
#define FUZZ_WRAPPED                                                           \
  .want = want, .tx_buf = tx_buf, .tx_ack = tx_ack, .rx_buf = rx_buf,          \
  .rx_ack = rx_ack, .rx_eof = rx_eof, .tick = tick,                            \
  .deadline_ms = deadline_ms, .tls_up = tls_up, .tls_failed = tls_failed

#endif
