/* The commands of an SMTP session: checked against the state, put into the
 * transmit buffer and queued; or refused with nothing changed. */
#include "smtp_command.h"

#include "dot.h"
#include "link.h"
#include "smtp_action.h"
#include "smtp_argument.h"
#include "smtp_extension.h"

/* The most parameters of one MAIL or RCPT; there are not as many defined. */
#define PARAMS_MAX 10u

enum mailc_status mailc_smtp_may_send(const struct mailc_smtp *session) {
  size_t unsent = 0;

  (void)mailc_link_tx_buf(&session->link, &unsent);
  if (mailc_smtp_has_event(session) || session->link.is_eof ||
      session->next_step != MAILC_SMTP_STEP_NONE || unsent != 0 ||
      mailc_link_rest(&session->link).len != 0) {
    return MAILC_E_EVENTS;
  }
  return MAILC_OK;
}

enum mailc_status mailc_smtp_may(const struct mailc_smtp *session,
                                 enum mailc_smtp_fsm_event event) {
  if (session == NULL) {
    return MAILC_E_ARGUMENT;
  }
  if (session->link.status != MAILC_OK) {
    return session->link.status;
  }
  if (!mailc_smtp_can(session, event) ||
      session->queue_count == MAILC_QUEUE_CAP) {
    return MAILC_E_STATE;
  }
  return mailc_smtp_may_send(session);
}

void mailc_smtp_queue(struct mailc_smtp *session,
                      enum mailc_smtp_command command,
                      enum mailc_smtp_fsm_event event) {
  session->queue[session->queue_count++] = (uint8_t)command;
  mailc_smtp_step(session, event, MAILC_OK);
}

/* Puts and queues a command of one or two parts that was checked. */
static enum mailc_status put(struct mailc_smtp *session,
                             enum mailc_smtp_command command,
                             enum mailc_smtp_fsm_event event,
                             struct mailc_span verb,
                             struct mailc_span argument) {
  struct mailc_span parts[] = {verb, argument};
  enum mailc_status status =
      mailc_link_put_line(&session->link, parts, 2, MAILC_SMTP_COMMAND_MAX);

  if (status == MAILC_OK) {
    mailc_smtp_queue(session, command, event);
  }
  return status;
}

/* A command that is its verb. */
static enum mailc_status put_plain(struct mailc_smtp *session,
                                   enum mailc_smtp_command command,
                                   enum mailc_smtp_fsm_event event,
                                   struct mailc_span verb) {
  enum mailc_status status = mailc_smtp_may(session, event);

  return status != MAILC_OK
             ? status
             : put(session, command, event, verb, (struct mailc_span){NULL, 0});
}

static enum mailc_status check_domain(struct mailc_span name) {
  if (name.data == NULL || name.len == 0) {
    return MAILC_E_ARGUMENT;
  }
  return mailc_smtp_is_domain(name) ? MAILC_OK : MAILC_E_TEXT;
}

enum mailc_status mailc_smtp_ehlo(struct mailc_smtp *session,
                                  struct mailc_span name) {
  enum mailc_status status = mailc_smtp_may(session, MAILC_SMTP_EV_CMD_EHLO);

  if (status == MAILC_OK) {
    status = check_domain(name);
  }
  if (status == MAILC_OK) {
    status = put(session, MAILC_SMTP_EHLO, MAILC_SMTP_EV_CMD_EHLO,
                 MAILC_SPAN("EHLO "), name);
  }
  if (status == MAILC_OK) {
    session->span = name;
    session->offers = 0;
    session->mechs = 0;
  }
  return status;
}

enum mailc_status mailc_smtp_helo(struct mailc_smtp *session,
                                  struct mailc_span name) {
  enum mailc_status status = mailc_smtp_may(session, MAILC_SMTP_EV_CMD_HELO);

  if (status == MAILC_OK) {
    status = check_domain(name);
  }
  return status != MAILC_OK
             ? status
             : put(session, MAILC_SMTP_HELO, MAILC_SMTP_EV_CMD_HELO,
                   MAILC_SPAN("HELO "), name);
}

uint32_t mailc_smtp_offers(const struct mailc_smtp *session) {
  return session == NULL ? 0 : session->offers;
}

uint32_t mailc_smtp_mechs(const struct mailc_smtp *session) {
  return session == NULL ? 0 : session->mechs;
}

/* An envelope command that is being made. */
struct envelope {
  struct mailc_span parts[3 + 2 * PARAMS_MAX];
  size_t part_count;
  size_t max; /* octets of the line */
  bool is_8bit;
  bool is_utf8;
};

/* Adds the parameters, each of which has to be of an extension that the server
 * offers (RFC 5321 section 4.1.1.11). */
