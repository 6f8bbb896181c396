/* Every operation of the POP3 pump where it has to refuse, with nothing sent.
 */
#include "memory_transport.h"

#include <mailc/pop3_pump.h>

static struct {
  uint8_t rx[MAILC_RX_CAP_MIN];
  uint8_t tx[MAILC_TX_CAP_MIN];
  uint8_t message[64];
  struct mailc_pop3_slot queue[4];
  struct mailc_pop3 session;
  struct mailc_pop3_pump pump;
  struct memory_transport memory;
  struct mailc_transport transport;
  struct mailc_span span;
  struct mailc_pop3_event event;
  uint64_t size;
  uint32_t count;
  size_t len;
} world;

static const struct mailc_login login = {.mech = MAILC_SPAN_INIT("PLAIN"),
                                         .user = MAILC_SPAN_INIT("mrose"),
                                         .secret = MAILC_SPAN_INIT("tanstaaf")};
static const struct mailc_span text = MAILC_SPAN_INIT("text");

#define CALL(name, ...)                                                        \
  static enum mailc_status call_##name(struct mailc_pop3_pump *pump) {         \
    return mailc_pop3_pump_##name(pump, __VA_ARGS__);                          \
  }
CALL(connect, &world.span)
CALL(lang_to, text)
CALL(user, text, text)
CALL(apop, text, text)
CALL(auth, &login, &world.span)
CALL(answer, text, &world.span)
CALL(stat, &world.count, &world.size)
CALL(list_one, 1, &world.size)
CALL(uidl_one, 1, &world.span)
CALL(dele, 1)
CALL(retr, 1, (struct mailc_buffer){world.message, sizeof world.message},
     &world.len)
CALL(open_retr, 1)
CALL(open_top, 1, 1)
CALL(read, &world.event)
CALL(next, &world.event)

static const struct {
  const char *name;
  enum mailc_status (*call)(struct mailc_pop3_pump *pump);
} calls[] = {
    {"connect", call_connect},
    {"stls", mailc_pop3_pump_stls},
    {"utf8", mailc_pop3_pump_utf8},
    {"lang_to", call_lang_to},
    {"user", call_user},
    {"apop", call_apop},
    {"auth", call_auth},
    {"answer", call_answer},
    {"cancel", mailc_pop3_pump_cancel},
    {"stat", call_stat},
    {"list_one", call_list_one},
    {"uidl_one", call_uidl_one},
    {"dele", call_dele},
    {"noop", mailc_pop3_pump_noop},
    {"rset", mailc_pop3_pump_rset},
    {"quit", mailc_pop3_pump_quit},
    {"retr", call_retr},
    {"open_capa", mailc_pop3_pump_open_capa},
    {"open_lang", mailc_pop3_pump_open_lang},
    {"open_list", mailc_pop3_pump_open_list},
    {"open_uidl", mailc_pop3_pump_open_uidl},
    {"open_retr", call_open_retr},
    {"open_top", call_open_top},
    {"begin", mailc_pop3_pump_begin},
    {"read", call_read},
    {"next", call_next},
    {"skip", mailc_pop3_pump_skip},
};

#define CALL_COUNT (sizeof calls / sizeof calls[0])

static void check_call(size_t i, enum mailc_status status) {
  size_t sent_len = world.memory.sent_len;
  enum mailc_status got = calls[i].call(&world.pump);

  if (got != status || world.memory.sent_len != sent_len) {
    (void)fprintf(stderr, "%s() gave %s\n", calls[i].name,
                  mailc_status_name(got));
  }
  CHECK(got == status);
  CHECK(world.memory.sent_len == sent_len);
}

