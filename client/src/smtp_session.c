/* The life of an SMTP session: buffers in and out, events. */
#include "dot.h"
#include "link.h"
#include "sasl.h"
#include "smtp_action.h"
#include "smtp_extension.h"
#include "smtp_login.h"
#include "smtp_reply.h"

_Static_assert(sizeof(struct mailc_smtp) <= 320 + MAILC_QUEUE_CAP - 1,
               "a session is a small thing");

static unsigned dot_flags(const struct mailc_smtp_config *config) {
  return (config->lf_to_crlf ? MAILC_DOT_LF_TO_CRLF : 0u) |
         (config->allow_nul ? MAILC_DOT_NUL : 0u) |
         (config->allow_8bit ? MAILC_DOT_8BIT : 0u) |
         (config->allow_long_lines ? MAILC_DOT_LONG_LINES : 0u);
}

enum mailc_status mailc_smtp_init(struct mailc_smtp *session,
                                  size_t session_size,
                                  const struct mailc_smtp_config *config) {
  struct mailc_link_config link;

  if (session == NULL || config == NULL) {
    return MAILC_E_ARGUMENT;
  }
  if (session_size != sizeof *session) {
    return MAILC_E_SIZE;
  }
  link = (struct mailc_link_config){.rx = config->rx,
                                    .tx = config->tx,
                                    .now_ms = config->now_ms,
                                    .timeout_ms = config->timeout_ms,
                                    .trace_moves = config->trace_moves,
                                    .has_tls = config->has_tls};
  *session = (struct mailc_smtp){
      .sasl = {.hash = config->hash},
      .timeout_ms = config->timeout_ms,
      .delivery_timeout_ms = config->delivery_timeout_ms,
      .reply_max = config->reply_max,
      .policy = (uint8_t)config->policy,
      .dot_flags = (uint8_t)dot_flags(config),
      .allow_unlisted_auth = config->allow_unlisted_auth,
  };
  if (session->delivery_timeout_ms == 0) {
    session->delivery_timeout_ms = config->timeout_ms;
  }
  if (session->reply_max == 0) {
    session->reply_max = MAILC_REPLY_MAX;
  }
  return mailc_link_init(&session->link, &link);
}

enum mailc_status mailc_smtp_connected(struct mailc_smtp *session) {
  if (session == NULL) {
    return MAILC_E_ARGUMENT;
  }
  if (session->link.status != MAILC_OK) {
    return session->link.status;
  }
  if (!mailc_smtp_can(session, MAILC_SMTP_EV_CONNECTED)) {
    return MAILC_E_STATE;
  }
  mailc_smtp_step(session, MAILC_SMTP_EV_CONNECTED, MAILC_OK);
  return MAILC_OK;
}

/* A step to FAILED by what the server sent. */
static void fail(struct mailc_smtp *session, enum mailc_status cause) {
  mailc_smtp_step(session, MAILC_SMTP_EV_BAD_REPLY, cause);
}

/* What a whole reply is to the state machine: its first digit alone counts
 * (RFC 5321 section 4.3.2), but for 421, which ends a session anywhere. */
static enum mailc_smtp_fsm_event event_of(const struct mailc_smtp *session) {
  static const enum mailc_smtp_fsm_event replies[] = {
      MAILC_SMTP_EV_REPLY_2YZ, MAILC_SMTP_EV_REPLY_3YZ, MAILC_SMTP_EV_REPLY_4YZ,
      MAILC_SMTP_EV_REPLY_5YZ};
  unsigned digit = session->code / 100u;

  if (session->code == 421) {
    return MAILC_SMTP_EV_REPLY_421;
  }
  if (!session->is_awaiting) {
    return MAILC_SMTP_EV_BAD_REPLY;
  }
  if (session->state != MAILC_SMTP_ST_WAIT_GREETING) {
    return replies[digit - 2];
  }
  if (digit == 3) {
    return MAILC_SMTP_EV_BAD_REPLY;
  }
  return digit == 2 ? MAILC_SMTP_EV_GREETING_OK
                    : MAILC_SMTP_EV_GREETING_REFUSED;
}

