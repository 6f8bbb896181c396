/* Every status code that the POP3 client gives, by what brings it about. The
 * first word of a test's name is the code's. */
#include "pop3_suite.h"

#include <pthread.h>

#define HERE IP_ADDRESS(127, 0, 0, 1)

/* Creates with these and expects no connection. */
static void refuse(UINT expected, ULONG address, ULONG port, char *name,
                   char *password) {
  unsigned own = server_start_idle();

  CHECK(nx_pop3_client_create(&client, NX_TRUE, &ip, &pool, address,
                              port == 1 ? own : port, name,
                              password) == expected);
  CHECK(nx_pop3_client_delete(&client) == NX_SUCCESS);
  CHECK(server_stop());
}

static void NX_NO_PACKET_dry_pool(void) {
  NX_PACKET *held[4];

  for (int i = 0; i < 4; i++) {
    CHECK(nx_packet_allocate(&pool, &held[i], 0, NX_NO_WAIT) == NX_SUCCESS);
  }
  refuse(NX_NO_PACKET, HERE, 1, "mrose", "mvan99");
  for (int i = 0; i < 4; i++) {
    CHECK(nx_packet_release(held[i]) == NX_SUCCESS);
  }
}

static void NX_NO_PACKET_silence(void) {
  static const char *const script[] = {LOGIN, "C: STAT", NULL};
  UINT count = 0;
  ULONG size = 0;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_items_get(&client, &count, &size) == NX_NO_PACKET);
  finish();
}

static void NX_NO_PACKET_silence_in_message(void) {
  static const char *const script[] = {LOGIN,       STAT("1 99"), "C: RETR 1",
                                       "S: +OK 99", "S* 1",       NULL};
  char text[64];
  size_t len = 0;
  unsigned packets = 0;
  ULONG size = 0;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_item_get(&client, 1, &size) == NX_SUCCESS);
  CHECK(read_message(text, sizeof text, &len, &packets) == NX_NO_PACKET);
  CHECK(len == 64);
  finish();
}

static void NX_PTR_ERROR_create(void) {
  NXD_ADDRESS address = {NX_IP_VERSION_V4, {.v4 = HERE}};
  NX_IP no_ip = {.nx_ip_id = 0};
  NX_PACKET_POOL no_pool = {.nx_packet_pool_id = 0};

  CHECK(nxd_pop3_client_create(NULL, 0, &ip, &pool, &address, 110, "a", "b") ==
        NX_PTR_ERROR);
  CHECK(nxd_pop3_client_create(&client, 0, NULL, &pool, &address, 110, "a",
                               "b") == NX_PTR_ERROR);
  CHECK(nxd_pop3_client_create(&client, 0, &no_ip, &pool, &address, 110, "a",
                               "b") == NX_PTR_ERROR);
  CHECK(nxd_pop3_client_create(&client, 0, &ip, NULL, &address, 110, "a",
                               "b") == NX_PTR_ERROR);
  CHECK(nxd_pop3_client_create(&client, 0, &ip, &no_pool, &address, 110, "a",
                               "b") == NX_PTR_ERROR);
  CHECK(nxd_pop3_client_create(&client, 0, &ip, &pool, NULL, 110, "a", "b") ==
        NX_PTR_ERROR);
  CHECK(nxd_pop3_client_create(&client, 0, &ip, &pool, &address, 110, NULL,
                               "b") == NX_PTR_ERROR);
  CHECK(nxd_pop3_client_create(&client, 0, &ip, &pool, &address, 110, "a",
                               NULL) == NX_PTR_ERROR);
  CHECK(nx_pop3_client_delete(NULL) == NX_PTR_ERROR);
  CHECK(nx_pop3_client_delete(&client) == NX_SUCCESS);
}

