/* The POP3 ops. */
#include "driver_pop3.h"

#include "driver_login.h"

#define OP_COUNT (sizeof ops / sizeof ops[0])

struct driver_pop3_session pop3;

static void tell_move(void *context, struct mailc_move move) {
  driver_add_move((struct driver *)context, mailc_pop3_state_name(move.from),
                  mailc_pop3_event_name(move.event),
                  mailc_pop3_state_name(move.to));
}

void driver_pop3_end(struct driver_answer *answer, enum mailc_status status,
                     struct mailc_span reply) {
  struct mailc_span text;
  enum mailc_pop3_code code = MAILC_POP3_CODE_NONE;

  answer->status = status;
  if (mailc_status_band(status) != MAILC_BAND_REFUSED) {
    return;
  }
  code = mailc_pop3_code(reply, &text);
  if (code != MAILC_POP3_CODE_NONE) {
    driver_set_text(answer, "resp_code", text);
    driver_set(answer, "temporary",
               json_boolean(mailc_pop3_code_is_temporary(code)));
  }
}

void driver_pop3_end_op(struct driver_answer *answer,
                        enum mailc_status status) {
  driver_pop3_end(answer, status, mailc_pump_reply(&pop3.pump.pump));
}

static void run_connect(struct driver *driver, const json_t *request,
                        struct driver_answer *answer) {
  struct driver_connection connection;
  struct mailc_span timestamp;
  enum mailc_status status = MAILC_OK;

  if (!driver_connect(driver, request, &driver_pop3, &connection, answer)) {
    return;
  }
  struct mailc_pop3_config config = {
      .rx = {pop3.rx, sizeof pop3.rx},
      .tx = {pop3.tx, sizeof pop3.tx},
      .timestamp = {pop3.timestamp, sizeof pop3.timestamp},
      .queue = pop3.queue,
      .queue_cap = sizeof pop3.queue / sizeof pop3.queue[0],
      .hash = DRIVER_HASH,
      .now_ms = driver->link.tcp.now_ms(&driver->link),
      .timeout_ms = connection.timeout_ms,
      .policy = connection.policy,
      .has_tls = connection.has_tls,
      .trace_moves = true,
  };
  pop3.pump = (struct mailc_pop3_pump){
      .pump = {.transport = &driver->link.transport,
               .reply = {pop3.reply, sizeof pop3.reply},
               .limit_ms = connection.greeting_limit_ms,
               .on_move = tell_move,
               .context = driver},
      .session = &pop3.session};
  status = mailc_pop3_init(&pop3.session, sizeof pop3.session, &config);
  if (status == MAILC_OK) {
    status = mailc_pop3_pump_connect(&pop3.pump, &timestamp);
  }
  pop3.pump.pump.limit_ms = connection.limit_ms;
  if (status == MAILC_OK && timestamp.data != NULL) {
    driver_set_text(answer, "timestamp", timestamp);
  }
  driver_pop3_end_op(answer, status);
}

static void run_stat(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  uint32_t count = 0;
  uint64_t size = 0;
  enum mailc_status status = mailc_pop3_pump_stat(&pop3.pump, &count, &size);

  (void)driver;
  (void)request;
  if (status == MAILC_OK) {
    driver_set(answer, "count", driver_size(count));
    driver_set(answer, "octets", driver_size(size));
  }
  driver_pop3_end_op(answer, status);
}

bool driver_pop3_number(const json_t *request, const char *name,
                        struct driver_answer *answer, uint32_t *number) {
  uint64_t value = 0;

  if (!json_is_integer(json_object_get(request, name))) {
    driver_unsupported(answer);
    return false;
  }
  if (!driver_number(request, name, UINT32_MAX, &value)) {
    answer->status = MAILC_E_ARGUMENT;
    return false;
  }
  *number = (uint32_t)value;
  return true;
}

static void run_dele(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  uint32_t number = 0;

  (void)driver;
  if (driver_pop3_number(request, "n", answer, &number)) {
    driver_pop3_end_op(answer, mailc_pop3_pump_dele(&pop3.pump, number));
  }
}

static void run_noop(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  (void)driver;
  (void)request;
  driver_pop3_end_op(answer, mailc_pop3_pump_noop(&pop3.pump));
}

static void run_rset(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  (void)driver;
  (void)request;
  driver_pop3_end_op(answer, mailc_pop3_pump_rset(&pop3.pump));
}

static void run_quit(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  (void)driver;
  (void)request;
  driver_pop3_end_op(answer, mailc_pop3_pump_quit(&pop3.pump));
}

static void run_close(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  (void)request;
  (void)answer;
  driver_close(driver);
}

static const struct driver_op ops[] = {
    {"pop3.connect", DRIVER_CONNECT_ARGUMENTS, run_connect},
    {"pop3.close", "", run_close},
    {"pop3.capa", "", driver_pop3_capa},
    {"pop3.user", "user secret", driver_pop3_user},
    {"pop3.apop", "user secret", driver_pop3_apop},
    {"pop3.stat", "", run_stat},
    {"pop3.list", "n", driver_pop3_list},
    {"pop3.uidl", "n", driver_pop3_uidl},
    {"pop3.retr", "n fail_after", driver_pop3_retr},
    {"pop3.top", "n lines", driver_pop3_top},
    {"pop3.dele", "n", run_dele},
    {"pop3.noop", "", run_noop},
    {"pop3.rset", "", run_rset},
    {"pop3.quit", "", run_quit},
    {"pop3.stls", "", driver_pop3_stls},
    {"pop3.auth", DRIVER_AUTH_ARGUMENTS, driver_pop3_auth},
    {"pop3.utf8", "", driver_pop3_utf8},
    {"pop3.lang", "tag", driver_pop3_lang},
    {"pop3.batch", "ops", driver_pop3_batch},
};

static const char *const features[] = {"pop3",
                                       "pop3.user",
                                       "pop3.user-alone",
                                       "pop3.capa",
                                       "pop3.list",
                                       "pop3.uidl",
                                       "pop3.top",
                                       "pop3.dele",
                                       "pop3.rset",
                                       "pop3.noop",
                                       "pop3.pipelining",
                                       "pop3.fail-after",
                                       "pop3.utf8",
                                       "pop3.lang",
                                       "pop3.auth.plain",
                                       "pop3.auth.login",
                                       "pop3.auth.oauthbearer",
                                       "pop3.auth.xoauth2",
                                       "pop3.auth.external",
                                       "pop3.auth.anonymous",
                                       "pop3.auth.raw",
                                       "pop3.auth.initial",
                                       "pop3.auth.cancel",
#ifdef DRIVER_HAS_HASH
                                       "pop3.apop",
                                       "pop3.auth.cram-md5",
                                       "pop3.auth.scram-sha-1",
                                       "pop3.auth.scram-sha-256",
#endif
                                       NULL};

const struct driver_protocol driver_pop3 = {ops, OP_COUNT, features};
