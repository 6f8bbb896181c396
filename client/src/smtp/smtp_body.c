#include "smtp/smtp_body.h"

#include "common/dot.h"
#include "common/link.h"
#include "smtp/smtp_action.h"
#include "smtp/smtp_queue.h"

#include <string.h>

/* Runs up to this length are joined in the transmit buffer, so that many short
 * ones do not make as many packets. */
#define COPY_MAX 128u

void mailc_smtp_load_body(struct mailc_smtp *session) {
  struct mailc_link *link = &session->link;
  struct mailc_span *rest = &session->span;
  size_t unsent = 0;

  if (session->state != MAILC_SMTP_ST_DATA) {
    return;
  }
  while (rest->len != 0 && link->ref_len == 0) {
    struct mailc_dot dot = session->dot;
    struct mailc_dot_piece piece;
    (void)mailc_dot_next(&dot, rest->data, rest->len, &piece);
    if (piece.len > COPY_MAX) {
      link->ref = piece.octets;
      link->ref_len = piece.len;
    } else {
      uint8_t *out = mailc_link_room(link, piece.len);
      if (out == NULL) {
        break;
      }
      memcpy(out, piece.octets, piece.len);
      mailc_link_commit(link, piece.len);
    }
    session->dot = dot;
    rest->data += piece.used_len;
    rest->len -= piece.used_len;
  }
  (void)mailc_link_tx_buf(link, &unsent);
  if (unsent == 0) {
    mailc_link_stop_timer(link);
  }
}

/* Whether octets of a message may be given now. */
static enum mailc_status check_place(const struct mailc_smtp *session) {
  size_t unsent = 0;

  if (session == NULL) {
    return MAILC_E_ARGUMENT;
  }
  if (session->link.status != MAILC_OK) {
    return session->link.status;
  }
  (void)mailc_link_tx_buf(&session->link, &unsent);
  if (session->state != MAILC_SMTP_ST_DATA || unsent != 0) {
    return MAILC_E_STATE;
  }
  if (mailc_smtp_has_event(session) || session->link.is_eof ||
      mailc_link_unread(&session->link).len != 0) {
    return MAILC_E_EVENTS;
  }
  return MAILC_OK;
}

/* What was sent cannot be taken back: the session ends without the final dot,
 * so that no server takes the message for whole. */
static enum mailc_status give_up(struct mailc_smtp *session) {
  mailc_smtp_step(session, MAILC_SMTP_EV_ABORT, MAILC_OK);
  return MAILC_E_MESSAGE;
}

enum mailc_status mailc_smtp_body(struct mailc_smtp *session,
                                  struct mailc_span octets) {
  struct mailc_dot behind;
  enum mailc_status status = check_place(session);

  if (status == MAILC_OK && octets.data == NULL && octets.len != 0) {
    status = MAILC_E_ARGUMENT;
  }
  if (status != MAILC_OK) {
    return status;
  }
  behind = session->dot;
  if (mailc_dot_skip(&behind, octets.data, octets.len) != MAILC_DOT_OK) {
    return give_up(session);
  }
  session->span = octets;
  session->link.timeout_ms = session->block_timeout_ms;
  mailc_link_start_timer(&session->link);
  mailc_smtp_load_body(session);
  return MAILC_OK;
}

enum mailc_status mailc_smtp_end(struct mailc_smtp *session) {
  struct mailc_dot_piece piece;
  enum mailc_status status = check_place(session);
  uint8_t *out = NULL;

  if (status != MAILC_OK) {
    return status;
  }
  if (mailc_dot_end(&session->dot, &piece) != MAILC_DOT_OK) {
    return give_up(session);
  }
  out = mailc_link_room(&session->link, piece.len);
  if (out == NULL) {
    return MAILC_E_TOO_LONG;
  }
  memcpy(out, piece.octets, piece.len);
  mailc_link_commit(&session->link, piece.len);
  mailc_smtp_end_message(session);
  return MAILC_OK;
}

enum mailc_status mailc_smtp_abort(struct mailc_smtp *session) {
  if (session == NULL) {
    return MAILC_E_ARGUMENT;
  }
  if (session->link.status != MAILC_OK) {
    return session->link.status;
  }
  if (session->state != MAILC_SMTP_ST_DATA) {
    return MAILC_E_STATE;
  }
  if (mailc_smtp_has_event(session)) {
    return MAILC_E_EVENTS;
  }
  (void)give_up(session);
  return MAILC_OK;
}

enum mailc_status mailc_smtp_check_message(const struct mailc_smtp *session,
                                           struct mailc_span message,
                                           bool is_8bit) {
  struct mailc_dot dot;
  struct mailc_dot_piece piece;

  if (session == NULL || (message.data == NULL && message.len != 0)) {
    return MAILC_E_ARGUMENT;
  }
  mailc_dot_begin(&dot, session->dot_flags | (is_8bit ? MAILC_DOT_8BIT : 0u));
  if (mailc_dot_skip(&dot, message.data, message.len) != MAILC_DOT_OK ||
      mailc_dot_end(&dot, &piece) != MAILC_DOT_OK) {
    return MAILC_E_MESSAGE;
  }
  return MAILC_OK;
}

enum mailc_delivery mailc_smtp_delivery(const struct mailc_smtp *session) {
  return session == NULL ? MAILC_DELIVERY_NOT_SENT
                         : (enum mailc_delivery)session->delivery;
}
