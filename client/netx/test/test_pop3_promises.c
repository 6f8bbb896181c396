/* What the guides promise of the POP3 client, and what we add. */
#include "pop3_suite.h"

#define APOP "C: APOP mrose c4c9334bac560ecc979e58001b3e22fb"

static void user_and_pass_log_in(void) {
  static const char *const script[] = {LOGIN, QUIT, NULL};

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_quit(&client) == NX_SUCCESS);
  finish();
}

static void apop_logs_in(void) {
  static const char *const script[] = {GREETING, APOP, "S: +OK", QUIT, NULL};

  CHECK(create(NX_TRUE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_quit(&client) == NX_SUCCESS);
  finish();
}

static void a_refused_apop_is_followed_by_user_and_pass(void) {
  static const char *const script[] = {
      GREETING,           APOP,     "S: -ERR", "C: USER mrose", "S: +OK",
      "C: PASS tanstaaf", "S: +OK", NULL};

  CHECK(create(NX_TRUE, script) == NX_SUCCESS);
  finish();
}

static void apop_without_a_timestamp_is_user_and_pass(void) {
  static const char *const script[] = {
      "S: +OK", "C: USER mrose", "S: +OK", "C: PASS tanstaaf", "S: +OK", NULL};

  CHECK(create(NX_TRUE, script) == NX_SUCCESS);
  finish();
}

static void a_server_has_ipv6(void) {
  static const char *const script[] = {LOGIN, NULL};
  NXD_ADDRESS address = {NX_IP_VERSION_V6, {.v6 = {0, 0, 0, 1}}};
  unsigned port = server_start_v6(script);

  if (port == 0) {
    (void)puts("this host has no ::1");
    return;
  }
  CHECK(nxd_pop3_client_create(&client, NX_FALSE, &ip, &pool, &address, port,
                               "mrose", "mvan99") == NX_SUCCESS);
  finish();
}

static void the_user_is_fully_qualified(void) {
  static const char *const script[] = {GREETING, "C: USER mrose@example.com",
                                       "S: +OK", "C: PASS two words",
                                       "S: +OK", NULL};

  CHECK(nx_pop3_client_create(&client, NX_FALSE, &ip, &pool,
                              IP_ADDRESS(127, 0, 0, 1), server_start(script),
                              "mrose@example.com", "two words") == NX_SUCCESS);
  finish();
}

static void stat_gives_count_and_size(void) {
  static const char *const script[] = {LOGIN, STAT("2 320"), NULL};
  UINT count = 0;
  ULONG size = 0;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_items_get(&client, &count, &size) == NX_SUCCESS);
  CHECK(count == 2 && size == 320);
  finish();
}

static void stat_comes_before_the_others(void) {
  static const char *const script[] = {
      LOGIN,       STAT("1 120"), "C: LIST 1", "S: +OK 1 120",
      "C: DELE 1", "S: +OK",      NULL};
  ULONG size = 0;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_item_size_get(&client, 1, &size) == NX_SUCCESS);
  CHECK(size == 120);
  CHECK(nx_pop3_client_mail_item_get(&client, 2, &size) ==
        NX_POP3_INVALID_MAIL_ITEM);
  CHECK(nx_pop3_client_mail_item_delete(&client, 1) == NX_SUCCESS);
  finish();
}

static void packets_come_until_the_final_one(void) {
  static const char *const script[] = {
      LOGIN,  STAT("1 130"), "C: RETR 1", "S: +OK 130 octets",
      "S* 2", "S: .",        "C: NOOP",   "S: +OK",
      NULL};
  char text[256];
  size_t len = 0;
  unsigned packets = 0;
  ULONG size = 0;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_item_get(&client, 1, &size) == NX_SUCCESS);
  CHECK(size == 130);
  CHECK(read_message(text, sizeof text, &len, &packets) == NX_SUCCESS);
  CHECK(len == 128 && packets == 3); /* the last is empty */
  CHECK(memcmp(text, "0123456789", 10) == 0);
  CHECK(nx_pop3_client_noop(&client) == NX_SUCCESS);
  finish();
}

static void the_last_packet_has_the_last_octets(void) {
  static const char *const script[] = {LOGIN,      STAT("1 9"), "C: RETR 1",
                                       "S: +OK 9", "S* 1",      "S: ..",
                                       "S: ...x",  "S: .",      NULL};
  char text[256];
  size_t len = 0;
  unsigned packets = 0;
  ULONG size = 0;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_item_get(&client, 1, &size) == NX_SUCCESS);
  CHECK(read_message(text, sizeof text, &len, &packets) == NX_SUCCESS);
  CHECK(packets == 2);
  CHECK_OCTETS(text + 64, len - 64, ".\r\n..x\r\n");
  finish();
}

