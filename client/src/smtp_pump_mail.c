/* Messages: the operations that send one. */
#include "smtp_extension.h"
#include "smtp_fsm.h"
#include "smtp_pump.h"

/* A message that was given up is not to be taken for whole: the connection goes
 * with it. */
static enum mailc_status close_if_given_up(struct mailc_smtp_pump *pump,
                                           enum mailc_status status) {
  if (status == MAILC_E_MESSAGE) {
    (void)mailc_smtp_pump_finish(pump, MAILC_OK); /* takes the move */
    mailc_smtp_pump_close(pump);
  }
  return status;
}

/* Sends the next octets of an open message. */
static enum mailc_status write_body(struct mailc_smtp_pump *pump,
                                    struct mailc_span octets) {
  enum mailc_status status =
      close_if_given_up(pump, mailc_smtp_body(pump->session, octets));

  return mailc_smtp_pump_finish(pump, status);
}

static enum mailc_status end_body(struct mailc_smtp_pump *pump) {
  enum mailc_status status = mailc_smtp_pump_look(pump);

  if (status == MAILC_OK) {
    status = close_if_given_up(pump, mailc_smtp_end(pump->session));
    status = mailc_smtp_pump_finish(pump, status);
  }
  return status;
}

/* DATA and the message, in an operation that has begun. */
static enum mailc_status send_message(struct mailc_smtp_pump *pump,
                                      struct mailc_span message) {
  enum mailc_status status =
      mailc_smtp_pump_finish(pump, mailc_smtp_data(pump->session));

  if (status == MAILC_OK) {
    status = mailc_smtp_pump_look(pump);
  }
  if (status == MAILC_OK) {
    status = write_body(pump, message);
  }
  return status != MAILC_OK ? status : end_body(pump);
}

enum mailc_status mailc_smtp_pump_data(struct mailc_smtp_pump *pump,
                                       struct mailc_span message) {
  enum mailc_status status = mailc_smtp_pump_prepare(pump);

  return status != MAILC_OK ? status : send_message(pump, message);
}

enum mailc_status mailc_smtp_pump_open_data(struct mailc_smtp_pump *pump) {
  enum mailc_status status = mailc_smtp_pump_prepare(pump);

  return status != MAILC_OK
             ? status
             : mailc_smtp_pump_finish(pump, mailc_smtp_data(pump->session));
}

enum mailc_status mailc_smtp_pump_write(struct mailc_smtp_pump *pump,
                                        struct mailc_span octets) {
  enum mailc_status status = mailc_smtp_pump_prepare(pump);

  return status != MAILC_OK ? status : write_body(pump, octets);
}

enum mailc_status mailc_smtp_pump_close_data(struct mailc_smtp_pump *pump) {
  enum mailc_status status = mailc_smtp_pump_prepare(pump);

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
    enum mailc_status status = mailc_smtp_pump_look(pump);

    if (status == MAILC_OK) {
      status = mailc_smtp_pump_finish(
          pump,
          mailc_smtp_rcpt(pump->session, to->to, to->params, to->param_count));
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
  status = mailc_smtp_pump_look(pump);
  if (status == MAILC_OK) {
    status = mailc_smtp_pump_finish(pump, mailc_smtp_rset(pump->session));
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
  enum mailc_status status = mailc_smtp_pump_prepare(pump);

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
    status = mailc_smtp_pump_finish(
        pump, mailc_smtp_mail(pump->session, mail->from, mail->params,
                              mail->param_count));
  }
  if (status != MAILC_OK) {
    return status;
  }
  status = send_recipients(pump, mail);
  if (status == MAILC_OK) {
    status = mailc_smtp_pump_look(pump);
  }
  if (status == MAILC_OK) {
    status = send_message(pump, mail->message);
  }
  return status == MAILC_OK ? MAILC_OK : reset(pump, status);
}