/* A pump with TLS whose server says `replies`; not greeted. */
static void begin_with(const char *const *replies,
                       const struct mailc_hash *hash,
                       struct mailc_buffer timestamp) {
  struct mailc_pop3_config config = {.rx = {world.rx, sizeof world.rx},
                                     .tx = {world.tx, sizeof world.tx},
                                     .queue = world.queue,
                                     .queue_cap = 4,
                                     .timestamp = timestamp,
                                     .hash = hash,
                                     .timeout_ms = 400,
                                     .has_tls = true};

  memset(&world, 0, sizeof world);
  world.memory = (struct memory_transport){.replies = replies, .step = 99};
  world.transport = memory_transport(&world.memory);
  world.transport.start_tls = memory_start_tls;
  world.pump = (struct mailc_pop3_pump){.pump = {.transport = &world.transport},
                                        .session = &world.session};
  CHECK(mailc_pop3_init(&world.session, sizeof world.session, &config) ==
        MAILC_OK);
}

static void begin(const char *const *replies) {
  begin_with(replies, NULL, (struct mailc_buffer){NULL, 0});
}

static void log_in(void) {
  CHECK(mailc_pop3_pump_connect(&world.pump, NULL) == MAILC_OK);
  CHECK(mailc_pop3_pump_user(&world.pump, text, text) == MAILC_OK);
}

#define LOGIN "+OK\r\n", "+OK\r\n", "+OK\r\n"

static bool is(size_t i, const char *name) {
  return strcmp(calls[i].name, name) == 0;
}

static void test_no_pump_session_or_transport_is_an_argument_error(void) {
  static const char *const replies[] = {NULL};

  for (size_t i = 0; i < CALL_COUNT; i++) {
    begin(replies);
    CHECK(calls[i].call(NULL) == MAILC_E_ARGUMENT);
    if (!is(i, "read") && !is(i, "skip")) {
      world.pump.session = NULL;
      check_call(i, MAILC_E_ARGUMENT);
      world.pump.session = &world.session;
      world.pump.pump.transport = NULL;
      check_call(i, MAILC_E_ARGUMENT);
    }
  }
  CHECK(mailc_pop3_pump_read(&world.pump, &world.event) == MAILC_E_STATE);
  CHECK(mailc_pop3_pump_skip(&world.pump) == MAILC_OK);
}

static void test_a_session_that_failed_says_why(void) {
  static const char *const replies[] = {"+NO\r\n", NULL};

  begin(replies);
  CHECK(mailc_pop3_pump_connect(&world.pump, NULL) == MAILC_E_REPLY);
  for (size_t i = 0; i < CALL_COUNT; i++) {
    if (!is(i, "read") && !is(i, "skip")) {
      check_call(i, MAILC_E_REPLY);
    }
  }
}

static void test_an_open_answer_that_fails_says_why(void) {
  static const char *const replies[] = {LOGIN, "+OK\r\nno item\r\n", NULL};

  begin(replies);
  log_in();
  CHECK(mailc_pop3_pump_open_list(&world.pump) == MAILC_OK);
  CHECK(mailc_pop3_pump_read(&world.pump, &world.event) == MAILC_E_REPLY);
  CHECK(mailc_pop3_pump_read(&world.pump, &world.event) == MAILC_E_STATE);
  CHECK(mailc_pop3_pump_skip(&world.pump) == MAILC_OK);
  CHECK(mailc_pop3_pump_quit(&world.pump) == MAILC_E_REPLY);
}

static void test_an_open_answer_is_ended_first(void) {
  static const char *const replies[] = {LOGIN, "+OK\r\n", "1 1\r\n.\r\n", NULL};

  begin(replies);
  log_in();
  CHECK(mailc_pop3_pump_open_list(&world.pump) == MAILC_OK);
  for (size_t i = 0; i < CALL_COUNT; i++) {
    if (!is(i, "read") && !is(i, "skip") && !is(i, "next")) {
      check_call(i, MAILC_E_STATE);
    }
  }
}

static void test_commands_at_once_are_ended_first(void) {
  static const char *const replies[] = {LOGIN, NULL};

  begin(replies);
  log_in();
  CHECK(mailc_pop3_pump_begin(&world.pump) == MAILC_OK);
  CHECK(mailc_pop3_noop(&world.session) == MAILC_OK);
  for (size_t i = 0; i < CALL_COUNT; i++) {
    if (!is(i, "next") && !is(i, "skip")) {
      check_call(i, MAILC_E_STATE);
    }
  }
}

