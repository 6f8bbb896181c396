/* Every operation of the SMTP pump where it has to refuse, with nothing sent.
 */
#include "memory_transport.h"

#include <mailc/smtp_pump.h>

static struct {
  uint8_t rx[MAILC_RX_CAP_MIN];
  uint8_t tx[MAILC_TX_CAP_MIN];
  struct mailc_smtp_slot queue[1];
  struct mailc_smtp session;
  struct mailc_smtp_pump pump;
  struct memory_transport memory;
  struct mailc_transport transport;
  struct mailc_span span;
} world;

static const struct mailc_login login = {.mech = MAILC_SPAN_INIT("PLAIN"),
                                         .user = MAILC_SPAN_INIT("mrose"),
                                         .secret = MAILC_SPAN_INIT("tanstaaf")};
static const struct mailc_span text = MAILC_SPAN_INIT("text");
static struct mailc_smtp_recipient recipient = {.to = MAILC_SPAN_INIT("c@d")};
static const struct mailc_smtp_mail message = {.from = MAILC_SPAN_INIT("a@b"),
                                               .recipients = &recipient,
                                               .recipient_count = 1,
                                               .message =
                                                   MAILC_SPAN_INIT("x\r\n")};

#define CALL(name, ...)                                                        \
  static enum mailc_status call_##name(struct mailc_smtp_pump *pump) {         \
    return mailc_smtp_pump_##name(pump, __VA_ARGS__);                          \
  }
CALL(ehlo, text, NULL)
CALL(helo, text)
CALL(lhlo, text)
CALL(auth, &login, &world.span)
CALL(answer, text, &world.span)
CALL(mail, text, NULL, 0)
CALL(rcpt, text, NULL, 0)
CALL(data, text)
CALL(write, text)
CALL(bdat, text, 0)
CALL(send, &message)
CALL(vrfy, text)
CALL(expn, text)
CALL(help, text)

