/* The life of an SMTP session: buffers in and out, events. */
#include "common/dot.h"
#include "common/link.h"
#include "sasl/sasl.h"
#include "smtp/smtp_action.h"
#include "smtp/smtp_extension.h"
#include "smtp/smtp_login.h"
#include "smtp/smtp_queue.h"
#include "smtp/smtp_reply.h"

#include <string.h>

_Static_assert(sizeof(void *) > 4 || sizeof(struct mailc_smtp) <= 256,
               "a session is a small thing");

static unsigned dot_flags(const struct mailc_smtp_config *config) {
  return (config->lf_to_crlf ? MAILC_DOT_LF_TO_CRLF : 0u) |
         (config->allow_nul ? MAILC_DOT_NUL : 0u) |
         (config->allow_8bit ? MAILC_DOT_8BIT : 0u) |
         (config->allow_long_lines ? MAILC_DOT_LONG_LINES : 0u);
}

static void set_timeouts(struct mailc_smtp *session,
                         const struct mailc_smtp_config *config) {
  session->timeout_ms = MAILC_SMTP_TIMEOUT_MS;
  session->data_timeout_ms = MAILC_SMTP_DATA_TIMEOUT_MS;
  session->block_timeout_ms = MAILC_SMTP_BLOCK_TIMEOUT_MS;
  session->delivery_timeout_ms = MAILC_SMTP_DELIVERY_TIMEOUT_MS;
  if (config->timeout_ms != 0) {
    session->timeout_ms = config->timeout_ms;
    session->data_timeout_ms = config->timeout_ms;
    session->block_timeout_ms = config->timeout_ms;
    session->delivery_timeout_ms = config->timeout_ms;
  }
  if (config->data_timeout_ms != 0) {
    session->data_timeout_ms = config->data_timeout_ms;
  }
  if (config->block_timeout_ms != 0) {
    session->block_timeout_ms = config->block_timeout_ms;
  }
  if (config->delivery_timeout_ms != 0) {
    session->delivery_timeout_ms = config->delivery_timeout_ms;
  }
}

enum mailc_status mailc_smtp_init(struct mailc_smtp *session,
                                  size_t session_size,
                                  const struct mailc_smtp_config *config) {
  if (session == NULL) {
    return MAILC_E_ARGUMENT;
  }
  if (session_size != sizeof *session) {
    return MAILC_E_SIZE;
  }
  /* Member by member: a literal would be made elsewhere and copied. */
  memset(session, 0, sizeof *session);
  if (config == NULL || config->queue == NULL || config->queue_cap == 0 ||
      config->queue_cap > MAILC_QUEUE_MAX) {
    return session->link.status = MAILC_E_ARGUMENT;
  }
  if (!MAILC_HAS(LMTP) && config->is_lmtp) {
    return session->link.status = MAILC_E_NOT_OFFERED;
  }
  session->link.rx = config->rx.data;
  session->link.rx_cap = config->rx.cap;
  session->link.tx = config->tx.data;
  session->link.tx_cap = config->tx.cap;
  session->link.now_ms = config->now_ms;
  session->link.trace_moves = config->trace_moves;
  session->link.has_tls = config->has_tls;
  session->sasl.hash = config->hash;
  session->queue = config->queue;
  session->queue_cap = (uint8_t)config->queue_cap;
  session->limits =
      config->limits != NULL ? config->limits : &mailc_link_defaults;
  session->policy = (uint8_t)config->policy;
  session->dot_flags = (uint8_t)dot_flags(config);
  session->is_lmtp = config->is_lmtp;
  session->allow_unlisted_auth = config->allow_unlisted_auth;
  set_timeouts(session, config);
  session->link.timeout_ms = session->timeout_ms;
  return mailc_link_init(&session->link);
}

enum mailc_status mailc_smtp_connected(struct mailc_smtp *session) {
  enum mailc_status status = mailc_smtp_status(session);

  if (status == MAILC_OK && session->state != MAILC_SMTP_ST_START) {
    status = MAILC_E_STATE;
  }
  if (status == MAILC_OK) {
    mailc_smtp_step(session, MAILC_SMTP_EV_CONNECTED, MAILC_OK);
  }
  return status;
}

/* A step to FAILED by what the server sent. */
static void fail(struct mailc_smtp *session, enum mailc_status cause) {
  mailc_smtp_step(session, MAILC_SMTP_EV_BAD_REPLY, cause);
}

