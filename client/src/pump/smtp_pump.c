#include "pump/smtp_pump.h"

#include "pump/pump.h"
#include "smtp/smtp_body.h"
#include "smtp/smtp_names.h"

static const struct mailc_span nothing = {NULL, 0};

/* Whether the session has something to wait for. */
static bool is_busy(const struct mailc_smtp *session) {
  return mailc_smtp_deadline_ms(session) != MAILC_NEVER;
}

/* Keeps a line of a reply, and forgets the reply before it. */
static void keep_line(struct mailc_smtp_pump *pump,
                      const struct mailc_smtp_event *event) {
  if (event->line_no == 1) {
    mailc_pump_drop_reply(&pump->pump);
  }
  pump->code = event->code;
  pump->enhanced = mailc_smtp_enhanced(event->code, event->text);
  mailc_pump_keep_reply(&pump->pump, event->text);
}

/* Sends or receives once. A server may speak, or close, in the middle of a
 * message. */
static void turn(struct mailc_smtp_pump *pump) {
  mailc_pump_turn(&pump->pump, &pump->session->link);
  if (pump->session->state == MAILC_SMTP_ST_DATA) {
    mailc_smtp_load_body(pump->session);
    mailc_pump_poll(&pump->pump, &pump->session->link);
  }
}

enum mailc_status mailc_smtp_pump_await(struct mailc_smtp_pump *pump,
                                        struct mailc_smtp_event *event) {
  for (;;) {
    enum mailc_status status = mailc_smtp_next(pump->session, event);

    if (status != MAILC_OK) {
      return status;
    }
    switch (event->kind) {
    case MAILC_SMTP_EVENT_MOVE:
      mailc_pump_move(&pump->pump, event->move);
      break;
    case MAILC_SMTP_EVENT_LINE:
      keep_line(pump, event);
      break;
    case MAILC_SMTP_EVENT_GREETING:
    case MAILC_SMTP_EVENT_REPLY:
      if (event->code != 0) { /* it was sent */
        keep_line(pump, event);
      }
      return MAILC_OK;
    case MAILC_SMTP_EVENT_CHALLENGE:
      return MAILC_OK;
    case MAILC_SMTP_EVENT_NONE:
      if (!is_busy(pump->session)) {
        return MAILC_OK;
      }
      turn(pump);
      break;
    }
  }
}

enum mailc_status mailc_smtp_pump_poll(struct mailc_smtp_pump *pump) {
  struct mailc_smtp_event event;
  enum mailc_status status = MAILC_OK;

  mailc_pump_poll(&pump->pump, &pump->session->link);
  status = mailc_smtp_pump_await(pump, &event);
  return status != MAILC_OK ? status : event.status;
}

/* Whether there is all that an operation needs: a session without a queue was
 * never accepted by mailc_smtp_init(). */
static bool is_complete(const struct mailc_smtp_pump *pump) {
  return pump != NULL && pump->session != NULL &&
         pump->session->queue != NULL && pump->pump.transport != NULL;
}

enum mailc_status mailc_smtp_pump_prepare(struct mailc_smtp_pump *pump) {
  struct mailc_smtp_event event;
  enum mailc_status status = MAILC_OK;

  if (!is_complete(pump)) {
    return MAILC_E_ARGUMENT;
  }
  pump->code = 0;
  pump->answer_count = 0;
  pump->enhanced = (struct mailc_enhanced){.class_no = 0};
  mailc_pump_begin(&pump->pump, &pump->session->link);
  status = mailc_smtp_pump_await(pump, &event);
  return status != MAILC_OK ? status : event.status;
}

/* Waits for the answer to a command that gave `status`. */
static enum mailc_status finish_with(struct mailc_smtp_pump *pump,
                                     enum mailc_status status,
                                     struct mailc_smtp_event *event) {
  if (status == MAILC_OK) {
    status = mailc_smtp_pump_await(pump, event);
  }
  return status != MAILC_OK ? status : event->status;
}

enum mailc_status mailc_smtp_pump_finish(struct mailc_smtp_pump *pump,
                                         enum mailc_status status) {
  struct mailc_smtp_event event;

  return finish_with(pump, status, &event);
}

typedef enum mailc_status plain_command(struct mailc_smtp *session);
typedef enum mailc_status text_command(struct mailc_smtp *session,
                                       struct mailc_span text);
typedef enum mailc_status path_command(struct mailc_smtp *session,
                                       struct mailc_span path,
                                       const struct mailc_span *params,
                                       size_t param_count);

static enum mailc_status run(struct mailc_smtp_pump *pump,
                             plain_command *command) {
  enum mailc_status status = mailc_smtp_pump_prepare(pump);

  if (status == MAILC_OK) {
    status = mailc_smtp_pump_finish(pump, command(pump->session));
  }
  return status;
}

static enum mailc_status run_text(struct mailc_smtp_pump *pump,
                                  text_command *command,
                                  struct mailc_span text) {
  enum mailc_status status = mailc_smtp_pump_prepare(pump);

  if (status == MAILC_OK) {
    status = mailc_smtp_pump_finish(pump, command(pump->session, text));
  }
  return status;
}

