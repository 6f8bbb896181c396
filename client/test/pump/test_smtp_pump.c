/* Whole SMTP operations over a transport in memory. */
#include "memory_transport.h"

#include <mailc/smtp_pump.h>

static struct {
  uint8_t rx[MAILC_RX_CAP_MIN];
  uint8_t tx[MAILC_TX_CAP_MIN];
  uint8_t reply[80];
  struct mailc_smtp_slot queue[1];
  struct mailc_smtp session;
  struct mailc_smtp_pump pump;
  struct memory_transport memory;
  struct mailc_transport transport;
  unsigned move_count;
} world;

static void count_move(void *context, struct mailc_move move) {
  (void)move;
  ++*(unsigned *)context;
}

/* A pump whose server says `replies`, received in pieces of `step`. */
static void begin(const char *const *replies, size_t step) {
  struct mailc_smtp_config config = {.rx = {world.rx, sizeof world.rx},
                                     .tx = {world.tx, sizeof world.tx},
                                     .queue = world.queue,
                                     .queue_cap = 1,
                                     .timeout_ms = 400,
                                     .policy = MAILC_POLICY_CLEAR,
                                     .trace_moves = true};

  memset(&world, 0, sizeof world);
  world.memory = (struct memory_transport){.replies = replies, .step = step};
  world.transport = memory_transport(&world.memory);
  world.pump = (struct mailc_smtp_pump){
      .pump = {.transport = &world.transport,
               .reply = {world.reply, sizeof world.reply},
               .on_move = count_move,
               .context = &world.move_count},
      .session = &world.session};
  CHECK(mailc_smtp_init(&world.session, sizeof world.session, &config) ==
        MAILC_OK);
}

static void greet(void) {
  bool is_extended = false;

  CHECK(mailc_smtp_pump_connect(&world.pump) == MAILC_OK);
  CHECK(mailc_smtp_pump_ehlo(&world.pump, MAILC_SPAN("bar.com"),
                             &is_extended) == MAILC_OK);
  CHECK(is_extended);
}

#define GREETING "220 foo.com\r\n", "250-foo.com\r\n250 AUTH FOO PLAIN\r\n"

#define CHECK_REPLY(text)                                                      \
  CHECK_OCTETS(mailc_pump_reply(&world.pump.pump).data,                        \
               mailc_pump_reply(&world.pump.pump).len, text)

static void test_each_operation_gives_its_result(void) {
  static const char *const replies[] = {GREETING,
                                        "235 yes\r\n",
                                        "250\r\n",
                                        "252 who knows\r\n",
                                        "250 ok\r\n",
                                        "450 no\r\n",
                                        "250 ok\r\n",
                                        "354 go\r\n",
                                        "",
                                        "",
                                        "250-a\r\n250 b\r\n",
                                        "250\r\n",
                                        "250\r\n",
                                        "221 bye\r\n",
                                        NULL};
  struct mailc_login login = {.mech = MAILC_SPAN("PLAIN"),
                              .user = MAILC_SPAN("u"),
                              .secret = MAILC_SPAN("s")};

  for (size_t step = 1; step < 30; step++) {
    begin(replies, step);
    greet();
    CHECK(mailc_smtp_pump_auth(&world.pump, &login, NULL) == MAILC_OK);
    CHECK(mailc_smtp_pump_noop(&world.pump) == MAILC_OK);
    CHECK(mailc_smtp_pump_vrfy(&world.pump, MAILC_SPAN("x")) == MAILC_OK);
    CHECK(world.pump.code == 252);
    CHECK_REPLY("who knows");
    CHECK(mailc_smtp_pump_mail(&world.pump, MAILC_SPAN("a@b"), NULL, 0) ==
          MAILC_OK);
    CHECK(mailc_smtp_pump_rcpt(&world.pump, MAILC_SPAN("c@d"), NULL, 0) ==
          MAILC_E_REFUSED_NOW);
    CHECK(world.pump.code == 450);
    CHECK(mailc_smtp_pump_rcpt(&world.pump, MAILC_SPAN("e@f"), NULL, 0) ==
          MAILC_OK);
    CHECK(mailc_smtp_pump_data(&world.pump, MAILC_SPAN(".\r\na")) == MAILC_OK);
    CHECK_REPLY("a\r\nb");
    CHECK(mailc_smtp_delivery(&world.session) == MAILC_DELIVERY_SENT);
    CHECK(mailc_smtp_pump_mail(&world.pump, MAILC_SPAN(""), NULL, 0) ==
          MAILC_OK);
    CHECK(mailc_smtp_pump_rset(&world.pump) == MAILC_OK);
    CHECK(mailc_smtp_pump_quit(&world.pump) == MAILC_OK);
    CHECK_OCTETS(world.memory.sent, world.memory.sent_len,
                 "EHLO bar.com\r\nAUTH PLAIN AHUAcw==\r\nNOOP\r\nVRFY x\r\n"
                 "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nDATA\r\n"
                 "..\r\na\r\n.\r\nMAIL FROM:<>\r\nRSET\r\nQUIT\r\n");
    CHECK(world.move_count == 26);
  }
}

