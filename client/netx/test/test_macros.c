/* The macros of the guides, set before the include, hold for the clients of
 * this file: longer names and passwords, shorter waits. */
#define NX_POP3_MAX_USERNAME 60
#define NX_POP3_MAX_PASSWORD 30
#define NX_POP3_SERVER_REPLY_TIMEOUT 5
#define NX_SMTP_CLIENT_MAX_USERNAME 60
#define NX_SMTP_CLIENT_MAX_PASSWORD 30
#define NX_SMTP_GREETING_TIMEOUT 5
#include "suite.h"

#include <nxd_pop3_client.h>
#include <nxd_smtp_client.h>
#include <time.h>

#define NAME "123456789012345678901234567890123456789012345678901234567890"
#define PASSWORD "123456789012345678901234567890"
#define HERE IP_ADDRESS(127, 0, 0, 1)

static NX_POP3_CLIENT pop3;
static NX_SMTP_CLIENT smtp;

static void longer_names_of_pop3(void) {
  static const char *const script[] = {
      "S: +OK", "C: USER " NAME, "S: +OK", "C: PASS " PASSWORD, "S: +OK", NULL};
  static ULONG memory[(sizeof(NX_PACKET) + 128) / sizeof(ULONG)];
  NX_PACKET_POOL large;

  CHECK(nx_packet_pool_create(&large, "large", 128, memory, sizeof memory) ==
        NX_SUCCESS);
  CHECK(nx_pop3_client_create(&pop3, NX_FALSE, &ip, &large, HERE,
                              server_start(script), NAME,
                              PASSWORD) == NX_SUCCESS);
  CHECK(nx_pop3_client_delete(&pop3) == NX_SUCCESS);
  CHECK(server_stop());
  CHECK(nx_pop3_client_create(&pop3, NX_FALSE, &ip, &large, HERE, 110, NAME "1",
                              PASSWORD) == NX_POP3_PARAM_ERROR);
}

static UINT create_smtp(char *name, unsigned port) {
  NXD_ADDRESS address = {NX_IP_VERSION_V4, {.v4 = HERE}};

  return nxd_smtp_client_create(&smtp, &ip, &pool, name, PASSWORD,
                                "me@example.com", NAME,
                                NX_SMTP_CLIENT_AUTH_LOGIN, &address, port);
}

static void longer_names_of_smtp(void) {
  static const char *const script[] = {
      "S: 220 ok",
      "C: EHLO " NAME,
      "S: 250-ok",
      "S: 250 AUTH LOGIN",
      "C: AUTH LOGIN",
      "S: 334 ",
      "C: MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAx"
      "MjM0NTY3ODkw",
      "S: 334 ",
      "C: MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkw",
      "S: 535 no",
      "C: QUIT",
      "S: 221 bye",
      NULL};

  CHECK(create_smtp(NAME, server_start(script)) == NX_SUCCESS);
  CHECK(nx_smtp_mail_send(&smtp, "you@example.com", 2, "s", "b", 1) ==
        NX_SMTP_AUTH_REPLY_ERROR);
  CHECK(server_stop());
  CHECK(create_smtp(NAME "1", 25) == NX_SIZE_ERROR);
}

static long now_ms(void) {
  struct timespec now = {0, 0};

  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Both have 10 s by default. */
static void shorter_waits(void) {
  static const char *const script[] = {NULL};
  long begun_ms = now_ms();

  CHECK(nx_pop3_client_create(&pop3, NX_FALSE, &ip, &pool, HERE,
                              server_start(script), "a", "b") == NX_NO_PACKET);
  CHECK(server_stop());
  CHECK(create_smtp("a", server_start(script)) == NX_SUCCESS);
  CHECK(nx_smtp_mail_send(&smtp, "you@example.com", 2, "s", "b", 1) ==
        NX_NO_PACKET);
  CHECK(server_stop());
  CHECK(now_ms() - begun_ms >= 100 && now_ms() - begun_ms < 8000);
}

int main(void) {
  static const struct test tests[] = {
      TEST(longer_names_of_pop3),
      TEST(longer_names_of_smtp),
      TEST(shorter_waits),
  };

  return suite_main(tests, sizeof tests / sizeof tests[0]);
}
