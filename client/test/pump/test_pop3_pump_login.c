/* Operations of the POP3 pump beyond RFC 1939: TLS, languages, AUTH, and
 * several commands at once. */
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
} world;

/* A pump whose server says `replies`, received in pieces of `step`; greeted. */
static void begin(const char *const *replies, size_t step) {
  struct mailc_pop3_config config = {.rx = {world.rx, sizeof world.rx},
                                     .tx = {world.tx, sizeof world.tx},
                                     .queue = world.queue,
                                     .queue_cap = 4,
                                     .timeout_ms = 400,
                                     .policy = MAILC_POLICY_CLEAR};

  memset(&world, 0, sizeof world);
  world.memory = (struct memory_transport){.replies = replies, .step = step};
  world.transport = memory_transport(&world.memory);
  world.transport.start_tls = memory_start_tls;
  world.pump = (struct mailc_pop3_pump){
      .pump = {.transport = &world.transport,
               .reply = {world.reply, sizeof world.reply}},
      .session = &world.session};
  CHECK(mailc_pop3_init(&world.session, sizeof world.session, &config) ==
        MAILC_OK);
  CHECK(mailc_pop3_pump_connect(&world.pump, NULL) == MAILC_OK);
}

static void test_stls_is_the_command_and_the_handshake(void) {
  static const char *const replies[] = {"+OK\r\n",  "+OK\r\n",
                                        "-ERR\r\n", "+OK\r\nUTF8\r\n.\r\n",
                                        "+OK\r\n",  NULL};

  for (size_t step = 1; step < 12; step++) {
    begin(replies, step);
    CHECK(mailc_pop3_pump_stls(&world.pump) == MAILC_OK);
    CHECK(world.memory.tls_count == 1);
    CHECK(mailc_pop3_pump_stls(&world.pump) == MAILC_E_STATE);
    CHECK(mailc_pop3_pump_utf8(&world.pump) == MAILC_E_NOT_OFFERED);
    CHECK(mailc_pop3_pump_lang_to(&world.pump, MAILC_SPAN("de")) ==
          MAILC_E_REFUSED);
    CHECK(mailc_pop3_pump_open_capa(&world.pump) == MAILC_OK);
    CHECK(mailc_pop3_pump_skip(&world.pump) == MAILC_OK);
    CHECK(mailc_pop3_pump_utf8(&world.pump) == MAILC_OK);
    CHECK_OCTETS(world.memory.sent, world.memory.sent_len,
                 "STLS\r\nLANG de\r\nCAPA\r\nUTF8\r\n");
  }
}

static void test_no_stls_where_capa_has_none(void) {
  static const char *const replies[] = {"+OK\r\n", "+OK\r\nUSER\r\n.\r\n",
                                        NULL};

  begin(replies, 9);
  CHECK(mailc_pop3_pump_open_capa(&world.pump) == MAILC_OK);
  CHECK(mailc_pop3_pump_skip(&world.pump) == MAILC_OK);
  CHECK(mailc_pop3_pump_stls(&world.pump) == MAILC_E_NOT_OFFERED);
  CHECK_OCTETS(world.memory.sent, world.memory.sent_len, "CAPA\r\n");
}

static void test_no_stls_without_tls_in_the_transport(void) {
  static const char *const replies[] = {"+OK\r\n", NULL};

  begin(replies, 9);
  world.transport.start_tls = NULL;
  CHECK(mailc_pop3_pump_stls(&world.pump) == MAILC_E_NO_TLS);
  CHECK(world.memory.sent_len == 0);
  CHECK(mailc_pop3_pump_stls(NULL) == MAILC_E_ARGUMENT);
}

static void test_a_handshake_that_fails_is_the_result(void) {
  static const char *const replies[] = {"+OK\r\n", "+OK\r\n", NULL};
  static const enum mailc_status both[][2] = {
      {MAILC_E_CERTIFICATE, MAILC_E_CERTIFICATE},
      {MAILC_E_TLS, MAILC_E_TLS},
      {MAILC_E_TIMEOUT, MAILC_E_TIMEOUT},
      {MAILC_E_CLOSED, MAILC_E_CLOSED}};

  for (size_t i = 0; i < sizeof both / sizeof both[0]; i++) {
    begin(replies, 9);
    world.memory.tls_status = both[i][0];
    CHECK(mailc_pop3_pump_stls(&world.pump) == both[i][1]);
    CHECK(mailc_pop3_pump_quit(&world.pump) == both[i][1]);
    CHECK_OCTETS(world.memory.sent, world.memory.sent_len, "STLS\r\n");
  }
}

static void test_octets_behind_the_reply_forbid_the_handshake(void) {
  static const char *const replies[] = {"+OK\r\n", "+OK\r\n+OK\r\n", NULL};

  begin(replies, 99);
  CHECK(mailc_pop3_pump_stls(&world.pump) == MAILC_E_SURPLUS);
  CHECK(world.memory.tls_count == 0);
}

