/* Every status code that the SMTP client gives, by what brings it about. The
 * first word of a test's name is the code's. */
#include "smtp_suite.h"

#include <pthread.h>

#define NONE NX_SMTP_CLIENT_AUTH_NONE
#define PLAIN NX_SMTP_CLIENT_AUTH_PLAIN
#define EHLO_PLAIN EHLO, "S: 250-smtp.example.com", "S: 250 AUTH PLAIN"

static NXD_ADDRESS here = {NX_IP_VERSION_V4, {.v4 = IP_ADDRESS(127, 0, 0, 1)}};

/* Creates with these texts. */
static UINT create_with(char *name, char *password, char *domain, UINT type) {
  return nxd_smtp_client_create(&client, &ip, &pool, name, password,
                                "me@example.com", domain, type, &here, 25);
}

/* A mail with these is refused without a connection. */
static void refuse(UINT expected, char *recipient, char *subject, char *body,
                   UINT len) {
  CHECK(create_at(NONE, server_start_idle()) == NX_SUCCESS);
  CHECK(nx_smtp_mail_send(&client, recipient, NX_SMTP_MAIL_PRIORITY_NORMAL,
                          subject, body, len) == expected);
  finish();
}

static void NX_NO_PACKET_silence(void) {
  static const char *const greeting[] = {NULL};
  static const char *const mail[] = {HELLO, MAIL, NULL};

  expect(NX_NO_PACKET, NONE, greeting);
  expect(NX_NO_PACKET, NONE, mail);
}

static void NX_PTR_ERROR_null(void) {
  NX_IP no_ip = {.nx_ip_id = 0};

  CHECK(nxd_smtp_client_create(NULL, &ip, &pool, "", "", "f", "d", NONE, &here,
                               25) == NX_PTR_ERROR);
  CHECK(nxd_smtp_client_create(&client, NULL, &pool, "", "", "f", "d", NONE,
                               &here, 25) == NX_PTR_ERROR);
  CHECK(nxd_smtp_client_create(&client, &no_ip, &pool, "", "", "f", "d", NONE,
                               &here, 25) == NX_PTR_ERROR);
  CHECK(nxd_smtp_client_create(&client, &ip, NULL, "", "", "f", "d", NONE,
                               &here, 25) == NX_PTR_ERROR);
  CHECK(nxd_smtp_client_create(&client, &ip, &pool, NULL, "", "f", "d", NONE,
                               &here, 25) == NX_PTR_ERROR);
  CHECK(nxd_smtp_client_create(&client, &ip, &pool, "", NULL, "f", "d", NONE,
                               &here, 25) == NX_PTR_ERROR);
  CHECK(nxd_smtp_client_create(&client, &ip, &pool, "", "", NULL, "d", NONE,
                               &here, 25) == NX_PTR_ERROR);
  CHECK(nxd_smtp_client_create(&client, &ip, &pool, "", "", "f", NULL, NONE,
                               &here, 25) == NX_PTR_ERROR);
  CHECK(nxd_smtp_client_create(&client, &ip, &pool, "", "", "f", "d", NONE,
                               NULL, 25) == NX_PTR_ERROR);
  CHECK(nx_smtp_mail_send(NULL, "t", 2, "s", "b", 1) == NX_PTR_ERROR);
  CHECK(nx_smtp_client_delete(NULL) == NX_PTR_ERROR);
  refuse(NX_PTR_ERROR, NULL, "s", "b", 1);
  refuse(NX_PTR_ERROR, "t@example.com", NULL, "b", 1);
  refuse(NX_PTR_ERROR, "t@example.com", "s", NULL, 1);
}

static void NX_SIZE_ERROR_long_texts(void) {
  static char name[] = "12345678901234567890123456789012345678901";
  static char password[] = "123456789012345678901";
  static char recipient[256];

  CHECK(create_with(name, "1234", "d", PLAIN) == NX_SIZE_ERROR);
  CHECK(create_with("test", password, "d", PLAIN) == NX_SIZE_ERROR);
  CHECK(create_with("test", "1234", name, PLAIN) == NX_SIZE_ERROR);
  CHECK(create_with(name + 1, password + 1, name + 1, PLAIN) == NX_SUCCESS);
  memset(recipient, 'x', sizeof recipient - 1);
  refuse(NX_SIZE_ERROR, recipient, "s", "b", 1);
}

static void *call_without_thread(void *context) {
  UINT *status = (UINT *)context;

  *status = send_mail();
  return NULL;
}