static void test_the_lines_of_an_ehlo_reply_are_kept(void) {
  static const char *const replies[] = {
      "220\r\n", "250-\r\n250-SIZE\r\n250 AUTH  PLAIN  X \r\n", NULL};
  struct mailc_span keyword;
  struct mailc_span params;

  begin(replies, 9);
  greet();
  CHECK(world.pump.pump.reply_line_count == 3);
  CHECK_REPLY("\r\nSIZE\r\nAUTH  PLAIN  X ");
  CHECK(mailc_smtp_extension(MAILC_SPAN("AUTH  PLAIN  X "), &keyword, &params));
  CHECK_OCTETS(keyword.data, keyword.len, "AUTH");
  CHECK_OCTETS(params.data, params.len, "PLAIN  X ");
  CHECK(!mailc_smtp_extension(MAILC_SPAN("  "), &keyword, &params));
}

static void test_helo_after_a_refused_ehlo_extends_nothing(void) {
  static const char *const replies[] = {"220\r\n", "500 what\r\n",
                                        "250-a\r\n250 SIZE\r\n", NULL};
  bool is_extended = true;

  begin(replies, 9);
  CHECK(mailc_smtp_pump_connect(&world.pump) == MAILC_OK);
  CHECK(mailc_smtp_pump_ehlo(&world.pump, MAILC_SPAN("x"), &is_extended) ==
        MAILC_OK);
  CHECK(!is_extended);
  CHECK_REPLY("a\r\nSIZE");
}

static void test_the_caller_answers_challenges(void) {
  static const char *const replies[] = {GREETING, "334 PGE+\r\n", "334 \r\n",
                                        "235\r\n", NULL};
  static const char *const cancelled[] = {
      GREETING, "334 PGE+\r\n", "501 no\r\n", "334 \r\n", "501 no\r\n", NULL};
  struct mailc_login login = {.mech = MAILC_SPAN("FOO")};
  struct mailc_span challenge;

  begin(replies, 3);
  greet();
  CHECK(mailc_smtp_pump_auth(&world.pump, &login, &challenge) == MAILC_OK);
  CHECK_OCTETS(challenge.data, challenge.len, "<a>");
  CHECK(mailc_smtp_pump_answer(&world.pump, MAILC_SPAN("x"), &challenge) ==
        MAILC_OK);
  CHECK(challenge.data != NULL && challenge.len == 0);
  CHECK(mailc_smtp_pump_answer(&world.pump, MAILC_SPAN(""), &challenge) ==
        MAILC_OK);
  CHECK(challenge.data == NULL);
  begin(cancelled, 3);
  greet();
  CHECK(mailc_smtp_pump_auth(&world.pump, &login, &challenge) == MAILC_OK);
  CHECK(mailc_smtp_pump_cancel(&world.pump) == MAILC_E_AUTH);
  CHECK(mailc_smtp_pump_auth(&world.pump, &login, NULL) == MAILC_E_AUTH);
}

