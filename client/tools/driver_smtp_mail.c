/* The ops about messages: smtp.mail, rcpt, data, bdat, send. */
#include "driver_smtp.h"

#include <stdio.h>
#include <string.h>

/* The longest message that message_path may name, octets. */
#define MESSAGE_MAX ((size_t)256 * 1024 * 1024)

void driver_smtp_mail(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  struct mailc_span from;
  struct driver_texts params;

  (void)driver;
  if (!driver_text(request, "from", &from) ||
      !driver_texts(request, "params", &params)) {
    driver_unsupported(answer);
    return;
  }
  driver_smtp_state.recipient_count = 0;
  driver_smtp_end(answer, mailc_smtp_pump_mail(&driver_smtp_state.pump, from,
                                               params.spans, params.count));
}

/* Keeps the name of a recipient that was accepted, as LMTP answers for it after
 * the message. */
static bool keep_recipient(struct mailc_span to) {
  struct driver_smtp_recipient *kept = NULL;

  if (driver_smtp_state.recipient_count == DRIVER_SMTP_RECIPIENTS_MAX ||
      to.len > sizeof kept->path) {
    return false;
  }
  kept = &driver_smtp_state.recipients[driver_smtp_state.recipient_count++];
  memcpy(kept->path, to.data, to.len);
  kept->len = to.len;
  return true;
}

void driver_smtp_rcpt(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  struct mailc_span to;
  struct driver_texts params;

  (void)driver;
  if (!driver_text(request, "to", &to) ||
      !driver_texts(request, "params", &params)) {
    driver_unsupported(answer);
    return;
  }
  driver_smtp_end(answer, mailc_smtp_pump_rcpt(&driver_smtp_state.pump, to,
                                               params.spans, params.count));
  if (answer->status == MAILC_OK && driver_smtp_state.session.is_lmtp &&
      !keep_recipient(to)) {
    driver_unsupported(answer);
  }
}

/* Reads a file whole. */
static bool read_file(const char *path, struct mailc_span *octets) {
  FILE *file = fopen(path, "rb");
  long len = -1;
  uint8_t *data = NULL;
  bool is_read = false;

  if (file == NULL) {
    return false;
  }
  if (fseek(file, 0, SEEK_END) == 0) {
    len = ftell(file);
  }
  if (len >= 0 && (size_t)len <= MESSAGE_MAX && fseek(file, 0, SEEK_SET) == 0) {
    data = driver_alloc((size_t)len);
    is_read = fread(data, 1, (size_t)len, file) == (size_t)len;
    *octets = (struct mailc_span){data, (size_t)len};
  }
  (void)fclose(file);
  return is_read;
}

static bool get_message(const json_t *request, struct mailc_span *message) {
  const json_t *path = json_object_get(request, "message_path");

  return path == NULL ? driver_text(request, "message", message)
                      : json_is_string(path) &&
                            read_file(json_string_value(path), message);
}

static void set_delivery(struct driver_answer *answer) {
  static const char *const names[] = {
      [MAILC_DELIVERY_NOT_SENT] = "not-sent",
      [MAILC_DELIVERY_UNKNOWN] = "unknown",
      [MAILC_DELIVERY_SENT] = "sent",
  };

  driver_set(
      answer, "delivery",
      json_string(names[mailc_smtp_delivery(&driver_smtp_state.session)]));
}

/* One recipient's part of the value: address, outcome, code, enhanced. */
static json_t *recipient_value(struct mailc_span to,
                               const struct mailc_smtp_answer *said) {
  return json_pack("[o?, s, o, o]", driver_utf8(to),
                   driver_outcome(said->status), driver_smtp_code(said->code),
                   driver_smtp_enhanced(said->enhanced));
}

/* Ends smtp.data and smtp.bdat. */
static void end_message(struct driver_answer *answer,
                        enum mailc_status status) {
  size_t count = driver_smtp_state.pump.answer_count;

  driver_smtp_end(answer, status);
  set_delivery(answer);
  if (!driver_smtp_state.session.is_lmtp) {
    return;
  }
  json_t *list = json_array();
  for (size_t i = 0; i < count && i < driver_smtp_state.recipient_count; i++) {
    const struct driver_smtp_recipient *to = &driver_smtp_state.recipients[i];
    struct mailc_span path = {to->path, to->len};
    (void)json_array_append_new(
        list, recipient_value(path, &driver_smtp_state.answers[i]));
  }
  driver_set(answer, "rcpt", list);
}

/* Whether `pieces` is a list of sizes above 0, or missing. */
static bool are_pieces(const json_t *pieces) {
  size_t i = 0;
  const json_t *size = NULL;

  json_array_foreach(pieces, i, size) {
    if (json_integer_value(size) <= 0) {
      return false;
    }
  }
  return pieces == NULL || json_array_size(pieces) != 0;
}

/* The octets of the i-th piece at most; the last size is that of all that
 * follow. */
