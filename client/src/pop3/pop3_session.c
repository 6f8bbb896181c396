/* The life of a POP3 session: buffers in and out, events. */
#include "common/link.h"
#include "pop3/pop3_action.h"
#include "pop3/pop3_auth.h"
#include "pop3/pop3_extension.h"
#include "pop3/pop3_line.h"
#include "pop3/pop3_queue.h"
#include "sasl/sasl.h"

#include <string.h>

_Static_assert(sizeof(struct mailc_pop3) <= 256, "a session is a small thing");

enum mailc_status mailc_pop3_init(struct mailc_pop3 *session,
                                  size_t session_size,
                                  const struct mailc_pop3_config *config) {
  if (session == NULL) {
    return MAILC_E_ARGUMENT;
  }
  if (session_size != sizeof *session) {
    return MAILC_E_SIZE;
  }
  /* Member by member: a literal would be made elsewhere and copied. */
  memset(session, 0, sizeof *session);
  if (config == NULL || config->queue == NULL || config->queue_cap == 0 ||
      config->queue_cap > MAILC_QUEUE_MAX ||
      (config->timestamp.data == NULL && config->timestamp.cap != 0)) {
    return session->link.status = MAILC_E_ARGUMENT;
  }
  session->link.rx = config->rx.data;
  session->link.rx_cap = config->rx.cap;
  session->link.tx = config->tx.data;
  session->link.tx_cap = config->tx.cap;
  session->link.now_ms = config->now_ms;
  session->link.timeout_ms =
      config->timeout_ms != 0 ? config->timeout_ms : MAILC_POP3_TIMEOUT_MS;
  session->link.trace_moves = config->trace_moves;
  session->link.has_tls = config->has_tls;
  session->timestamp = config->timestamp.data;
  session->timestamp_cap = config->timestamp.cap < UINT16_MAX
                               ? (uint16_t)config->timestamp.cap
                               : UINT16_MAX;
  session->hash = config->hash;
  session->limits =
      config->limits != NULL ? config->limits : &mailc_link_defaults;
  session->queue = config->queue;
  session->queue->command = MAILC_POP3_NO_COMMAND;
  session->queue_cap = (uint8_t)config->queue_cap;
  session->policy = (uint8_t)config->policy;
  session->allow_pass_after_apop = config->allow_pass_after_apop;
  session->is_prepared = config->is_prepared;
  return mailc_link_init(&session->link);
}

enum mailc_status mailc_pop3_connected(struct mailc_pop3 *session) {
  enum mailc_status status = mailc_pop3_status(session);

  if (status == MAILC_OK && session->state != MAILC_POP3_ST_START) {
    status = MAILC_E_STATE;
  }
  if (status == MAILC_OK) {
    mailc_pop3_step(session, MAILC_POP3_EV_CONNECTED, MAILC_OK);
  }
  return status;
}

/* A step to FAILED by what the server did. */
static void fail(struct mailc_pop3 *session, enum mailc_status cause) {
  mailc_pop3_step(session, MAILC_POP3_EV_BAD_REPLY, cause);
}

/* Nothing was asked of the server: whatever it sends is too much. */
static bool advance_idle(struct mailc_pop3 *session) {
  if (mailc_link_unread(&session->link).len == 0) {
    return false;
  }
  fail(session, MAILC_E_SURPLUS);
  return true;
}

/* Counts the octets of a line of a reply. */
static enum mailc_status count_octets(struct mailc_pop3 *session, size_t len) {
  return session->queue_count == 0 ||
                 mailc_link_count(&session->queue->len, len + 2,
                                  session->limits->reply_max,
                                  MAILC_POP3_REPLY_MAX)
             ? MAILC_OK
             : MAILC_E_REPLY_TOO_LONG;
}

/* Counts a line of a list, and learns of it if it is a capability. */
static enum mailc_status count_item(struct mailc_pop3 *session) {
  struct mailc_pop3_slot *head = session->queue;

  if (head->command != MAILC_POP3_CAPA) {
    return mailc_link_count(&head->count, 1, session->limits->line_max,
                            MAILC_POP3_LINES_MAX)
               ? MAILC_OK
               : MAILC_E_TOO_MANY_LINES;
  }
  mailc_pop3_read_capability(session, &session->event);
  return mailc_link_count(&head->count, 1, session->limits->capability_max,
                          MAILC_POP3_CAPABILITIES_MAX)
             ? MAILC_OK
             : MAILC_E_TOO_MANY_CAPABILITIES;
}

