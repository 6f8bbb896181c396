/* The POP3 ops. */
#include "driver.h"
#include "text.h"

#include <mailc/pop3_pump.h>
#include <string.h>

#define OP_COUNT (sizeof ops / sizeof ops[0])

static struct {
  uint8_t rx[4096];
  uint8_t tx[1024];
  uint8_t timestamp[512];
  uint8_t reply[512];
  struct mailc_pop3 session;
  struct mailc_pop3_pump pump;
} pop3;

static void tell_move(void *context, struct mailc_move move) {
  driver_add_move((struct driver *)context, mailc_pop3_state_name(move.from),
                  mailc_pop3_event_name(move.event),
                  mailc_pop3_state_name(move.to));
}

/* The response code of a refusal, RFC 2449 section 8: what stands in brackets
 * behind -ERR. */
static void set_resp_code(struct driver_answer *answer,
                          struct mailc_span reply) {
  static const char *const passing[] = {"SYS/TEMP", "IN-USE", "LOGIN-DELAY"};
  const uint8_t *end = NULL;
  struct mailc_span code;

  if (reply.len < 7 || memcmp(reply.data, "-ERR [", 6) != 0) {
    return;
  }
  end = memchr(reply.data, ']', reply.len);
  if (end == NULL) {
    return;
  }
  code = (struct mailc_span){reply.data + 6, (size_t)(end - reply.data) - 6};
  driver_set_text(answer, "resp_code", code);
  for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++) {
    if (mailc_text_is(code, passing[i])) {
      driver_set(answer, "temporary", json_true());
    }
  }
}

/* Takes the status of an operation that is over. */
static void end_op(struct driver_answer *answer, enum mailc_status status) {
  answer->status = status;
  if (mailc_status_band(status) == MAILC_BAND_REFUSED) {
    set_resp_code(answer, mailc_pump_reply(&pop3.pump.pump));
  }
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
  end_op(answer, status);
}

/* Adds a capability, its keyword in upper case; one that is not UTF-8 is left
 * out, as JSON has no place for it. */
static void add_capability(json_t *caps, const struct mailc_pop3_event *event) {
  uint8_t *octets = driver_alloc(event->text.len);
  json_t *keyword = NULL;
  json_t *parameters = driver_utf8(event->value);

  for (size_t i = 0; i < event->text.len; i++) {
    octets[i] = mailc_text_upper(event->text.data[i]);
  }
  keyword = driver_utf8((struct mailc_span){octets, event->text.len});
  if (keyword != NULL && parameters != NULL) {
    (void)json_array_append_new(caps, json_pack("[O, O]", keyword, parameters));
  }
  json_decref(keyword);
  json_decref(parameters);
}

static void run_capa(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  struct mailc_pop3_event event = {.kind = MAILC_POP3_EVENT_NONE};
  json_t *caps = json_array();
  enum mailc_status status = mailc_pop3_pump_open_capa(&pop3.pump);

  (void)driver;
  (void)request;
  while (status == MAILC_OK && pop3.pump.is_reading) {
    status = mailc_pop3_pump_read(&pop3.pump, &event);
    if (status == MAILC_OK && event.kind == MAILC_POP3_EVENT_CAPABILITY) {
      add_capability(caps, &event);
    }
  }
  if (status == MAILC_OK) {
    driver_set(answer, "caps", json_incref(caps));
  }
  json_decref(caps);
  end_op(answer, status);
}

typedef enum mailc_status login(struct mailc_pop3_pump *pump,
                                struct mailc_span user,
                                struct mailc_span secret);

/* `is_optional` lets the secret be missing, but not be something else. */
static void run_login(const json_t *request, struct driver_answer *answer,
                      login *log_in, bool is_optional) {
  struct mailc_span user;
  struct mailc_span secret = {NULL, 0};
  enum mailc_status status = MAILC_OK;

  if (!driver_text(request, "user", &user) ||
      (!driver_text(request, "secret", &secret) &&
       !(is_optional && json_object_get(request, "secret") == NULL &&
         json_object_get(request, "secret_b64") == NULL))) {
    driver_unsupported(answer);
    return;
  }
  status = log_in(&pop3.pump, user, secret);
  if (status == MAILC_OK) {
    driver_set_text(answer, "reply", mailc_pump_reply(&pop3.pump.pump));
  }
  end_op(answer, status);
}

static void run_user(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  (void)driver;
  run_login(request, answer, mailc_pop3_pump_user, true);
}

static void run_apop(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  (void)driver;
  run_login(request, answer, mailc_pop3_pump_apop, false);
}

static void run_stat(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  uint32_t count = 0;
  uint64_t size = 0;
  enum mailc_status status = mailc_pop3_pump_stat(&pop3.pump, &count, &size);

  (void)driver;
  (void)request;
  if (status == MAILC_OK) {
    driver_set(answer, "count", json_integer((json_int_t)count));
    driver_set(answer, "octets", json_integer((json_int_t)size));
  }
  end_op(answer, status);
}

/* A number of a message or of lines. False, with the answer given, where it is
 * none that the library can take. */
