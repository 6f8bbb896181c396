/* The life of a POP3 session: buffers in and out, events. */
#include "link.h"
#include "pop3_action.h"
#include "pop3_auth.h"
#include "pop3_extension.h"
#include "pop3_line.h"
#include "pop3_queue.h"
#include "sasl.h"

_Static_assert(sizeof(struct mailc_pop3) <= 256, "a session is a small thing");

enum mailc_status mailc_pop3_init(struct mailc_pop3 *session,
                                  size_t session_size,
                                  const struct mailc_pop3_config *config) {
  struct mailc_link_config link;

  if (session == NULL || config == NULL || config->queue == NULL ||
      config->queue_cap == 0 ||
      (config->timestamp.data == NULL && config->timestamp.cap != 0)) {
    return MAILC_E_ARGUMENT;
  }
  if (session_size != sizeof *session) {
    return MAILC_E_SIZE;
  }
  link = (struct mailc_link_config){.rx = config->rx,
                                    .tx = config->tx,
                                    .now_ms = config->now_ms,
                                    .timeout_ms = config->timeout_ms != 0
                                                      ? config->timeout_ms
                                                      : MAILC_POP3_TIMEOUT_MS,
                                    .trace_moves = config->trace_moves,
                                    .has_tls = config->has_tls};
  *session = (struct mailc_pop3){
      .timestamp = config->timestamp.data,
      .timestamp_cap = config->timestamp.cap < UINT16_MAX
                           ? (uint16_t)config->timestamp.cap
                           : UINT16_MAX,
      .hash = config->hash,
      .limits = config->limits,
      .queue = config->queue,
      .queue_cap = config->queue_cap,
      .policy = (uint8_t)config->policy,
      .allow_pass_after_apop = config->allow_pass_after_apop,
      .is_prepared = config->is_prepared,
  };
  return mailc_link_init(&session->link, &link);
}

enum mailc_status mailc_pop3_connected(struct mailc_pop3 *session) {
  if (session == NULL) {
    return MAILC_E_ARGUMENT;
  }
  if (session->link.status != MAILC_OK) {
    return session->link.status;
  }
  if (!mailc_pop3_can(session, MAILC_POP3_EV_CONNECTED)) {
    return MAILC_E_STATE;
  }
  mailc_pop3_step(session, MAILC_POP3_EV_CONNECTED, MAILC_OK);
  return MAILC_OK;
}

/* A step to FAILED by what the server did. */
static void fail(struct mailc_pop3 *session, enum mailc_status cause) {
  mailc_pop3_step(session, MAILC_POP3_EV_BAD_REPLY, cause);
}

/* Nothing was asked of the server: whatever it sends is too much. */
static bool advance_idle(struct mailc_pop3 *session) {
  if (mailc_link_rest(&session->link).len == 0) {
    return false;
  }
  fail(session, MAILC_E_SURPLUS);
  return true;
}

/* Adds to a count unless that goes beyond its limit. */
static bool count(uint32_t *total, size_t more, uint32_t limit) {
  if (*total > limit || more > limit - *total) {
    return false;
  }
  *total += (uint32_t)more;
  return true;
}

static uint32_t limit_or(uint32_t limit, uint32_t standard) {
  return limit != 0 ? limit : standard;
}

/* Counts the octets of a line of a reply. */
static enum mailc_status count_octets(struct mailc_pop3 *session, size_t len) {
  uint32_t limit =
      limit_or(session->limits == NULL ? 0 : session->limits->reply_len,
               MAILC_POP3_REPLY_LEN);

  return session->queue_count == 0 ||
                 count(&session->queue[0].len, len + 2, limit)
             ? MAILC_OK
             : MAILC_E_REPLY_TOO_LONG;
}

/* Counts a line of a list, and learns of it if it is a capability. */
static enum mailc_status count_item(struct mailc_pop3 *session) {
  const struct mailc_pop3_limits *limits = session->limits;
  struct mailc_pop3_slot *head = &session->queue[0];

  if (head->command != MAILC_POP3_CAPA) {
    return count(&head->count, 1,
                 limit_or(limits == NULL ? 0 : limits->line_count,
                          MAILC_POP3_LINE_COUNT))
               ? MAILC_OK
               : MAILC_E_TOO_MANY_LINES;
  }
  mailc_pop3_learn(session, session->event.text, session->event.value);
  return count(&head->count, 1,
               limit_or(limits == NULL ? 0 : limits->capability_count,
                        MAILC_POP3_CAPABILITY_COUNT))
             ? MAILC_OK
             : MAILC_E_TOO_MANY_CAPABILITIES;
}