static void NX_PTR_ERROR_services(void) {
  static const char *const script[] = {LOGIN, STAT("1 1"), NULL};
  NX_PACKET *packet = NULL;
  UINT number = 0;
  ULONG size = 0;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_items_get(&client, &number, &size) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_items_get(NULL, &number, &size) == NX_PTR_ERROR);
  CHECK(nx_pop3_client_mail_items_get(&client, NULL, &size) == NX_PTR_ERROR);
  CHECK(nx_pop3_client_mail_items_get(&client, &number, NULL) == NX_PTR_ERROR);
  CHECK(nx_pop3_client_mail_item_size_get(NULL, 1, &size) == NX_PTR_ERROR);
  CHECK(nx_pop3_client_mail_item_size_get(&client, 1, NULL) == NX_PTR_ERROR);
  CHECK(nx_pop3_client_mail_item_get(NULL, 1, &size) == NX_PTR_ERROR);
  CHECK(nx_pop3_client_mail_item_get(&client, 1, NULL) == NX_PTR_ERROR);
  CHECK(nx_pop3_client_mail_item_message_get(NULL, &packet, &size, &number) ==
        NX_PTR_ERROR);
  CHECK(nx_pop3_client_mail_item_message_get(&client, NULL, &size, &number) ==
        NX_PTR_ERROR);
  CHECK(nx_pop3_client_mail_item_message_get(&client, &packet, NULL, &number) ==
        NX_PTR_ERROR);
  CHECK(nx_pop3_client_mail_item_message_get(&client, &packet, &size, NULL) ==
        NX_PTR_ERROR);
  CHECK(nx_pop3_client_mail_item_delete(NULL, 1) == NX_PTR_ERROR);
  CHECK(nx_pop3_client_noop(NULL) == NX_PTR_ERROR);
  CHECK(nx_pop3_client_reset(NULL) == NX_PTR_ERROR);
  CHECK(nx_pop3_client_quit(NULL) == NX_PTR_ERROR);
  finish();
}

static void *call_without_thread(void *context) {
  UINT *status = (UINT *)context;

  *status = nx_pop3_client_create(&client, NX_FALSE, &ip, &pool, HERE, 110,
                                  "mrose", "mvan99");
  return NULL;
}

static void NX_CALLER_ERROR_no_thread(void) {
  pthread_t thread;
  UINT status = NX_SUCCESS;

  CHECK(pthread_create(&thread, NULL, call_without_thread, &status) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK(status == NX_CALLER_ERROR);
}

static void NX_IP_ADDRESS_ERROR_no_version(void) {
  NXD_ADDRESS address = {5, {.v4 = HERE}};

  CHECK(nxd_pop3_client_create(&client, NX_FALSE, &ip, &pool, &address, 110,
                               "mrose", "mvan99") == NX_IP_ADDRESS_ERROR);
}

static void NX_NOT_CONNECTED_nobody_listens(void) {
  unsigned port = server_start_idle();

  CHECK(server_stop());
  CHECK(nx_pop3_client_create(&client, NX_FALSE, &ip, &pool, HERE, port,
                              "mrose", "mvan99") == NX_NOT_CONNECTED);
}

static void NX_NOT_CONNECTED_lost_in_message(void) {
  static const char *const script[] = {
      LOGIN, STAT("1 99"), "C: RETR 1", "S: +OK 99", "S: half", "close", NULL};
  char text[64];
  size_t len = 0;
  unsigned packets = 0;
  ULONG size = 0;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_item_get(&client, 1, &size) == NX_SUCCESS);
  CHECK(read_message(text, sizeof text, &len, &packets) == NX_NOT_CONNECTED);
  CHECK(packets == 0);
  CHECK(nx_pop3_client_quit(&client) == NX_NOT_CONNECTED);
  finish();
}

static void NX_NOT_SUPPORTED_not_enabled(void) {
  NXD_ADDRESS address = {NX_IP_VERSION_V6, {.v6 = {0, 0, 0, 1}}};
  NX_IP bare;
  char stack[16];

  CHECK(nx_ip_create(&bare, "bare", IP_ADDRESS(1, 2, 3, 4), 0xFFFFFF00ul, &pool,
                     _nx_ram_network_driver, stack, sizeof stack,
                     1) == NX_SUCCESS);
  CHECK(nx_pop3_client_create(&client, NX_FALSE, &bare, &pool, HERE, 110, "a",
                              "b") == NX_NOT_SUPPORTED);
  CHECK(nx_tcp_enable(&bare) == NX_SUCCESS);
  CHECK(nxd_pop3_client_create(&client, NX_FALSE, &bare, &pool, &address, 110,
                               "a", "b") == NX_NOT_SUPPORTED);
  CHECK(nx_ip_delete(&bare) == NX_SUCCESS);
}

