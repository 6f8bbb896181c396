/* An SMTP session as seen by who moves its octets and keeps its time. */
#include "common/link.h"
#include "smtp/smtp_action.h"
#include "smtp/smtp_body.h"

static size_t unsent_len(const struct mailc_smtp *session) {
  size_t len = 0;

  (void)mailc_link_tx_buf(&session->link, &len);
  return len;
}

unsigned mailc_smtp_want(const struct mailc_smtp *session) {
  unsigned want = 0;

  if (session == NULL) {
    return 0;
  }
  if (mailc_smtp_has_event(session)) {
    want |= MAILC_WANT_CALLER;
  }
  if (mailc_smtp_is_over(session)) {
    return want | MAILC_WANT_CLOSED;
  }
  if (session->link.wants_tls) {
    return want | MAILC_WANT_TLS;
  }
  if (unsent_len(session) != 0) {
    want |= MAILC_WANT_TX;
  } else if (!session->is_awaiting &&
             (session->queue_count == 0 || session->has_begun)) {
    want |= MAILC_WANT_CALLER;
  }
  if (session->state != MAILC_SMTP_ST_START && !session->link.is_eof &&
      mailc_link_unread(&session->link).len < session->link.rx_cap) {
    want |= MAILC_WANT_RX;
  }
  return want;
}

const uint8_t *mailc_smtp_tx_buf(const struct mailc_smtp *session,
                                 size_t *len) {
  return len == NULL
             ? NULL
             : mailc_link_tx_buf(session == NULL ? NULL : &session->link, len);
}

enum mailc_status mailc_smtp_tx_ack(struct mailc_smtp *session, size_t len) {
  enum mailc_status status = mailc_link_tx_ack(mailc_smtp_link(session), len);

  if (status == MAILC_OK) {
    mailc_smtp_load_body(session);
  }
  return status;
}

uint8_t *mailc_smtp_rx_buf(struct mailc_smtp *session, size_t *len) {
  if (len == NULL) {
    return NULL;
  }
  *len = 0;
  return session == NULL || session->event.kind != MAILC_SMTP_EVENT_NONE ||
                 session->next_step != MAILC_SMTP_STEP_NONE
             ? NULL
             : mailc_link_rx_buf(&session->link, len);
}

enum mailc_status mailc_smtp_rx_ack(struct mailc_smtp *session, size_t len) {
  return mailc_link_rx_ack(mailc_smtp_link(session), len);
}

enum mailc_status mailc_smtp_rx_eof(struct mailc_smtp *session) {
  if (session != NULL) {
    session->link.is_eof = true;
  }
  return mailc_smtp_status(session);
}

enum mailc_status mailc_smtp_tick(struct mailc_smtp *session, uint64_t now_ms) {
  return mailc_link_tick(mailc_smtp_link(session), now_ms);
}

enum mailc_status mailc_smtp_set_limit_ms(struct mailc_smtp *session,
                                          uint64_t limit_ms) {
  return mailc_link_set_limit(mailc_smtp_link(session), limit_ms);
}

enum mailc_status mailc_smtp_tls_up(struct mailc_smtp *session) {
  return mailc_link_tls_up(mailc_smtp_link(session));
}

enum mailc_status mailc_smtp_tls_failed(struct mailc_smtp *session,
                                        enum mailc_status cause) {
  return mailc_link_tls_failed(mailc_smtp_link(session), cause);
}

uint64_t mailc_smtp_deadline_ms(const struct mailc_smtp *session) {
  return mailc_link_deadline_ms(session == NULL ? NULL : &session->link);
}
