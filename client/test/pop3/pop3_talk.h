/* A POP3 session in memory: gives commands written as on the wire, plays the
 * server's octets in pieces of any size, and writes what happens into a log. */
#ifndef MAILC_TEST_POP3_TALK_H
#define MAILC_TEST_POP3_TALK_H

#include "check.h"

#include <mailc/pop3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define TALK_GREETING "+OK ready <1896.697170952@dbc.mtview.ca.us>\r\n"

struct talk {
  uint8_t rx[MAILC_RX_CAP_MIN];
  uint8_t tx[MAILC_TX_CAP_MIN];
  uint8_t timestamp[512];
  struct mailc_pop3_slot queue[8];
  struct mailc_pop3 session;
  char log[8192];
  size_t log_len;
  bool is_in_data; /* the log ends in octets of a message */
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

static inline struct mailc_pop3_config talk_config(struct talk *talk) {
  return (struct mailc_pop3_config){
      .rx = {talk->rx, sizeof talk->rx},
      .tx = {talk->tx, sizeof talk->tx},
      .timestamp = {talk->timestamp, sizeof talk->timestamp},
      .queue = talk->queue,
      .queue_cap = sizeof talk->queue / sizeof talk->queue[0],
      .now_ms = 1000,
      .timeout_ms = 400,
      .policy = MAILC_POLICY_CLEAR,
      .trace_moves = true};
}

static inline void talk_begin_with(struct talk *talk,
                                   const struct mailc_pop3_config *config) {
  memset(talk, 0, sizeof *talk);
  CHECK(mailc_pop3_init(&talk->session, sizeof talk->session, config) ==
        MAILC_OK);
}

/* A session that has not been connected. */
static inline void talk_begin(struct talk *talk) {
  struct mailc_pop3_config config = talk_config(talk);

  talk_begin_with(talk, &config);
}

static inline void talk_event(struct talk *talk,
                              const struct mailc_pop3_event *event) {
  if (event->kind == MAILC_POP3_EVENT_DATA) {
    talk_log(talk, "%s%.*s", talk->is_in_data ? "" : "data ",
             (int)event->value.len, (const char *)event->value.data);
    talk->is_in_data = true;
    return;
  }
  if (event->kind != MAILC_POP3_EVENT_NONE) {
    talk->is_in_data = false;
  }
  switch (event->kind) {
  case MAILC_POP3_EVENT_MOVE:
    talk_log(talk, "%s %s %s\n", mailc_pop3_state_name(event->move.from),
             mailc_pop3_event_name(event->move.event),
             mailc_pop3_state_name(event->move.to));
    break;
  case MAILC_POP3_EVENT_END:
    talk_log(talk, "end\n");
    break;
  case MAILC_POP3_EVENT_NONE:
  case MAILC_POP3_EVENT_DATA:
    break;
  case MAILC_POP3_EVENT_GREETING:
  case MAILC_POP3_EVENT_REPLY:
  case MAILC_POP3_EVENT_CAPABILITY:
  case MAILC_POP3_EVENT_ITEM:
  case MAILC_POP3_EVENT_LANGUAGE:
  case MAILC_POP3_EVENT_CHALLENGE:
    talk_log(talk, "%s%s %u %llu [%.*s] [%.*s]\n",
             mailc_status_name(event->status), event->has_more ? "..." : "",
             (unsigned)event->number, (unsigned long long)event->size,
             (int)event->text.len, (const char *)event->text.data,
             (int)event->value.len, (const char *)event->value.data);
    break;
  }
}

/* Takes all events; returns the session's status. */
static inline enum mailc_status talk_take(struct talk *talk) {
  struct mailc_pop3_event event;
  enum mailc_status status = MAILC_OK;

  do {
    status = mailc_pop3_next(&talk->session, &event);
    if (status == MAILC_OK) {
      talk_event(talk, &event);
    }
  } while (status == MAILC_OK && event.kind != MAILC_POP3_EVENT_NONE);
  return status;
}

/* Plays octets of the server's, at most `step` at a time. */
static inline enum mailc_status
talk_receive(struct talk *talk, const char *octets, size_t len, size_t step) {
  enum mailc_status status = talk_take(talk);

  while (len != 0 && status == MAILC_OK) {
    size_t room = 0;
    uint8_t *at = mailc_pop3_rx_buf(&talk->session, &room);
    size_t piece = len < step ? len : step;

    piece = piece < room ? piece : room;
    CHECK(piece != 0);
    if (piece == 0) {
      break;
    }
    memcpy(at, octets, piece);
    CHECK(mailc_pop3_rx_ack(&talk->session, piece) == MAILC_OK);
    octets += piece;
    len -= piece;
    status = talk_take(talk);
  }
  return status;
}

/* Takes what the session wants to send; it must be `expected` and CRLF. */
static inline void talk_sent(struct talk *talk, const char *expected) {
  size_t len = 0;
  const uint8_t *at = mailc_pop3_tx_buf(&talk->session, &len);

  CHECK(len == strlen(expected) + 2 &&
        memcmp(at, expected, strlen(expected)) == 0 &&
        memcmp(at + len - 2, "\r\n", 2) == 0);
  CHECK(mailc_pop3_tx_ack(&talk->session, len) == MAILC_OK);
}

static inline struct mailc_span talk_span(const char *text) {
  return (struct mailc_span){(const uint8_t *)text, strlen(text)};
}

/* Gives the command that `line` is; APOP takes name and secret. */
static inline enum mailc_status talk_give(struct talk *talk, const char *line) {
  struct mailc_pop3 *session = &talk->session;
  const char *argument = strchr(line, ' ');
  uint32_t number =
      argument == NULL ? 0 : (uint32_t)strtoul(argument + 1, NULL, 10);
  static const struct {
    const char *name;
    enum mailc_status (*plain)(struct mailc_pop3 *);
    enum mailc_status (*numbered)(struct mailc_pop3 *, uint32_t);
    enum mailc_status (*text)(struct mailc_pop3 *, struct mailc_span);
  } commands[] = {{"CAPA", mailc_pop3_capa, NULL, NULL},
                  {"STAT", mailc_pop3_stat, NULL, NULL},
                  {"LIST", mailc_pop3_list, mailc_pop3_list_one, NULL},
                  {"UIDL", mailc_pop3_uidl, mailc_pop3_uidl_one, NULL},
                  {"RETR", NULL, mailc_pop3_retr, NULL},
                  {"DELE", NULL, mailc_pop3_dele, NULL},
                  {"NOOP", mailc_pop3_noop, NULL, NULL},
                  {"RSET", mailc_pop3_rset, NULL, NULL},
                  {"QUIT", mailc_pop3_quit, NULL, NULL},
                  {"STLS", mailc_pop3_stls, NULL, NULL},
                  {"UTF8", mailc_pop3_utf8, NULL, NULL},
                  {"LANG", mailc_pop3_lang, NULL, mailc_pop3_lang_to},
                  {"USER", NULL, NULL, mailc_pop3_user},
                  {"PASS", NULL, NULL, mailc_pop3_pass}};

  if (strncmp(line, "TOP ", 4) == 0) {
    return mailc_pop3_top(session, number,
                          (uint32_t)strtoul(strrchr(line, ' '), NULL, 10));
  }
  if (strncmp(line, "APOP ", 5) == 0) {
    return mailc_pop3_apop(session, talk_span("mrose"), talk_span("tanstaaf"));
  }
  for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
    if (strncmp(commands[i].name, line, 4) != 0) {
      continue;
    }
    if (argument == NULL && commands[i].plain != NULL) {
      return commands[i].plain(session);
    }
    if (argument != NULL && commands[i].text != NULL) {
      return commands[i].text(session, talk_span(argument + 1));
    }
    if (commands[i].numbered != NULL) {
      return commands[i].numbered(session, number);
    }
  }
  return MAILC_E_ARGUMENT;
}

