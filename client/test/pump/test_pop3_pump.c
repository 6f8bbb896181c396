/* Whole POP3 operations over a transport in memory. */
#include "memory_transport.h"

#include <mailc/pop3_pump.h>

static struct {
  uint8_t rx[MAILC_RX_CAP_MIN];
  uint8_t tx[MAILC_TX_CAP_MIN];
  uint8_t reply[40];
  struct mailc_pop3_slot queue[4];
  struct mailc_pop3 session;
  struct mailc_pop3_pump pump;
  struct memory_transport memory;
  struct mailc_transport transport;
  unsigned move_count;
} world;

static void count_move(void *context, struct mailc_move move) {
  CHECK(move.from != move.to);
  ++*(unsigned *)context;
}

/* A pump whose server says `replies`, received in pieces of `step`. */
static void begin(const char *const *replies, size_t step) {
  struct mailc_pop3_config config = {.rx = {world.rx, sizeof world.rx},
                                     .tx = {world.tx, sizeof world.tx},
                                     .queue = world.queue,
                                     .queue_cap = 4,
                                     .timeout_ms = 400,
                                     .policy = MAILC_POLICY_CLEAR,
                                     .trace_moves = true};

  memset(&world, 0, sizeof world);
  world.memory = (struct memory_transport){.replies = replies, .step = step};
  world.transport = memory_transport(&world.memory);
  world.pump = (struct mailc_pop3_pump){
      .pump = {.transport = &world.transport,
               .reply = {world.reply, sizeof world.reply},
               .on_move = count_move,
               .context = &world.move_count},
      .session = &world.session};
  CHECK(mailc_pop3_init(&world.session, sizeof world.session, &config) ==
        MAILC_OK);
}

static void log_in(void) {
  CHECK(mailc_pop3_pump_connect(&world.pump, NULL) == MAILC_OK);
  CHECK(mailc_pop3_pump_user(&world.pump, MAILC_SPAN("mrose"),
                             MAILC_SPAN("secret")) == MAILC_OK);
}

#define LOGIN "+OK <1.2@x>\r\n", "+OK\r\n", "+OK 2 messages\r\n"

static void test_each_operation_gives_its_result(void) {
  static const char *const replies[] = {LOGIN,           "+OK 2 320\r\n",
                                        "+OK 2 200\r\n", "+OK 2 uid\r\n",
                                        "+OK\r\n",       "+OK\r\n",
                                        "+OK\r\n",       "+OK\r\n..a\r\n.\r\n",
                                        "+OK bye\r\n",   NULL};
  uint8_t message[8];
  struct mailc_span uid;
  uint32_t count = 0;
  uint64_t size = 0;
  size_t len = 0;

  for (size_t step = 1; step < 30; step++) {
    begin(replies, step);
    log_in();
    CHECK(mailc_pop3_pump_stat(&world.pump, &count, &size) == MAILC_OK);
    CHECK(count == 2 && size == 320);
    CHECK(mailc_pop3_pump_list_one(&world.pump, 2, &size) == MAILC_OK);
    CHECK(size == 200);
    CHECK(mailc_pop3_pump_uidl_one(&world.pump, 2, &uid) == MAILC_OK);
    CHECK_OCTETS(uid.data, uid.len, "uid");
    CHECK(mailc_pop3_pump_dele(&world.pump, 2) == MAILC_OK);
    CHECK(mailc_pop3_pump_rset(&world.pump) == MAILC_OK);
    CHECK(mailc_pop3_pump_noop(&world.pump) == MAILC_OK);
    CHECK(mailc_pop3_pump_retr(&world.pump, 1,
                               (struct mailc_buffer){message, sizeof message},
                               &len) == MAILC_OK);
    CHECK_OCTETS(message, len, ".a\r\n");
    CHECK(mailc_pop3_pump_quit(&world.pump) == MAILC_OK);
    CHECK_OCTETS(mailc_pump_reply(&world.pump.pump).data,
                 mailc_pump_reply(&world.pump.pump).len, "+OK bye");
    CHECK_OCTETS(world.memory.sent, world.memory.sent_len,
                 "USER mrose\r\nPASS secret\r\nSTAT\r\nLIST 2\r\nUIDL 2\r\n"
                 "DELE 2\r\nRSET\r\nNOOP\r\nRETR 1\r\nQUIT\r\n");
    CHECK(world.move_count == 23);
  }
}

