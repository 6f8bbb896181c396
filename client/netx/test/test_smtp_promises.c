/* What the guide promises of the SMTP client, and what we add. */
#include "smtp_suite.h"

#define NONE NX_SMTP_CLIENT_AUTH_NONE
#define EHLO_LOGINS EHLO, "S: 250-smtp.example.com", "S: 250 AUTH PLAIN LOGIN"
#define PLAIN "C: AUTH PLAIN", "S: 334 ", "C: dGVzdAB0ZXN0ADEyMzQ=", "S: 235 ok"

static void a_mail_is_composed_and_sent(void) {
  static const char *const script[] = {HELLO, TAKEN, QUIT, NULL};

  expect(NX_SUCCESS, NONE, script);
}

static void each_mail_has_its_connection(void) {
  static const char *const script[] = {HELLO, TAKEN, QUIT, "accept",
                                       HELLO, TAKEN, QUIT, NULL};

  CHECK(create(NONE, script) == NX_SUCCESS);
  CHECK(send_mail() == NX_SUCCESS);
  CHECK(send_mail() == NX_SUCCESS);
  finish();
}

static void after_a_failure_the_next_mail_is_sent(void) {
  static const char *const script[] = {
      HELLO, MAIL, "S: 550 no", QUIT, "accept", HELLO, TAKEN, QUIT, NULL};

  CHECK(create(NONE, script) == NX_SUCCESS);
  CHECK(send_mail() == NX_SMTP_MAIL_REPLY_ERROR);
  CHECK(send_mail() == NX_SUCCESS);
  finish();
}

static void helo_follows_a_refused_ehlo(void) {
  static const char *const script[] = {
      EHLO, "S: 502 what", "C: HELO host.example.com", "S: 250 ok", TAKEN,
      QUIT, NULL};

  expect(NX_SUCCESS, NONE, script);
}

static void plain_waits_for_the_challenge(void) {
  static const char *const script[] = {EHLO_LOGINS, PLAIN, TAKEN, QUIT, NULL};

  expect(NX_SUCCESS, NX_SMTP_CLIENT_AUTH_PLAIN, script);
}

static void login_answers_both_prompts(void) {
  static const char *const script[] = {EHLO_LOGINS,
                                       "C: AUTH LOGIN",
                                       "S: 334 VXNlcm5hbWU6",
                                       "C: dGVzdA==",
                                       "S: 334 UGFzc3dvcmQ6",
                                       "C: MTIzNA==",
                                       "S: 235 ok",
                                       TAKEN,
                                       QUIT,
                                       NULL};

  expect(NX_SUCCESS, NX_SMTP_CLIENT_AUTH_LOGIN, script);
}

/* The example of RFC 2195 section 2. */
static void cram_md5_is_there_too(void) {
  static const char *const script[] = {
      EHLO,
      "S: 250-smtp.example.com",
      "S: 250 AUTH CRAM-MD5",
      "C: AUTH CRAM-MD5",
      "S: 334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+",
      "C: dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw",
      "S: 235 ok",
      TAKEN,
      QUIT,
      NULL};
  NXD_ADDRESS address = {NX_IP_VERSION_V4, {.v4 = IP_ADDRESS(127, 0, 0, 1)}};

  CHECK(nxd_smtp_client_create(&client, &ip, &pool, "tim", "tanstaaftanstaaf",
                               "me@example.com", "host.example.com",
                               NX_SMTP_CLIENT_AUTH_CRAM_MD5, &address,
                               server_start(script)) == NX_SUCCESS);
  CHECK(send_mail() == NX_SUCCESS);
  finish();
}

static void an_unknown_type_means_plain(void) {
  static const char *const script[] = {EHLO_LOGINS, PLAIN, TAKEN, QUIT, NULL};

  expect(NX_SUCCESS, 77, script);
}

static void none_skips_the_login(void) {
  static const char *const script[] = {
      EHLO, "S: 250-smtp.example.com", "S: 250 SIZE", TAKEN, QUIT, NULL};

  expect(NX_SUCCESS, NONE, script);
}