static void take_line(struct mailc_pop3 *session, struct mailc_span line) {
  const struct mailc_pop3_slot *slot = mailc_pop3_head(session);
  enum mailc_status status = MAILC_E_REPLY;
  enum mailc_pop3_fsm_event event =
      session->reading == MAILC_POP3_READ_REPLY
          ? mailc_pop3_read_status(slot, line, &session->event)
          : mailc_pop3_read_line(slot, line, &session->event);

  if (session->reading == MAILC_POP3_READ_LINES &&
      event == MAILC_POP3_EV_REPLY_OK) {
    status = count_item(session);
    if (status == MAILC_OK) {
      return;
    }
    event = MAILC_POP3_EV_BAD_REPLY;
  }
  if (slot->command == MAILC_POP3_AUTH && event == MAILC_POP3_EV_REPLY_OK) {
    status = mailc_sasl_verdict(&slot->sasl);
    event = status == MAILC_OK ? event : MAILC_POP3_EV_BAD_REPLY;
  }
  mailc_pop3_step(session, event, status);
}

static bool advance_line(struct mailc_pop3 *session) {
  struct mailc_span line;
  enum mailc_status status = mailc_link_line(&session->link, &line);

  if (status == MAILC_OK && line.data != NULL) {
    status = count_octets(session, line.len);
  }
  if (status != MAILC_OK) {
    fail(session, status);
    return true;
  }
  if (line.data != NULL) {
    take_line(session, line);
  }
  return line.data != NULL;
}

static bool advance_data(struct mailc_pop3 *session) {
  struct mailc_span piece;

  if (!mailc_pop3_read_data(&session->link, &session->place, &piece)) {
    return false;
  }
  if (piece.data == NULL) {
    mailc_pop3_step(session, MAILC_POP3_EV_TERMINATOR, MAILC_OK);
    return true;
  }
  session->event = (struct mailc_pop3_event){
      .kind = MAILC_POP3_EVENT_DATA,
      .command = (enum mailc_pop3_command)mailc_pop3_head(session)->command,
      .value = piece};
  return true;
}

/* The handshake, or octets that came before it and that anybody may have sent
 * (RFC 2595 section 4). */
static bool advance_tls(struct mailc_pop3 *session) {
  struct mailc_link *link = &session->link;

  if (mailc_link_rest(link).len != 0) {
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
    return advance_tls(session);
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
  return session->queue_count != 0 ? mailc_pop3_begin_head(session)
                                   : advance_idle(session);
}

static bool is_over(const struct mailc_pop3 *session) {
  return session->state == MAILC_POP3_ST_CLOSED ||
         session->state == MAILC_POP3_ST_FAILED;
}

/* An answer to a command that has not left yet is none: it is read only once
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
      mailc_link_rest(&session->link).len < session->link.rx_cap) {
    want |= MAILC_WANT_RX;
  }
  return want;
}

const uint8_t *mailc_pop3_tx_buf(const struct mailc_pop3 *session,
                                 size_t *len) {
  if (len == NULL) {
    return NULL;
  }
  *len = 0;
  return session == NULL ? NULL : mailc_link_tx_buf(&session->link, len);
}

enum mailc_status mailc_pop3_tx_ack(struct mailc_pop3 *session, size_t len) {
  if (session == NULL) {
    return MAILC_E_ARGUMENT;
  }
  return session->link.status != MAILC_OK
             ? session->link.status
             : mailc_link_tx_ack(&session->link, len);
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
  if (session == NULL) {
    return MAILC_E_ARGUMENT;
  }
  return session->link.status != MAILC_OK
             ? session->link.status
             : mailc_link_rx_ack(&session->link, len);
}

enum mailc_status mailc_pop3_rx_eof(struct mailc_pop3 *session) {
  if (session == NULL) {
    return MAILC_E_ARGUMENT;
  }
  session->link.is_eof = true;
  return session->link.status;
}

enum mailc_status mailc_pop3_tick(struct mailc_pop3 *session, uint64_t now_ms) {
  if (session == NULL) {
    return MAILC_E_ARGUMENT;
  }
  mailc_link_tick(&session->link, now_ms);
  return session->link.status;
}

enum mailc_status mailc_pop3_limit(struct mailc_pop3 *session,
                                   uint64_t limit_ms) {
  if (session == NULL) {
    return MAILC_E_ARGUMENT;
  }
  session->link.limit_ms = limit_ms;
  return session->link.status;
}

enum mailc_status mailc_pop3_tls_up(struct mailc_pop3 *session) {
  return session == NULL ? MAILC_E_ARGUMENT : mailc_link_tls_up(&session->link);
}

enum mailc_status mailc_pop3_tls_failed(struct mailc_pop3 *session,
                                        enum mailc_status cause) {
  return session == NULL ? MAILC_E_ARGUMENT
                         : mailc_link_tls_failed(&session->link, cause);
}

uint64_t mailc_pop3_deadline_ms(const struct mailc_pop3 *session) {
  return session == NULL ? MAILC_NEVER : mailc_link_deadline_ms(&session->link);
}