static void test_a_message_that_is_written_in_pieces(void) {
  static const char *const replies[] = {GREETING,     "250\r\n", "250\r\n",
                                        "354\r\n",    "",        "",
                                        "554 no\r\n", "250\r\n", NULL};

  begin(replies, 4);
  greet();
  CHECK(mailc_smtp_pump_mail(&world.pump, MAILC_SPAN("a"), NULL, 0) ==
        MAILC_OK);
  CHECK(mailc_smtp_pump_rcpt(&world.pump, MAILC_SPAN("b"), NULL, 0) ==
        MAILC_OK);
  CHECK(mailc_smtp_pump_open_data(&world.pump) == MAILC_OK);
  CHECK(mailc_smtp_pump_noop(&world.pump) == MAILC_E_STATE);
  CHECK(mailc_smtp_pump_write(&world.pump, MAILC_SPAN("x\r")) == MAILC_OK);
  CHECK(mailc_smtp_pump_write(&world.pump, MAILC_SPAN("\n.")) == MAILC_OK);
  CHECK(mailc_smtp_pump_close_data(&world.pump) == MAILC_E_REFUSED);
  CHECK(world.pump.code == 554);
  CHECK(mailc_smtp_pump_noop(&world.pump) == MAILC_OK);
  CHECK_OCTETS(world.memory.sent, world.memory.sent_len,
               "EHLO bar.com\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n"
               "x\r\n..\r\n.\r\nNOOP\r\n");
}

static void test_an_offence_closes_the_connection(void) {
  static const char *const replies[] = {GREETING, "250\r\n", "250\r\n",
                                        "354\r\n", NULL};

  begin(replies, 99);
  greet();
  CHECK(mailc_smtp_pump_mail(&world.pump, MAILC_SPAN("a"), NULL, 0) ==
        MAILC_OK);
  CHECK(mailc_smtp_pump_rcpt(&world.pump, MAILC_SPAN("b"), NULL, 0) ==
        MAILC_OK);
  CHECK(mailc_smtp_pump_data(&world.pump, MAILC_SPAN("a\nb")) ==
        MAILC_E_MESSAGE);
  CHECK(world.memory.close_count == 1);
  CHECK(mailc_smtp_delivery(&world.session) == MAILC_DELIVERY_NOT_SENT);
  CHECK(mailc_smtp_pump_quit(&world.pump) == MAILC_E_STATE);
}

/* Three recipients and a message; what each of them is answered is in
 * `replies`. */
static enum mailc_status send_to_three(const char *const *replies,
                                       struct mailc_smtp_recipient to[3],
                                       struct mailc_span message) {
  struct mailc_smtp_mail mail = {.from = MAILC_SPAN("a@b"),
                                 .recipients = to,
                                 .recipient_count = 3,
                                 .message = message};

  begin(replies, 5);
  greet();
  for (size_t i = 0; i < 3; i++) {
    to[i] = (struct mailc_smtp_recipient){.to = MAILC_SPAN("c@d")};
  }
  return mailc_smtp_pump_send(&world.pump, &mail);
}

static void test_send_goes_on_without_the_refused(void) {
  static const char *const replies[] = {GREETING,  "250\r\n", "550\r\n",
                                        "250\r\n", "452\r\n", "354\r\n",
                                        "",        "250\r\n", NULL};
  struct mailc_smtp_recipient to[3];

  CHECK(send_to_three(replies, to, MAILC_SPAN("x")) == MAILC_OK);
  CHECK(to[0].status == MAILC_E_REFUSED && to[0].code == 550);
  CHECK(to[1].status == MAILC_OK && to[1].code == 250);
  CHECK(to[2].status == MAILC_E_REFUSED_NOW && to[2].code == 452);
  CHECK(mailc_smtp_delivery(&world.session) == MAILC_DELIVERY_SENT);
}

/* The transaction that a message left open is given up before the next one. */
static void test_send_to_nobody_leaves_the_session_ready(void) {
  static const char *const replies[] = {GREETING,  "250\r\n", "550\r\n",
                                        "551\r\n", "450\r\n", "250 reset\r\n",
                                        "553\r\n", NULL};
  struct mailc_smtp_recipient to[3];
  struct mailc_smtp_mail next = {.from = MAILC_SPAN("a@b"),
                                 .recipients = to,
                                 .recipient_count = 1,
                                 .message = MAILC_SPAN("y")};

  CHECK(send_to_three(replies, to, MAILC_SPAN("x")) == MAILC_E_REFUSED_NOW);
  CHECK(world.pump.code == 450);
  CHECK(mailc_smtp_pump_send(&world.pump, &next) == MAILC_E_REFUSED);
  CHECK(world.pump.code == 553 && to[0].status == MAILC_E_DROPPED);
  CHECK(memcmp(world.memory.sent + world.memory.sent_len - 23,
               "RSET\r\nMAIL FROM:<a@b>\r\n", 23) == 0);
}

