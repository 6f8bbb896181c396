/* The SMTP ops. */
#include "driver_smtp.h"

#include "common/text.h"
#include "driver_login.h"

#include <string.h>

#define OP_COUNT (sizeof ops / sizeof ops[0])

struct driver_smtp driver_smtp_state;

static void tell_move(void *context, struct mailc_move move) {
  driver_add_move((struct driver *)context, mailc_smtp_state_name(move.from),
                  mailc_smtp_event_name(move.event),
                  mailc_smtp_state_name(move.to));
}

json_t *driver_smtp_code(uint16_t code) {
  return code == 0 ? json_null() : json_integer(code);
}

json_t *driver_smtp_enhanced(struct mailc_enhanced enhanced) {
  return enhanced.class_no == 0
             ? json_null()
             : json_sprintf("%u.%u.%u", enhanced.class_no, enhanced.subject,
                            enhanced.detail);
}

void driver_smtp_end(struct driver_answer *answer, enum mailc_status status) {
  answer->status = status;
  driver_set(answer, "code", driver_smtp_code(driver_smtp_state.pump.code));
  driver_set(answer, "enhanced",
             driver_smtp_enhanced(driver_smtp_state.pump.enhanced));
  if (mailc_status_band(status) == MAILC_BAND_REFUSED) {
    driver_set(answer, "temporary",
               json_boolean(driver_smtp_state.pump.code < 500));
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
  struct mailc_span rest = mailc_pump_reply(&driver_smtp_state.pump.pump);
  json_t *lines = json_array();

  for (size_t i = 0; i < driver_smtp_state.pump.pump.reply_line_count; i++) {
    json_t *line = driver_utf8(cut_line(&rest));
    (void)json_array_append_new(lines, line == NULL ? json_null() : line);
  }
  return lines;
}

static void run_connect(struct driver *driver, const json_t *request,
                        struct driver_answer *answer) {
  struct driver_connection connection;
  const json_t *lmtp = json_object_get(request, "lmtp");
  enum mailc_status status = MAILC_OK;

  if (lmtp != NULL && !json_is_boolean(lmtp)) {
    driver_unsupported(answer);
    return;
  }
  if (!driver_connect(driver, request, &driver_smtp, &connection, answer)) {
    return;
  }
  struct mailc_smtp_config config = {
      .rx = {driver_smtp_state.rx, sizeof driver_smtp_state.rx},
      .tx = {driver_smtp_state.tx, sizeof driver_smtp_state.tx},
      .queue = driver_smtp_state.queue,
      .queue_cap = DRIVER_SMTP_QUEUE_CAP,
      .hash = DRIVER_HASH,
      .now_ms = driver->link.tcp.now_ms(&driver->link),
      .timeout_ms = connection.timeout_ms,
      .policy = connection.policy,
      .is_lmtp = json_is_true(lmtp),
      .has_tls = connection.has_tls,
      .trace_moves = true,
  };
  driver_smtp_state.pump = (struct mailc_smtp_pump){
      .pump = {.transport = &driver->link.transport,
               .reply = {driver_smtp_state.reply,
                         sizeof driver_smtp_state.reply},
               .limit_ms = connection.greeting_limit_ms,
               .on_move = tell_move,
               .context = driver},
      .session = &driver_smtp_state.session,
      .answers = driver_smtp_state.answers,
      .answer_cap = DRIVER_SMTP_RECIPIENTS_MAX};
  status = mailc_smtp_init(&driver_smtp_state.session,
                           sizeof driver_smtp_state.session, &config);
  if (status == MAILC_OK) {
    status = mailc_smtp_pump_connect(&driver_smtp_state.pump);
  }
  driver_smtp_state.pump.pump.limit_ms = connection.limit_ms;
  driver_smtp_end(answer, status);
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

/* EHLO or LHLO was answered. */
static void end_hello(struct driver_answer *answer, enum mailc_status status,
                      bool is_extended) {
  struct mailc_span rest;
  json_t *caps = NULL;

  driver_smtp_end(answer, status);
  if (status != MAILC_OK) {
    return;
  }
  caps = json_array();
  rest = mailc_pump_reply(&driver_smtp_state.pump.pump);
  (void)cut_line(&rest);
  while (is_extended && rest.len != 0) {
    add_extension(caps, cut_line(&rest));
  }
  driver_set(answer, "caps", caps);
}

static void run_ehlo(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  struct mailc_span name;
  bool is_extended = false;
  enum mailc_status status = MAILC_OK;

  (void)driver;
  if (!driver_text(request, "name", &name)) {
    driver_unsupported(answer);
    return;
  }
  status = mailc_smtp_pump_ehlo(&driver_smtp_state.pump, name, &is_extended);
  end_hello(answer, status, is_extended);
}

static void run_lhlo(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  struct mailc_span name;

  (void)driver;
  if (!driver_text(request, "name", &name)) {
    driver_unsupported(answer);
    return;
  }
  end_hello(answer, mailc_smtp_pump_lhlo(&driver_smtp_state.pump, name), true);
}

static void run_starttls(struct driver *driver, const json_t *request,
                         struct driver_answer *answer) {
  (void)driver;
  (void)request;
  driver_smtp_end(answer, mailc_smtp_pump_starttls(&driver_smtp_state.pump));
}

static void run_helo(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  struct mailc_span name;

  (void)driver;
  if (!driver_text(request, "name", &name)) {
    driver_unsupported(answer);
    return;
  }
  driver_smtp_end(answer, mailc_smtp_pump_helo(&driver_smtp_state.pump, name));
  if (answer->status == MAILC_OK) {
    driver_set(answer, "caps", json_array());
  }
}

/* The end of an op whose value is the reply. */
static void end_reply(struct driver_answer *answer, enum mailc_status status) {
  driver_smtp_end(answer, status);
  driver_set(answer, "lines", reply_lines());
}

static void run_rset(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  (void)driver;
  (void)request;
  end_reply(answer, mailc_smtp_pump_rset(&driver_smtp_state.pump));
}

static void run_noop(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  (void)driver;
  (void)request;
  end_reply(answer, mailc_smtp_pump_noop(&driver_smtp_state.pump));
}

typedef enum mailc_status text_op(struct mailc_smtp_pump *pump,
                                  struct mailc_span text);

static void run_text(const json_t *request, struct driver_answer *answer,
                     text_op *op) {
  struct mailc_span text;

  if (!driver_text(request, "arg", &text)) {
    driver_unsupported(answer);
    return;
  }
  end_reply(answer, op(&driver_smtp_state.pump, text));
}

static void run_vrfy(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  (void)driver;
  run_text(request, answer, mailc_smtp_pump_vrfy);
}

static void run_expn(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  (void)driver;
  run_text(request, answer, mailc_smtp_pump_expn);
}

static void run_help(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  static const struct mailc_span nothing = {NULL, 0};

  (void)driver;
  if (json_object_get(request, "arg") == NULL &&
      json_object_get(request, "arg_b64") == NULL) {
    end_reply(answer, mailc_smtp_pump_help(&driver_smtp_state.pump, nothing));
  } else {
    run_text(request, answer, mailc_smtp_pump_help);
  }
}

static void run_quit(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  (void)driver;
  (void)request;
  end_reply(answer, mailc_smtp_pump_quit(&driver_smtp_state.pump));
}

static void run_close(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  (void)request;
  (void)answer;
  driver_close(driver);
}

static const struct driver_op ops[] = {
    {"smtp.connect", DRIVER_CONNECT_ARGUMENTS " lmtp", run_connect},
    {"smtp.close", "", run_close},
    {"smtp.ehlo", "name", run_ehlo},
    {"smtp.helo", "name", run_helo},
    {"smtp.lhlo", "name", run_lhlo},
    {"smtp.starttls", "", run_starttls},
    {"smtp.auth", DRIVER_AUTH_ARGUMENTS, driver_smtp_auth},
    {"smtp.mail", "from params", driver_smtp_mail},
    {"smtp.rcpt", "to params", driver_smtp_rcpt},
    {"smtp.data", "message message_path fail_after pieces", driver_smtp_data},
    {"smtp.bdat", "message message_path chunk", driver_smtp_bdat},
    {"smtp.send", "from to params rcpt_params message message_path",
     driver_smtp_send},
    {"smtp.rset", "", run_rset},
    {"smtp.noop", "", run_noop},
    {"smtp.vrfy", "arg", run_vrfy},
    {"smtp.expn", "arg", run_expn},
    {"smtp.help", "arg", run_help},
    {"smtp.quit", "", run_quit},
};

static const char *const features[] = {"smtp",
                                       "smtp.helo",
                                       "smtp.rset",
                                       "smtp.noop",
                                       "smtp.vrfy",
                                       "smtp.multi-rcpt",
                                       "smtp.multi-mail",
                                       "smtp.expn",
                                       "smtp.help",
                                       "smtp.pipelining",
                                       "smtp.fail-after",
                                       "smtp.pieces",
                                       "smtp.size",
                                       "smtp.8bitmime",
                                       "smtp.smtputf8",
                                       "smtp.chunking",
                                       "smtp.dsn",
                                       "smtp.enhanced",
                                       "smtp.lmtp",
                                       "smtp.mail-auth",
                                       "smtp.auth.plain",
                                       "smtp.auth.login",
                                       "smtp.auth.oauthbearer",
                                       "smtp.auth.xoauth2",
                                       "smtp.auth.external",
                                       "smtp.auth.anonymous",
                                       "smtp.auth.raw",
                                       "smtp.auth.initial",
                                       "smtp.auth.cancel",
#ifdef DRIVER_HAS_HASH
                                       "smtp.auth.cram-md5",
                                       "smtp.auth.scram-sha-1",
                                       "smtp.auth.scram-sha-256",
#endif
                                       NULL};

const struct driver_protocol driver_smtp = {ops, OP_COUNT, features};
