/* An SMTP session in memory: gives commands written as on the wire, plays the
 * server's octets in pieces of any size, and writes what happens into a log. */
#ifndef MAILC_TEST_SMTP_TALK_H
#define MAILC_TEST_SMTP_TALK_H

#include "check.h"

#include <mailc/smtp.h>
#include <stdarg.h>
#include <stdio.h>

struct talk {
  uint8_t rx[MAILC_RX_CAP_MIN];
  uint8_t tx[MAILC_TX_CAP_MIN];
  struct mailc_smtp_slot queue[1];
  struct mailc_smtp session;
  char log[8192];
  size_t log_len;
};

static inline void talk_log(struct talk *talk, const char *format, ...) {
  va_list arguments;
  int len = 0;

  va_start(arguments, format);
  len = vsnprintf(talk->log + talk->log_len, sizeof talk->log - talk->log_len,
                  format, arguments);
  va_end(arguments);
  CHECK(len >= 0 && (size_t)len < sizeof talk->log - talk->log_len);
  talk->log_len += (size_t)len;
}

static inline struct mailc_smtp_config talk_config(struct talk *talk) {
  return (struct mailc_smtp_config){.rx = {talk->rx, sizeof talk->rx},
                                    .tx = {talk->tx, sizeof talk->tx},
                                    .queue = talk->queue,
                                    .queue_cap = 1,
                                    .now_ms = 1000,
                                    .timeout_ms = 400,
                                    .delivery_timeout_ms = 900,
                                    .policy = MAILC_POLICY_CLEAR,
                                    .trace_moves = true};
}

static inline void talk_begin_with(struct talk *talk,
                                   const struct mailc_smtp_config *config) {
  memset(talk, 0, sizeof *talk);
  CHECK(mailc_smtp_init(&talk->session, sizeof talk->session, config) ==
        MAILC_OK);
}

/* A session that has not been connected. */
static inline void talk_begin(struct talk *talk) {
  struct mailc_smtp_config config = talk_config(talk);

  talk_begin_with(talk, &config);
}

static inline void talk_event(struct talk *talk,
                              const struct mailc_smtp_event *event) {
  switch (event->kind) {
  case MAILC_SMTP_EVENT_NONE:
    break;
  case MAILC_SMTP_EVENT_MOVE:
    talk_log(talk, "%s %s %s\n", mailc_smtp_state_name(event->move.from),
             mailc_smtp_event_name(event->move.event),
             mailc_smtp_state_name(event->move.to));
    break;
  case MAILC_SMTP_EVENT_CHALLENGE:
    talk_log(talk, "challenge [%.*s]\n", (int)event->text.len,
             (const char *)event->text.data);
    break;
  case MAILC_SMTP_EVENT_LINE:
    talk_log(talk, "line %u %u [%.*s]\n", event->line_no, event->code,
             (int)event->text.len, (const char *)event->text.data);
    break;
  case MAILC_SMTP_EVENT_GREETING:
  case MAILC_SMTP_EVENT_REPLY:
    talk_log(talk, "%s %u [%.*s]\n", mailc_status_name(event->status),
             event->code, (int)event->text.len, (const char *)event->text.data);
    break;
  }
}

/* Takes all events; returns the session's status. */
static inline enum mailc_status talk_take(struct talk *talk) {
  struct mailc_smtp_event event;
  enum mailc_status status = MAILC_OK;

  do {
    status = mailc_smtp_next(&talk->session, &event);
    if (status == MAILC_OK) {
      talk_event(talk, &event);
    }
  } while (status == MAILC_OK && event.kind != MAILC_SMTP_EVENT_NONE);
  return status;
}

/* Plays octets of the server's, at most `step` at a time. */
static inline enum mailc_status talk_receive_octets(struct talk *talk,
                                                    const char *octets,
                                                    size_t len, size_t step) {
  enum mailc_status status = talk_take(talk);

  while (len != 0 && status == MAILC_OK) {
    size_t room = 0;
    uint8_t *at = mailc_smtp_rx_buf(&talk->session, &room);
    size_t piece = len < step ? len : step;

    piece = piece < room ? piece : room;
    CHECK(piece != 0);
    if (piece == 0) {
      break;
    }
    memcpy(at, octets, piece);
    CHECK(mailc_smtp_rx_ack(&talk->session, piece) == MAILC_OK);
    octets += piece;
    len -= piece;
    status = talk_take(talk);
  }
  return status;
}

static inline enum mailc_status talk_receive(struct talk *talk,
                                             const char *text) {
  return talk_receive_octets(talk, text, strlen(text), SIZE_MAX);
}

/* Takes what the session wants to send; it must be `expected` and CRLF. */
static inline void talk_sent(struct talk *talk, const char *expected) {
  size_t len = 0;
  const uint8_t *at = mailc_smtp_tx_buf(&talk->session, &len);

  check_that(len == strlen(expected) + 2 &&
                 memcmp(at, expected, strlen(expected)) == 0 &&
                 memcmp(at + len - 2, "\r\n", 2) == 0,
             expected, __FILE__, __LINE__);
  CHECK(mailc_smtp_tx_ack(&talk->session, len) == MAILC_OK);
}

static inline bool talk_is_silent(const struct talk *talk) {
  size_t len = 0;

  return mailc_smtp_tx_buf(&talk->session, &len) == NULL && len == 0;
}

static inline struct mailc_span talk_span(const char *text) {
  return (struct mailc_span){(const uint8_t *)text, strlen(text)};
}