static void test_an_open_answer_is_read_to_its_end(void) {
  static const char *const replies[] = {LOGIN,
                                        "+OK\r\n1 120\r\n2 200\r\n.\r\n",
                                        "+OK\r\n1 a\r\n.\r\n",
                                        "-ERR\r\n",
                                        "+OK\r\nX\r\n.\r\n",
                                        "+OK\r\nlong\r\n.\r\n",
                                        NULL};
  struct mailc_pop3_event event;

  begin(replies, 5);
  log_in();
  CHECK(mailc_pop3_pump_read(&world.pump, &event) == MAILC_E_STATE);
  CHECK(mailc_pop3_pump_open_list(&world.pump) == MAILC_OK);
  CHECK(mailc_pop3_pump_noop(&world.pump) == MAILC_E_STATE);
  CHECK(mailc_pop3_pump_read(&world.pump, &event) == MAILC_OK);
  CHECK(event.number == 1 && event.size == 120);
  CHECK(mailc_pop3_pump_read(&world.pump, &event) == MAILC_OK);
  CHECK(event.number == 2 && event.size == 200);
  CHECK(mailc_pop3_pump_read(&world.pump, &event) == MAILC_OK);
  CHECK(event.kind == MAILC_POP3_EVENT_END);
  CHECK(mailc_pop3_pump_read(&world.pump, &event) == MAILC_E_STATE);
  CHECK(mailc_pop3_pump_open_uidl(&world.pump) == MAILC_OK);
  CHECK(mailc_pop3_pump_skip(&world.pump) == MAILC_OK);
  CHECK(mailc_pop3_pump_skip(&world.pump) == MAILC_OK);
  CHECK(mailc_pop3_pump_open_retr(&world.pump, 1) == MAILC_E_REFUSED);
  CHECK(mailc_pop3_pump_open_capa(&world.pump) == MAILC_OK);
  CHECK(mailc_pop3_pump_skip(&world.pump) == MAILC_OK);
  CHECK(mailc_pop3_pump_open_top(&world.pump, 1, 0) == MAILC_OK);
  mailc_pop3_pump_close(&world.pump);
  CHECK(world.memory.close_count == 1);
  CHECK(mailc_pop3_pump_skip(&world.pump) == MAILC_OK);
}

static void test_a_message_that_does_not_fit_leaves_the_session_usable(void) {
  static const char *const replies[] = {LOGIN, "+OK\r\nab\r\ncd\r\n.\r\n",
                                        "+OK\r\n", NULL};
  uint8_t message[7];
  size_t len = 0;

  begin(replies, 1);
  log_in();
  CHECK(mailc_pop3_pump_retr(&world.pump, 1,
                             (struct mailc_buffer){message, sizeof message},
                             &len) == MAILC_E_BUFFER);
  CHECK(mailc_pop3_pump_noop(&world.pump) == MAILC_OK);
}

static void test_a_refusal_keeps_what_fits_of_the_text(void) {
  static const char *const replies[] = {
      "+OK\r\n", "-ERR [AUTH] a text that is longer than the buffer for it\r\n",
      "+OK\r\n", "-ERR no\r\n", NULL};

  begin(replies, 99);
  CHECK(mailc_pop3_pump_connect(&world.pump, NULL) == MAILC_OK);
  CHECK(mailc_pop3_pump_user(&world.pump, MAILC_SPAN("a"), MAILC_SPAN("b")) ==
        MAILC_E_AUTH);
  CHECK(mailc_pump_reply(&world.pump.pump).len == sizeof world.reply);
  CHECK(memcmp(world.reply, "-ERR [AUTH] a text", 18) == 0);
  CHECK(mailc_pop3_pump_user(&world.pump, MAILC_SPAN("a"), MAILC_SPAN("b")) ==
        MAILC_E_AUTH);
  CHECK_OCTETS(mailc_pump_reply(&world.pump.pump).data,
               mailc_pump_reply(&world.pump.pump).len, "-ERR no");
}

static void test_a_password_that_cannot_be_sent_sends_no_user(void) {
  static const char *const replies[] = {"+OK\r\n", NULL};
  uint8_t long_secret[249];

  memset(long_secret, 'x', sizeof long_secret);
  begin(replies, 99);
  CHECK(mailc_pop3_pump_connect(&world.pump, NULL) == MAILC_OK);
  CHECK(mailc_pop3_pump_user(&world.pump, MAILC_SPAN("a"),
                             MAILC_SPAN("b\r\nDELE 1")) == MAILC_E_TEXT);
  CHECK(mailc_pop3_pump_user(&world.pump, MAILC_SPAN("a"), MAILC_SPAN("")) ==
        MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_pump_user(&world.pump, MAILC_SPAN("a"),
                             (struct mailc_span){long_secret, 249}) ==
        MAILC_E_TOO_LONG);
  CHECK(mailc_pop3_pump_apop(&world.pump, MAILC_SPAN("a"), MAILC_SPAN("b")) ==
        MAILC_E_TIMESTAMP);
  CHECK(world.memory.sent_len == 0);
}

static void test_what_came_while_idle_is_noticed_before_a_command(void) {
  static const char *const surplus[] = {"+OK\r\n+OK\r\n", NULL};
  static const char *const nothing[] = {"+OK\r\n", NULL};

  begin(surplus, 5);
  CHECK(mailc_pop3_pump_connect(&world.pump, NULL) == MAILC_OK);
  CHECK(mailc_pop3_pump_quit(&world.pump) == MAILC_E_SURPLUS);
  CHECK(mailc_pop3_pump_quit(&world.pump) == MAILC_E_SURPLUS);
  CHECK(world.memory.sent_len == 0);
  begin(nothing, 5);
  world.memory.closes = true;
  CHECK(mailc_pop3_pump_connect(&world.pump, NULL) == MAILC_OK);
  CHECK(mailc_pop3_pump_quit(&world.pump) == MAILC_E_CLOSED);
  CHECK(world.memory.sent_len == 0);
}

