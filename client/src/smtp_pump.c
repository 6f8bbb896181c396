#include "pump.h"
#include "smtp_body.h"
#include "smtp_extension.h"
#include "smtp_fsm.h"

#include <mailc/smtp_pump.h>

static const struct mailc_span nothing = {NULL, 0};

/* Whether the session has something to wait for. */
static bool is_busy(const struct mailc_smtp *session) {
  return mailc_smtp_deadline_ms(session) != MAILC_NEVER;
}

/* The next event that ends a wait: GREETING, CHALLENGE or REPLY, or NONE where
 * the server owes nothing. Lines of a reply are kept on the way. */
static enum mailc_status await_event(struct mailc_smtp_pump *pump,
                                     struct mailc_smtp_event *event) {
  for (;;) {
    enum mailc_status status = mailc_smtp_next(pump->session, event);

    if (status != MAILC_OK) {
      return status;
    }
    if (event->kind == MAILC_SMTP_EVENT_MOVE) {
      mailc_pump_move(&pump->pump, event->move);
    } else if (event->kind == MAILC_SMTP_EVENT_CHALLENGE) {
      return MAILC_OK;
    } else if (event->kind != MAILC_SMTP_EVENT_NONE) {
      if (event->line_no == 1) {
        mailc_pump_drop_reply(&pump->pump);
      }
      pump->code = event->code;
      mailc_pump_keep_reply(&pump->pump, event->text);
      if (event->kind != MAILC_SMTP_EVENT_LINE) {
        return MAILC_OK;
      }
    } else if (!is_busy(pump->session)) {
      return MAILC_OK;
    } else {
      mailc_pump_turn(&pump->pump, &pump->session->link);
      mailc_smtp_load_body(pump->session);
    }
  }
}

/* Looks what the server sent while nobody waited. A reply can only be 421. */
static enum mailc_status look(struct mailc_smtp_pump *pump) {
  struct mailc_smtp_event event;
  enum mailc_status status = MAILC_OK;

  mailc_pump_look(&pump->pump, &pump->session->link);
  status = await_event(pump, &event);
  return status != MAILC_OK ? status : event.status;
}

/* Makes way for a command. */
static enum mailc_status prepare(struct mailc_smtp_pump *pump) {
  struct mailc_smtp_event event;
  enum mailc_status status = MAILC_OK;

  if (pump == NULL || pump->session == NULL || pump->pump.transport == NULL) {
    return MAILC_E_ARGUMENT;
  }
  pump->code = 0;
  mailc_pump_begin(&pump->pump, &pump->session->link);
  status = await_event(pump, &event);
  return status != MAILC_OK ? status : event.status;
}

/* Waits for the answer to a command that gave `status`. */
static enum mailc_status finish_with(struct mailc_smtp_pump *pump,
                                     enum mailc_status status,
                                     struct mailc_smtp_event *event) {
  if (status == MAILC_OK) {
    status = await_event(pump, event);
  }
  return status != MAILC_OK ? status : event->status;
}

static enum mailc_status finish(struct mailc_smtp_pump *pump,
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
  enum mailc_status status = prepare(pump);

  if (status == MAILC_OK) {
    status = finish(pump, command(pump->session));
  }
  return status;
}

static enum mailc_status run_text(struct mailc_smtp_pump *pump,
                                  text_command *command,
                                  struct mailc_span text) {
  enum mailc_status status = prepare(pump);

  if (status == MAILC_OK) {
    status = finish(pump, command(pump->session, text));
  }
  return status;
}

static enum mailc_status run_path(struct mailc_smtp_pump *pump,
                                  path_command *command, struct mailc_span path,
                                  const struct mailc_span *params,
                                  size_t param_count) {
  enum mailc_status status = prepare(pump);

  if (status == MAILC_OK) {
    status = finish(pump, command(pump->session, path, params, param_count));
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
  enum mailc_status status = prepare(pump);

  if (status == MAILC_OK) {
    status = finish_with(pump, mailc_smtp_ehlo(pump->session, name), &event);
  }
  if (is_extended != NULL) {
    *is_extended = status == MAILC_OK && event.command == MAILC_SMTP_EHLO;
  }
  return status;
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
    return finish(pump, mailc_smtp_cancel(pump->session));
  }
  *challenge = event.text;
  return MAILC_OK;
}

