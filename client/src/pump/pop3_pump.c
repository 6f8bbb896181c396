#include "pump/pop3_pump.h"

#include "pop3/pop3_names.h"
#include "pump/pump.h"

#include <string.h>

enum mailc_status mailc_pop3_pump_await(struct mailc_pop3_pump *pump,
                                        struct mailc_pop3_event *event) {
  for (;;) {
    enum mailc_status status = mailc_pop3_next(pump->session, event);

    if (status != MAILC_OK) {
      return status;
    }
    if (event->kind == MAILC_POP3_EVENT_MOVE) {
      mailc_pump_move(&pump->pump, event->move);
    } else if (event->kind != MAILC_POP3_EVENT_NONE) {
      return MAILC_OK;
    } else if (mailc_pop3_deadline_ms(pump->session) == MAILC_NEVER) {
      return MAILC_OK;
    } else {
      mailc_pump_turn(&pump->pump, &pump->session->link);
    }
  }
}

/* Whether there is all that an operation needs: a session without a queue was
 * never accepted by mailc_pop3_init(). */
static bool is_complete(const struct mailc_pop3_pump *pump) {
  return pump != NULL && pump->session != NULL &&
         pump->session->queue != NULL && pump->pump.transport != NULL;
}

enum mailc_status mailc_pop3_pump_prepare(struct mailc_pop3_pump *pump) {
  struct mailc_pop3_event event;

  if (!is_complete(pump)) {
    return MAILC_E_ARGUMENT;
  }
  if (pump->is_reading || (pump->session->queue_count != 0 &&
                           pump->session->reading != MAILC_POP3_READ_ANSWER)) {
    return MAILC_E_STATE;
  }
  mailc_pump_begin(&pump->pump, &pump->session->link);
  return mailc_pop3_pump_await(pump, &event);
}

enum mailc_status mailc_pop3_pump_finish(struct mailc_pop3_pump *pump,
                                         enum mailc_status status,
                                         struct mailc_pop3_event *event) {
  if (status == MAILC_OK) {
    status = mailc_pop3_pump_await(pump, event);
  }
  if (status != MAILC_OK) {
    return status;
  }
  mailc_pump_drop_reply(&pump->pump);
  mailc_pump_keep_reply(&pump->pump, event->text);
  pump->is_reading = event->has_more;
  return event->status;
}

typedef enum mailc_status numbered_command(struct mailc_pop3 *session,
                                           uint32_t number);

enum mailc_status mailc_pop3_pump_run(struct mailc_pop3_pump *pump,
                                      mailc_pop3_plain_command *command,
                                      struct mailc_pop3_event *event) {
  enum mailc_status status = mailc_pop3_pump_prepare(pump);

  if (status == MAILC_OK) {
    status = command(pump->session);
    status = mailc_pop3_pump_finish(pump, status, event);
  }
  return status;
}

static enum mailc_status run_numbered(struct mailc_pop3_pump *pump,
                                      numbered_command *command,
                                      uint32_t number,
                                      struct mailc_pop3_event *event) {
  enum mailc_status status = mailc_pop3_pump_prepare(pump);

  if (status == MAILC_OK) {
    status = command(pump->session, number);
    status = mailc_pop3_pump_finish(pump, status, event);
  }
  return status;
}

enum mailc_status mailc_pop3_pump_stat(struct mailc_pop3_pump *pump,
                                       uint32_t *count, uint64_t *size) {
  struct mailc_pop3_event event = {.kind = MAILC_POP3_EVENT_NONE};
  enum mailc_status status = MAILC_E_ARGUMENT;

  if (count != NULL && size != NULL) {
    status = mailc_pop3_pump_run(pump, mailc_pop3_stat, &event);
  }
  if (status == MAILC_OK) {
    *count = event.number;
    *size = event.size;
  }
  return status;
}

enum mailc_status mailc_pop3_pump_list_one(struct mailc_pop3_pump *pump,
                                           uint32_t number, uint64_t *size) {
  struct mailc_pop3_event event = {.kind = MAILC_POP3_EVENT_NONE};
  enum mailc_status status = MAILC_E_ARGUMENT;

  if (size != NULL) {
    status = run_numbered(pump, mailc_pop3_list_one, number, &event);
  }
  if (status == MAILC_OK) {
    *size = event.size;
  }
  return status;
}

enum mailc_status mailc_pop3_pump_uidl_one(struct mailc_pop3_pump *pump,
                                           uint32_t number,
                                           struct mailc_span *uid) {
  struct mailc_pop3_event event = {.kind = MAILC_POP3_EVENT_NONE};
  enum mailc_status status = MAILC_E_ARGUMENT;

  if (uid != NULL) {
    status = run_numbered(pump, mailc_pop3_uidl_one, number, &event);
  }
  if (status == MAILC_OK) {
    *uid = event.value;
  }
  return status;
}

enum mailc_status mailc_pop3_pump_dele(struct mailc_pop3_pump *pump,
                                       uint32_t number) {
  struct mailc_pop3_event event = {0};

  return run_numbered(pump, mailc_pop3_dele, number, &event);
}

enum mailc_status mailc_pop3_pump_noop(struct mailc_pop3_pump *pump) {
  struct mailc_pop3_event event = {0};