static void NX_POP3_PARAM_ERROR_bad_input(void) {
  static char name[] = "12345678901234567890123456789012345678901";
  static char password[] = "123456789012345678901";

  refuse(NX_POP3_PARAM_ERROR, HERE, 0, "mrose", "mvan99");
  refuse(NX_POP3_PARAM_ERROR, HERE, 65536, "mrose", "mvan99");
  refuse(NX_POP3_PARAM_ERROR, 0, 1, "mrose", "mvan99");
  refuse(NX_POP3_PARAM_ERROR, HERE, 1, name, "mvan99");
  refuse(NX_POP3_PARAM_ERROR, HERE, 1, "mrose", password);
  refuse(NX_POP3_PARAM_ERROR, HERE, 1, "", "mvan99");
  refuse(NX_POP3_PARAM_ERROR, HERE, 1, "mrose", "");
  refuse(NX_POP3_PARAM_ERROR, HERE, 1, "mrose\r\nDELE 1", "mvan99");
  refuse(NX_POP3_PARAM_ERROR, HERE, 1, "m rose", "mvan99");
  refuse(NX_POP3_PARAM_ERROR, HERE, 1, "mrose", "mvan99\n");
  refuse(NX_POP3_PARAM_ERROR, HERE, 1, "mros\xc3\xa9", "mvan99");
  refuse(NX_POP3_PARAM_ERROR, HERE, 1, "mrose", "mvan\xc3\xa9");
}

static void NX_POP3_INVALID_MAIL_ITEM_above_count(void) {
  static const char *const script[] = {LOGIN, STAT("2 320"), NULL};
  ULONG size = 0;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_item_get(&client, 3, &size) ==
        NX_POP3_INVALID_MAIL_ITEM);
  CHECK(nx_pop3_client_mail_item_size_get(&client, 3, &size) ==
        NX_POP3_INVALID_MAIL_ITEM);
  CHECK(nx_pop3_client_mail_item_delete(&client, 4294967295u) ==
        NX_POP3_INVALID_MAIL_ITEM);
  finish();
}

/* Creates at a server that says this, which has to fail. */
static void fail_login(const char *const *script) {
  CHECK(create(NX_FALSE, script) == NX_POP3_SERVER_ERROR_STATUS);
  finish();
}

static void NX_POP3_SERVER_ERROR_STATUS_login(void) {
  static const char *const greeting[] = {"S: -ERR busy", NULL};
  static const char *const garbage[] = {"S: 220 smtp.example.com", NULL};
  static const char *const user[] = {GREETING, "C: USER mrose", "S: -ERR",
                                     NULL};
  static const char *const pass[] = {GREETING,         "C: USER mrose",
                                     "S: +OK",         "C: PASS mvan99",
                                     "S: -ERR locked", NULL};

  fail_login(greeting);
  fail_login(garbage);
  fail_login(user);
  fail_login(pass);
}

static void NX_POP3_SERVER_ERROR_STATUS_refusals(void) {
  static const char *const script[] = {
      LOGIN,       STAT("2 320"), "C: LIST 1", "S: -ERR",
      "C: RETR 1", "S: -ERR",     "C: DELE 1", "S: -ERR",
      "C: NOOP",   "S: -ERR",     "C: RSET",   "S: -ERR",
      "C: STAT",   "S: -ERR",     "C: QUIT",   "S: -ERR not all removed",
      NULL};
  UINT count = 0;
  ULONG size = 0;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_item_size_get(&client, 1, &size) ==
        NX_POP3_SERVER_ERROR_STATUS);
  CHECK(nx_pop3_client_mail_item_get(&client, 1, &size) ==
        NX_POP3_SERVER_ERROR_STATUS);
  CHECK(nx_pop3_client_mail_item_delete(&client, 1) ==
        NX_POP3_SERVER_ERROR_STATUS);
  CHECK(nx_pop3_client_noop(&client) == NX_POP3_SERVER_ERROR_STATUS);
  CHECK(nx_pop3_client_reset(&client) == NX_POP3_SERVER_ERROR_STATUS);
  CHECK(nx_pop3_client_mail_items_get(&client, &count, &size) ==
        NX_POP3_SERVER_ERROR_STATUS);
  CHECK(nx_pop3_client_quit(&client) == NX_POP3_SERVER_ERROR_STATUS);
  finish();
}