enum mailc_status mailc_smtp_pump_auth(struct mailc_smtp_pump *pump,
                                       const struct mailc_login *login,
                                       struct mailc_span *challenge) {
  enum mailc_status status = prepare(pump);

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
  enum mailc_status status = prepare(pump);

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

/* A message that was given up is not to be taken for whole: the connection goes
 * with it. */
static enum mailc_status close_if_given_up(struct mailc_smtp_pump *pump,
                                           enum mailc_status status) {
  struct mailc_smtp_event event;

  if (status == MAILC_E_MESSAGE) {
    (void)await_event(pump, &event); /* the move */
    mailc_smtp_pump_close(pump);
  }
  return status;
}

/* Sends the next octets of an open message. */
static enum mailc_status write_body(struct mailc_smtp_pump *pump,
                                    struct mailc_span octets) {
  enum mailc_status status =
      close_if_given_up(pump, mailc_smtp_body(pump->session, octets));

  return finish(pump, status);
}

static enum mailc_status end_body(struct mailc_smtp_pump *pump) {
  enum mailc_status status = look(pump);

  if (status == MAILC_OK) {
    status = close_if_given_up(pump, mailc_smtp_end(pump->session));
    status = finish(pump, status);
  }
  return status;
}

/* DATA and the message, in an operation that has begun. */
static enum mailc_status send_message(struct mailc_smtp_pump *pump,
                                      struct mailc_span message) {
  enum mailc_status status = finish(pump, mailc_smtp_data(pump->session));

  if (status == MAILC_OK) {
    status = look(pump);
  }
  if (status == MAILC_OK) {
    status = write_body(pump, message);
  }
  return status != MAILC_OK ? status : end_body(pump);
}

enum mailc_status mailc_smtp_pump_data(struct mailc_smtp_pump *pump,
                                       struct mailc_span message) {
  enum mailc_status status = prepare(pump);

  return status != MAILC_OK ? status : send_message(pump, message);
}

enum mailc_status mailc_smtp_pump_open_data(struct mailc_smtp_pump *pump) {
  return run(pump, mailc_smtp_data);
}

enum mailc_status mailc_smtp_pump_write(struct mailc_smtp_pump *pump,
                                        struct mailc_span octets) {
  enum mailc_status status = prepare(pump);

  return status != MAILC_OK ? status : write_body(pump, octets);
}

enum mailc_status mailc_smtp_pump_close_data(struct mailc_smtp_pump *pump) {
  enum mailc_status status = prepare(pump);

  return status != MAILC_OK ? status : end_body(pump);
}

static bool is_refusal(enum mailc_status status) {
  return mailc_status_band(status) == MAILC_BAND_REFUSED;
}

/* Asks about each recipient. MAILC_OK if one at least was accepted. */
static enum mailc_status send_recipients(struct mailc_smtp_pump *pump,
                                         const struct mailc_smtp_mail *mail) {
  enum mailc_status result = MAILC_E_ARGUMENT;
  bool has_one = false;

  for (size_t i = 0; i < mail->recipient_count; i++) {
    struct mailc_smtp_recipient *to = &mail->recipients[i];
    enum mailc_status status = look(pump);

    if (status == MAILC_OK) {
      status = finish(pump, mailc_smtp_rcpt(pump->session, to->to, to->params,
                                            to->param_count));
    }
    to->status = status;
    to->code = pump->code;
    result = status;
    has_one = has_one || status == MAILC_OK;
    if (status != MAILC_OK &&
        (!is_refusal(status) ||
         (mailc_smtp_want(pump->session) & MAILC_WANT_CLOSED) != 0)) {
      return status;
    }
  }
  return has_one ? MAILC_OK : result;
}

/* Gives up the transaction if it is still open; pump->code stays that of the
 * refusal. */
static enum mailc_status reset(struct mailc_smtp_pump *pump,
                               enum mailc_status cause) {
  uint16_t code = pump->code;
  enum mailc_status status = MAILC_OK;

  if (pump->session->state != MAILC_SMTP_ST_MAIL &&
      pump->session->state != MAILC_SMTP_ST_RCPT) {
    return cause;
  }
  status = look(pump);
  if (status == MAILC_OK) {
    status = finish(pump, mailc_smtp_rset(pump->session));
  }
  pump->code = code;
  return status == MAILC_OK ? cause : status;
}

static bool is_mail(const struct mailc_smtp_mail *mail) {
  return mail != NULL && mail->recipients != NULL &&
         mail->recipient_count != 0 &&
         (mail->params != NULL || mail->param_count == 0);
}

/* Whether the MAIL of this message announces octets above 127. */
static bool is_8bit(const struct mailc_smtp_mail *mail) {
  for (size_t i = 0; i < mail->param_count; i++) {
    struct mailc_smtp_param param;

    if (mailc_smtp_param_of(mail->params[i], false, &param) == MAILC_OK &&
        param.is_8bit) {
      return true;
    }
  }
  return false;
}

enum mailc_status mailc_smtp_pump_send(struct mailc_smtp_pump *pump,
                                       const struct mailc_smtp_mail *mail) {
  enum mailc_status status = prepare(pump);

  if (status != MAILC_OK) {
    return status;
  }
  if (!is_mail(mail)) {
    return MAILC_E_ARGUMENT;
  }
  for (size_t i = 0; i < mail->recipient_count; i++) {
    mail->recipients[i].status = MAILC_E_STATE;
    mail->recipients[i].code = 0;
  }
  status = mailc_smtp_check(pump->session, mail->message, is_8bit(mail));
  if (status == MAILC_OK) {
    status = finish(pump, mailc_smtp_mail(pump->session, mail->from,
                                          mail->params, mail->param_count));
  }
  if (status != MAILC_OK) {
    return status;
  }
  status = send_recipients(pump, mail);
  if (status == MAILC_OK) {
    status = look(pump);
  }
  if (status == MAILC_OK) {
    status = send_message(pump, mail->message);
  }
  return status == MAILC_OK ? MAILC_OK : reset(pump, status);
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

enum mailc_status mailc_smtp_pump_quit(struct mailc_smtp_pump *pump) {
  return run(pump, mailc_smtp_quit);
}

void mailc_smtp_pump_close(struct mailc_smtp_pump *pump) {
  if (pump != NULL && pump->pump.transport != NULL) {
    pump->pump.transport->close(pump->pump.transport->context);
  }
}