static void test_auth_asks_the_caller_where_the_library_has_no_answer(void) {
  static const char *const replies[] = {
      "+OK\r\n",  "+ YQ==\r\n", "+ YmM=\r\n",    "-ERR\r\n", "+ YQ==\r\n",
      "-ERR\r\n", "+ \r\n",     "+OK ready\r\n", NULL};
  struct mailc_login login = {.mech = MAILC_SPAN("X")};
  struct mailc_login plain = {.mech = MAILC_SPAN("PLAIN"),
                              .user = MAILC_SPAN("u"),
                              .secret = MAILC_SPAN("s"),
                              .initial = MAILC_INITIAL_NO};
  struct mailc_span challenge;

  begin(replies, 3);
  CHECK(mailc_pop3_pump_auth(&world.pump, &login, &challenge) == MAILC_OK);
  CHECK_OCTETS(challenge.data, challenge.len, "a");
  CHECK(mailc_pop3_pump_quit(&world.pump) == MAILC_E_STATE);
  CHECK(mailc_pop3_pump_answer(&world.pump, MAILC_SPAN("x"), &challenge) ==
        MAILC_OK);
  CHECK_OCTETS(challenge.data, challenge.len, "bc");
  CHECK(mailc_pop3_pump_cancel(&world.pump) == MAILC_E_AUTH);
  CHECK(mailc_pop3_pump_answer(&world.pump, MAILC_SPAN("x"), &challenge) ==
        MAILC_E_STATE);
  CHECK(challenge.data == NULL);
  CHECK(mailc_pop3_pump_auth(&world.pump, &login, NULL) == MAILC_E_AUTH);
  CHECK(mailc_pop3_pump_auth(&world.pump, &plain, NULL) == MAILC_OK);
  CHECK_OCTETS(mailc_pump_reply(&world.pump.pump).data,
               mailc_pump_reply(&world.pump.pump).len, "+OK ready");
  CHECK(mailc_pop3_pump_auth(NULL, &plain, NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_pump_answer(NULL, challenge, NULL) == MAILC_E_ARGUMENT);
}

static void test_several_commands_come_back_in_their_order(void) {
  static const char *const replies[] = {"+OK\r\n", "+OK\r\nde Deutsch\r\n.\r\n",
                                        "-ERR\r\n", "+OK bye\r\n", NULL};
  static const enum mailc_pop3_event_kind kinds[] = {
      MAILC_POP3_EVENT_REPLY, MAILC_POP3_EVENT_LANGUAGE, MAILC_POP3_EVENT_END,
      MAILC_POP3_EVENT_REPLY, MAILC_POP3_EVENT_REPLY,    MAILC_POP3_EVENT_NONE};
  struct mailc_pop3_event event;

  begin(replies, 4);
  CHECK(mailc_pop3_pump_begin(&world.pump) == MAILC_OK);
  CHECK(mailc_pop3_lang(&world.session) == MAILC_OK);
  CHECK(mailc_pop3_capa(&world.session) == MAILC_OK);
  CHECK(mailc_pop3_quit(&world.session) == MAILC_OK);
  CHECK(mailc_pop3_pump_open_capa(&world.pump) == MAILC_E_STATE);
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    CHECK(mailc_pop3_pump_next(&world.pump, &event) == MAILC_OK);
    CHECK(event.kind == kinds[i]);
  }
  CHECK_OCTETS(mailc_pump_reply(&world.pump.pump).data,
               mailc_pump_reply(&world.pump.pump).len, "+OK bye");
  CHECK_OCTETS(world.memory.sent, world.memory.sent_len,
               "LANG\r\nCAPA\r\nQUIT\r\n");
  CHECK(mailc_pop3_pump_next(&world.pump, NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_pump_next(NULL, &event) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_pump_begin(NULL) == MAILC_E_ARGUMENT);
}

static void test_a_list_that_is_open_is_read_before_the_next(void) {
  static const char *const replies[] = {"+OK\r\n", "+OK\r\nde Deutsch\r\n.\r\n",
                                        NULL};
  struct mailc_pop3_event event;

  begin(replies, 4);
  CHECK(mailc_pop3_pump_open_lang(&world.pump) == MAILC_OK);
  CHECK(mailc_pop3_pump_next(&world.pump, &event) == MAILC_E_STATE);
  CHECK(mailc_pop3_pump_read(&world.pump, &event) == MAILC_OK);
  CHECK_OCTETS(event.text.data, event.text.len, "de");
  CHECK(mailc_pop3_pump_skip(&world.pump) == MAILC_OK);
}

int main(void) {
  test_stls_is_the_command_and_the_handshake();
  test_no_stls_where_capa_has_none();
  test_no_stls_without_tls_in_the_transport();
  test_a_handshake_that_fails_is_the_result();
  test_octets_behind_the_reply_forbid_the_handshake();
  test_auth_asks_the_caller_where_the_library_has_no_answer();
  test_several_commands_come_back_in_their_order();
  test_a_list_that_is_open_is_read_before_the_next();
  return check_status();
}
