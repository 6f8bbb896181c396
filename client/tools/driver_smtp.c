/* The SMTP ops. */
#include "driver.h"
#include "text.h"

#include <mailc/smtp_pump.h>
#include <stdio.h>
#include <string.h>

#define OP_COUNT (sizeof ops / sizeof ops[0])

/* The longest message that message_path may name, octets. */
#define MESSAGE_MAX (256u * 1024u * 1024u)

static struct {
  uint8_t rx[16384];
  uint8_t tx[24576];
  uint8_t reply[65536];
  struct mailc_smtp session;
  struct mailc_smtp_pump pump;
} smtp;

static void tell_move(void *context, struct mailc_move move) {
  driver_add_move((struct driver *)context, mailc_smtp_state_name(move.from),
                  mailc_smtp_event_name(move.event),
                  mailc_smtp_state_name(move.to));
}

static json_t *code_value(uint16_t code) {
  return code == 0 ? json_null() : json_integer(code);
}

/* Takes the status of an operation that is over. */
static void end_op(struct driver_answer *answer, enum mailc_status status) {
  answer->status = status;
  driver_set(answer, "code", code_value(smtp.pump.code));
  if (mailc_status_band(status) == MAILC_BAND_REFUSED) {
    driver_set(answer, "temporary", json_boolean(smtp.pump.code < 500));
  }
}

/* The first line of *rest, which begins behind it afterwards. */
static struct mailc_span cut_line(struct mailc_span *rest) {
  struct mailc_span line = *rest;
  const uint8_t *end =
      rest->len == 0 ? NULL : memchr(rest->data, '\r', rest->len);
  size_t skipped = 0;

  if (end != NULL) {
    line.len = (size_t)(end - line.data);
    skipped = line.len + 2;
  } else {
    skipped = line.len;
  }
  rest->data += skipped;
  rest->len -= skipped;
  return line;
}

/* The lines of the last reply, without its code. */
static json_t *reply_lines(void) {
  struct mailc_span rest = mailc_pump_reply(&smtp.pump.pump);
  json_t *lines = json_array();

  for (size_t i = 0; i < smtp.pump.pump.reply_line_count; i++) {
    json_t *line = driver_utf8(cut_line(&rest));
    (void)json_array_append_new(lines, line == NULL ? json_null() : line);
  }
  return lines;
}

static void run_connect(struct driver *driver, const json_t *request,
                        struct driver_answer *answer) {
  struct driver_connection connection;
  enum mailc_status status = MAILC_OK;

  if (!driver_connect(driver, request, &driver_smtp, &connection, answer)) {
    return;
  }
  struct mailc_smtp_config config = {
      .rx = {smtp.rx, sizeof smtp.rx},
      .tx = {smtp.tx, sizeof smtp.tx},
      .hash = DRIVER_HASH,
      .now_ms = driver->link.tcp.now_ms(&driver->link),
      .timeout_ms = connection.timeout_ms,
      .policy = connection.policy,
      .trace_moves = true,
  };
  smtp.pump = (struct mailc_smtp_pump){
      .pump = {.transport = &driver->link.transport,
               .reply = {smtp.reply, sizeof smtp.reply},
               .limit_ms = connection.limit_ms,
               .on_move = tell_move,
               .context = driver},
      .session = &smtp.session};
  status = mailc_smtp_init(&smtp.session, sizeof smtp.session, &config);
  if (status == MAILC_OK) {
    status = mailc_smtp_pump_connect(&smtp.pump);
  }
  end_op(answer, status);
}

/* A keyword in upper case and its parameters; what is not UTF-8 is left out as
 * a whole. */
static void add_extension(json_t *caps, struct mailc_span text) {
  struct mailc_span keyword;
  struct mailc_span params;
  uint8_t *upper = NULL;

  if (!mailc_smtp_extension(text, &keyword, &params)) {
    return;
  }
  upper = driver_alloc(keyword.len);
  for (size_t i = 0; i < keyword.len; i++) {
    upper[i] = mailc_text_upper(keyword.data[i]);
  }
  keyword.data = upper;
  (void)json_array_append_new(
      caps, json_pack("[o?, o?]", driver_utf8(keyword), driver_utf8(params)));
}