  return mailc_pop3_pump_run(pump, mailc_pop3_noop, &event);
}

enum mailc_status mailc_pop3_pump_rset(struct mailc_pop3_pump *pump) {
  struct mailc_pop3_event event = {0};

  return mailc_pop3_pump_run(pump, mailc_pop3_rset, &event);
}

enum mailc_status mailc_pop3_pump_quit(struct mailc_pop3_pump *pump) {
  struct mailc_pop3_event event;

  return mailc_pop3_pump_run(pump, mailc_pop3_quit, &event);
}

enum mailc_status mailc_pop3_pump_open_capa(struct mailc_pop3_pump *pump) {
  struct mailc_pop3_event event;

  return mailc_pop3_pump_run(pump, mailc_pop3_capa, &event);
}

enum mailc_status mailc_pop3_pump_open_lang(struct mailc_pop3_pump *pump) {
  struct mailc_pop3_event event;

  return mailc_pop3_pump_run(pump, mailc_pop3_lang, &event);
}

enum mailc_status mailc_pop3_pump_open_list(struct mailc_pop3_pump *pump) {
  struct mailc_pop3_event event;

  return mailc_pop3_pump_run(pump, mailc_pop3_list, &event);
}

enum mailc_status mailc_pop3_pump_open_uidl(struct mailc_pop3_pump *pump) {
  struct mailc_pop3_event event;

  return mailc_pop3_pump_run(pump, mailc_pop3_uidl, &event);
}

enum mailc_status mailc_pop3_pump_open_retr(struct mailc_pop3_pump *pump,
                                            uint32_t number) {
  struct mailc_pop3_event event;

  return run_numbered(pump, mailc_pop3_retr, number, &event);
}

enum mailc_status mailc_pop3_pump_open_top(struct mailc_pop3_pump *pump,
                                           uint32_t number, uint32_t lines) {
  struct mailc_pop3_event event;
  enum mailc_status status = mailc_pop3_pump_prepare(pump);

  if (status == MAILC_OK) {
    status = mailc_pop3_top(pump->session, number, lines);
    status = mailc_pop3_pump_finish(pump, status, &event);
  }
  return status;
}

enum mailc_status mailc_pop3_pump_read(struct mailc_pop3_pump *pump,
                                       struct mailc_pop3_event *event) {
  enum mailc_status status = MAILC_OK;

  if (pump == NULL || event == NULL) {
    return MAILC_E_ARGUMENT;
  }
  if (!pump->is_reading) {
    return MAILC_E_STATE;
  }
  status = mailc_pop3_pump_await(pump, event);
  if (status != MAILC_OK || event->kind == MAILC_POP3_EVENT_END) {
    pump->is_reading = false;
  }
  return status;
}

enum mailc_status mailc_pop3_pump_skip(struct mailc_pop3_pump *pump) {
  struct mailc_pop3_event event;
  enum mailc_status status = MAILC_OK;

  if (pump == NULL) {
    return MAILC_E_ARGUMENT;
  }
  while (status == MAILC_OK && pump->is_reading) {
    status = mailc_pop3_pump_read(pump, &event);
  }
  return status;
}

enum mailc_status mailc_pop3_pump_retr(struct mailc_pop3_pump *pump,
                                       uint32_t number,
                                       struct mailc_buffer message,
                                       size_t *len) {
  struct mailc_pop3_event event;
  enum mailc_status status = MAILC_E_ARGUMENT;
  bool has_room = true;

  if (len == NULL || message.data == NULL) {
    return status;
  }
  *len = 0;
  status = mailc_pop3_pump_open_retr(pump, number);
  while (status == MAILC_OK && pump->is_reading) {
    status = mailc_pop3_pump_read(pump, &event);
    if (status != MAILC_OK || event.kind != MAILC_POP3_EVENT_DATA) {
      continue;
    }
    has_room = has_room && event.value.len <= message.cap - *len;
    if (has_room) {
      memcpy(message.data + *len, event.value.data, event.value.len);
      *len += event.value.len;
    }
  }
  return status == MAILC_OK && !has_room ? MAILC_E_BUFFER : status;
}

enum mailc_status mailc_pop3_pump_begin(struct mailc_pop3_pump *pump) {
  return mailc_pop3_pump_prepare(pump);
}

enum mailc_status mailc_pop3_pump_next(struct mailc_pop3_pump *pump,
                                       struct mailc_pop3_event *event) {
  enum mailc_status status = MAILC_E_ARGUMENT;

  if (!is_complete(pump) || event == NULL) {
    return status;
  }
  if (pump->is_reading) {
    return MAILC_E_STATE;
  }
  status = mailc_pop3_pump_await(pump, event);
  if (status == MAILC_OK && event->kind == MAILC_POP3_EVENT_REPLY) {
    mailc_pump_drop_reply(&pump->pump);
    mailc_pump_keep_reply(&pump->pump, event->text);
  }
  return status;
}

void mailc_pop3_pump_close(struct mailc_pop3_pump *pump) {
  if (pump != NULL && pump->pump.transport != NULL) {
    pump->pump.transport->close(pump->pump.transport->context);
    pump->is_reading = false;
  }
}