static void NX_POP3_SERVER_ERROR_STATUS_numbers(void) {
  static const char *const script[] = {LOGIN, STAT("two 320"), NULL};
  UINT count = 1;
  ULONG size = 1;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_items_get(&client, &count, &size) ==
        NX_POP3_SERVER_ERROR_STATUS);
  CHECK(count == 0 && size == 0);
  finish();
}

static void NX_POP3_MAIL_BUFFER_OVERFLOW_long_line(void) {
  static char line[NX_POP3_CLIENT_RX_SIZE + 8] = "S| +OK ";
  static const char *const script[] = {line, NULL};

  memset(line + 7, 'x', sizeof line - 8);
  CHECK(create(NX_FALSE, script) == NX_POP3_MAIL_BUFFER_OVERFLOW);
  finish();
}

static void NX_POP3_INSUFFICIENT_PACKET_PAYLOAD_apop(void) {
  refuse(NX_POP3_INSUFFICIENT_PACKET_PAYLOAD, HERE, 1,
         "mrose_of_dbc@mtview.ca.us", "tanstaaf");
}

static void NX_POP3_CLIENT_INVALID_STATE_no_retr(void) {
  static const char *const script[] = {LOGIN,      STAT("1 3"), "C: RETR 1",
                                       "S: +OK 3", "S: x",      "S: .",
                                       "C: NOOP",  "S: +OK",    NULL};
  NX_PACKET *packet = NULL;
  ULONG size = 0;
  UINT is_final = NX_FALSE;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_item_message_get(&client, &packet, &size,
                                             &is_final) ==
        NX_POP3_CLIENT_INVALID_STATE);
  CHECK(nx_pop3_client_mail_item_get(&client, 1, &size) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_item_message_get(&client, &packet, &size,
                                             &is_final) == NX_SUCCESS);
  CHECK(is_final && nx_packet_release(packet) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_item_message_get(&client, &packet, &size,
                                             &is_final) ==
        NX_POP3_CLIENT_INVALID_STATE);
  CHECK(nx_pop3_client_noop(&client) == NX_SUCCESS);
  finish();
}

static void NX_POP3_CLIENT_INVALID_INDEX_item_0(void) {
  static const char *const script[] = {LOGIN, NULL};
  ULONG size = 0;

  CHECK(create(NX_FALSE, script) == NX_SUCCESS);
  CHECK(nx_pop3_client_mail_item_get(&client, 0, &size) ==
        NX_POP3_CLIENT_INVALID_INDEX);
  CHECK(nx_pop3_client_mail_item_size_get(&client, 0, &size) ==
        NX_POP3_CLIENT_INVALID_INDEX);
  CHECK(nx_pop3_client_mail_item_delete(&client, 0) ==
        NX_POP3_CLIENT_INVALID_INDEX);
  finish();
}

int main(void) {
  static const struct test tests[] = {
      TEST(NX_NO_PACKET_dry_pool),
      TEST(NX_NO_PACKET_silence),
      TEST(NX_NO_PACKET_silence_in_message),
      TEST(NX_PTR_ERROR_create),
      TEST(NX_PTR_ERROR_services),
      TEST(NX_CALLER_ERROR_no_thread),
      TEST(NX_IP_ADDRESS_ERROR_no_version),
      TEST(NX_NOT_CONNECTED_nobody_listens),
      TEST(NX_NOT_CONNECTED_lost_in_message),
      TEST(NX_NOT_SUPPORTED_not_enabled),
      TEST(NX_POP3_PARAM_ERROR_bad_input),
      TEST(NX_POP3_INVALID_MAIL_ITEM_above_count),
      TEST(NX_POP3_SERVER_ERROR_STATUS_login),
      TEST(NX_POP3_SERVER_ERROR_STATUS_refusals),
      TEST(NX_POP3_SERVER_ERROR_STATUS_numbers),
      TEST(NX_POP3_MAIL_BUFFER_OVERFLOW_long_line),
      TEST(NX_POP3_INSUFFICIENT_PACKET_PAYLOAD_apop),
      TEST(NX_POP3_CLIENT_INVALID_STATE_no_retr),
      TEST(NX_POP3_CLIENT_INVALID_INDEX_item_0),
  };

  return suite_main(tests, sizeof tests / sizeof tests[0]);
}