static void run_ehlo(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  struct mailc_span name;
  struct mailc_span rest;
  json_t *caps = NULL;
  bool is_extended = false;
  enum mailc_status status = MAILC_OK;

  (void)driver;
  if (!driver_text(request, "name", &name)) {
    driver_unsupported(answer);
    return;
  }
  status = mailc_smtp_pump_ehlo(&smtp.pump, name, &is_extended);
  end_op(answer, status);
  if (status != MAILC_OK) {
    return;
  }
  caps = json_array();
  rest = mailc_pump_reply(&smtp.pump.pump);
  (void)cut_line(&rest);
  while (is_extended && rest.len != 0) {
    add_extension(caps, cut_line(&rest));
  }
  driver_set(answer, "caps", caps);
}

static void run_helo(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  struct mailc_span name;

  (void)driver;
  if (!driver_text(request, "name", &name)) {
    driver_unsupported(answer);
    return;
  }
  end_op(answer, mailc_smtp_pump_helo(&smtp.pump, name));
  if (answer->status == MAILC_OK) {
    driver_set(answer, "caps", json_array());
  }
}

/* A list of strings. */
struct texts {
  struct mailc_span *spans;
  size_t count;
};

static bool read_texts(const json_t *array, bool is_b64, struct texts *texts) {
  if (!json_is_array(array)) {
    return false;
  }
  texts->count = json_array_size(array);
  texts->spans = driver_alloc(texts->count * sizeof *texts->spans);
  for (size_t i = 0; i < texts->count; i++) {
    if (!driver_string(json_array_get(array, i), is_b64, &texts->spans[i])) {
      return false;
    }
  }
  return true;
}

/* The list `name`, or `name`_b64 in base64; empty if it is missing. */
static bool get_texts(const json_t *request, const char *name,
                      struct texts *texts) {
  const json_t *plain = json_object_get(request, name);
  char coded_name[40];
  const json_t *coded = NULL;

  (void)snprintf(coded_name, sizeof coded_name, "%s_b64", name);
  coded = json_object_get(request, coded_name);
  *texts = (struct texts){NULL, 0};
  if (plain == NULL && coded == NULL) {
    return true;
  }
  return plain != NULL ? read_texts(plain, false, texts)
                       : read_texts(coded, true, texts);
}

/* What smtp.auth is to do. */
struct login_plan {
  struct mailc_login login;
  struct texts answers;
  size_t answer_count; /* of these, given */
  uint64_t cancel_at;  /* 0: never */
};

/* The first of `mechs` that the library has and the server offers, or the last.
 */
static struct mailc_span choose_mech(struct texts mechs) {
  static const struct {
    const char *name;
    uint32_t offer;
  } known[] = {{"PLAIN", MAILC_SMTP_OFFER_PLAIN},
               {"LOGIN", MAILC_SMTP_OFFER_LOGIN},
               {"CRAM-MD5", MAILC_SMTP_OFFER_CRAM_MD5}};

  for (size_t i = 0; i < mechs.count; i++) {
    for (size_t j = 0; j < sizeof known / sizeof known[0]; j++) {
      if (mailc_text_is(mechs.spans[i], known[j].name) &&
          (mailc_smtp_offers(&smtp.session) & known[j].offer) != 0) {
        return mechs.spans[i];
      }
    }
  }
  return mechs.spans[mechs.count - 1];
}

static bool get_mech(const json_t *request, struct mailc_span *mech) {
  struct texts mechs;

  if (json_object_get(request, "mechs") == NULL) {
    return driver_text(request, "mech", mech);
  }
  if (!get_texts(request, "mechs", &mechs) || mechs.count == 0) {
    return false;
  }
  *mech = choose_mech(mechs);
  return true;
}