static bool get_number(const json_t *request, const char *name,
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

static void add_item(json_t *items, uint32_t number, json_t *what) {
  (void)json_array_append_new(items,
                              json_pack("[I, o]", (json_int_t)number, what));
}

/* The items of the list that is open. */
static enum mailc_status read_items(json_t *items) {
  struct mailc_pop3_event event = {.kind = MAILC_POP3_EVENT_NONE};
  enum mailc_status status = MAILC_OK;

  while (status == MAILC_OK && pop3.pump.is_reading) {
    status = mailc_pop3_pump_read(&pop3.pump, &event);
    if (status != MAILC_OK || event.kind != MAILC_POP3_EVENT_ITEM) {
      continue;
    }
    add_item(items, event.number,
             event.command == MAILC_POP3_LIST
                 ? json_integer((json_int_t)event.size)
                 : driver_utf8(event.value));
  }
  return status;
}

static void end_items(struct driver_answer *answer, enum mailc_status status,
                      json_t *items) {
  if (status == MAILC_OK) {
    driver_set(answer, "items", json_incref(items));
  }
  json_decref(items);
  end_op(answer, status);
}

static void run_list(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  json_t *items = NULL;
  uint32_t number = 0;
  uint64_t size = 0;
  enum mailc_status status = MAILC_OK;

  (void)driver;
  if (json_object_get(request, "n") != NULL &&
      !get_number(request, "n", answer, &number)) {
    return;
  }
  items = json_array();
  if (json_object_get(request, "n") != NULL) {
    status = mailc_pop3_pump_list_one(&pop3.pump, number, &size);
    add_item(items, number, json_integer((json_int_t)size));
  } else {
    status = mailc_pop3_pump_open_list(&pop3.pump);
    status = status == MAILC_OK ? read_items(items) : status;
  }
  end_items(answer, status, items);
}

static void run_uidl(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  json_t *items = NULL;
  uint32_t number = 0;
  struct mailc_span uid = {NULL, 0};
  enum mailc_status status = MAILC_OK;

  (void)driver;
  if (json_object_get(request, "n") != NULL &&
      !get_number(request, "n", answer, &number)) {
    return;
  }
  items = json_array();
  if (json_object_get(request, "n") != NULL) {
    status = mailc_pop3_pump_uidl_one(&pop3.pump, number, &uid);
    add_item(items, number, driver_utf8(uid));
  } else {
    status = mailc_pop3_pump_open_uidl(&pop3.pump);
    status = status == MAILC_OK ? read_items(items) : status;
  }
  end_items(answer, status, items);
}

/* The octets of the message that is open. */
static void read_message(struct driver *driver, struct driver_answer *answer,
                         enum mailc_status status) {
  struct mailc_pop3_event event = {.kind = MAILC_POP3_EVENT_NONE};
  size_t cap = sizeof pop3.rx;
  size_t len = 0;
  uint8_t *octets = driver_alloc(cap);

  while (status == MAILC_OK && pop3.pump.is_reading) {
    status = mailc_pop3_pump_read(&pop3.pump, &event);
    if (status != MAILC_OK || event.kind != MAILC_POP3_EVENT_DATA) {
      continue;
    }
    if (event.value.len > cap - len) {
      uint8_t *grown = driver_alloc(4 * cap);

      memcpy(grown, octets, len);
      octets = grown;
      cap = 4 * cap;
    }
    memcpy(octets + len, event.value.data, event.value.len);
    len += event.value.len;
  }
  if (status == MAILC_OK) {
    driver_set_data(driver, answer, (struct mailc_span){octets, len});
  }
  end_op(answer, status);
}

static void run_retr(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  uint32_t number = 0;

  if (get_number(request, "n", answer, &number)) {
    read_message(driver, answer, mailc_pop3_pump_open_retr(&pop3.pump, number));
  }
}

static void run_top(struct driver *driver, const json_t *request,
                    struct driver_answer *answer) {
  uint32_t number = 0;
  uint32_t lines = 0;

  if (get_number(request, "n", answer, &number) &&
      get_number(request, "lines", answer, &lines)) {
    read_message(driver, answer,
                 mailc_pop3_pump_open_top(&pop3.pump, number, lines));
  }
}

static void run_dele(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  uint32_t number = 0;

  (void)driver;
  if (get_number(request, "n", answer, &number)) {
    end_op(answer, mailc_pop3_pump_dele(&pop3.pump, number));
  }
}

static void run_noop(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  (void)driver;
  (void)request;
  end_op(answer, mailc_pop3_pump_noop(&pop3.pump));
}

static void run_rset(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  (void)driver;
  (void)request;
  end_op(answer, mailc_pop3_pump_rset(&pop3.pump));
}

static void run_quit(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  (void)driver;
  (void)request;
  end_op(answer, mailc_pop3_pump_quit(&pop3.pump));
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
    {"pop3.capa", "", run_capa},
    {"pop3.user", "user secret", run_user},
    {"pop3.apop", "user secret", run_apop},
    {"pop3.stat", "", run_stat},
    {"pop3.list", "n", run_list},
    {"pop3.uidl", "n", run_uidl},
    {"pop3.retr", "n", run_retr},
    {"pop3.top", "n lines", run_top},
    {"pop3.dele", "n", run_dele},
    {"pop3.noop", "", run_noop},
    {"pop3.rset", "", run_rset},
    {"pop3.quit", "", run_quit},
};

static const char *const features[] = {"pop3",      "pop3.user", "pop3.capa",
                                       "pop3.list", "pop3.uidl", "pop3.top",
                                       "pop3.dele", "pop3.rset", "pop3.noop",
#ifdef DRIVER_HAS_HASH
                                       "pop3.apop",
#endif
                                       NULL};

const struct driver_protocol driver_pop3 = {ops, OP_COUNT, features};