static void take_last_line(struct mailc_smtp *session) {
  enum mailc_smtp_fsm_event event = event_of(session);
  enum mailc_status cause =
      session->is_awaiting ? MAILC_E_REPLY : MAILC_E_SURPLUS;

  session->line_count = 0;
  session->reply_len = 0;
  if (session->state == MAILC_SMTP_ST_WAIT_AUTH &&
      event == MAILC_SMTP_EV_REPLY_2YZ &&
      mailc_sasl_verdict(&session->sasl) != MAILC_OK) {
    event = MAILC_SMTP_EV_BAD_REPLY;
    cause = mailc_sasl_verdict(&session->sasl);
  }
  mailc_smtp_step(session, event, cause);
}

/* Counts a line; false if the reply is longer than the caller allows. */
static bool count_line(struct mailc_smtp *session, size_t len) {
  if (session->line_count == UINT16_MAX ||
      len > session->reply_max - session->reply_len) {
    return false;
  }
  session->line_count++;
  session->reply_len += (uint32_t)len;
  return true;
}

static void take_line(struct mailc_smtp *session, struct mailc_span line) {
  struct mailc_smtp_event *event = &session->event;
  struct mailc_span text;
  enum mailc_smtp_line kind =
      mailc_smtp_reply_line(line, session->line_count, &session->code, &text);
  bool is_surplus = !session->is_awaiting && session->code != 421;

  if (kind == MAILC_SMTP_LINE_BAD || is_surplus) {
    fail(session, session->is_awaiting ? MAILC_E_REPLY : MAILC_E_SURPLUS);
    return;
  }
  if (!count_line(session, line.len + 2)) {
    fail(session, MAILC_E_REPLY_TOO_LONG);
    return;
  }
  *event = (struct mailc_smtp_event){.command = mailc_smtp_head(session),
                                     .code = session->code,
                                     .line_no = session->line_count,
                                     .text = text};
  if (session->state == MAILC_SMTP_ST_WAIT_EHLO && event->code / 100u == 2 &&
      event->line_no != 1) {
    session->offers |= mailc_smtp_offer_of(text, &session->mechs);
  }
  if (kind == MAILC_SMTP_LINE_MORE) {
    event->kind = MAILC_SMTP_EVENT_LINE;
  } else {
    take_last_line(session);
  }
}

/* Whether what arrived unasked may become a 421, the one reply that a server
 * may send at any time. */
static bool may_be_421(struct mailc_span rest) {
  for (size_t i = 0; i < rest.len && i < 3; i++) {
    if (rest.data[i] != (uint8_t) "421"[i]) {
      return false;
    }
  }
  return true;
}

/* Makes an event or a move of what was received; false if that takes more. */
static bool advance_input(struct mailc_smtp *session) {
  struct mailc_span rest = mailc_link_rest(&session->link);
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
      mailc_link_expect(&session->link); /* the rest of the 421 */
    }
    return false;
  }
  take_line(session, line);
  return true;
}

/* A reply to a command that has not left yet is none: it is read only once all
 * octets are out. While a message is on its way nothing is expected, and what
 * comes is looked at. */
static bool may_read(const struct mailc_smtp *session) {
  size_t unsent = 0;

  (void)mailc_link_tx_buf(&session->link, &unsent);
  return !session->is_awaiting || (unsent == 0 && !session->link.is_tx_lost);
}

/* Makes one step; false if there is none to make now. */
static bool advance(struct mailc_smtp *session) {
  if (mailc_smtp_is_over(session) || session->state == MAILC_SMTP_ST_START) {
    return false;
  }
  if (session->next_step != MAILC_SMTP_STEP_NONE &&
      mailc_link_rest(&session->link).len == 0) {
    mailc_smtp_go_on(session);
    return true;
  }
  session->next_step = MAILC_SMTP_STEP_NONE; /* octets came that spoil it */
  if (mailc_link_is_past_limit(&session->link)) {
    mailc_smtp_step(session, MAILC_SMTP_EV_TIMEOUT, MAILC_E_TIMEOUT);
    return true;
  }
  if (may_read(session) && advance_input(session)) {
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
