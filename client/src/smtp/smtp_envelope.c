/* The commands that send a message: its envelope, DATA and BDAT. */
#include "common/dot.h"
#include "common/link.h"
#include "common/number.h"
#include "smtp/smtp_argument.h"
#include "smtp/smtp_extension.h"
#include "smtp/smtp_queue.h"

/* What MAIL says of its message; `kinds` are of enum mailc_smtp_message_kind.
 */
static void begin_message(struct mailc_smtp *session, unsigned kinds) {
  mailc_dot_begin(
      &session->dot,
      session->dot_flags |
          ((kinds & MAILC_SMTP_IS_8BIT) != 0 ? MAILC_DOT_8BIT : 0u));
  session->is_utf8 = (kinds & MAILC_SMTP_IS_UTF8) != 0;
  session->is_binary = (kinds & MAILC_SMTP_IS_BINARY) != 0;
  session->rcpt_count = 0;
}

/* Whether the arguments of MAIL or RCPT are there, and not too many. */
static bool are_given(struct mailc_span path, const struct mailc_span *params,
                      size_t param_count, bool is_rcpt) {
  return path.data != NULL && (!is_rcpt || path.len != 0) &&
         param_count <= MAILC_SMTP_PARAMS_MAX &&
         (params != NULL || param_count == 0);
}

/* Checks and puts MAIL or RCPT. A parameter has to be of an extension that the
 * server offers (RFC 5321 section 4.1.1.11). */
static enum mailc_status put_envelope(struct mailc_smtp *session,
                                      struct mailc_span path,
                                      const struct mailc_span *params,
                                      size_t param_count, bool is_rcpt) {
  struct mailc_span parts[3 + MAILC_SMTP_PARAMS_MAX];
  struct mailc_smtp_param param = {.size = 0};
  enum mailc_status status = MAILC_OK;

  if (!are_given(path, params, param_count, is_rcpt)) {
    return MAILC_E_ARGUMENT;
  }
  for (size_t i = 0; i < param_count; i++) {
    status = mailc_smtp_param_add(params[i], is_rcpt, &param);
    if (status != MAILC_OK) {
      return status;
    }
    parts[3 + i] = params[i];
  }
  if ((session->offers & param.offer) != param.offer) {
    return MAILC_E_NOT_OFFERED;
  }
  if (session->size_max != 0 && param.size > session->size_max) {
    return MAILC_E_TOO_LARGE;
  }
  if (is_rcpt && session->is_utf8) {
    param.kinds = MAILC_SMTP_IS_UTF8;
  }
  if (!mailc_smtp_is_path(path, (param.kinds & MAILC_SMTP_IS_UTF8) != 0)) {
    return MAILC_E_TEXT;
  }
  parts[1] = path;
  parts[2] = MAILC_SPAN(">");
  status = mailc_smtp_write(
      session, is_rcpt ? MAILC_SMTP_RCPT : MAILC_SMTP_MAIL, parts,
      3 + param_count, MAILC_SMTP_COMMAND_MAX + param.added_len);
  if (status == MAILC_OK && !is_rcpt) {
    begin_message(session, param.kinds);
  }
  return status;
}

enum mailc_status mailc_smtp_mail(struct mailc_smtp *session,
                                  struct mailc_span from,
                                  const struct mailc_span *params,
                                  size_t param_count) {
  enum mailc_status status = mailc_smtp_check_command(session, MAILC_SMTP_MAIL);

  if (status == MAILC_OK && session->policy == MAILC_POLICY_TLS &&
      !session->link.has_tls) {
    status = MAILC_E_CLEAR_MAIL;
  }
  return status != MAILC_OK
             ? status
             : put_envelope(session, from, params, param_count, false);
}

enum mailc_status mailc_smtp_rcpt(struct mailc_smtp *session,
                                  struct mailc_span to,
                                  const struct mailc_span *params,
                                  size_t param_count) {
  enum mailc_status status = mailc_smtp_check_command(session, MAILC_SMTP_RCPT);

  if (status == MAILC_OK &&
      session->rcpt_count >= UINT16_MAX - session->queue_count) {
    status = MAILC_E_QUEUE_FULL;
  }
  return status != MAILC_OK
             ? status
             : put_envelope(session, to, params, param_count, true);
}

enum mailc_status mailc_smtp_data(struct mailc_smtp *session) {
  enum mailc_status status = mailc_smtp_check_command(session, MAILC_SMTP_DATA);

  if (status == MAILC_OK && session->is_binary) {
    status = MAILC_E_STATE;
  }
  return status != MAILC_OK
             ? status
             : mailc_smtp_write_word(session, MAILC_SMTP_DATA,
                                     (struct mailc_span){NULL, 0});
}

/* Whether the chunk may be sent, and where the text stands behind it. */
static bool check_chunk(const struct mailc_smtp *session,
                        struct mailc_span octets, bool is_last,
                        struct mailc_dot *behind) {
  struct mailc_dot_piece piece;

  *behind = session->dot;
  behind->flags &= (uint8_t)~MAILC_DOT_LF_TO_CRLF;
  return session->is_binary ||
         (mailc_dot_skip(behind, octets.data, octets.len) == MAILC_DOT_OK &&
          (!is_last || mailc_dot_end(behind, &piece) == MAILC_DOT_OK));
}

/* Puts BDAT and lets the octets follow it from where they are. */
static enum mailc_status put_chunk(struct mailc_smtp *session,
                                   struct mailc_span octets, bool is_last) {
  char digits[MAILC_NUMBER_CAP];
  size_t digit_count = mailc_number_print(octets.len, digits);
  struct mailc_span parts[] = {
      {NULL, 0}, {(const uint8_t *)digits, digit_count}, MAILC_SPAN("LAST")};
  enum mailc_status status =
      mailc_smtp_write(session, is_last ? MAILC_SMTP_MESSAGE : MAILC_SMTP_BDAT,
                       parts, is_last ? 3 : 2, MAILC_SMTP_COMMAND_MAX);

  if (status == MAILC_OK) {
    session->link.ref = octets.len == 0 ? NULL : octets.data;
    session->link.ref_len = octets.len;
  }
  return status;
}

enum mailc_status mailc_smtp_bdat(struct mailc_smtp *session,
                                  struct mailc_span octets, bool is_last) {
  struct mailc_dot behind;
  enum mailc_status status = mailc_smtp_check_command(
      session, is_last ? MAILC_SMTP_MESSAGE : MAILC_SMTP_BDAT);

  if (status == MAILC_OK && session->queue_count != 0) {
    status = MAILC_E_STATE;
  }
  if (status == MAILC_OK && octets.data == NULL && octets.len != 0) {
    status = MAILC_E_ARGUMENT;
  }
  if (status == MAILC_OK &&
      (session->offers & MAILC_SMTP_OFFER_CHUNKING) == 0) {
    status = MAILC_E_NOT_OFFERED;
  }
  if (status == MAILC_OK && !check_chunk(session, octets, is_last, &behind)) {
    status = MAILC_E_MESSAGE;
  }
  if (status == MAILC_OK) {
    session->delivery = MAILC_DELIVERY_NOT_SENT;
    session->dot = behind;
    status = put_chunk(session, octets, is_last);
  }
  return status;
}
