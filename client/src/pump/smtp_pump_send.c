/* A message with its envelope in one operation. */
#include "pump/smtp_pump.h"
#include "smtp/smtp_action.h"
#include "smtp/smtp_extension.h"

/* The envelope under way: MAIL is command 0, the recipients follow, DATA is the
 * last. */
struct envelope {
  const struct mailc_smtp_mail *mail;
  size_t given;    /* commands given to the session */
  size_t answered; /* of these */
  bool is_stopped; /* no further command is to be given */
  bool is_open;    /* DATA was accepted */
  bool is_binary;
  bool has_one;                   /* a recipient was accepted */
  struct mailc_smtp_answer cause; /* why the message is not sent */
};

static bool is_mail(const struct mailc_smtp_mail *mail) {
  return mail != NULL && mail->recipients != NULL &&
         mail->recipient_count != 0 &&
         (mail->params != NULL || mail->param_count == 0);
}

/* What the MAIL of this message announces about its octets: a set of enum
 * mailc_smtp_message_kind. */
static unsigned kinds_of(const struct mailc_smtp_mail *mail) {
  struct mailc_smtp_param sum = {.kinds = 0};

  for (size_t i = 0; i < mail->param_count; i++) {
    (void)mailc_smtp_param_add(mail->params[i], false, &sum);
  }
  return sum.kinds;
}

static enum mailc_status check(const struct mailc_smtp_pump *pump,
                               const struct mailc_smtp_mail *mail,
                               unsigned kinds) {
  uint32_t size_max = mailc_smtp_size_max(pump->session);

  if (size_max != 0 && mail->message.len > size_max) {
    return MAILC_E_TOO_LARGE;
  }
  return (kinds & MAILC_SMTP_IS_BINARY) != 0
             ? MAILC_OK
             : mailc_smtp_check_message(pump->session, mail->message,
                                        (kinds & MAILC_SMTP_IS_8BIT) != 0);
}

/* Gives up a transaction that a message before this one left open. */
static enum mailc_status reset(struct mailc_smtp_pump *pump) {
  switch (pump->session->state) {
  case MAILC_SMTP_ST_MAIL:
  case MAILC_SMTP_ST_RCPT:
  case MAILC_SMTP_ST_CHUNK:
  case MAILC_SMTP_ST_CHUNK_REFUSED:
    return mailc_smtp_pump_finish(pump, mailc_smtp_rset(pump->session));
  default:
    return MAILC_OK;
  }
}

static enum mailc_status send_next(struct mailc_smtp_pump *pump,
                                   const struct envelope *envelope) {
  const struct mailc_smtp_mail *mail = envelope->mail;
  const struct mailc_smtp_recipient *to = NULL;

  if (envelope->given == 0) {
    return mailc_smtp_mail(pump->session, mail->from, mail->params,
                           mail->param_count);
  }
  if (envelope->given > mail->recipient_count) {
    return mailc_smtp_data(pump->session);
  }
  to = &mail->recipients[envelope->given - 1];
  return mailc_smtp_rcpt(pump->session, to->to, to->params, to->param_count);
}

/* A command could not be given, so it is the last; its status is the result,
 * unless it was dropped because one ahead of it was refused. */
static void stop_sending(struct envelope *envelope, enum mailc_status status) {
  envelope->is_stopped = true;
  if (status == MAILC_E_STATE && envelope->given != 0) {
    return;
  }
  if (envelope->cause.status == MAILC_OK) {
    envelope->cause = (struct mailc_smtp_answer){.status = status};
  }
  if (envelope->given != 0 &&
      envelope->given <= envelope->mail->recipient_count) {
    envelope->mail->recipients[envelope->given - 1].status = status;
  }
}

/* Gives commands as far as there is room. */
static void send_commands(struct mailc_smtp_pump *pump,
                          struct envelope *envelope) {
  size_t count =
      envelope->mail->recipient_count + (envelope->is_binary ? 1 : 2);

  while (!envelope->is_stopped && envelope->given < count) {
    enum mailc_status status = send_next(pump, envelope);

    if (status == MAILC_E_QUEUE_FULL && envelope->answered < envelope->given) {
      return;
    }
    if (status == MAILC_OK) {
      envelope->given++;
    } else {
      stop_sending(envelope, status);
    }
  }
}