_Static_assert(MAILC_SMTP_EV_REPLY_5YZ == MAILC_SMTP_EV_REPLY_2YZ + 3,
               "the events of replies are in the order of their digits");

/* What a whole reply is to the state machine: its first digit alone counts
 * (RFC 5321 section 4.3.2), but for 421, which ends a session anywhere. */
static enum mailc_smtp_fsm_event event_of(const struct mailc_smtp *session) {
  unsigned digit = session->code / 100u;

  if (session->code == 421) {
    return MAILC_SMTP_EV_REPLY_421;
  }
  if (!session->is_awaiting) {
    return MAILC_SMTP_EV_BAD_REPLY;
  }
  if (session->state != MAILC_SMTP_ST_WAIT_GREETING) {
    return (enum mailc_smtp_fsm_event)(MAILC_SMTP_EV_REPLY_2YZ + digit - 2);
  }
  if (digit == 3) {
    return MAILC_SMTP_EV_BAD_REPLY;
  }
  return digit == 2 ? MAILC_SMTP_EV_GREETING_OK
                    : MAILC_SMTP_EV_GREETING_REFUSED;
}

/* `cause`: what fails the session if the reply is not allowed here. */
static void take_last_line(struct mailc_smtp *session,
                           enum mailc_status cause) {
  enum mailc_smtp_fsm_event event = event_of(session);

  session->line_count = 0;
  session->reply_len = 0;
  if (session->state == MAILC_SMTP_ST_WAIT_AUTH &&
      event == MAILC_SMTP_EV_REPLY_2YZ) {
    cause = mailc_sasl_check_success(&session->sasl);
    if (cause != MAILC_OK) {
      event = MAILC_SMTP_EV_BAD_REPLY;
    }
  }
  mailc_smtp_step(session, event, cause);
}

static bool is_offer(const struct mailc_smtp *session) {
  return (session->state == MAILC_SMTP_ST_WAIT_EHLO ||
          (MAILC_HAS(LMTP) && session->state == MAILC_SMTP_ST_WAIT_LHLO)) &&
         session->code < 300;
}

/* Counts a line of `len` octets with its CRLF; what the caller does not allow
 * fails the session. */
static enum mailc_status count_line(struct mailc_smtp *session, size_t len) {
  const struct mailc_limits *limits = session->limits;
  uint32_t offer_count = session->line_count;

  if (!mailc_link_count(&session->line_count, 1, limits->line_max,
                        MAILC_SMTP_LINES_MAX)) {
    return MAILC_E_TOO_MANY_LINES;
  }
  if (!mailc_link_count(&session->reply_len, len, limits->reply_max,
                        MAILC_SMTP_REPLY_MAX)) {
    return MAILC_E_REPLY_TOO_LONG;
  }
  return is_offer(session) &&
                 !mailc_link_count(&offer_count, 0, limits->capability_max,
                                   MAILC_SMTP_CAPABILITIES_MAX)
             ? MAILC_E_TOO_MANY_CAPABILITIES
             : MAILC_OK;
}

_Static_assert((int)MAILC_E_SURPLUS + 1 == (int)MAILC_E_REPLY,
               "a reply is surplus unless one is awaited");

static void take_line(struct mailc_smtp *session, struct mailc_span line) {
  struct mailc_smtp_event *event = &session->event;
  enum mailc_smtp_line kind = mailc_smtp_reply_line(
      line, session->line_count, &session->code, &event->text);
  enum mailc_status cause = MAILC_E_SURPLUS + (int)session->is_awaiting;
  enum mailc_status status = cause;

  if (kind != MAILC_SMTP_LINE_BAD &&
      (session->is_awaiting || session->code == 421)) {
    status = count_line(session, line.len + 2);
  }
  if (status != MAILC_OK) {
    fail(session, status);
    return;
  }
  event->command = mailc_smtp_head(session);
  event->code = session->code;
  event->line_no = session->line_count;
  if (is_offer(session) && event->line_no != 1) {
    mailc_smtp_read_capability(session, event->text);
  }
  if (kind == MAILC_SMTP_LINE_MORE) {
    event->kind = MAILC_SMTP_EVENT_LINE;
  } else {
    take_last_line(session, cause);
  }
}

/* Whether what arrived unasked may become a 421, the one reply that a server
 * may send at any time. */
static bool may_be_421(struct mailc_span rest) {
  return memcmp(rest.data, "421", rest.len < 3 ? rest.len : 3) == 0;
}

