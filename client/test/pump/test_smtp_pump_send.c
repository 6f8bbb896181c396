/* Sending by the pump where the server has extensions: PIPELINING, CHUNKING,
 * SIZE, STARTTLS; and LMTP. */
#include "memory_transport.h"

#include <mailc/smtp_pump.h>

#define QUEUE_CAP 8

static struct {
  uint8_t rx[MAILC_RX_CAP_MIN];
  uint8_t tx[MAILC_TX_CAP_MIN];
  uint8_t reply[80];
  struct mailc_smtp_slot queue[QUEUE_CAP];
  struct mailc_smtp_answer answers[2];
  struct mailc_smtp session;
  struct mailc_smtp_pump pump;
  struct memory_transport memory;
  struct mailc_transport transport;
} world;

static void begin(const char *const *replies, size_t step, bool is_lmtp,
                  size_t queue_cap) {
  struct mailc_smtp_config config = {.rx = {world.rx, sizeof world.rx},
                                     .tx = {world.tx, sizeof world.tx},
                                     .queue = world.queue,
                                     .queue_cap = queue_cap,
                                     .timeout_ms = 400,
                                     .policy = MAILC_POLICY_CLEAR,
                                     .is_lmtp = is_lmtp};

  memset(&world, 0, sizeof world);
  world.memory = (struct memory_transport){.replies = replies, .step = step};
  world.transport = memory_transport(&world.memory);
  world.pump = (struct mailc_smtp_pump){
      .pump = {.transport = &world.transport,
               .reply = {world.reply, sizeof world.reply}},
      .session = &world.session,
      .answers = world.answers,
      .answer_cap = 2};
  CHECK(mailc_smtp_init(&world.session, sizeof world.session, &config) ==
        MAILC_OK);
  CHECK(mailc_smtp_pump_connect(&world.pump) == MAILC_OK);
  if (is_lmtp) {
    CHECK(mailc_smtp_pump_lhlo(&world.pump, MAILC_SPAN("x")) == MAILC_OK);
  } else {
    CHECK(mailc_smtp_pump_ehlo(&world.pump, MAILC_SPAN("x"), NULL) == MAILC_OK);
  }
  world.memory.sent_len = 0;
}

#define CHECK_SENT(text)                                                       \
  CHECK_OCTETS(world.memory.sent, world.memory.sent_len, text)

static struct mailc_smtp_recipient to[3];

static struct mailc_smtp_mail mail_to(size_t count) {
  for (size_t i = 0; i < count; i++) {
    to[i] = (struct mailc_smtp_recipient){.to = MAILC_SPAN("c@d")};
  }
  return (struct mailc_smtp_mail){.from = MAILC_SPAN("a@b"),
                                  .recipients = to,
                                  .recipient_count = count,
                                  .message = MAILC_SPAN("hi\r\n")};
}

#define GROUP                                                                  \
  "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<c@d>\r\nRCPT TO:<c@d>\r\n"     \
  "DATA\r\n"

/* With any room in the queue the same octets go out and the same results come.
 */
static void test_send_by_queues_of_any_length(void) {
  static const char *const replies[] = {
      "220 x\r\n",           "250-x\r\n250 PIPELINING\r\n",
      "250 m\r\n",           "550 5.1.1 who\r\n",
      "250 2.1.5 ok\r\n",    "452 full\r\n",
      "354 d\r\n",           "",
      "250 2.0.0 taken\r\n", NULL};

  for (size_t cap = 1; cap <= QUEUE_CAP; cap++) {
    struct mailc_smtp_mail mail = mail_to(3);
    begin(replies, 7, false, cap);
    CHECK(mailc_smtp_pump_send(&world.pump, &mail) == MAILC_OK);
    CHECK_SENT(GROUP "hi\r\n.\r\n");
    CHECK(to[0].status == MAILC_E_REFUSED && to[0].enhanced.detail == 1);
    CHECK(to[1].status == MAILC_OK && to[1].enhanced.class_no == 2);
    CHECK(to[2].status == MAILC_E_REFUSED_NOW && to[2].code == 452);
    CHECK(to[2].enhanced.class_no == 0);
    CHECK(world.pump.code == 250 && world.pump.enhanced.class_no == 2);
    CHECK(mailc_smtp_delivery(&world.session) == MAILC_DELIVERY_SENT);
  }
}