/* One command that is allowed and its answer. Returns the session's status. */
static inline enum mailc_status talk_exchange(struct talk *talk,
                                              const char *command,
                                              const char *answer, size_t step) {
  CHECK(talk_give(talk, command) == MAILC_OK);
  talk_sent(talk, command);
  return talk_receive(talk, answer, strlen(answer), step);
}

/* A session after the greeting, with the log empty. */
static inline void talk_greeted_with(struct talk *talk,
                                     const struct mailc_pop3_config *config) {
  talk_begin_with(talk, config);
  CHECK(mailc_pop3_connected(&talk->session) == MAILC_OK);
  CHECK(talk_receive(talk, TALK_GREETING, strlen(TALK_GREETING), 999) ==
        MAILC_OK);
  talk->log_len = 0;
}

static inline void talk_greeted(struct talk *talk) {
  struct mailc_pop3_config config = talk_config(talk);

  talk_greeted_with(talk, &config);
}

/* Takes a greeted session to TRANSACTION, with the log empty. */
static inline void talk_log_in(struct talk *talk) {
  CHECK(talk_exchange(talk, "USER mrose", "+OK\r\n", 999) == MAILC_OK);
  CHECK(talk_exchange(talk, "PASS secret", "+OK\r\n", 999) == MAILC_OK);
  talk->log_len = 0;
}

static inline void talk_logged_in(struct talk *talk) {
  talk_greeted(talk);
  talk_log_in(talk);
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