static void none_becomes_plain_where_that_is_offered(void) {
  static const char *const script[] = {EHLO_LOGINS, PLAIN, TAKEN, QUIT, NULL};

  expect(NX_SUCCESS, NONE, script);
}

static void none_without_a_name_stays_none(void) {
  static const char *const script[] = {EHLO_LOGINS, TAKEN, QUIT, NULL};
  NXD_ADDRESS address = {NX_IP_VERSION_V4, {.v4 = IP_ADDRESS(127, 0, 0, 1)}};

  CHECK(nxd_smtp_client_create(&client, &ip, &pool, "", "", "me@example.com",
                               "host.example.com", NONE, &address,
                               server_start(script)) == NX_SUCCESS);
  CHECK(send_mail() == NX_SUCCESS);
  finish();
}

static void plain_is_tried_where_none_is_listed(void) {
  static const char *const script[] = {HELLO, PLAIN, TAKEN, QUIT, NULL};
  static const char *const empty[] = {
      EHLO, "S: 250-smtp.example.com", "S: 250 AUTH", PLAIN, TAKEN, QUIT, NULL};

  expect(NX_SUCCESS, NX_SMTP_CLIENT_AUTH_PLAIN, script);
  expect(NX_SUCCESS, NX_SMTP_CLIENT_AUTH_LOGIN, empty);
}

static void a_server_has_ipv6(void) {
  static const char *const script[] = {HELLO, TAKEN, QUIT, NULL};
  NXD_ADDRESS address = {NX_IP_VERSION_V6, {.v6 = {0, 0, 0, 1}}};
  unsigned port = server_start_v6(script);

  if (port == 0) {
    (void)puts("this host has no ::1");
    return;
  }
  CHECK(nxd_smtp_client_create(&client, &ip, &pool, "", "", "me@example.com",
                               "host.example.com", NONE, &address,
                               port) == NX_SUCCESS);
  CHECK(send_mail() == NX_SUCCESS);
  finish();
}

static void the_text_is_processed_as_smtp_needs_it(void) {
  static const char *const script[] = {
      HELLO,    ENVELOPE, "S: 354 go", HEADER, "C: ..", "C: ..x",
      "C: end", "C: .",   "S: 250 ok", QUIT,   NULL};
  static char body[] = ".\n.x\r\nend";

  CHECK(create(NONE, script) == NX_SUCCESS);
  CHECK(nx_smtp_mail_send(&client, "you@example.com",
                          NX_SMTP_MAIL_PRIORITY_HIGH, "hello", body,
                          sizeof body - 1) == NX_SUCCESS);
  finish();
}

static void octets_above_127_go_with_8bitmime(void) {
  static const char *const script[] = {
      EHLO,
      "S: 250-smtp.example.com",
      "S: 250 8BITMIME",
      "C: MAIL FROM:<me@example.com> BODY=8BITMIME",
      "S: 250 ok",
      RCPT,
      "S: 250 ok",
      "C: DATA",
      "S: 354 go",
      HEADER,
      "C: \xc3\xa9",
      "C: .",
      "S: 250 ok",
      QUIT,
      NULL};

  CHECK(create(NONE, script) == NX_SUCCESS);
  CHECK(nx_smtp_mail_send(&client, "you@example.com", NX_SMTP_MAIL_PRIORITY_LOW,
                          "hello", "\xc3\xa9\r\n", 4) == NX_SUCCESS);
  finish();
}

static void a_long_body_takes_further_packets(void) {
  static const char *const script[] = {HELLO,       ENVELOPE,   "S: 354 go",
                                       HEADER,      "C* 16384", "C: .",
                                       "S: 250 ok", QUIT,       NULL};
  static char body[1048576];
  static const char line[] =
      "01234567890123456789012345678901234567890123456789012345678901\r\n";

  for (size_t i = 0; i < sizeof body; i++) {
    body[i] = line[i % 64];
  }
  CHECK(create(NONE, script) == NX_SUCCESS);
  CHECK(nx_smtp_mail_send(&client, "you@example.com",
                          NX_SMTP_MAIL_PRIORITY_NORMAL, "hello", body,
                          sizeof body) == NX_SUCCESS);
  finish();
}