static void test_a_group_that_loses_its_ground(void) {
  static const char *const refused[] = {"220 x\r\n",
                                        "250-x\r\n250 PIPELINING\r\n",
                                        "550 5.7.1 m\r\n",
                                        "503 r\r\n",
                                        "250 r\r\n",
                                        "503 r\r\n",
                                        "354 d\r\n",
                                        "554 what\r\n",
                                        NULL};
  static const char *const none[] = {"220 x\r\n", "250-x\r\n250 PIPELINING\r\n",
                                     "250 m\r\n", "550 r\r\n",
                                     "551 r\r\n", "450 4.2.2 r\r\n",
                                     "554 d\r\n", NULL};
  struct mailc_smtp_mail mail = mail_to(3);

  begin(refused, 99, false, QUEUE_CAP);
  CHECK(mailc_smtp_pump_send(&world.pump, &mail) == MAILC_E_REFUSED);
  CHECK_SENT(GROUP ".\r\n");
  CHECK(world.pump.code == 550 && world.pump.enhanced.subject == 7);
  CHECK(to[0].status == MAILC_E_REFUSED && to[0].code == 503);
  CHECK(to[1].status == MAILC_E_DROPPED && to[1].code == 250);
  CHECK(mailc_smtp_delivery(&world.session) == MAILC_DELIVERY_NOT_SENT);
  mail = mail_to(3);
  begin(none, 99, false, QUEUE_CAP);
  CHECK(mailc_smtp_pump_send(&world.pump, &mail) == MAILC_E_REFUSED_NOW);
  CHECK(world.pump.code == 450 && world.pump.enhanced.class_no == 4);
  CHECK_SENT(GROUP);
}

static void test_a_recipient_that_cannot_be_given_stops_the_message(void) {
  static const char *const replies[] = {"220 x\r\n",
                                        "250-x\r\n250 PIPELINING\r\n",
                                        "250 m\r\n", "250 r\r\n", NULL};
  struct mailc_smtp_mail mail = mail_to(3);

  to[1].to = MAILC_SPAN("a b");
  begin(replies, 99, false, QUEUE_CAP);
  CHECK(mailc_smtp_pump_send(&world.pump, &mail) == MAILC_E_TEXT);
  CHECK_SENT("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n");
  CHECK(to[0].status == MAILC_OK && to[1].status == MAILC_E_TEXT);
  CHECK(to[2].status == MAILC_E_DROPPED);
}

static void test_a_message_that_is_too_large_is_not_begun(void) {
  static const char *const replies[] = {"220 x\r\n", "250-x\r\n250 SIZE 3\r\n",
                                        NULL};
  struct mailc_smtp_mail mail = mail_to(1);

  begin(replies, 99, false, 1);
  CHECK(mailc_smtp_pump_send(&world.pump, &mail) == MAILC_E_TOO_LARGE);
  CHECK_SENT("");
}

static void test_binary_messages_and_chunks(void) {
  static const char *const replies[] = {
      "220 x\r\n",     "250-x\r\n250-BINARYMIME\r\n250 CHUNKING\r\n",
      "250 m\r\n",     "250 r\r\n",
      "250 taken\r\n", "",
      "250 m\r\n",     "250 r\r\n",
      "250 2\r\n",     "",
      "250 4\r\n",     NULL};
  static const struct mailc_span binary = {(const uint8_t *)"BODY=BINARYMIME",
                                           15};
  struct mailc_smtp_mail mail = mail_to(1);

  mail.params = &binary;
  mail.param_count = 1;
  mail.message = MAILC_SPAN("a\nb\n");
  begin(replies, 99, false, QUEUE_CAP);
  CHECK(mailc_smtp_pump_send(&world.pump, &mail) == MAILC_OK);
  CHECK_SENT("MAIL FROM:<a@b> BODY=BINARYMIME\r\nRCPT TO:<c@d>\r\n"
             "BDAT 4 LAST\r\na\nb\n");
  CHECK(mailc_smtp_delivery(&world.session) == MAILC_DELIVERY_SENT);
}

static void test_chunks_of_a_given_length(void) {
  static const char *const replies[] = {
      "220 x\r\n", "250-x\r\n250 CHUNKING\r\n",
      "250 m\r\n", "250 r\r\n",
      "250 3\r\n", "250 6\r\n",
      "250 7\r\n", "",
      NULL};

  begin(replies, 99, false, 1);
  CHECK(mailc_smtp_pump_mail(&world.pump, MAILC_SPAN("a"), NULL, 0) ==
        MAILC_OK);
  CHECK(mailc_smtp_pump_rcpt(&world.pump, MAILC_SPAN("b"), NULL, 0) ==
        MAILC_OK);
  world.memory.sent_len = 0;
  CHECK(mailc_smtp_pump_bdat(&world.pump, MAILC_SPAN("abcdefg"), 3) ==
        MAILC_OK);
  CHECK_SENT("BDAT 3\r\nabcBDAT 3\r\ndefBDAT 1 LAST\r\ng");
}

static void test_lmtp_answers_for_each_recipient(void) {
  static const char *const replies[] = {
      "220 x\r\n",          "250-x\r\n250 PIPELINING\r\n",
      "250 m\r\n",          "250 r\r\n",
      "550 r\r\n",          "250 r\r\n",
      "354 d\r\n",          "",
      "250 a\r\n452 b\r\n", NULL};
  static const char *const lost[] = {"220 x\r\n", "250-x\r\n250 PIPELINING\r\n",
                                     "250 m\r\n", "250 r\r\n",
                                     "250 r\r\n", "250 r\r\n",
                                     "354 d\r\n", "",
                                     "250 a\r\n", NULL};
  struct mailc_smtp_mail mail = mail_to(3);

  begin(replies, 3, true, QUEUE_CAP);
  CHECK(mailc_smtp_pump_send(&world.pump, &mail) == MAILC_OK);
  CHECK(to[0].status == MAILC_OK && to[1].status == MAILC_E_REFUSED);
  CHECK(to[2].status == MAILC_E_REFUSED_NOW && to[2].code == 452);
  CHECK(mailc_smtp_delivery(&world.session) == MAILC_DELIVERY_SENT);
  mail = mail_to(3);
  begin(lost, 3, true, QUEUE_CAP);
  world.memory.closes = true;
  CHECK(mailc_smtp_pump_send(&world.pump, &mail) == MAILC_E_DELIVERY_UNKNOWN);
  CHECK(to[0].status == MAILC_OK);
  CHECK(to[1].status == MAILC_E_DELIVERY_UNKNOWN);
  CHECK(to[2].status == MAILC_E_DELIVERY_UNKNOWN);
  CHECK(mailc_smtp_delivery(&world.session) == MAILC_DELIVERY_UNKNOWN);
}

