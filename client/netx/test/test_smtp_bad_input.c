/* What cannot be sent is refused before a connection is made, and what was sent
 * leaves nothing in the pool, whatever became of it. */
#include "smtp_suite.h"

#define EHLO_LOGINS                                                            \
  EHLO, "S: 250-smtp.example.com", "S: 250 AUTH PLAIN LOGIN CRAM-MD5"

static UINT create_with(CHAR *username, CHAR *password, CHAR *from,
                        CHAR *domain, unsigned port) {
  NXD_ADDRESS address = {NX_IP_VERSION_V4, {.v4 = IP_ADDRESS(127, 0, 0, 1)}};

  return nxd_smtp_client_create(&client, &ip, &pool, username, password, from,
                                domain, NX_SMTP_CLIENT_AUTH_PLAIN, &address,
                                port);
}

static void a_domain_is_one_by_its_grammar(void) {
  static CHAR *const bad[] = {
      "a..b",    "-a.example",      "mac.local.",    ".",
      "[hello]", "[999.1.1.1]",     "[2001:db8::1]", "[IPv6:zzz]",
      "my_host", "\xc3\xa9.example"};

  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    check_that(create_with("test", "1234", "me@example.com", bad[i], 25) ==
                   NX_SMTP_INVALID_PARAM,
               bad[i], __FILE__, __LINE__);
  }
  CHECK(create_with("test", "1234", "me@example.com", "[IPv6:2001:db8::1]",
                    25) == NX_SUCCESS);
  CHECK(nx_smtp_client_delete(&client) == NX_SUCCESS);
}

static void an_address_is_one_by_its_grammar(void) {
  static CHAR *const bad[] = {
      "you@a..b",         "you@-a.example",      "you@a.",    "you@[x]",
      "you@my_host",      "a b@example.com",     "\"a@b.com", "<you@a.com>",
      "you@\xc3\xa9.com", "\xc3\xa9@example.com"};
  unsigned port = server_start_idle();

  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    CHECK(create_with("test", "1234", "me@example.com", "host", port) ==
          NX_SUCCESS);
    check_that(nx_smtp_mail_send(&client, bad[i], NX_SMTP_MAIL_PRIORITY_LOW,
                                 "hello", "body\r\n",
                                 6) == NX_SMTP_INVALID_PARAM,
               bad[i], __FILE__, __LINE__);
    CHECK(create_with("test", "1234", bad[i], "host", port) == NX_SUCCESS);
    check_that(send_mail() == NX_SMTP_INVALID_PARAM, bad[i], __FILE__,
               __LINE__);
    CHECK(nx_smtp_client_delete(&client) == NX_SUCCESS);
  }
  CHECK(server_stop());
}

static void names_and_passwords_are_utf8(void) {
  CHECK(create_with("t\xe9st", "1234", "me@example.com", "host", 25) ==
        NX_SMTP_INVALID_PARAM);
  CHECK(create_with("test",
                    "12\xff"
                    "34",
                    "me@example.com", "host", 25) == NX_SMTP_INVALID_PARAM);
  CHECK(create_with("t\xc3\xa9st", "1234", "me@example.com", "host", 25) ==
        NX_SUCCESS);
  CHECK(nx_smtp_client_delete(&client) == NX_SUCCESS);
}

/* The pool is looked at after each test: one outcome each. */
static void plain_was_refused(void) {
  static const char *const script[] = {EHLO_LOGINS, "C: AUTH PLAIN",
                                       "S: 334 ",   "C: dGVzdAB0ZXN0ADEyMzQ=",
                                       "S: 535 no", QUIT,
                                       NULL};

  expect(NX_SMTP_AUTH_REPLY_ERROR, NX_SMTP_CLIENT_AUTH_PLAIN, script);
}

static void login_was_refused(void) {
  static const char *const script[] = {EHLO_LOGINS,
                                       "C: AUTH LOGIN",
                                       "S: 334 VXNlcm5hbWU6",
                                       "C: dGVzdA==",
                                       "S: 334 UGFzc3dvcmQ6",
                                       "C: MTIzNA==",
                                       "S: 535 no",
                                       QUIT,
                                       NULL};

  expect(NX_SMTP_AUTH_REPLY_ERROR, NX_SMTP_CLIENT_AUTH_LOGIN, script);
}

static void the_connection_was_lost_behind_the_password(void) {
  static const char *const script[] = {EHLO_LOGINS, "C: AUTH PLAIN",
                                       "S: 334 ",   "C: dGVzdAB0ZXN0ADEyMzQ=",
                                       "close",     NULL};

  expect(NX_NOT_CONNECTED, NX_SMTP_CLIENT_AUTH_PLAIN, script);
}

static void the_server_fell_silent_behind_the_password(void) {
  static const char *const script[] = {EHLO_LOGINS, "C: AUTH PLAIN", "S: 334 ",
                                       "C: dGVzdAB0ZXN0ADEyMzQ=", NULL};

  expect(NX_NO_PACKET, NX_SMTP_CLIENT_AUTH_PLAIN, script);
}

/* More lines than the client keeps of a reply, with AUTH behind them. */
#define FILLER                                                                 \
  "S: 250-X012345678901234567890123456789012345678901234567890123456789"
#define FILLERS FILLER, FILLER, FILLER, FILLER, FILLER, FILLER, FILLER, FILLER
#define LONG_EHLO                                                              \
  EHLO, "S: 250-smtp.example.com", FILLERS, FILLERS, FILLERS, FILLERS, FILLERS

static void a_long_reply_hides_no_mechanism(void) {
  static const char *const script[] = {LONG_EHLO,
                                       "S: 250 AUTH LOGIN",
                                       "C: AUTH LOGIN",
                                       "S: 334 VXNlcm5hbWU6",
                                       "C: dGVzdA==",
                                       "S: 334 UGFzc3dvcmQ6",
                                       "C: MTIzNA==",
                                       "S: 235 ok",
                                       TAKEN,
                                       QUIT,
                                       NULL};
  static const char *const other[] = {LONG_EHLO, "S: 250 AUTH LOGIN", QUIT,
                                      NULL};
  static const char *const unknown[] = {LONG_EHLO, "S: 250 AUTH GSSAPI", QUIT,
                                        NULL};

  expect(NX_SUCCESS, NX_SMTP_CLIENT_AUTH_LOGIN, script);
  expect(NX_SMTP_AUTHENTICATION_ERROR, NX_SMTP_CLIENT_AUTH_CRAM_MD5, other);
  expect(NX_SMTP_AUTHENTICATION_ERROR, NX_SMTP_CLIENT_AUTH_CRAM_MD5, unknown);
}

static void a_long_reply_hides_no_size(void) {
  static const char *const script[] = {LONG_EHLO, "S: 250 SIZE 5", QUIT, NULL};

  expect(NX_SMTP_OVERSIZE_MAIL_DATA, NX_SMTP_CLIENT_AUTH_NONE, script);
}

int main(void) {
  static const struct test tests[] = {
      TEST(a_domain_is_one_by_its_grammar),
      TEST(an_address_is_one_by_its_grammar),
      TEST(names_and_passwords_are_utf8),
      TEST(plain_was_refused),
      TEST(login_was_refused),
      TEST(the_connection_was_lost_behind_the_password),
      TEST(the_server_fell_silent_behind_the_password),
      TEST(a_long_reply_hides_no_mechanism),
      TEST(a_long_reply_hides_no_size),
  };

  return suite_main(tests, sizeof tests / sizeof tests[0]);
}