static void a_mail_that_was_taken_is_sent_whatever_quit_brings(void) {
  static const char *const refused[] = {HELLO, TAKEN, "C: QUIT", "S: 500 no",
                                        NULL};
  static const char *const closed[] = {HELLO, TAKEN, "close", NULL};
  static const char *const silent[] = {HELLO, TAKEN, "C: QUIT", NULL};

  expect(NX_SUCCESS, NONE, refused);
  expect(NX_SUCCESS, NONE, closed);
  expect(NX_SUCCESS, NONE, silent);
}

static void the_from_address_is_kept_by_pointer(void) {
  static const char *const script[] = {HELLO, "C: MAIL FROM:<he@example.com>",
                                       "S: 550 no", QUIT, NULL};
  static char from[] = "me@example.com";
  NXD_ADDRESS address = {NX_IP_VERSION_V4, {.v4 = IP_ADDRESS(127, 0, 0, 1)}};

  CHECK(nxd_smtp_client_create(&client, &ip, &pool, "", "", from,
                               "host.example.com", NONE, &address,
                               server_start(script)) == NX_SUCCESS);
  from[0] = 'h';
  CHECK(send_mail() == NX_SMTP_MAIL_REPLY_ERROR);
  finish();
}

static void a_message_of_the_callers_is_sent_as_it_is(void) {
  static const char *const script[] = {
      HELLO,       ENVELOPE, "S: 354 go", "C: Subject: mine",
      "C: ",       "C: x",   "C: .",      "S: 250 ok",
      QUIT,        "accept", HELLO,       ENVELOPE,
      "S: 354 go", "C: .",   "S: 250 ok", QUIT,
      NULL};
  static char message[] = "Subject: mine\r\n\r\nx\r\n";

  CHECK(create(NONE, script) == NX_SUCCESS);
  CHECK(nx_smtp_message_send(&client, "you@example.com", message,
                             sizeof message - 1) == NX_SUCCESS);
  CHECK(nx_smtp_message_send(&client, "you@example.com", message, 0) ==
        NX_SUCCESS);
  finish();
}

static void the_names_of_the_guide_are_there(void) {
  static const char *const script[] = {HELLO, TAKEN, QUIT, NULL};
  NXD_ADDRESS address = {NX_IP_VERSION_V4, {.v4 = IP_ADDRESS(127, 0, 0, 1)}};

  CHECK(nx_smtp_client_create(&client, &ip, &pool, "", "", "me@example.com",
                              "host.example.com", NONE, &address,
                              server_start(script)) == NX_SUCCESS);
  CHECK(nx_smtp_client_mail(&client, "you@example.com",
                            NX_SMTP_MAIL_PRIORITY_NORMAL, "hello", "body\r\n",
                            6) == NX_SUCCESS);
  finish();
}

int main(void) {
  static const struct test tests[] = {
      TEST(a_mail_is_composed_and_sent),
      TEST(each_mail_has_its_connection),
      TEST(after_a_failure_the_next_mail_is_sent),
      TEST(helo_follows_a_refused_ehlo),
      TEST(plain_waits_for_the_challenge),
      TEST(login_answers_both_prompts),
      TEST(cram_md5_is_there_too),
      TEST(an_unknown_type_means_plain),
      TEST(none_skips_the_login),
      TEST(none_becomes_plain_where_that_is_offered),
      TEST(none_without_a_name_stays_none),
      TEST(plain_is_tried_where_none_is_listed),
      TEST(a_server_has_ipv6),
      TEST(the_text_is_processed_as_smtp_needs_it),
      TEST(octets_above_127_go_with_8bitmime),
      TEST(a_long_body_takes_further_packets),
      TEST(a_mail_that_was_taken_is_sent_whatever_quit_brings),
      TEST(the_from_address_is_kept_by_pointer),
      TEST(a_message_of_the_callers_is_sent_as_it_is),
      TEST(the_names_of_the_guide_are_there),
  };

  return suite_main(tests, sizeof tests / sizeof tests[0]);
}