static void NX_CALLER_ERROR_no_thread(void) {
  pthread_t thread;
  UINT status = NX_SUCCESS;

  CHECK(create_at(NONE, server_start_idle()) == NX_SUCCESS);
  CHECK(pthread_create(&thread, NULL, call_without_thread, &status) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK(status == NX_CALLER_ERROR);
  finish();
}

static void NX_IP_ADDRESS_ERROR_address_0(void) {
  NXD_ADDRESS nowhere = {NX_IP_VERSION_V6, {.v6 = {0, 0, 0, 0}}};
  NXD_ADDRESS unknown = {7, {.v4 = 1}};

  CHECK(nxd_smtp_client_create(&client, &ip, &pool, "", "", "f", "d", NONE,
                               &nowhere, 25) == NX_IP_ADDRESS_ERROR);
  CHECK(nxd_smtp_client_create(&client, &ip, &pool, "", "", "f", "d", NONE,
                               &unknown, 25) == NX_IP_ADDRESS_ERROR);
}

static void NX_NOT_CONNECTED_lost(void) {
  static const char *const greeting[] = {"close", NULL};
  static const char *const rcpt[] = {HELLO, MAIL,    "S: 250 ok",
                                     RCPT,  "close", NULL};
  unsigned port = server_start_idle();

  CHECK(server_stop());
  CHECK(create_at(NONE, port) == NX_SUCCESS);
  CHECK(send_mail() == NX_NOT_CONNECTED);
  expect(NX_NOT_CONNECTED, NONE, greeting);
  expect(NX_NOT_CONNECTED, NONE, rcpt);
}

static void NX_NOT_SUPPORTED_8bitmime_and_tcp(void) {
  static const char *const script[] = {HELLO, QUIT, NULL};
  NX_IP bare;
  char stack[16];

  CHECK(create(NONE, script) == NX_SUCCESS);
  CHECK(nx_smtp_mail_send(&client, "you@example.com", 2, "hello", "\xc3\xa9",
                          2) == NX_NOT_SUPPORTED);
  finish();
  CHECK(nx_ip_create(&bare, "bare", IP_ADDRESS(1, 2, 3, 4), 0xFFFFFF00ul, &pool,
                     _nx_ram_network_driver, stack, sizeof stack,
                     1) == NX_SUCCESS);
  CHECK(nxd_smtp_client_create(&client, &bare, &pool, "", "", "f", "d", NONE,
                               &here, 25) == NX_NOT_SUPPORTED);
}

static void NX_SMTP_AUTHENTICATION_ERROR_no_way_to_log_in(void) {
  static const char *const script[] = {EHLO, "S: 250-smtp.example.com",
                                       "S: 250 AUTH XOAUTH2 GSSAPI", QUIT,
                                       NULL};

  CHECK(create_with("", "1234", "d", PLAIN) == NX_SMTP_AUTHENTICATION_ERROR);
  CHECK(create_with("test", "", "d", PLAIN) == NX_SMTP_AUTHENTICATION_ERROR);
  expect(NX_SMTP_AUTHENTICATION_ERROR, PLAIN, script);
}

static void NX_SMTP_OVERSIZE_MAIL_DATA_above_size(void) {
  static const char *const script[] = {EHLO, "S: 250-smtp.example.com",
                                       "S: 250 SIZE 100", QUIT, NULL};

  expect(NX_SMTP_OVERSIZE_MAIL_DATA, NONE, script);
}

static void NX_SMTP_INVALID_SERVER_REPLY_garbage(void) {
  static const char *const greeting[] = {"S: +OK POP3", NULL};
  static const char *const mail[] = {HELLO, MAIL, "S: 354 go", NULL};

  expect(NX_SMTP_INVALID_SERVER_REPLY, NONE, greeting);
  expect(NX_SMTP_INVALID_SERVER_REPLY, NONE, mail);
}

static void NX_SMTP_SERVER_ERROR_CODE_RECEIVED_unasked(void) {
  static const char *const script[] = {
      EHLO, "S| 250 ok\r\n421 shutting down\r\n", NULL};

  expect(NX_SMTP_SERVER_ERROR_CODE_RECEIVED, NONE, script);
}

static void NX_SMTP_INVALID_PARAM_bad_input(void) {
  CHECK(nxd_smtp_client_create(&client, &ip, &pool, "", "", "f", "d", NONE,
                               &here, 0) == NX_SMTP_INVALID_PARAM);
  CHECK(nxd_smtp_client_create(&client, &ip, &pool, "", "", "f", "d", NONE,
                               &here, 65536) == NX_SMTP_INVALID_PARAM);
  CHECK(create_with("test", "1234", "", PLAIN) == NX_SMTP_INVALID_PARAM);
  CHECK(create_with("test\r", "1234", "d", PLAIN) == NX_SMTP_INVALID_PARAM);
  CHECK(create_with("test", "1234\n", "d", PLAIN) == NX_SMTP_INVALID_PARAM);
  CHECK(create_with("test", "1234", "d\r\nQUIT", PLAIN) ==
        NX_SMTP_INVALID_PARAM);
  refuse(NX_SMTP_INVALID_PARAM, "t@example.com", "s", "b", 0);
  refuse(NX_SMTP_INVALID_PARAM, "", "s", "b", 1);
  refuse(NX_SMTP_INVALID_PARAM, "t@example.com>\r\nDATA", "s", "b", 1);
  refuse(NX_SMTP_INVALID_PARAM, "t@example.com", "s\r\nBcc: x", "b", 1);
  refuse(NX_SMTP_INVALID_PARAM, "t@example.com", "s", "a\rb", 3);
  refuse(NX_SMTP_INVALID_PARAM, "t@example.com", "s", "a\0b", 3);
}

static void NX_SMTP_PACKET_ALLOCATE_ERROR_dry_pool(void) {
  NX_PACKET *held[4];

  for (int i = 0; i < 4; i++) {
    CHECK(nx_packet_allocate(&pool, &held[i], 0, NX_NO_WAIT) == NX_SUCCESS);
  }
  refuse(NX_SMTP_PACKET_ALLOCATE_ERROR, "t@example.com", "s", "b", 1);
  for (int i = 0; i < 4; i++) {
    CHECK(nx_packet_release(held[i]) == NX_SUCCESS);
  }
}

static void NX_SMTP_GREET_REPLY_ERROR_refused(void) {
  static const char *const script[] = {"S: 554 no", QUIT, NULL};
  static const char *const busy[] = {"S: 421 busy", NULL};

  expect(NX_SMTP_GREET_REPLY_ERROR, NONE, script);
  expect(NX_SMTP_GREET_REPLY_ERROR, NONE, busy);
}

static void NX_SMTP_HELLO_REPLY_ERROR_refused(void) {
  static const char *const script[] = {
      EHLO, "S: 502 what", "C: HELO host.example.com", "S: 550 no", QUIT, NULL};

  expect(NX_SMTP_HELLO_REPLY_ERROR, NONE, script);
}

static void NX_SMTP_MAIL_REPLY_ERROR_refused(void) {
  static const char *const script[] = {HELLO, MAIL, "S: 452 later", QUIT, NULL};
  static const char *const busy[] = {HELLO, MAIL, "S: 421 busy", NULL};

  expect(NX_SMTP_MAIL_REPLY_ERROR, NONE, script);
  expect(NX_SMTP_MAIL_REPLY_ERROR, NONE, busy);
}

static void NX_SMTP_RCPT_REPLY_ERROR_refused(void) {
  static const char *const script[] = {HELLO,       MAIL, "S: 250 ok", RCPT,
                                       "S: 550 no", QUIT, NULL};

  expect(NX_SMTP_RCPT_REPLY_ERROR, NONE, script);
}

static void NX_SMTP_MESSAGE_REPLY_ERROR_refused(void) {
  static const char *const script[] = {HELLO, MESSAGE, "S: 552 full", QUIT,
                                       NULL};

  expect(NX_SMTP_MESSAGE_REPLY_ERROR, NONE, script);
}

static void NX_SMTP_DATA_REPLY_ERROR_refused(void) {
  static const char *const script[] = {HELLO, ENVELOPE, "S: 554 no", QUIT,
                                       NULL};

  expect(NX_SMTP_DATA_REPLY_ERROR, NONE, script);
}

static void NX_SMTP_AUTH_REPLY_ERROR_refused(void) {
  static const char *const script[] = {EHLO_PLAIN,  "C: AUTH PLAIN",
                                       "S: 334 ",   "C: dGVzdAB0ZXN0ADEyMzQ=",
                                       "S: 535 no", QUIT,
                                       NULL};
  static const char *const unlisted[] = {HELLO, "C: AUTH PLAIN", "S: 502 no",
                                         QUIT, NULL};

  expect(NX_SMTP_AUTH_REPLY_ERROR, PLAIN, script);
  expect(NX_SMTP_AUTH_REPLY_ERROR, PLAIN, unlisted);
}

static void NX_SMTP_SERVER_ERROR_REPLY_unasked(void) {
  static const char *const script[] = {EHLO, "S| 250 ok\r\n250 again\r\n",
                                       NULL};

  expect(NX_SMTP_SERVER_ERROR_REPLY, NONE, script);
}

static void NX_SMTP_TRANSMIT_ERROR_lost_or_silent(void) {
  static const char *const at_once[] = {HELLO, ENVELOPE, "S: 354 go", "close",
                                        NULL};
  static const char *const after_dot[] = {HELLO, MESSAGE, "close", NULL};
  static const char *const silent[] = {HELLO, MESSAGE, NULL};

  expect(NX_SMTP_TRANSMIT_ERROR, NONE, at_once);
  expect(NX_SMTP_TRANSMIT_ERROR, NONE, after_dot);
  expect(NX_SMTP_TRANSMIT_ERROR, NONE, silent);
}

static void NX_SMTP_INVALID_SERVER_CHALLENGE_no_base64(void) {
  static const char *const script[] = {
      EHLO_PLAIN, "C: AUTH PLAIN", "S: 334 !", "C: *", "S: 501 cancelled", QUIT,
      NULL};

  expect(NX_SMTP_INVALID_SERVER_CHALLENGE, PLAIN, script);
}

static void NX_SMTP_OVERSIZE_SERVER_REPLY_long_line(void) {
  static char line[NX_SMTP_CLIENT_RX_SIZE + 8] = "S| 220 ";
  static const char *const script[] = {line, NULL};

  memset(line + 7, 'x', sizeof line - 8);
  expect(NX_SMTP_OVERSIZE_SERVER_REPLY, NONE, script);
}

static void NX_SMTP_CLIENT_NOT_INTIALIZED_never_created(void) {
  static NX_SMTP_CLIENT none;

  CHECK(nx_smtp_mail_send(&none, "t@example.com", 2, "s", "b", 1) ==
        NX_SMTP_CLIENT_NOT_INTIALIZED);
  CHECK(nx_smtp_client_delete(&none) == NX_SMTP_CLIENT_NOT_INTIALIZED);
  CHECK(create_at(NONE, 25) == NX_SUCCESS);
  CHECK(nx_smtp_client_delete(&client) == NX_SUCCESS);
  CHECK(send_mail() == NX_SMTP_CLIENT_NOT_INTIALIZED);
}

int main(void) {
  static const struct test tests[] = {
      TEST(NX_NO_PACKET_silence),
      TEST(NX_PTR_ERROR_null),
      TEST(NX_SIZE_ERROR_long_texts),
      TEST(NX_CALLER_ERROR_no_thread),
      TEST(NX_IP_ADDRESS_ERROR_address_0),
      TEST(NX_NOT_CONNECTED_lost),
      TEST(NX_NOT_SUPPORTED_8bitmime_and_tcp),
      TEST(NX_SMTP_AUTHENTICATION_ERROR_no_way_to_log_in),
      TEST(NX_SMTP_OVERSIZE_MAIL_DATA_above_size),
      TEST(NX_SMTP_INVALID_SERVER_REPLY_garbage),
      TEST(NX_SMTP_SERVER_ERROR_CODE_RECEIVED_unasked),
      TEST(NX_SMTP_INVALID_PARAM_bad_input),
      TEST(NX_SMTP_PACKET_ALLOCATE_ERROR_dry_pool),
      TEST(NX_SMTP_GREET_REPLY_ERROR_refused),
      TEST(NX_SMTP_HELLO_REPLY_ERROR_refused),
      TEST(NX_SMTP_MAIL_REPLY_ERROR_refused),
      TEST(NX_SMTP_RCPT_REPLY_ERROR_refused),
      TEST(NX_SMTP_MESSAGE_REPLY_ERROR_refused),
      TEST(NX_SMTP_DATA_REPLY_ERROR_refused),
      TEST(NX_SMTP_AUTH_REPLY_ERROR_refused),
      TEST(NX_SMTP_SERVER_ERROR_REPLY_unasked),
      TEST(NX_SMTP_TRANSMIT_ERROR_lost_or_silent),
      TEST(NX_SMTP_INVALID_SERVER_CHALLENGE_no_base64),
      TEST(NX_SMTP_OVERSIZE_SERVER_REPLY_long_line),
      TEST(NX_SMTP_CLIENT_NOT_INTIALIZED_never_created),
  };

  return suite_main(tests, sizeof tests / sizeof tests[0]);
}
