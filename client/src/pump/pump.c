/* Moves octets between a session's buffers and a transport. */
#include "pump/pump.h"

#include "common/link.h"

#include <string.h>

/* A time that is always past: to look without waiting. */
#define PAST 0

static void tick(const struct mailc_pump *pump, struct mailc_link *link) {
  const struct mailc_transport *transport = pump->transport;

  (void)mailc_link_tick(link, transport->now_ms(transport->context));
}

/* Receives once. A connection that failed is at its end for the session. */
static void receive(const struct mailc_pump *pump, struct mailc_link *link,
                    uint64_t until_ms) {
  size_t cap = 0;
  size_t len = 0;
  uint8_t *at = mailc_link_rx_buf(link, &cap);
  enum mailc_status status = MAILC_OK;

  if (link->is_eof || cap == 0) {
    return;
  }
  status =
      pump->transport->recv(pump->transport->context, at, cap, until_ms, &len);
  tick(pump, link);
  if (status != MAILC_OK) {
    link->is_eof = true;
  } else if (len != 0) {
    (void)mailc_link_rx_ack(link, len);
  }
}

void mailc_pump_begin(struct mailc_pump *pump, struct mailc_link *link) {
  /* From now on by the transport's clock alone, whatever time the session had
   * before. */
  link->now_ms = 0;
  tick(pump, link);
  mailc_pump_drop_reply(pump);
  link->limit_ms = pump->limit_ms == 0
                       ? MAILC_NEVER
                       : mailc_later_ms(link->now_ms, pump->limit_ms);
  mailc_pump_poll(pump, link);
}

void mailc_pump_poll(const struct mailc_pump *pump, struct mailc_link *link) {
  if (link->status == MAILC_OK) {
    receive(pump, link, PAST);
  }
}

bool mailc_pump_can_start_tls(const struct mailc_pump *pump) {
  return pump->transport->start_tls != NULL;
}

/* Makes the handshake. Octets that came before it are the engine's to judge. */
static void start_tls(const struct mailc_pump *pump, struct mailc_link *link,
                      uint64_t until_ms) {
  enum mailc_status status = MAILC_E_TLS;

  if (mailc_link_unread(link).len == 0 && mailc_pump_can_start_tls(pump)) {
    status = pump->transport->start_tls(pump->transport->context, until_ms);
  }
  tick(pump, link);
  if (status == MAILC_OK) {
    (void)mailc_link_tls_up(link);
  } else if (status == MAILC_E_TIMEOUT) {
    link->now_ms = until_ms;
  } else if (mailc_status_band(status) == MAILC_BAND_LINK) {
    link->is_eof = true;
  } else {
    (void)mailc_link_tls_failed(
        link, status == MAILC_E_CERTIFICATE ? status : MAILC_E_TLS);
  }
}

void mailc_pump_turn(struct mailc_pump *pump, struct mailc_link *link) {
  size_t len = 0;
  size_t sent = 0;
  const uint8_t *at = mailc_link_tx_buf(link, &len);
  uint64_t until_ms = mailc_link_deadline_ms(link);
  enum mailc_status status = MAILC_OK;

  if (len == 0 && link->wants_tls) {
    start_tls(pump, link, until_ms);
    return;
  }
  if (len == 0) {
    receive(pump, link, until_ms);
    return;
  }
  status =
      pump->transport->send(pump->transport->context, at, len, until_ms, &sent);
  tick(pump, link);
  if (status != MAILC_OK) {
    mailc_link_tx_lost(link);
    receive(pump, link, PAST);
    link->is_eof = true;
  } else if (sent != 0) {
    (void)mailc_link_tx_ack(link, sent);
  }
}

void mailc_pump_move(const struct mailc_pump *pump, struct mailc_move move) {
  if (pump->on_move != NULL) {
    pump->on_move(pump->context, move);
  }
}

void mailc_pump_drop_reply(struct mailc_pump *pump) {
  pump->reply_len = 0;
  pump->reply_line_count = 0;
}

void mailc_pump_keep_reply(struct mailc_pump *pump, struct mailc_span line) {
  size_t at = pump->reply_len;
  size_t room = pump->reply.cap - at;
  size_t len = line.len;

  if (pump->reply.data == NULL) {
    return;
  }
  if (pump->reply_line_count++ != 0) {
    if (room < 2) {
      return;
    }
    memcpy(pump->reply.data + at, "\r\n", 2);
    at += 2;
    room -= 2;
  }
  if (len > room) {
    len = room;
  }
  if (len != 0) {
    memcpy(pump->reply.data + at, line.data, len);
  }
  pump->reply_len = at + len;
}

struct mailc_span mailc_pump_reply(const struct mailc_pump *pump) {
  return (struct mailc_span){pump->reply.data, pump->reply_len};
}