static enum mailc_status run_path(struct mailc_smtp_pump *pump,
                                  path_command *command, struct mailc_span path,
                                  const struct mailc_span *params,
                                  size_t param_count) {
  enum mailc_status status = mailc_smtp_pump_prepare(pump);

  if (status == MAILC_OK) {
    status = mailc_smtp_pump_finish(
        pump, command(pump->session, path, params, param_count));
  }
  return status;
}

enum mailc_status mailc_smtp_pump_connect(struct mailc_smtp_pump *pump) {
  return run(pump, mailc_smtp_connected);
}

enum mailc_status mailc_smtp_pump_ehlo(struct mailc_smtp_pump *pump,
                                       struct mailc_span name,
                                       bool *is_extended) {
  struct mailc_smtp_event event = {.kind = MAILC_SMTP_EVENT_NONE};
  enum mailc_status status = mailc_smtp_pump_prepare(pump);

  if (status == MAILC_OK) {
    status = finish_with(pump, mailc_smtp_ehlo(pump->session, name), &event);
  }
  if (is_extended != NULL) {
    *is_extended = status == MAILC_OK && event.command == MAILC_SMTP_EHLO;
  }
  return status;
}

enum mailc_status mailc_smtp_pump_lhlo(struct mailc_smtp_pump *pump,
                                       struct mailc_span name) {
  return run_text(pump, mailc_smtp_lhlo, name);
}

enum mailc_status mailc_smtp_pump_starttls(struct mailc_smtp_pump *pump) {
  if (pump != NULL && pump->pump.transport != NULL &&
      !mailc_pump_can_start_tls(&pump->pump)) {
    return MAILC_E_NO_TLS;
  }
  return run(pump, mailc_smtp_starttls);
}

enum mailc_status mailc_smtp_pump_helo(struct mailc_smtp_pump *pump,
                                       struct mailc_span name) {
  return run_text(pump, mailc_smtp_helo, name);
}

/* Waits for the next challenge or the end of a login. */
static enum mailc_status finish_login(struct mailc_smtp_pump *pump,
                                      enum mailc_status status,
                                      struct mailc_span *challenge) {
  struct mailc_smtp_event event = {.kind = MAILC_SMTP_EVENT_NONE};

  status = finish_with(pump, status, &event);
  if (event.kind != MAILC_SMTP_EVENT_CHALLENGE) {
    return status;
  }
  if (challenge == NULL) {
    return mailc_smtp_pump_finish(pump, mailc_smtp_cancel(pump->session));
  }
  *challenge = event.text;
  return MAILC_OK;
}

enum mailc_status mailc_smtp_pump_auth(struct mailc_smtp_pump *pump,
                                       const struct mailc_login *login,
                                       struct mailc_span *challenge) {
  enum mailc_status status = mailc_smtp_pump_prepare(pump);

  if (challenge != NULL) {
    *challenge = nothing;
  }
  if (status == MAILC_OK) {
    status =
        finish_login(pump, mailc_smtp_auth(pump->session, login), challenge);
  }
  return status;
}

enum mailc_status mailc_smtp_pump_answer(struct mailc_smtp_pump *pump,
                                         struct mailc_span octets,
                                         struct mailc_span *challenge) {
  enum mailc_status status = mailc_smtp_pump_prepare(pump);

  if (challenge != NULL) {
    *challenge = nothing;
  }
  if (status == MAILC_OK) {
    status =
        finish_login(pump, mailc_smtp_answer(pump->session, octets), challenge);
  }
  return status;
}

enum mailc_status mailc_smtp_pump_cancel(struct mailc_smtp_pump *pump) {
  return run(pump, mailc_smtp_cancel);
}

enum mailc_status mailc_smtp_pump_mail(struct mailc_smtp_pump *pump,
                                       struct mailc_span from,
                                       const struct mailc_span *params,
                                       size_t param_count) {
  return run_path(pump, mailc_smtp_mail, from, params, param_count);
}

enum mailc_status mailc_smtp_pump_rcpt(struct mailc_smtp_pump *pump,
                                       struct mailc_span to,
                                       const struct mailc_span *params,
                                       size_t param_count) {
  return run_path(pump, mailc_smtp_rcpt, to, params, param_count);
}

enum mailc_status mailc_smtp_pump_rset(struct mailc_smtp_pump *pump) {
  return run(pump, mailc_smtp_rset);
}

enum mailc_status mailc_smtp_pump_noop(struct mailc_smtp_pump *pump) {
  return run(pump, mailc_smtp_noop);
}

enum mailc_status mailc_smtp_pump_vrfy(struct mailc_smtp_pump *pump,
                                       struct mailc_span text) {
  return run_text(pump, mailc_smtp_vrfy, text);
}

enum mailc_status mailc_smtp_pump_expn(struct mailc_smtp_pump *pump,
                                       struct mailc_span text) {
  return run_text(pump, mailc_smtp_expn, text);
}

enum mailc_status mailc_smtp_pump_help(struct mailc_smtp_pump *pump,
                                       struct mailc_span topic) {
  return run_text(pump, mailc_smtp_help, topic);
}

enum mailc_status mailc_smtp_pump_quit(struct mailc_smtp_pump *pump) {
  return run(pump, mailc_smtp_quit);
}

void mailc_smtp_pump_close(struct mailc_smtp_pump *pump) {
  if (pump != NULL && pump->pump.transport != NULL) {
    pump->pump.transport->close(pump->pump.transport->context);
  }
}