static bool get_initial(const json_t *request, enum mailc_initial *initial) {
  const json_t *value = json_object_get(request, "initial");
  const char *name = value == NULL ? "own" : json_string_value(value);

  if (name != NULL && strcmp(name, "own") == 0) {
    *initial = MAILC_INITIAL_OWN;
  } else if (name != NULL && strcmp(name, "yes") == 0) {
    *initial = MAILC_INITIAL_YES;
  } else if (name != NULL && strcmp(name, "no") == 0) {
    *initial = MAILC_INITIAL_NO;
  } else {
    return false;
  }
  return true;
}

/* An optional text. */
static bool get_optional(const json_t *request, const char *name,
                         struct mailc_span *text) {
  char coded_name[40];

  (void)snprintf(coded_name, sizeof coded_name, "%s_b64", name);
  if (json_object_get(request, name) == NULL &&
      json_object_get(request, coded_name) == NULL) {
    return true;
  }
  return driver_text(request, name, text);
}

/* Where answers are given or a challenge is to be cancelled, the driver
 * answers; otherwise the library does, if it has the mechanism. */
static bool get_plan(const json_t *request, struct login_plan *plan) {
  struct mailc_login *login = &plan->login;

  *plan = (struct login_plan){.cancel_at = 0};
  if (!get_mech(request, &login->mech) ||
      !get_optional(request, "user", &login->user) ||
      !get_optional(request, "secret", &login->secret) ||
      !get_optional(request, "authzid", &login->authzid) ||
      !get_initial(request, &login->initial) ||
      !get_texts(request, "answers", &plan->answers) ||
      (json_object_get(request, "cancel_at") != NULL &&
       !driver_number(request, "cancel_at", UINT32_MAX, &plan->cancel_at))) {
    return false;
  }
  login->is_raw = plan->answers.count != 0 || plan->cancel_at != 0;
  if (login->is_raw && plan->answers.count != 0 &&
      login->initial == MAILC_INITIAL_YES) {
    login->first = plan->answers.spans[plan->answer_count++];
  }
  return true;
}

/* Answers the challenges one after the other; the login is cancelled where
 * there is no answer. */
static enum mailc_status log_in(struct login_plan *plan) {
  struct mailc_span challenge;
  uint64_t challenge_count = 0;
  enum mailc_status status =
      mailc_smtp_pump_auth(&smtp.pump, &plan->login, &challenge);

  while (status == MAILC_OK && challenge.data != NULL) {
    if (++challenge_count == plan->cancel_at ||
        plan->answer_count == plan->answers.count) {
      return mailc_smtp_pump_cancel(&smtp.pump);
    }
    status = mailc_smtp_pump_answer(
        &smtp.pump, plan->answers.spans[plan->answer_count++], &challenge);
  }
  return status;
}

static void run_auth(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  struct login_plan plan;

  (void)driver;
  if (!get_plan(request, &plan)) {
    driver_unsupported(answer);
    return;
  }
  end_op(answer, log_in(&plan));
  if (answer->status == MAILC_OK) {
    driver_set_text(answer, "mech", plan.login.mech);
  }
}

typedef enum mailc_status path_op(struct mailc_smtp_pump *pump,
                                  struct mailc_span path,
                                  const struct mailc_span *params,
                                  size_t param_count);

static void run_path(const json_t *request, const char *name,
                     struct driver_answer *answer, path_op *op) {
  struct mailc_span path;
  struct texts params;

  if (!driver_text(request, name, &path) ||
      !get_texts(request, "params", &params)) {
    driver_unsupported(answer);
    return;
  }
  end_op(answer, op(&smtp.pump, path, params.spans, params.count));
}

static void run_mail(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  (void)driver;
  run_path(request, "from", answer, mailc_smtp_pump_mail);
}