static enum mailc_status add_params(const struct mailc_smtp *session,
                                    bool is_rcpt,
                                    const struct mailc_span *params,
                                    size_t param_count,
                                    struct envelope *envelope) {
  if (param_count > PARAMS_MAX || (params == NULL && param_count != 0)) {
    return MAILC_E_ARGUMENT;
  }
  for (size_t i = 0; i < param_count; i++) {
    struct mailc_smtp_param param;
    enum mailc_status status = MAILC_E_ARGUMENT;
    if (params[i].data != NULL) {
      status = mailc_smtp_param_of(params[i], is_rcpt, &param);
    }
    if (status != MAILC_OK) {
      return status;
    }
    if ((session->offers & param.offer) == 0) {
      return MAILC_E_NOT_OFFERED;
    }
    envelope->max += param.added_len;
    envelope->is_8bit = envelope->is_8bit || param.is_8bit;
    envelope->is_utf8 = envelope->is_utf8 || param.is_utf8;
    envelope->parts[envelope->part_count++] = MAILC_SPAN(" ");
    envelope->parts[envelope->part_count++] = params[i];
  }
  return MAILC_OK;
}

/* Makes the line of MAIL or RCPT. */
static enum mailc_status
put_envelope(struct mailc_smtp *session, struct mailc_span verb,
             struct mailc_span path, const struct mailc_span *params,
             size_t param_count, struct envelope *envelope) {
  bool is_rcpt = session->state != MAILC_SMTP_ST_READY;
  enum mailc_status status = MAILC_OK;

  *envelope = (struct envelope){.parts = {verb, path, MAILC_SPAN(">")},
                                .part_count = 3,
                                .max = MAILC_SMTP_COMMAND_MAX,
                                .is_utf8 = is_rcpt && session->is_utf8};
  if (path.data == NULL || (is_rcpt && path.len == 0)) {
    return MAILC_E_ARGUMENT;
  }
  status = add_params(session, is_rcpt, params, param_count, envelope);
  if (status == MAILC_OK && !mailc_smtp_is_path(path, envelope->is_utf8)) {
    status = MAILC_E_TEXT;
  }
  return status != MAILC_OK
             ? status
             : mailc_link_put_line(&session->link, envelope->parts,
                                   envelope->part_count, envelope->max);
}

enum mailc_status mailc_smtp_mail(struct mailc_smtp *session,
                                  struct mailc_span from,
                                  const struct mailc_span *params,
                                  size_t param_count) {
  struct envelope envelope;
  enum mailc_status status = mailc_smtp_may(session, MAILC_SMTP_EV_CMD_MAIL);

  if (status == MAILC_OK && session->policy == MAILC_POLICY_TLS &&
      !session->link.has_tls) {
    status = MAILC_E_CLEAR_MAIL;
  }
  if (status == MAILC_OK) {
    status = put_envelope(session, MAILC_SPAN("MAIL FROM:<"), from, params,
                          param_count, &envelope);
  }
  if (status == MAILC_OK) {
    mailc_dot_begin(&session->dot,
                    session->dot_flags |
                        (envelope.is_8bit ? MAILC_DOT_8BIT : 0u));
    session->is_utf8 = envelope.is_utf8;
    mailc_smtp_queue(session, MAILC_SMTP_MAIL, MAILC_SMTP_EV_CMD_MAIL);
  }
  return status;
}

enum mailc_status mailc_smtp_rcpt(struct mailc_smtp *session,
                                  struct mailc_span to,
                                  const struct mailc_span *params,
                                  size_t param_count) {
  struct envelope envelope;
  enum mailc_status status = mailc_smtp_may(session, MAILC_SMTP_EV_CMD_RCPT);

  if (status == MAILC_OK) {
    status = put_envelope(session, MAILC_SPAN("RCPT TO:<"), to, params,
                          param_count, &envelope);
  }
  if (status == MAILC_OK) {
    mailc_smtp_queue(session, MAILC_SMTP_RCPT, MAILC_SMTP_EV_CMD_RCPT);
  }
  return status;
}

enum mailc_status mailc_smtp_data(struct mailc_smtp *session) {
  return put_plain(session, MAILC_SMTP_DATA, MAILC_SMTP_EV_CMD_DATA,
                   MAILC_SPAN("DATA"));
}

enum mailc_status mailc_smtp_rset(struct mailc_smtp *session) {
  return put_plain(session, MAILC_SMTP_RSET, MAILC_SMTP_EV_CMD_RSET,
                   MAILC_SPAN("RSET"));
}

enum mailc_status mailc_smtp_noop(struct mailc_smtp *session) {
  return put_plain(session, MAILC_SMTP_NOOP, MAILC_SMTP_EV_CMD_NOOP,
                   MAILC_SPAN("NOOP"));
}

enum mailc_status mailc_smtp_vrfy(struct mailc_smtp *session,
                                  struct mailc_span text) {
  enum mailc_status status = mailc_smtp_may(session, MAILC_SMTP_EV_CMD_VRFY);

  if (status == MAILC_OK && (text.data == NULL || text.len == 0)) {
    status = MAILC_E_ARGUMENT;
  }
  if (status == MAILC_OK && !mailc_smtp_is_text(text)) {
    status = MAILC_E_TEXT;
  }
  return status != MAILC_OK
             ? status
             : put(session, MAILC_SMTP_VRFY, MAILC_SMTP_EV_CMD_VRFY,
                   MAILC_SPAN("VRFY "), text);
}

enum mailc_status mailc_smtp_quit(struct mailc_smtp *session) {
  return put_plain(session, MAILC_SMTP_QUIT, MAILC_SMTP_EV_CMD_QUIT,
                   MAILC_SPAN("QUIT"));
}
