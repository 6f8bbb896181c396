/* Buffers, lines and deadlines of a session. Lines are searched where the
 * caller received them; nothing is copied but what has to move to the front. */
#include "common/link.h"

#include "common/secret.h"
#include "common/text.h"

#include <string.h>

enum mailc_status mailc_link_init(struct mailc_link *link) {
  link->deadline_ms = MAILC_NEVER;
  link->limit_ms = MAILC_NEVER;
  if (link->rx == NULL || link->rx_cap < MAILC_RX_CAP_MIN || link->tx == NULL ||
      link->tx_cap < MAILC_TX_CAP_MIN || link->timeout_ms == 0) {
    link->status = MAILC_E_ARGUMENT;
  }
  return link->status;
}

void mailc_link_start_timer(struct mailc_link *link) {
  link->deadline_ms = mailc_later_ms(link->now_ms, link->timeout_ms);
}

static void note_progress(struct mailc_link *link) {
  if (link->deadline_ms != MAILC_NEVER) {
    mailc_link_start_timer(link);
  }
}

uint8_t *mailc_link_rx_buf(struct mailc_link *link, size_t *len) {
  if (link->rx_used != 0) {
    link->rx_len -= link->rx_used;
    link->rx_seen -= link->rx_used;
    memmove(link->rx, link->rx + link->rx_used, link->rx_len);
    link->rx_used = 0;
  }
  *len = link->rx_cap - link->rx_len;
  return link->rx + link->rx_len;
}

enum mailc_status mailc_link_rx_ack(struct mailc_link *link, size_t len) {
  enum mailc_status status = mailc_link_status(link);

  if (status != MAILC_OK) {
    return status;
  }
  if (len > link->rx_cap - link->rx_len) {
    return MAILC_E_ARGUMENT;
  }
  link->rx_len += len;
  note_progress(link);
  return MAILC_OK;
}

void mailc_link_consume(struct mailc_link *link, size_t len) {
  link->rx_used += len;
  link->rx_seen = link->rx_used;
}

/* Whether an octet may stand in a line. A CR may be the last octet received,
 * as its LF may follow. */
static bool is_in_line(const uint8_t *octets, size_t len, size_t at) {
  if (octets[at] == '\r') {
    return at + 1 == len || octets[at + 1] == '\n';
  }
  return octets[at] != '\0' &&
         (octets[at] != '\n' || (at > 0 && octets[at - 1] == '\r'));
}

enum mailc_status mailc_link_line(struct mailc_link *link,
                                  struct mailc_span *line) {
  struct mailc_span rest = mailc_link_unread(link);
  size_t at = link->rx_seen - link->rx_used;

  *line = (struct mailc_span){NULL, 0};
  for (; at < rest.len; at++) {
    if (!is_in_line(rest.data, rest.len, at)) {
      return MAILC_E_LINE_END;
    }
    if (rest.data[at] == '\r' && at + 1 == rest.len) {
      break;
    }
    if (rest.data[at] == '\n') {
      *line = (struct mailc_span){rest.data, at - 1};
      mailc_link_consume(link, at + 1);
      return MAILC_OK;
    }
  }
  link->rx_seen = link->rx_used + at;
  return rest.len == link->rx_cap ? MAILC_E_LINE_TOO_LONG : MAILC_OK;
}

const uint8_t *mailc_link_tx_buf(const struct mailc_link *link, size_t *len) {
  *len = 0;
  if (link == NULL) {
    return NULL;
  }
  *len = mailc_link_unsent(link) - link->tx_held;
  if (*len != 0) {
    return link->tx + link->tx_sent;
  }
  if (link->tx_held != 0) {
    return NULL;
  }
  *len = link->ref_len;
  return link->ref;
}

enum mailc_status mailc_link_tx_ack(struct mailc_link *link, size_t len) {
  enum mailc_status status = mailc_link_status(link);
  size_t offered = 0;

  if (status != MAILC_OK) {
    return status;
  }
  (void)mailc_link_tx_buf(link, &offered);
  if (len > offered) {
    return MAILC_E_ARGUMENT;
  }
  if (mailc_link_unsent(link) == 0) {
    link->ref_len -= len;
    link->ref = link->ref_len == 0 ? NULL : link->ref + len;
  } else {
    mailc_link_drop(link, len);
  }
  note_progress(link);
  return MAILC_OK;
}

void mailc_link_tx_lost(struct mailc_link *link) {
  mailc_wipe(link->tx, link->tx_len);
  link->tx_len = 0;
  link->tx_sent = 0;
  link->tx_held = 0;
  link->ref = NULL;
  link->ref_len = 0;
  link->is_tx_lost = true;
}