static void take_reply(struct mailc_pop3 *session, struct mailc_span line) {
  const struct mailc_pop3_slot *head = session->queue;
  enum mailc_pop3_fsm_event event =
      mailc_pop3_read_status(head, line, &session->event);
  enum mailc_status status = MAILC_E_REPLY;

  if (head->command == MAILC_POP3_AUTH && event == MAILC_POP3_EV_REPLY_OK) {
    status = mailc_sasl_check_success(&head->sasl);
    if (status != MAILC_OK) {
      event = MAILC_POP3_EV_BAD_REPLY;
    }
  }
  mailc_pop3_step(session, event, status);
}

static void take_item(struct mailc_pop3 *session, struct mailc_span line) {
  enum mailc_pop3_fsm_event event =
      mailc_pop3_read_line(session->queue, line, &session->event);
  enum mailc_status status = MAILC_E_REPLY;

  if (event == MAILC_POP3_EV_REPLY_OK) {
    status = count_item(session);
    event = MAILC_POP3_EV_BAD_REPLY;
  }
  if (status != MAILC_OK) {
    mailc_pop3_step(session, event, status);
  }
}

static bool advance_line(struct mailc_pop3 *session) {
  struct mailc_span line;
  enum mailc_status status = mailc_link_line(&session->link, &line);

  if (status == MAILC_OK && line.data == NULL) {
    return false;
  }
  if (status == MAILC_OK) {
    status = count_octets(session, line.len);
  }
  if (status != MAILC_OK) {
    fail(session, status);
  } else if (session->reading == MAILC_POP3_READ_REPLY) {
    take_reply(session, line);
  } else {
    take_item(session, line);
  }
  return true;
}

static bool advance_data(struct mailc_pop3 *session) {
  struct mailc_pop3_event *event = &session->event;

  if (!mailc_pop3_read_data(&session->link, &session->place, &event->value)) {
    return false;
  }
  if (event->value.data == NULL) {
    mailc_pop3_step(session, MAILC_POP3_EV_TERMINATOR, MAILC_OK);
  } else {
    event->kind = MAILC_POP3_EVENT_DATA;
    event->command = (enum mailc_pop3_command)session->queue->command;
  }
  return true;
}

/* The handshake, or octets that came before it and that anybody may have sent
 * (RFC 2595 section 4). */
static bool advance_tls(struct mailc_pop3 *session) {
  struct mailc_link *link = &session->link;

  if (mailc_link_unread(link).len != 0) {
    fail(session, MAILC_E_SURPLUS);
  } else if (link->has_tls) {
    mailc_pop3_step(session, MAILC_POP3_EV_TLS_UP, MAILC_OK);
  } else if (link->tls_status != MAILC_OK) {
    mailc_pop3_step(session, MAILC_POP3_EV_TLS_FAILED, link->tls_status);
  } else {
    return false;
  }
  return true;
}

/* Makes an event or a move of what was received; false if that takes more. */
static bool advance_input(struct mailc_pop3 *session) {
  switch ((enum mailc_pop3_reading)session->reading) {
  case MAILC_POP3_READ_REPLY:
  case MAILC_POP3_READ_LINES:
    return advance_line(session);
  case MAILC_POP3_READ_DATA:
    return advance_data(session);
  case MAILC_POP3_READ_TLS:
    return MAILC_HAS(TLS) && advance_tls(session);
  case MAILC_POP3_READ_CHALLENGE:
    if (!advance_idle(session)) {
      mailc_pop3_take_challenge(session);
    }
    return true;
  case MAILC_POP3_READ_ANSWER:
    return advance_idle(session);
  case MAILC_POP3_READ_NOTHING:
    break;
  }
  return MAILC_HAS(QUEUE) && session->queue_count != 0
             ? mailc_pop3_begin_head(session)
             : advance_idle(session);
}

static bool is_over(const struct mailc_pop3 *session) {
  return session->state == MAILC_POP3_ST_CLOSED ||
         session->state == MAILC_POP3_ST_FAILED;
}

/* An answer cannot come before its command has left: it is read only once
 * all of its octets are out. */
static bool may_read(const struct mailc_pop3 *session) {
  return !session->link.is_tx_lost &&
         (session->reading == MAILC_POP3_READ_NOTHING ||
          mailc_pop3_has_asked(session));
}

/* One step of the session, if there is one to make now. */
static bool advance(struct mailc_pop3 *session) {
  if (is_over(session) || session->state == MAILC_POP3_ST_START) {
    return false;
  }
  if (mailc_link_is_past_limit(&session->link)) {
    mailc_pop3_step(session, MAILC_POP3_EV_TIMEOUT, MAILC_E_TIMEOUT);
    return true;
  }
  if (may_read(session) && advance_input(session)) {
    return true;
  }
  if (session->link.is_eof) {
    mailc_pop3_step(session, MAILC_POP3_EV_EOF, MAILC_E_CLOSED);
    return true;
  }
  if (mailc_link_is_late(&session->link)) {
    mailc_pop3_step(session, MAILC_POP3_EV_TIMEOUT, MAILC_E_TIMEOUT);
    return true;
  }
  return false;
}