/* Enough of a hash for APOP. */
static bool digest(enum mailc_hash_kind kind, const void *first,
                   size_t first_len, const void *second, size_t second_len,
                   uint8_t *out) {
  (void)first;
  (void)first_len;
  (void)second;
  (void)second_len;
  memset(out, 0, mailc_hash_len(kind));
  return true;
}

static void test_logins_that_need_a_hash(void) {
  static const char *const replies[] = {"+OK <1.2@x>\r\n", "-ERR\r\n",
                                        "+OK\r\n", NULL};
  static const char *const unproved[] = {"+OK\r\n", "+OK\r\n", NULL};
  struct mailc_login scram = {.mech = MAILC_SPAN_INIT("SCRAM-SHA-1"),
                              .user = MAILC_SPAN_INIT("user"),
                              .secret = MAILC_SPAN_INIT("pencil"),
                              .nonce = MAILC_SPAN_INIT("abc"),
                              .scratch = {world.message, sizeof world.message}};
  static const struct mailc_hash hash = {.digest = digest};
  static uint8_t timestamp[16];

  begin_with(replies, &hash,
             (struct mailc_buffer){timestamp, sizeof timestamp});
  CHECK(mailc_pop3_pump_connect(&world.pump, &world.span) == MAILC_OK);
  CHECK_OCTETS(world.span.data, world.span.len, "<1.2@x>");
  CHECK(mailc_pop3_pump_apop(&world.pump, text, text) == MAILC_E_AUTH);
  CHECK(mailc_pop3_pump_apop(&world.pump, text, text) == MAILC_OK);
  CHECK_OCTETS(world.memory.sent, world.memory.sent_len,
               "APOP text 00000000000000000000000000000000\r\n"
               "APOP text 00000000000000000000000000000000\r\n");
  begin_with(unproved, &hash, (struct mailc_buffer){NULL, 0});
  CHECK(mailc_pop3_pump_connect(&world.pump, NULL) == MAILC_OK);
  CHECK(mailc_pop3_pump_auth(&world.pump, &scram, NULL) == MAILC_E_PROOF);
}

/* What the other tests have no success of. */
static void test_operations_that_succeed(void) {
  static const char *const replies[] = {
      "+OK\r\n",  "+OK\r\nLANG\r\nSASL FOO\r\n.\r\n",
      "+OK\r\n",  "+ \r\n",
      "-ERR\r\n", "+OK\r\n",
      "+OK\r\n",  "+OK\r\na\r\n.\r\n",
      NULL};
  struct mailc_login own = {.mech = MAILC_SPAN_INIT("FOO")};

  begin(replies);
  CHECK(mailc_pop3_pump_connect(&world.pump, NULL) == MAILC_OK);
  CHECK(mailc_pop3_pump_open_capa(&world.pump) == MAILC_OK);
  CHECK(mailc_pop3_pump_skip(&world.pump) == MAILC_OK);
  CHECK(mailc_pop3_pump_lang_to(&world.pump, MAILC_SPAN("*")) == MAILC_OK);
  CHECK(mailc_pop3_pump_auth(&world.pump, &own, &world.span) == MAILC_OK);
  CHECK(mailc_pop3_pump_cancel(&world.pump) == MAILC_E_AUTH);
  CHECK(mailc_pop3_pump_user(&world.pump, text, text) == MAILC_OK);
  CHECK(mailc_pop3_pump_open_retr(&world.pump, 1) == MAILC_OK);
  CHECK(mailc_pop3_pump_skip(&world.pump) == MAILC_OK);
}

int main(void) {
  test_no_pump_session_or_transport_is_an_argument_error();
  test_a_session_that_failed_says_why();
  test_an_open_answer_that_fails_says_why();
  test_an_open_answer_is_ended_first();
  test_commands_at_once_are_ended_first();
  test_logins_that_need_a_hash();
  test_operations_that_succeed();
  return check_status();
}