static inline enum mailc_status talk_help(struct mailc_smtp *session) {
  return mailc_smtp_help(session, (struct mailc_span){NULL, 0});
}

/* Gives MAIL or RCPT; `line` begins behind the opening bracket. */
static inline enum mailc_status talk_envelope(struct talk *talk,
                                              const char *line, bool is_rcpt) {
  const char *end = strrchr(line, '>');
  struct mailc_span path = {(const uint8_t *)line, (size_t)(end - line)};
  struct mailc_span params[4];
  size_t count = 0;

  while (*++end == ' ') {
    size_t len = strcspn(end + 1, " ");

    params[count++] = (struct mailc_span){(const uint8_t *)end + 1, len};
    end += len;
  }
  return is_rcpt ? mailc_smtp_rcpt(&talk->session, path, params, count)
                 : mailc_smtp_mail(&talk->session, path, params, count);
}

/* Gives the command that `line` is. The final dot is ".". */
static inline enum mailc_status talk_give(struct talk *talk, const char *line) {
  struct mailc_smtp *session = &talk->session;
  static const struct {
    const char *name;
    enum mailc_status (*plain)(struct mailc_smtp *);
    enum mailc_status (*text)(struct mailc_smtp *, struct mailc_span);
  } commands[] = {{"DATA", mailc_smtp_data, NULL},
                  {"RSET", mailc_smtp_rset, NULL},
                  {"NOOP", mailc_smtp_noop, NULL},
                  {"QUIT", mailc_smtp_quit, NULL},
                  {".", mailc_smtp_end, NULL},
                  {"EHLO ", NULL, mailc_smtp_ehlo},
                  {"HELO ", NULL, mailc_smtp_helo},
                  {"VRFY ", NULL, mailc_smtp_vrfy},
                  {"EXPN ", NULL, mailc_smtp_expn},
                  {"HELP ", NULL, mailc_smtp_help},
                  {"HELP", talk_help, NULL},
                  {"LHLO ", NULL, mailc_smtp_lhlo},
                  {"STARTTLS", mailc_smtp_starttls, NULL}};

  if (strncmp(line, "MAIL FROM:<", 11) == 0) {
    return talk_envelope(talk, line + 11, false);
  }
  if (strncmp(line, "RCPT TO:<", 9) == 0) {
    return talk_envelope(talk, line + 9, true);
  }
  for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
    size_t len = strlen(commands[i].name);

    if (strncmp(commands[i].name, line, len) == 0) {
      return commands[i].plain != NULL
                 ? commands[i].plain(session)
                 : commands[i].text(session, talk_span(line + len));
    }
  }
  return MAILC_E_ARGUMENT;
}

/* One command that is allowed and its answer. Returns the session's status. */
static inline enum mailc_status talk_exchange(struct talk *talk,
                                              const char *command,
                                              const char *answer, size_t step) {
  check_that(talk_give(talk, command) == MAILC_OK, command, __FILE__, __LINE__);
  talk_sent(talk, command);
  return talk_receive_octets(talk, answer, strlen(answer), step);
}

/* A session after the greeting, with the log empty. */
static inline void talk_greeted(struct talk *talk) {
  talk_begin(talk);
  CHECK(mailc_smtp_connected(&talk->session) == MAILC_OK);
  CHECK(talk_receive(talk, "220 ready\r\n") == MAILC_OK);
  talk->log_len = 0;
}

/* Takes a session that was begun to READY, with the log empty. `offers` are
 * further lines of the EHLO reply, the last one included. */
static inline void talk_go_ready(struct talk *talk, const char *offers) {
  CHECK(mailc_smtp_connected(&talk->session) == MAILC_OK);
  CHECK(talk_receive(talk, "220 ready\r\n") == MAILC_OK);
  CHECK(talk_exchange(talk, "EHLO bar.com", "250-foo.com\r\n", SIZE_MAX) ==
        MAILC_OK);
  CHECK(talk_receive(talk, offers) == MAILC_OK);
  talk->log_len = 0;
}

static inline void talk_ready(struct talk *talk, const char *offers) {
  talk_begin(talk);
  talk_go_ready(talk, offers);
}

/* Takes a session in READY to the 354 of a message. */
static inline void talk_go_data(struct talk *talk, const char *mail) {
  CHECK(talk_exchange(talk, mail, "250 OK\r\n", SIZE_MAX) == MAILC_OK);
  CHECK(talk_exchange(talk, "RCPT TO:<b@c>", "250 OK\r\n", SIZE_MAX) ==
        MAILC_OK);
  CHECK(talk_exchange(talk, "DATA", "354 go on\r\n", SIZE_MAX) == MAILC_OK);
  talk->log_len = 0;
}

static inline void talk_data(struct talk *talk) {
  talk_ready(talk, "250 8BITMIME\r\n");
  talk_go_data(talk, "MAIL FROM:<a@b>");
}

/* The server has closed. */
static inline enum mailc_status talk_eof(struct talk *talk) {
  (void)mailc_smtp_rx_eof(&talk->session);
  return talk_take(talk);
}

/* The log is `expected`. */
#define TALK_LOG(talk, expected)                                               \
  do {                                                                         \
    (talk)->log[(talk)->log_len] = '\0';                                       \
    if (strcmp((talk)->log, (expected)) != 0) {                                \
      (void)fprintf(stderr, "the log is\n%s\n", (talk)->log);                  \
    }                                                                          \
    CHECK(strcmp((talk)->log, (expected)) == 0);                               \
  } while (0)

#endif