static void an_empty_message_is_one_empty_packet(void) {
  static const char *const script[] = {LOGIN,      STAT("1 0"), "C: RETR 1",
                                       "S: +OK 0", "S: .",      NULL};
  char text[16];
  size_t len = 0;
  unsigned packets = 0;
  ULONG size = 1;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_item_get(&client, 1, &size) == NX_SUCCESS);
  CHECK(read_message(text, sizeof text, &len, &packets) == NX_SUCCESS);
  CHECK(size == 0 && len == 0 && packets == 1);
  finish();
}

static void a_mebibyte_comes_through_four_packets(void) {
  static const char *const script[] = {LOGIN,       STAT("1 1048576"),
                                       "C: RETR 1", "S: +OK 1048576",
                                       "S* 16384",  "S: .",
                                       NULL};
  char text[64];
  size_t len = 0;
  unsigned packets = 0;
  ULONG size = 0;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_item_get(&client, 1, &size) == NX_SUCCESS);
  CHECK(read_message(text, sizeof text, &len, &packets) == NX_SUCCESS);
  CHECK(size == 1048576 && len == 1048576);
  finish();
}

static void a_packet_has_64_kib(void) {
  static const char *const script[] = {
      LOGIN,     STAT("1 65536"), "C: RETR 1", "S: +OK 65536",
      "S* 1023", "S: .",          NULL};
  static ULONG memory[(sizeof(NX_PACKET) + 65536) / sizeof(ULONG)];
  NX_PACKET_POOL large;
  char text[64];
  size_t len = 0;
  unsigned packets = 0;
  ULONG size = 0;

  CHECK(nx_packet_pool_create(&large, "large", 65536, memory, sizeof memory) ==
        NX_SUCCESS);
  CHECK(nx_pop3_client_create(&client, NX_FALSE, &ip, &large,
                              IP_ADDRESS(127, 0, 0, 1), server_start(script),
                              "mrose", "mvan99") == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_item_get(&client, 1, &size) == NX_SUCCESS);
  CHECK(read_message(text, sizeof text, &len, &packets) == NX_SUCCESS);
  CHECK(len == 65472 && packets == 1);
  CHECK(large.nx_packet_pool_available == 1);
  finish();
}

static void a_dry_pool_loses_nothing(void) {
  static const char *const script[] = {
      LOGIN,       STAT("1 320"),  "C: RETR 1", "S: +OK", "S* 5", "S: .",
      "C: LIST 1", "S: +OK 1 320", "C: RETR 1", "S: +OK", "S* 5", "S: .",
      NULL};
  NX_PACKET *held[4];
  NX_PACKET *packet = NULL;
  ULONG octets = 0;
  UINT is_final = NX_FALSE;
  char text[64];
  size_t len = 0;
  unsigned packets = 0;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_item_get(&client, 1, &octets) == NX_SUCCESS);
  CHECK(octets == 320);
  for (int i = 0; i < 4; i++) {
    CHECK(nx_pop3_client_mail_item_message_get(&client, &held[i], &octets,
                                               &is_final) == NX_SUCCESS);
  }
  CHECK(nx_pop3_client_mail_item_message_get(&client, &packet, &octets,
                                             &is_final) == NX_NO_PACKET);
  CHECK(packet == NULL && octets == 0 && !is_final);
  for (int i = 0; i < 4; i++) {
    CHECK(nx_packet_release(held[i]) == NX_SUCCESS);
  }
  CHECK(read_message(text, sizeof text, &len, &packets) == NX_SUCCESS);
  CHECK(len == 64);
  finish();
}

static void a_size_that_retr_does_not_tell_is_that_of_list(void) {
  static const char *const script[] = {
      LOGIN,       STAT("2 6"), "C: RETR 1", "S: +OK message 1",
      "S: x",      "S: .",      "C: LIST 1", "S: +OK 1 3",
      "C: RETR 1", "S: +OK",    "S: x",      "S: .",
      "C: LIST 2", "S: -ERR",   "C: RETR 2", "S: +OK 3",
      "S: y",      "S: .",      NULL};
  char text[16];
  size_t len = 0;
  unsigned packets = 0;
  ULONG size = 0;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_item_get(&client, 1, &size) == NX_SUCCESS);
  CHECK(size == 3);
  CHECK(read_message(text, sizeof text, &len, &packets) == NX_SUCCESS);
  CHECK_OCTETS(text, len, "x\r\n");
  CHECK(nx_pop3_client_mail_item_get(&client, 2, &size) == NX_SUCCESS);
  CHECK(size == 3);
  CHECK(read_message(text, sizeof text, &len, &packets) == NX_SUCCESS);
  CHECK_OCTETS(text, len, "y\r\n");
  finish();
}