static void test_silence_and_a_stuck_send_end_in_time(void) {
  static const char *const replies[] = {"+OK\r\n", NULL};

  begin(replies, 5);
  CHECK(mailc_pop3_pump_connect(&world.pump, NULL) == MAILC_OK);
  CHECK(mailc_pop3_pump_quit(&world.pump) == MAILC_E_TIMEOUT);
  CHECK(world.memory.now_ms == 400);
  begin(replies, 5);
  CHECK(mailc_pop3_pump_connect(&world.pump, NULL) == MAILC_OK);
  world.memory.is_stuck = true;
  CHECK(mailc_pop3_pump_quit(&world.pump) == MAILC_E_TIMEOUT);
  CHECK(world.memory.now_ms == 400);
}

static void test_an_operation_ends_at_its_own_limit(void) {
  static const char *const replies[] = {"+OK\r\n", NULL};

  begin(replies, 5);
  world.pump.pump.limit_ms = 100;
  CHECK(mailc_pop3_pump_connect(&world.pump, NULL) == MAILC_OK);
  CHECK(mailc_pop3_pump_quit(&world.pump) == MAILC_E_TIMEOUT);
  CHECK(world.memory.now_ms == 100);
}

static void test_a_broken_send_is_a_closed_connection(void) {
  static const char *const replies[] = {"+OK\r\n", NULL};

  begin(replies, 5);
  CHECK(mailc_pop3_pump_connect(&world.pump, NULL) == MAILC_OK);
  world.memory.is_broken = true;
  CHECK(mailc_pop3_pump_quit(&world.pump) == MAILC_E_CLOSED);
}

/* Nobody looked at what init said; the memory of the session was of any
 * content. */
static void test_a_refused_session_ends_at_once(void) {
  static const char *const replies[] = {NULL};
  struct mailc_pop3_config config = {.rx = {world.rx, sizeof world.rx},
                                     .tx = {world.tx, sizeof world.tx},
                                     .queue = world.queue};
  struct mailc_pop3_event event;

  for (unsigned i = 0; i < 6; i++) {
    begin(replies, 9);
    memset(&world.session, i % 2 == 0 ? 0 : 0xa5, sizeof world.session);
    config.queue_cap = i < 2 ? 0 : 1;
    config.tx.cap = i < 4 ? sizeof world.tx : MAILC_TX_CAP_MIN - 1;
    CHECK(mailc_pop3_init(&world.session, sizeof world.session,
                          i == 2 || i == 3 ? NULL : &config) ==
          MAILC_E_ARGUMENT);
    CHECK(mailc_pop3_pump_connect(&world.pump, NULL) == MAILC_E_ARGUMENT);
    CHECK(mailc_pop3_pump_quit(&world.pump) == MAILC_E_ARGUMENT);
    CHECK(world.memory.sent_len == 0);
  }
  memset(&world.session, 0, sizeof world.session);
  CHECK(mailc_pop3_init(&world.session, sizeof world.session - 1, &config) ==
        MAILC_E_SIZE);
  CHECK(mailc_pop3_pump_connect(&world.pump, NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_pump_next(&world.pump, &event) == MAILC_E_ARGUMENT);
}

static void test_missing_arguments_are_refused(void) {
  static const char *const replies[] = {"+OK\r\n", NULL};
  struct mailc_pop3_pump empty = {.session = NULL};
  struct mailc_pop3_event event;

  begin(replies, 5);
  CHECK(mailc_pop3_pump_connect(NULL, NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_pump_connect(&empty, NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_pump_stat(&world.pump, NULL, NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_pump_list_one(&world.pump, 1, NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_pump_uidl_one(&world.pump, 1, NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_pump_retr(&world.pump, 1, (struct mailc_buffer){NULL, 1},
                             NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_pump_read(NULL, &event) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_pump_read(&world.pump, NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_pump_skip(NULL) == MAILC_E_ARGUMENT);
  mailc_pop3_pump_close(NULL);
  mailc_pop3_pump_close(&empty);
}

int main(void) {
  test_each_operation_gives_its_result();
  test_an_open_answer_is_read_to_its_end();
  test_a_message_that_does_not_fit_leaves_the_session_usable();
  test_a_refusal_keeps_what_fits_of_the_text();
  test_a_password_that_cannot_be_sent_sends_no_user();
  test_what_came_while_idle_is_noticed_before_a_command();
  test_silence_and_a_stuck_send_end_in_time();
  test_an_operation_ends_at_its_own_limit();
  test_a_broken_send_is_a_closed_connection();
  test_a_refused_session_ends_at_once();
  test_missing_arguments_are_refused();
  return check_status();
}