/* Takes the answer to the command that was given first of those that wait. */
static void take(struct mailc_smtp_pump *pump, struct envelope *envelope,
                 const struct mailc_smtp_event *event) {
  struct mailc_smtp_answer answer = {.status = event->status,
                                     .code = event->code};
  size_t at = envelope->answered++;

  if (event->code != 0) {
    answer.enhanced = pump->enhanced;
  }
  if (at == 0) {
    if (envelope->cause.status == MAILC_OK) {
      envelope->cause = answer; /* or else, what could not be given */
    }
  } else if (at <= envelope->mail->recipient_count) {
    struct mailc_smtp_recipient *to = &envelope->mail->recipients[at - 1];
    to->status = answer.status;
    to->code = answer.code;
    to->enhanced = answer.enhanced;
    envelope->has_one = envelope->has_one || answer.status == MAILC_OK;
  } else {
    envelope->is_open = answer.status == MAILC_OK;
    if (envelope->has_one) {
      envelope->cause = answer;
    }
  }
}

/* The status of the last recipient that the server refused. */
static void refuse_recipients(struct envelope *envelope) {
  const struct mailc_smtp_mail *mail = envelope->mail;

  for (size_t i = mail->recipient_count; i != 0; i--) {
    const struct mailc_smtp_recipient *to = &mail->recipients[i - 1];
    if (to->status != MAILC_E_DROPPED) {
      envelope->cause = (struct mailc_smtp_answer){
          .status = to->status, .code = to->code, .enhanced = to->enhanced};
      return;
    }
  }
}

/* Sends the envelope and waits for all answers. */
static enum mailc_status run(struct mailc_smtp_pump *pump,
                             struct envelope *envelope) {
  for (;;) {
    struct mailc_smtp_event event = {.kind = MAILC_SMTP_EVENT_NONE};
    enum mailc_status status = MAILC_OK;

    if (envelope->answered == envelope->given) {
      status = mailc_smtp_pump_poll(pump);
    }
    if (status == MAILC_OK) {
      send_commands(pump, envelope);
    }
    if (status == MAILC_OK && envelope->answered == envelope->given) {
      return MAILC_OK;
    }
    if (status == MAILC_OK) {
      status = mailc_smtp_pump_await(pump, &event);
    }
    if (status != MAILC_OK) {
      return status;
    }
    take(pump, envelope, &event);
    if (mailc_smtp_is_over(pump->session)) {
      return event.status;
    }
  }
}

static enum mailc_status send(struct mailc_smtp_pump *pump,
                              struct envelope *envelope) {
  const struct mailc_smtp_mail *mail = envelope->mail;
  enum mailc_status status = run(pump, envelope);

  if (status != MAILC_OK) {
    return status;
  }
  if (envelope->cause.status == MAILC_OK && !envelope->has_one) {
    refuse_recipients(envelope);
  }
  if (envelope->cause.status == MAILC_OK && envelope->is_binary) {
    return mailc_smtp_pump_finish_message(
        pump, mailc_smtp_bdat(pump->session, mail->message, true), mail);
  }
  if (envelope->cause.status == MAILC_OK && envelope->is_open) {
    return mailc_smtp_pump_send_body(pump, mail->message, mail);
  }
  pump->code = envelope->cause.code;
  pump->enhanced = envelope->cause.enhanced;
  return envelope->cause.status;
}

/* Nobody was asked yet: what fails before must not look like success. */
static void drop_all(const struct mailc_smtp_mail *mail) {
  for (size_t i = 0; i < mail->recipient_count; i++) {
    mail->recipients[i].status = MAILC_E_DROPPED;
    mail->recipients[i].code = 0;
    mail->recipients[i].enhanced = (struct mailc_enhanced){.class_no = 0};
  }
}

enum mailc_status mailc_smtp_pump_send(struct mailc_smtp_pump *pump,
                                       const struct mailc_smtp_mail *mail) {
  enum mailc_status status = MAILC_OK;
  unsigned kinds = 0;
  struct envelope envelope = {.mail = mail};

  if (!is_mail(mail)) {
    return MAILC_E_ARGUMENT;
  }
  drop_all(mail);
  status = mailc_smtp_pump_prepare(pump);
  if (status != MAILC_OK) {
    return status;
  }
  kinds = kinds_of(mail);
  envelope.is_binary = (kinds & MAILC_SMTP_IS_BINARY) != 0;
  status = check(pump, mail, kinds);
  if (status == MAILC_OK) {
    status = reset(pump);
  }
  return status != MAILC_OK ? status : send(pump, &envelope);
}