static void what_is_unread_is_dropped(void) {
  static const char *const script[] = {
      LOGIN,  STAT("1 64"), "C: RETR 1", "S: +OK 64", "S* 1",
      "S: .", "C: DELE 1",  "S: +OK",    QUIT,        NULL};
  ULONG size = 0;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_item_get(&client, 1, &size) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_item_delete(&client, 1) == NX_SUCCESS);
  CHECK(nx_pop3_client_quit(&client) == NX_SUCCESS);
  finish();
}

static void after_quit_items_get_logs_in_again(void) {
  static const char *const script[] = {LOGIN,       QUIT, "accept", LOGIN,
                                       STAT("0 0"), QUIT, NULL};
  UINT count = 1;
  ULONG size = 1;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_quit(&client) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_item_get(&client, 1, &size) == NX_NOT_CONNECTED);
  CHECK(nx_pop3_client_mail_items_get(&client, &count, &size) == NX_SUCCESS);
  CHECK(count == 0 && size == 0);
  CHECK(nx_pop3_client_quit(&client) == NX_SUCCESS);
  finish();
}

static void after_a_loss_items_get_logs_in_again(void) {
  static const char *const script[] = {LOGIN, "C: NOOP",   "close", "accept",
                                       LOGIN, STAT("0 0"), NULL};
  UINT count = 1;
  ULONG size = 1;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_noop(&client) == NX_NOT_CONNECTED);
  CHECK(nx_pop3_client_mail_items_get(&client, &count, &size) == NX_SUCCESS);
  finish();
}

static void noop_and_reset_are_there(void) {
  static const char *const script[] = {LOGIN,     "C: NOOP", "S: +OK",
                                       "C: RSET", "S: +OK",  NULL};

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_noop(&client) == NX_SUCCESS);
  CHECK(nx_pop3_client_reset(&client) == NX_SUCCESS);
  finish();
}

static void the_names_of_the_guides_are_there(void) {
  static const char *const script[] = {
      LOGIN, STAT("1 3"), "C: RETR 1", "S: +OK 3", "S: x", "S: .", NULL};
  NX_PACKET *packet = NULL;
  ULONG size = 0;
  UINT is_final = NX_FALSE;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_get_mail_item(&client, 1, &size) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_item_get_message_data(&client, &packet, &size,
                                                  &is_final) == NX_SUCCESS);
  CHECK(is_final && size == 3);
  CHECK(nx_packet_release(packet) == NX_SUCCESS);
  finish();
}

static void delete_follows_a_failed_create(void) {
  static const char *const script[] = {"S: -ERR", NULL};

  CHECK(create(NX_FALSE, script) == NX_POP3_SERVER_ERROR_STATUS);
  CHECK(nx_pop3_client_noop(&client) == NX_PTR_ERROR);
  finish();
  CHECK(nx_pop3_client_delete(&client) == NX_SUCCESS);
}

int main(void) {
  static const struct test tests[] = {
      TEST(user_and_pass_log_in),
      TEST(apop_logs_in),
      TEST(a_refused_apop_is_followed_by_user_and_pass),
      TEST(apop_without_a_timestamp_is_user_and_pass),
      TEST(a_server_has_ipv6),
      TEST(the_user_is_fully_qualified),
      TEST(stat_gives_count_and_size),
      TEST(stat_comes_before_the_others),
      TEST(packets_come_until_the_final_one),
      TEST(the_last_packet_has_the_last_octets),
      TEST(an_empty_message_is_one_empty_packet),
      TEST(a_mebibyte_comes_through_four_packets),
      TEST(a_packet_has_64_kib),
      TEST(a_dry_pool_loses_nothing),
      TEST(a_size_that_retr_does_not_tell_is_that_of_list),
      TEST(what_is_unread_is_dropped),
      TEST(after_quit_items_get_logs_in_again),
      TEST(after_a_loss_items_get_logs_in_again),
      TEST(noop_and_reset_are_there),
      TEST(the_names_of_the_guides_are_there),
      TEST(delete_follows_a_failed_create),
  };

  return suite_main(tests, sizeof tests / sizeof tests[0]);
}