static const struct {
  const char *name;
  enum mailc_status (*call)(struct mailc_smtp_pump *pump);
} calls[] = {
    {"connect", mailc_smtp_pump_connect},
    {"ehlo", call_ehlo},
    {"helo", call_helo},
    {"lhlo", call_lhlo},
    {"starttls", mailc_smtp_pump_starttls},
    {"auth", call_auth},
    {"answer", call_answer},
    {"cancel", mailc_smtp_pump_cancel},
    {"mail", call_mail},
    {"rcpt", call_rcpt},
    {"data", call_data},
    {"open_data", mailc_smtp_pump_open_data},
    {"bdat", call_bdat},
    {"send", call_send},
    {"rset", mailc_smtp_pump_rset},
    {"noop", mailc_smtp_pump_noop},
    {"vrfy", call_vrfy},
    {"expn", call_expn},
    {"help", call_help},
    {"quit", mailc_smtp_pump_quit},
    {"write", call_write},
    {"close_data", mailc_smtp_pump_close_data},
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
static void begin(const char *const *replies) {
  struct mailc_smtp_config config = {.rx = {world.rx, sizeof world.rx},
                                     .tx = {world.tx, sizeof world.tx},
                                     .queue = world.queue,
                                     .queue_cap = 1,
                                     .timeout_ms = 400,
                                     .has_tls = true};

  memset(&world, 0, sizeof world);
  world.memory = (struct memory_transport){.replies = replies, .step = 99};
  world.transport = memory_transport(&world.memory);
  world.transport.start_tls = memory_start_tls;
  world.pump = (struct mailc_smtp_pump){.pump = {.transport = &world.transport},
                                        .session = &world.session};
  CHECK(mailc_smtp_init(&world.session, sizeof world.session, &config) ==
        MAILC_OK);
}

static void test_no_pump_session_or_transport_is_an_argument_error(void) {
  static const char *const replies[] = {NULL};

  for (size_t i = 0; i < CALL_COUNT; i++) {
    begin(replies);
    CHECK(calls[i].call(NULL) == MAILC_E_ARGUMENT);
    world.pump.session = NULL;
    check_call(i, MAILC_E_ARGUMENT);
    world.pump.session = &world.session;
    world.pump.pump.transport = NULL;
    check_call(i, MAILC_E_ARGUMENT);
  }
}

static void test_a_session_that_failed_says_why(void) {
  static const char *const replies[] = {"NO\r\n", NULL};

  begin(replies);
  CHECK(mailc_smtp_pump_connect(&world.pump) == MAILC_E_REPLY);
  for (size_t i = 0; i < CALL_COUNT; i++) {
    check_call(i, MAILC_E_REPLY);
  }
}

/* A server that is gone has accepted nobody. */
static void test_a_recipient_that_was_not_asked_about_is_dropped(void) {
  static const char *const replies[] = {"NO\r\n", NULL};

  begin(replies);
  recipient.status = MAILC_OK;
  CHECK(mailc_smtp_pump_connect(&world.pump) == MAILC_E_REPLY);
  CHECK(mailc_smtp_pump_send(&world.pump, &message) == MAILC_E_REPLY);
  CHECK(recipient.status == MAILC_E_DROPPED);
}

#define GREETING "220\r\n", "250-x\r\n250-CHUNKING\r\n250 AUTH FOO\r\n"

static void greet(void) {
  CHECK(mailc_smtp_pump_connect(&world.pump) == MAILC_OK);
  CHECK(mailc_smtp_pump_ehlo(&world.pump, text, NULL) == MAILC_OK);
}

static void begin_mail(void) {
  CHECK(mailc_smtp_pump_mail(&world.pump, text, NULL, 0) == MAILC_OK);
  CHECK(mailc_smtp_pump_rcpt(&world.pump, text, NULL, 0) == MAILC_OK);
}

static void test_a_message_that_is_open_is_ended_first(void) {
  static const char *const replies[] = {GREETING, "250\r\n", "250\r\n",
                                        "354\r\n", NULL};

  begin(replies);
  greet();
  begin_mail();
  CHECK(mailc_smtp_pump_open_data(&world.pump) == MAILC_OK);
  for (size_t i = 0; i < CALL_COUNT; i++) {
    if (strcmp(calls[i].name, "write") != 0 &&
        strcmp(calls[i].name, "close_data") != 0) {
      check_call(i, MAILC_E_STATE);
    }
  }
}

static void test_there_is_nothing_to_write_before_open(void) {
  static const char *const replies[] = {GREETING, NULL};

  begin(replies);
  greet();
  CHECK(mailc_smtp_pump_write(&world.pump, text) == MAILC_E_STATE);
  CHECK(mailc_smtp_pump_close_data(&world.pump) == MAILC_E_STATE);
  CHECK(mailc_smtp_pump_answer(&world.pump, text, NULL) == MAILC_E_STATE);
  CHECK(mailc_smtp_pump_cancel(&world.pump) == MAILC_E_STATE);
}

/* What the other tests have no success of. */
static void test_operations_that_succeed(void) {
  static const char *const by_helo[] = {"220\r\n", "250 x\r\n", "250\r\n",
                                        "250\r\n", "354\r\n",   "",
                                        "250\r\n", NULL};
  static const char *const by_bdat[] = {GREETING, "250\r\n", "250\r\n", NULL};

  begin(by_helo);
  CHECK(mailc_smtp_pump_connect(&world.pump) == MAILC_OK);
  CHECK(mailc_smtp_pump_helo(&world.pump, text) == MAILC_OK);
  begin_mail();
  CHECK(mailc_smtp_pump_open_data(&world.pump) == MAILC_OK);
  CHECK(mailc_smtp_pump_write(&world.pump, MAILC_SPAN("x\r\n")) == MAILC_OK);
  CHECK(mailc_smtp_pump_close_data(&world.pump) == MAILC_OK);
  CHECK(mailc_smtp_delivery(&world.session) == MAILC_DELIVERY_SENT);
  begin(by_bdat);
  greet();
  begin_mail();
  world.memory.sent_len = 0;
  CHECK(mailc_smtp_pump_bdat(&world.pump, MAILC_SPAN("x\n"), 0) ==
        MAILC_E_MESSAGE);
  CHECK(world.memory.sent_len == 0);
}

int main(void) {
  test_no_pump_session_or_transport_is_an_argument_error();
  test_a_session_that_failed_says_why();
  test_a_recipient_that_was_not_asked_about_is_dropped();
  test_a_message_that_is_open_is_ended_first();
  test_there_is_nothing_to_write_before_open();
  test_operations_that_succeed();
  return check_status();
}