enum mailc_status mailc_pop3_next(struct mailc_pop3 *session,
                                  struct mailc_pop3_event *event) {
  if (session == NULL || event == NULL) {
    return MAILC_E_ARGUMENT;
  }
  *event = (struct mailc_pop3_event){.kind = MAILC_POP3_EVENT_NONE};
  /* Without traced moves a step may bring nothing to take. */
  while (!session->link.has_move &&
         session->event.kind == MAILC_POP3_EVENT_NONE && advance(session)) {
  }
  if (session->link.has_move) {
    session->link.has_move = false;
    event->kind = MAILC_POP3_EVENT_MOVE;
    event->move = session->link.move;
    return MAILC_OK;
  }
  if (session->event.kind != MAILC_POP3_EVENT_NONE) {
    *event = session->event;
    session->event = (struct mailc_pop3_event){.kind = MAILC_POP3_EVENT_NONE};
    return MAILC_OK;
  }
  return session->link.status;
}

unsigned mailc_pop3_want(const struct mailc_pop3 *session) {
  unsigned want = 0;
  size_t unsent = 0;

  if (session == NULL) {
    return 0;
  }
  if (session->link.has_move || session->event.kind != MAILC_POP3_EVENT_NONE) {
    want |= MAILC_WANT_CALLER;
  }
  if (is_over(session)) {
    return want | MAILC_WANT_CLOSED;
  }
  if (session->link.wants_tls) {
    return want | MAILC_WANT_TLS;
  }
  if (session->reading == MAILC_POP3_READ_NOTHING ||
      session->reading == MAILC_POP3_READ_ANSWER) {
    want |= MAILC_WANT_CALLER;
  }
  (void)mailc_link_tx_buf(&session->link, &unsent);
  if (unsent != 0) {
    want |= MAILC_WANT_TX;
  }
  if (session->state != MAILC_POP3_ST_START && !session->link.is_eof &&
      mailc_link_unread(&session->link).len < session->link.rx_cap) {
    want |= MAILC_WANT_RX;
  }
  return want;
}

const uint8_t *mailc_pop3_tx_buf(const struct mailc_pop3 *session,
                                 size_t *len) {
  return len == NULL
             ? NULL
             : mailc_link_tx_buf(session == NULL ? NULL : &session->link, len);
}

enum mailc_status mailc_pop3_tx_ack(struct mailc_pop3 *session, size_t len) {
  return mailc_link_tx_ack(mailc_pop3_link(session), len);
}

uint8_t *mailc_pop3_rx_buf(struct mailc_pop3 *session, size_t *len) {
  if (len == NULL) {
    return NULL;
  }
  *len = 0;
  return session == NULL || session->event.kind != MAILC_POP3_EVENT_NONE ||
                 session->reading == MAILC_POP3_READ_CHALLENGE
             ? NULL
             : mailc_link_rx_buf(&session->link, len);
}

enum mailc_status mailc_pop3_rx_ack(struct mailc_pop3 *session, size_t len) {
  return mailc_link_rx_ack(mailc_pop3_link(session), len);
}

enum mailc_status mailc_pop3_rx_eof(struct mailc_pop3 *session) {
  if (session != NULL) {
    session->link.is_eof = true;
  }
  return mailc_pop3_status(session);
}

enum mailc_status mailc_pop3_tick(struct mailc_pop3 *session, uint64_t now_ms) {
  return mailc_link_tick(mailc_pop3_link(session), now_ms);
}

enum mailc_status mailc_pop3_set_limit_ms(struct mailc_pop3 *session,
                                          uint64_t limit_ms) {
  return mailc_link_set_limit(mailc_pop3_link(session), limit_ms);
}

enum mailc_status mailc_pop3_tls_up(struct mailc_pop3 *session) {
  return mailc_link_tls_up(mailc_pop3_link(session));
}

enum mailc_status mailc_pop3_tls_failed(struct mailc_pop3 *session,
                                        enum mailc_status cause) {
  return mailc_link_tls_failed(mailc_pop3_link(session), cause);
}

uint64_t mailc_pop3_deadline_ms(const struct mailc_pop3 *session) {
  return mailc_link_deadline_ms(session == NULL ? NULL : &session->link);
}
