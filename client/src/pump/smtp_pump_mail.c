/* The octets of a message: the operations that send them. */
#include "pump/smtp_pump.h"

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

/* The next recipient that was accepted and is not answered for; NULL if there
 * is none. */
static struct mailc_smtp_recipient *next_of(const struct mailc_smtp_mail *mail,
                                            size_t *at) {
  while (*at < mail->recipient_count) {
    struct mailc_smtp_recipient *to = &mail->recipients[(*at)++];
    if (to->status == MAILC_OK) {
      return to;
    }
  }
  return NULL;
}

static struct mailc_smtp_answer answer_of(const struct mailc_smtp_pump *pump,
                                          enum mailc_status status) {
  return (struct mailc_smtp_answer){
      .status = status, .code = pump->code, .enhanced = pump->enhanced};
}

static void keep_answer(struct mailc_smtp_pump *pump,
                        const struct mailc_smtp_answer *answer,
                        const struct mailc_smtp_mail *mail, size_t *at) {
  struct mailc_smtp_recipient *to = mail == NULL ? NULL : next_of(mail, at);

  if (to != NULL) {
    to->status = answer->status;
    to->code = answer->code;
    to->enhanced = answer->enhanced;
  } else if (pump->answers != NULL && pump->answer_count < pump->answer_cap) {
    pump->answers[pump->answer_count] = *answer;
  }
  pump->answer_count++;
}

/* The answers of LMTP's recipients. Those that never come leave their recipient
 * with the status of the session. */
static enum mailc_status finish_each(struct mailc_smtp_pump *pump,
                                     const struct mailc_smtp_mail *mail) {
  enum mailc_status result = MAILC_E_REFUSED;
  bool is_taken = false;
  size_t at = 0;

  while (pump->session->queue_count != 0) {
    struct mailc_smtp_event event = {.kind = MAILC_SMTP_EVENT_NONE};
    enum mailc_status status = mailc_smtp_pump_await(pump, &event);
    struct mailc_smtp_answer answer;

    if (status != MAILC_OK) {
      while (mail != NULL && at < mail->recipient_count) {
        struct mailc_smtp_recipient *to = next_of(mail, &at);
        if (to != NULL) {
          to->status = status;
        }
      }
      return status;
    }
    if (event.kind != MAILC_SMTP_EVENT_REPLY) {
      break;
    }
    answer = answer_of(pump, event.status);
    keep_answer(pump, &answer, mail, &at);
    is_taken = is_taken || event.status == MAILC_OK;
    result = event.status;
  }
  (void)mailc_smtp_pump_finish(pump, MAILC_OK); /* takes the last move */
  return is_taken ? MAILC_OK : result;
}

enum mailc_status
mailc_smtp_pump_finish_message(struct mailc_smtp_pump *pump,
                               enum mailc_status status,
                               const struct mailc_smtp_mail *mail) {
  pump->answer_count = 0;
  return status == MAILC_OK && pump->session->is_lmtp
             ? finish_each(pump, mail)
             : mailc_smtp_pump_finish(pump, status);
}

static enum mailc_status end_body(struct mailc_smtp_pump *pump,
                                  const struct mailc_smtp_mail *mail) {
  enum mailc_status status = mailc_smtp_pump_poll(pump);

  if (status == MAILC_OK) {
    status = close_if_given_up(pump, mailc_smtp_end(pump->session));
    status = mailc_smtp_pump_finish_message(pump, status, mail);
  }
  return status;
}

enum mailc_status
mailc_smtp_pump_send_body(struct mailc_smtp_pump *pump,
                          struct mailc_span message,
                          const struct mailc_smtp_mail *mail) {
  enum mailc_status status = mailc_smtp_pump_poll(pump);

  if (status == MAILC_OK) {
    status = write_body(pump, message);
  }
  return status != MAILC_OK ? status : end_body(pump, mail);
}

enum mailc_status mailc_smtp_pump_data(struct mailc_smtp_pump *pump,
                                       struct mailc_span message) {
  enum mailc_status status = mailc_smtp_pump_open_data(pump);

  return status != MAILC_OK ? status
                            : mailc_smtp_pump_send_body(pump, message, NULL);
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

  return status != MAILC_OK ? status : end_body(pump, NULL);
}

enum mailc_status mailc_smtp_pump_bdat(struct mailc_smtp_pump *pump,
                                       struct mailc_span message,
                                       size_t chunk_len) {
  enum mailc_status status = mailc_smtp_pump_prepare(pump);

  while (status == MAILC_OK && chunk_len != 0 && message.len > chunk_len) {
    struct mailc_span chunk = {message.data, chunk_len};

    status = mailc_smtp_pump_finish(
        pump, mailc_smtp_bdat(pump->session, chunk, false));
    message.data += chunk_len;
    message.len -= chunk_len;
    if (status == MAILC_OK) {
      status = mailc_smtp_pump_poll(pump);
    }
  }
  return status != MAILC_OK
             ? status
             : mailc_smtp_pump_finish_message(
                   pump, mailc_smtp_bdat(pump->session, message, true), NULL);
}