void mailc_link_drop(struct mailc_link *link, size_t len) {
  mailc_wipe(link->tx + link->tx_sent, len);
  link->tx_sent += len;
  if (link->tx_sent == link->tx_len) {
    link->tx_sent = 0;
    link->tx_len = 0;
  }
}

uint8_t *mailc_link_room(struct mailc_link *link, size_t len) {
  if (link->tx_cap - link->tx_len < len && link->tx_sent != 0) {
    memmove(link->tx, link->tx + link->tx_sent, link->tx_len - link->tx_sent);
    mailc_wipe(link->tx + link->tx_len - link->tx_sent, link->tx_sent);
    link->tx_len -= link->tx_sent;
    link->tx_sent = 0;
  }
  return link->tx_cap - link->tx_len < len ? NULL : link->tx + link->tx_len;
}

enum mailc_status mailc_link_write_line(struct mailc_link *link,
                                        const struct mailc_span *parts,
                                        size_t count, size_t max) {
  const struct mailc_span *end = parts + count;
  const struct mailc_span *spaced =
      parts + (parts->data[parts->len - 1] == '<' ? 3 : 1);
  size_t len = 2;
  uint8_t *out;

  for (const struct mailc_span *part = parts; part != end; part++) {
    if ((mailc_text_kinds(*part) & MAILC_TEXT_LINE_END) != 0) {
      return MAILC_E_TEXT;
    }
    len += part >= spaced;
    if (len > max || part->len > max - len) {
      return MAILC_E_TOO_LONG;
    }
    len += part->len;
  }
  out = mailc_link_room(link, len);
  if (out == NULL) {
    return len <= link->tx_cap ? MAILC_E_QUEUE_FULL : MAILC_E_TOO_LONG;
  }
  for (; parts != end; parts++) {
    if (parts >= spaced) {
      *out++ = ' ';
    }
    if (parts->len != 0) {
      memmove(out, parts->data, parts->len);
      out += parts->len;
    }
  }
  memcpy(out, "\r\n", 2);
  mailc_link_commit(link, len);
  return MAILC_OK;
}

const struct mailc_limits mailc_link_defaults = {0};

bool mailc_link_count(uint32_t *total, size_t more, uint32_t limit,
                      uint32_t standard) {
  if (limit == 0) {
    limit = standard;
  }
  if (*total > limit || more > limit - *total) {
    return false;
  }
  *total += (uint32_t)more;
  return true;
}

void mailc_link_stop_timer(struct mailc_link *link) {
  link->deadline_ms = MAILC_NEVER;
}

enum mailc_status mailc_link_tick(struct mailc_link *link, uint64_t now_ms) {
  if (link != NULL && now_ms > link->now_ms) {
    link->now_ms = now_ms;
  }
  return mailc_link_status(link);
}

uint64_t mailc_link_deadline_ms(const struct mailc_link *link) {
  if (link == NULL || link->deadline_ms == MAILC_NEVER) {
    return MAILC_NEVER;
  }
  return link->deadline_ms < link->limit_ms ? link->deadline_ms
                                            : link->limit_ms;
}

bool mailc_link_is_late(const struct mailc_link *link) {
  return link->now_ms >= mailc_link_deadline_ms(link);
}

bool mailc_link_is_past_limit(const struct mailc_link *link) {
  return mailc_link_is_late(link) && link->now_ms >= link->limit_ms;
}

void mailc_link_want_tls(struct mailc_link *link) {
  link->wants_tls = true;
  mailc_link_start_timer(link);
}

enum mailc_status mailc_link_tls_up(struct mailc_link *link) {
  enum mailc_status status = mailc_link_tls_failed(link, MAILC_E_TLS);

  if (status == MAILC_OK) {
    link->has_tls = true;
    link->tls_status = MAILC_OK;
  }
  return status;
}

enum mailc_status mailc_link_tls_failed(struct mailc_link *link,
                                        enum mailc_status cause) {
  enum mailc_status status = mailc_link_status(link);

  if (status != MAILC_OK) {
    return status;
  }
  if (!link->wants_tls) {
    return MAILC_E_STATE;
  }
  if (cause != MAILC_E_TLS && cause != MAILC_E_CERTIFICATE) {
    return MAILC_E_ARGUMENT;
  }
  link->wants_tls = false;
  link->tls_status = cause;
  return MAILC_OK;
}

void mailc_link_keep_move(struct mailc_link *link, struct mailc_move move) {
  if (link->trace_moves) {
    link->move = move;
    link->has_move = true;
  }
}
