/* The SMTP ops. */
#include "driver_smtp.h"

#include "driver_login.h"
#include "text.h"

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

void driver_smtp_end(struct driver_answer *answer, enum mailc_status status) {
  answer->status = status;
  driver_set(answer, "code", driver_smtp_code(driver_smtp_state.pump.code));
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
  enum mailc_status status = MAILC_OK;

  if (!driver_connect(driver, request, &driver_smtp, &connection, answer)) {
    return;
  }
  struct mailc_smtp_config config = {
      .rx = {driver_smtp_state.rx, sizeof driver_smtp_state.rx},
      .tx = {driver_smtp_state.tx, sizeof driver_smtp_state.tx},
      .hash = DRIVER_HASH,
      .now_ms = driver->link.tcp.now_ms(&driver->link),
      .timeout_ms = connection.timeout_ms,
      .policy = connection.policy,
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
      .session = &driver_smtp_state.session};
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
  status = mailc_smtp_pump_ehlo(&driver_smtp_state.pump, name, &is_extended);
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

static void run_vrfy(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  struct mailc_span text;

  (void)driver;
  if (!driver_text(request, "arg", &text)) {
    driver_unsupported(answer);
    return;
  }
  end_reply(answer, mailc_smtp_pump_vrfy(&driver_smtp_state.pump, text));
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
    {"smtp.connect", DRIVER_CONNECT_ARGUMENTS, run_connect},
    {"smtp.close", "", run_close},
    {"smtp.ehlo", "name", run_ehlo},
    {"smtp.helo", "name", run_helo},
    {"smtp.auth", DRIVER_AUTH_ARGUMENTS, driver_smtp_auth},
    {"smtp.mail", "from params", driver_smtp_mail},
    {"smtp.rcpt", "to params", driver_smtp_rcpt},
    {"smtp.data", "message message_path", driver_smtp_data},
    {"smtp.send", "from to params rcpt_params message message_path",
     driver_smtp_send},
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