static size_t piece_at(const json_t *pieces, size_t i) {
  size_t count = json_array_size(pieces);

  return count == 0 ? SIZE_MAX
                    : (size_t)json_integer_value(
                          json_array_get(pieces, i < count ? i : count - 1));
}

/* Hands a message over piece by piece; where `fails`, it is all that the source
 * gave before it failed, and the connection is closed. */
static enum mailc_status send_pieces(struct driver *driver,
                                     const json_t *pieces,
                                     struct mailc_span message, bool fails) {
  struct mailc_smtp_pump *pump = &driver_smtp_state.pump;
  enum mailc_status status = mailc_smtp_pump_open_data(pump);

  for (size_t i = 0; status == MAILC_OK && message.len != 0; i++) {
    size_t len = piece_at(pieces, i);

    len = len < message.len ? len : message.len;
    status =
        mailc_smtp_pump_write(pump, (struct mailc_span){message.data, len});
    message.data += len;
    message.len -= len;
  }
  if (status == MAILC_OK && fails) {
    struct mailc_smtp_event event;

    status = mailc_smtp_abort(pump->session);
    while (mailc_smtp_next(pump->session, &event) == MAILC_OK &&
           event.kind == MAILC_SMTP_EVENT_MOVE) {
      pump->pump.on_move(pump->pump.context, event.move);
    }
    driver_close(driver);
    return status;
  }
  return status == MAILC_OK ? mailc_smtp_pump_close_data(pump) : status;
}

void driver_smtp_data(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  const json_t *pieces = json_object_get(request, "pieces");
  bool fails = json_object_get(request, "fail_after") != NULL;
  uint64_t most = UINT64_MAX;
  struct mailc_span message;

  if (!get_message(request, &message) || !are_pieces(pieces) ||
      (fails && !driver_number(request, "fail_after", INT64_MAX, &most))) {
    driver_unsupported(answer);
    return;
  }
  if (!fails && pieces == NULL) {
    end_message(answer, mailc_smtp_pump_data(&driver_smtp_state.pump, message));
    return;
  }
  message.len = most < message.len ? (size_t)most : message.len;
  end_message(answer, send_pieces(driver, pieces, message, fails));
  if (fails && answer->status == MAILC_OK) {
    answer->outcome = "failed";
  }
}

void driver_smtp_bdat(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  struct mailc_span message;
  uint64_t chunk_len = 0;

  (void)driver;
  if (!get_message(request, &message) ||
      (json_object_get(request, "chunk") != NULL &&
       (!driver_number(request, "chunk", MESSAGE_MAX, &chunk_len) ||
        chunk_len == 0))) {
    driver_unsupported(answer);
    return;
  }
  end_message(answer, mailc_smtp_pump_bdat(&driver_smtp_state.pump, message,
                                           (size_t)chunk_len));
}

/* The parameters of each recipient. */
static bool get_recipients(const json_t *request,
                           struct mailc_smtp_mail *mail) {
  const json_t *lists = json_object_get(request, "rcpt_params");
  struct driver_texts to;

  if (!driver_texts(request, "to", &to) ||
      (lists != NULL && json_array_size(lists) > to.count)) {
    return false;
  }
  mail->recipient_count = to.count;
  mail->recipients = driver_alloc(to.count * sizeof *mail->recipients);
  for (size_t i = 0; i < to.count; i++) {
    const json_t *list = json_array_get(lists, i);
    struct driver_texts params = {NULL, 0};
    if (list != NULL && !driver_list(list, false, &params)) {
      return false;
    }
    mail->recipients[i] = (struct mailc_smtp_recipient){
        .to = to.spans[i], .params = params.spans, .param_count = params.count};
  }
  return true;
}

static void set_recipients(struct driver_answer *answer,
                           const struct mailc_smtp_mail *mail) {
  json_t *list = json_array();

  for (size_t i = 0; i < mail->recipient_count; i++) {
    const struct mailc_smtp_recipient *to = &mail->recipients[i];
    struct mailc_smtp_answer said = {
        .status = to->status, .code = to->code, .enhanced = to->enhanced};
    if (to->status != MAILC_E_DROPPED || to->code != 0) {
      (void)json_array_append_new(list, recipient_value(to->to, &said));
    }
  }
  driver_set(answer, "rcpt", list);
}

void driver_smtp_send(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  struct mailc_smtp_mail mail = {.param_count = 0};
  struct driver_texts params;

  (void)driver;
  if (!driver_text(request, "from", &mail.from) ||
      !driver_texts(request, "params", &params) ||
      !get_recipients(request, &mail) || !get_message(request, &mail.message)) {
    driver_unsupported(answer);
    return;
  }
  mail.params = params.spans;
  mail.param_count = params.count;
  driver_smtp_end(answer, mailc_smtp_pump_send(&driver_smtp_state.pump, &mail));
  set_recipients(answer, &mail);
  set_delivery(answer);
}