static void test_send_stops_at_421(void) {
  static const char *const replies[] = {GREETING, "250\r\n", "250\r\n",
                                        "421 down\r\n", NULL};
  struct mailc_smtp_recipient to[3];

  CHECK(send_to_three(replies, to, MAILC_SPAN("x")) == MAILC_E_REFUSED_NOW);
  CHECK(world.pump.code == 421);
  CHECK(to[0].status == MAILC_OK && to[1].code == 421);
  CHECK(to[2].status == MAILC_E_DROPPED && to[2].code == 0);
}

static void test_send_with_data_refused_is_told(void) {
  static const char *const replies[] = {GREETING,  "250\r\n", "250\r\n",
                                        "250\r\n", "250\r\n", "554 no\r\n",
                                        "250\r\n", NULL};
  struct mailc_smtp_recipient to[3];

  CHECK(send_to_three(replies, to, MAILC_SPAN("x")) == MAILC_E_REFUSED);
  CHECK(world.pump.code == 554);
  CHECK(mailc_smtp_delivery(&world.session) == MAILC_DELIVERY_NOT_SENT);
}

static void test_send_checks_before_it_sends(void) {
  static const char *const replies[] = {GREETING, NULL};
  struct mailc_smtp_recipient to[3];
  struct mailc_smtp_mail mail = {.from = MAILC_SPAN("a@b"), .recipients = to};

  CHECK(send_to_three(replies, to, MAILC_SPAN("a\nb")) == MAILC_E_MESSAGE);
  CHECK_OCTETS(world.memory.sent, world.memory.sent_len, "EHLO bar.com\r\n");
  CHECK(mailc_smtp_pump_send(&world.pump, &mail) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_pump_send(&world.pump, NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_pump_send(NULL, &mail) == MAILC_E_ARGUMENT);
}

static void test_a_connection_lost_after_the_dot(void) {
  static const char *const replies[] = {GREETING,  "250\r\n", "250\r\n",
                                        "250\r\n", "250\r\n", "354\r\n",
                                        "",        NULL};
  struct mailc_smtp_recipient to[3];

  CHECK(send_to_three(replies, to, MAILC_SPAN("x")) == MAILC_E_TIMEOUT);
  CHECK(mailc_smtp_delivery(&world.session) == MAILC_DELIVERY_UNKNOWN);
}

static void test_what_came_while_idle_is_noticed_before_a_command(void) {
  static const char *const down[] = {"220\r\n421 down\r\n", NULL};
  static const char *const surplus[] = {"220\r\n250\r\n", NULL};

  begin(down, 5);
  CHECK(mailc_smtp_pump_connect(&world.pump) == MAILC_OK);
  CHECK(mailc_smtp_pump_helo(&world.pump, MAILC_SPAN("x")) ==
        MAILC_E_REFUSED_NOW);
  CHECK(world.pump.code == 421);
  CHECK_REPLY("down");
  begin(surplus, 5);
  CHECK(mailc_smtp_pump_connect(&world.pump) == MAILC_OK);
  CHECK(mailc_smtp_pump_quit(&world.pump) == MAILC_E_SURPLUS);
  CHECK(world.memory.sent_len == 0);
}

static void test_a_send_that_fails_or_is_stuck(void) {
  static const char *const replies[] = {GREETING, "250\r\n", "250\r\n",
                                        "354\r\n", NULL};

  begin(replies, 99);
  greet();
  CHECK(mailc_smtp_pump_mail(&world.pump, MAILC_SPAN("a"), NULL, 0) ==
        MAILC_OK);
  CHECK(mailc_smtp_pump_rcpt(&world.pump, MAILC_SPAN("b"), NULL, 0) ==
        MAILC_OK);
  CHECK(mailc_smtp_pump_open_data(&world.pump) == MAILC_OK);
  world.memory.is_stuck = true;
  CHECK(mailc_smtp_pump_write(&world.pump, MAILC_SPAN("x")) == MAILC_E_TIMEOUT);
  begin(replies, 99);
  greet();
  world.memory.is_broken = true;
  CHECK(mailc_smtp_pump_noop(&world.pump) == MAILC_E_CLOSED);
}

static void test_a_server_that_refuses_in_the_middle_of_a_message(void) {
  static const char *const replies[] = {
      GREETING, "250\r\n", "250\r\n", "354\r\n", "", "421 no more\r\n", NULL};
  static const char lines[] = "1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8\r\n9\r\n";

  begin(replies, 3);
  greet();
  CHECK(mailc_smtp_pump_mail(&world.pump, MAILC_SPAN("a"), NULL, 0) ==
        MAILC_OK);
  CHECK(mailc_smtp_pump_rcpt(&world.pump, MAILC_SPAN("b"), NULL, 0) ==
        MAILC_OK);
  CHECK(mailc_smtp_pump_data(
            &world.pump,
            (struct mailc_span){(const uint8_t *)lines, sizeof lines - 1}) ==
        MAILC_E_REFUSED_NOW);
  CHECK(world.pump.code == 421);
  CHECK(strstr(world.memory.sent, "8\r\n") == NULL);
  CHECK(mailc_smtp_delivery(&world.session) == MAILC_DELIVERY_NOT_SENT);
}

/* Nobody looked at what init said; the memory of the session was of any
 * content. */
static void test_a_refused_session_ends_at_once(void) {
  static const char *const replies[] = {NULL};
  struct mailc_smtp_config config = {.rx = {world.rx, sizeof world.rx},
                                     .tx = {world.tx, sizeof world.tx},
                                     .queue = world.queue};

  for (unsigned i = 0; i < 6; i++) {
    begin(replies, 9);
    memset(&world.session, i % 2 == 0 ? 0 : 0xa5, sizeof world.session);
    config.queue_cap = i < 2 ? 0 : 1;
    config.tx.cap = i < 4 ? sizeof world.tx : MAILC_TX_CAP_MIN - 1;
    CHECK(mailc_smtp_init(&world.session, sizeof world.session,
                          i == 2 || i == 3 ? NULL : &config) ==
          MAILC_E_ARGUMENT);
    CHECK(mailc_smtp_pump_connect(&world.pump) == MAILC_E_ARGUMENT);
    CHECK(mailc_smtp_pump_quit(&world.pump) == MAILC_E_ARGUMENT);
    CHECK(world.memory.sent_len == 0);
  }
  memset(&world.session, 0, sizeof world.session);
  CHECK(mailc_smtp_init(&world.session, sizeof world.session - 1, &config) ==
        MAILC_E_SIZE);
  CHECK(mailc_smtp_pump_connect(&world.pump) == MAILC_E_ARGUMENT);
}

static void test_no_pump_is_an_argument_error(void) {
  CHECK(mailc_smtp_pump_connect(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_pump_quit(NULL) == MAILC_E_ARGUMENT);
  CHECK(mailc_smtp_pump_write(NULL, MAILC_SPAN("x")) == MAILC_E_ARGUMENT);
  mailc_smtp_pump_close(NULL);
}

int main(void) {
  test_each_operation_gives_its_result();
  test_the_lines_of_an_ehlo_reply_are_kept();
  test_helo_after_a_refused_ehlo_extends_nothing();
  test_the_caller_answers_challenges();
  test_a_message_that_is_written_in_pieces();
  test_an_offence_closes_the_connection();
  test_send_goes_on_without_the_refused();
  test_send_to_nobody_leaves_the_session_ready();
  test_send_stops_at_421();
  test_send_with_data_refused_is_told();
  test_send_checks_before_it_sends();
  test_a_connection_lost_after_the_dot();
  test_what_came_while_idle_is_noticed_before_a_command();
  test_a_send_that_fails_or_is_stuck();
  test_a_server_that_refuses_in_the_middle_of_a_message();
  test_a_refused_session_ends_at_once();
  test_no_pump_is_an_argument_error();
  return check_status();
}