static void test_lmtp_answers_go_to_the_pump_too(void) {
  static const char *const replies[] = {
      "220 x\r\n", "250 x\r\n",
      "250 m\r\n", "250 r\r\n",
      "250 r\r\n", "250 r\r\n",
      "354 d\r\n", "550 a\r\n452 4.2.2 b\r\n550 c\r\n",
      NULL};

  begin(replies, 99, true, 1);
  CHECK(mailc_smtp_pump_mail(&world.pump, MAILC_SPAN("a"), NULL, 0) ==
        MAILC_OK);
  for (unsigned i = 0; i < 3; i++) {
    CHECK(mailc_smtp_pump_rcpt(&world.pump, MAILC_SPAN("b"), NULL, 0) ==
          MAILC_OK);
  }
  CHECK(mailc_smtp_pump_data(&world.pump, MAILC_SPAN("")) == MAILC_E_REFUSED);
  CHECK(world.pump.answer_count == 3);
  CHECK(world.answers[0].status == MAILC_E_REFUSED);
  CHECK(world.answers[1].code == 452 && world.answers[1].enhanced.detail == 2);
  CHECK(mailc_smtp_delivery(&world.session) == MAILC_DELIVERY_NOT_SENT);
}

static void test_starttls_needs_a_transport_that_can(void) {
  static const char *const replies[] = {"220 x\r\n",
                                        "250-x\r\n250 STARTTLS\r\n",
                                        "220 go\r\n", "250 x\r\n", NULL};
  static const char *const without[] = {"220 x\r\n", "250 x\r\n", NULL};

  begin(replies, 99, false, 1);
  world.transport.start_tls = memory_start_tls;
  CHECK(mailc_smtp_pump_starttls(&world.pump) == MAILC_OK);
  CHECK(world.memory.tls_count == 1 && world.pump.code == 220);
  CHECK(mailc_smtp_offers(&world.session) == 0);
  begin(replies, 99, false, 1);
  world.transport.start_tls = memory_start_tls;
  world.memory.tls_status = MAILC_E_CERTIFICATE;
  CHECK(mailc_smtp_pump_starttls(&world.pump) == MAILC_E_CERTIFICATE);
  begin(replies, 99, false, 1);
  world.transport.start_tls = memory_start_tls;
  world.memory.tls_status = MAILC_E_TLS;
  CHECK(mailc_smtp_pump_starttls(&world.pump) == MAILC_E_TLS);
  begin(without, 99, false, 1);
  world.transport.start_tls = memory_start_tls;
  CHECK(mailc_smtp_pump_starttls(&world.pump) == MAILC_E_NOT_OFFERED);
  CHECK_SENT("");
  begin(replies, 99, false, 1);
  CHECK(mailc_smtp_pump_starttls(&world.pump) == MAILC_E_NO_TLS);
  CHECK_SENT("");
  CHECK(mailc_smtp_pump_starttls(NULL) == MAILC_E_ARGUMENT);
}

static void test_expn_and_help(void) {
  static const char *const replies[] = {"220 x\r\n",          "250 x\r\n",
                                        "250-a\r\n250 b\r\n", "214 h\r\n",
                                        "504 no\r\n",         NULL};

  begin(replies, 99, false, 1);
  CHECK(mailc_smtp_pump_expn(&world.pump, MAILC_SPAN("list")) == MAILC_OK);
  CHECK(world.pump.pump.reply_line_count == 2);
  CHECK(mailc_smtp_pump_help(&world.pump, MAILC_SPAN("")) == MAILC_OK);
  CHECK(mailc_smtp_pump_help(&world.pump, MAILC_SPAN("DATA")) ==
        MAILC_E_REFUSED);
  CHECK_SENT("EXPN list\r\nHELP\r\nHELP DATA\r\n");
}

int main(void) {
  test_send_by_queues_of_any_length();
  test_a_group_that_loses_its_ground();
  test_a_recipient_that_cannot_be_given_stops_the_message();
  test_a_message_that_is_too_large_is_not_begun();
  test_binary_messages_and_chunks();
  test_chunks_of_a_given_length();
  test_lmtp_answers_for_each_recipient();
  test_lmtp_answers_go_to_the_pump_too();
  test_starttls_needs_a_transport_that_can();
  test_expn_and_help();
  return check_status();
}