/* Makes an event or a move of what was received; false if that takes more. */
static bool advance_input(struct mailc_smtp *session) {
  struct mailc_span rest = mailc_link_unread(&session->link);
  struct mailc_span line;
  enum mailc_status status = MAILC_OK;

  if (rest.len == 0) {
    return false;
  }
  if (!session->is_awaiting && !may_be_421(rest)) {
    fail(session, MAILC_E_SURPLUS);
    return true;
  }
  status = mailc_link_line(&session->link, &line);
  if (status != MAILC_OK) {
    fail(session, status);
    return true;
  }
  if (line.data == NULL) {
    if (session->link.deadline_ms == MAILC_NEVER) {
      mailc_link_start_timer(&session->link); /* the rest of the 421 */
    }
    return false;
  }
  take_line(session, line);
  return true;
}

/* Takes what the session does by itself; false where octets came that spoil it.
 */
static bool advance_itself(struct mailc_smtp *session) {
  bool is_internal = session->next_step == MAILC_SMTP_STEP_END_DELIVERIES;

  if (session->next_step != MAILC_SMTP_STEP_NONE &&
      (is_internal || mailc_link_unread(&session->link).len == 0)) {
    mailc_smtp_take_next_step(session);
    return true;
  }
  session->next_step = MAILC_SMTP_STEP_NONE;
  return MAILC_HAS(QUEUE) && !session->has_begun && !session->is_awaiting &&
         session->queue_count != 0 && mailc_smtp_begin_head(session);
}

/* After the answer to STARTTLS no octet of the server's comes but in TLS. */
static bool advance_tls(struct mailc_smtp *session) {
  struct mailc_link *link = &session->link;

  if (mailc_link_unread(link).len != 0) {
    fail(session, MAILC_E_SURPLUS);
  } else if (link->has_tls) {
    mailc_smtp_step(session, MAILC_SMTP_EV_TLS_UP, MAILC_OK);
  } else if (link->tls_status != MAILC_OK) {
    mailc_smtp_step(session, MAILC_SMTP_EV_TLS_FAILED, link->tls_status);
  } else {
    return false;
  }
  return true;
}

/* A reply cannot come before its command has left: it is read only once the
 * command's octets are out. While a message is on its way nothing is expected,
 * and what comes is looked at. */
static bool may_read(const struct mailc_smtp *session) {
  return !session->is_awaiting || mailc_smtp_has_asked(session);
}

/* Makes one step; false if there is none to make now. */
static bool advance(struct mailc_smtp *session) {
  if (mailc_smtp_is_over(session) || session->state == MAILC_SMTP_ST_START) {
    return false;
  }
  if (advance_itself(session)) {
    return true;
  }
  if (mailc_link_is_past_limit(&session->link)) {
    mailc_smtp_step(session, MAILC_SMTP_EV_TIMEOUT, MAILC_E_TIMEOUT);
    return true;
  }
  if (MAILC_HAS(TLS) && session->state == MAILC_SMTP_ST_START_TLS
          ? advance_tls(session)
          : may_read(session) && advance_input(session)) {
    return true;
  }
  if (session->link.is_eof) {
    mailc_smtp_step(session, MAILC_SMTP_EV_EOF, MAILC_E_CLOSED);
    return true;
  }
  if (mailc_link_is_late(&session->link)) {
    mailc_smtp_step(session, MAILC_SMTP_EV_TIMEOUT, MAILC_E_TIMEOUT);
    return true;
  }
  return false;
}

enum mailc_status mailc_smtp_next(struct mailc_smtp *session,
                                  struct mailc_smtp_event *event) {
  if (session == NULL || event == NULL) {
    return MAILC_E_ARGUMENT;
  }
  *event = (struct mailc_smtp_event){.kind = MAILC_SMTP_EVENT_NONE};
  while (!mailc_smtp_has_event(session) && advance(session)) {
  }
  if (session->link.has_move) {
    session->link.has_move = false;
    event->kind = MAILC_SMTP_EVENT_MOVE;
    event->move = session->link.move;
    return MAILC_OK;
  }
  if (session->event.kind != MAILC_SMTP_EVENT_NONE) {
    *event = session->event;
    session->event = (struct mailc_smtp_event){.kind = MAILC_SMTP_EVENT_NONE};
    return MAILC_OK;
  }
  return session->link.status;
}