static void run_rcpt(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  (void)driver;
  run_path(request, "to", answer, mailc_smtp_pump_rcpt);
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
  if (len >= 0 && (unsigned long)len <= MESSAGE_MAX &&
      fseek(file, 0, SEEK_SET) == 0) {
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

  driver_set(answer, "delivery",
             json_string(names[mailc_smtp_delivery(&smtp.session)]));
}

static void run_data(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  struct mailc_span message;

  (void)driver;
  if (!get_message(request, &message)) {
    driver_unsupported(answer);
    return;
  }
  end_op(answer, mailc_smtp_pump_data(&smtp.pump, message));
  set_delivery(answer);
}

/* The parameters of each recipient. */
static bool get_recipients(const json_t *request,
                           struct mailc_smtp_mail *mail) {
  const json_t *lists = json_object_get(request, "rcpt_params");
  struct texts to;

  if (!get_texts(request, "to", &to) ||
      (lists != NULL && json_array_size(lists) > to.count)) {
    return false;
  }
  mail->recipient_count = to.count;
  mail->recipients = driver_alloc(to.count * sizeof *mail->recipients);
  for (size_t i = 0; i < to.count; i++) {
    const json_t *list = json_array_get(lists, i);
    struct texts params = {NULL, 0};
    if (list != NULL && !read_texts(list, false, &params)) {
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
    if (to->status != MAILC_E_STATE) {
      (void)json_array_append_new(
          list, json_pack("[o?, s, o, n]", driver_utf8(to->to),
                          driver_outcome(to->status), code_value(to->code)));
    }
  }
  driver_set(answer, "rcpt", list);
}

static void run_send(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  struct mailc_smtp_mail mail = {.param_count = 0};
  struct texts params;

  (void)driver;
  if (!driver_text(request, "from", &mail.from) ||
      !get_texts(request, "params", &params) ||
      !get_recipients(request, &mail) || !get_message(request, &mail.message)) {
    driver_unsupported(answer);
    return;
  }
  mail.params = params.spans;
  mail.param_count = params.count;
  end_op(answer, mailc_smtp_pump_send(&smtp.pump, &mail));
  set_recipients(answer, &mail);
  set_delivery(answer);
}

/* The end of an op whose value is the reply. */
static void end_reply(struct driver_answer *answer, enum mailc_status status) {
  end_op(answer, status);
  driver_set(answer, "lines", reply_lines());
}

static void run_rset(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  (void)driver;
  (void)request;
  end_reply(answer, mailc_smtp_pump_rset(&smtp.pump));
}

static void run_noop(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  (void)driver;
  (void)request;
  end_reply(answer, mailc_smtp_pump_noop(&smtp.pump));
}

static void run_vrfy(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  struct mailc_span text;

  (void)driver;
  if (!driver_text(request, "arg", &text)) {
    driver_unsupported(answer);
    return;
  }
  end_reply(answer, mailc_smtp_pump_vrfy(&smtp.pump, text));
}

static void run_quit(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  (void)driver;
  (void)request;
  end_reply(answer, mailc_smtp_pump_quit(&smtp.pump));
}

static void run_close(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  (void)request;
  (void)answer;
  driver_close(driver);
}

static const struct driver_op ops[] = {
    {"smtp.connect", DRIVER_CONNECT_ARGUMENTS, run_connect},
    {"smtp.close", "", run_close},
    {"smtp.ehlo", "name", run_ehlo},
    {"smtp.helo", "name", run_helo},
    {"smtp.auth", "mech mechs user secret authzid initial answers cancel_at",
     run_auth},
    {"smtp.mail", "from params", run_mail},
    {"smtp.rcpt", "to params", run_rcpt},
    {"smtp.data", "message message_path", run_data},
    {"smtp.send", "from to params rcpt_params message message_path", run_send},
    {"smtp.rset", "", run_rset},
    {"smtp.noop", "", run_noop},
    {"smtp.vrfy", "arg", run_vrfy},
    {"smtp.quit", "", run_quit},
};

static const char *const features[] = {"smtp",
                                       "smtp.helo",
                                       "smtp.rset",
                                       "smtp.noop",
                                       "smtp.vrfy",
                                       "smtp.multi-rcpt",
                                       "smtp.multi-mail",
                                       "smtp.8bitmime",
                                       "smtp.mail-auth",
                                       "smtp.auth.plain",
                                       "smtp.auth.login",
                                       "smtp.auth.raw",
                                       "smtp.auth.initial",
                                       "smtp.auth.cancel",
#ifdef MAILC_DRIVER_OPENSSL
                                       "smtp.auth.cram-md5",
#endif
                                       NULL};

const struct driver_protocol driver_smtp = {ops, OP_COUNT, features};
