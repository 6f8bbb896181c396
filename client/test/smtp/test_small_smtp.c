/* The same of SMTP: test_small_pop3.c. */
#include "smtp_talk.h"

/* Gives a command, sees it sent, and plays the answer. */
static void ask(struct talk *talk, const char *line, const char *answer) {
  CHECK(talk_give(talk, line) == MAILC_OK);
  talk_sent(talk, line);
  CHECK(talk_receive(talk, answer) == MAILC_OK);
}

static void begin(struct talk *talk) {
  talk_begin(talk);
  CHECK(mailc_smtp_connected(&talk->session) == MAILC_OK);
  CHECK(talk_receive(talk, "220 ready\r\n") == MAILC_OK);
  ask(talk, "EHLO a.example",
      "250-x\r\n250-SIZE 100\r\n250-8BITMIME\r\n250-DSN\r\n250-SMTPUTF8\r\n"
      "250-AUTH PLAIN LOGIN\r\n250-STARTTLS\r\n250 PIPELINING\r\n");
}

static void test_a_message_is_sent(void) {
  struct talk talk;

  begin(&talk);
  ask(&talk, "MAIL FROM:<a@x> SIZE=5 BODY=8BITMIME", "250 ok\r\n");
  ask(&talk, "RCPT TO:<b@y>", "250 ok\r\n");
  ask(&talk, "DATA", "354 go\r\n");
  CHECK(mailc_smtp_body(&talk.session, MAILC_SPAN(".a\r\n")) == MAILC_OK);
  talk_sent(&talk, "..a");
  CHECK(mailc_smtp_end(&talk.session) == MAILC_OK);
  talk_sent(&talk, ".");
  CHECK(talk_receive(&talk, "250 ok\r\n") == MAILC_OK);
  CHECK(mailc_smtp_delivery(&talk.session) == MAILC_DELIVERY_SENT);
  ask(&talk, "VRFY b", "252 ok\r\n");
  ask(&talk, "RSET", "250 ok\r\n");
  ask(&talk, "QUIT", "221 bye\r\n");
  CHECK(mailc_smtp_want(&talk.session) == MAILC_WANT_CLOSED);
}

static void test_login_works(void) {
  struct mailc_login login = {.mech = talk_span("LOGIN"),
                              .user = talk_span("test"),
                              .secret = talk_span("pass")};
  struct talk talk;

  begin(&talk);
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH LOGIN");
  CHECK(talk_receive(&talk, "334 VXNlcm5hbWU6\r\n") == MAILC_OK);
  talk_sent(&talk, "dGVzdA==");
  CHECK(talk_receive(&talk, "334 UGFzc3dvcmQ6\r\n") == MAILC_OK);
  talk_sent(&talk, "cGFzcw==");
  CHECK(talk_receive(&talk, "235 ok\r\n") == MAILC_OK);
  ask(&talk, "NOOP", "250 ok\r\n");
}

static void test_ehlo_that_is_refused_becomes_helo(void) {
  struct talk talk;

  talk_begin(&talk);
  CHECK(mailc_smtp_connected(&talk.session) == MAILC_OK);
  CHECK(talk_receive(&talk, "220 ready\r\n") == MAILC_OK);
  ask(&talk, "EHLO a.example", "500 what\r\n");
  talk_sent(&talk, "HELO a.example");
  CHECK(talk_receive(&talk, "250 x\r\n") == MAILC_OK);
  ask(&talk, "NOOP", "250 ok\r\n");
}

static void test_extensions_are_not_there_whatever_the_server_says(void) {
  static const char *const lines[] = {"MAIL FROM:<a@x> RET=FULL",
                                      "MAIL FROM:<a@x> SMTPUTF8",
                                      "MAIL FROM:<a@x> AUTH=a"};
  struct talk talk;
  struct mailc_smtp_config config = talk_config(&talk);

  begin(&talk);
  CHECK(mailc_smtp_starttls(&talk.session) == MAILC_E_NOT_OFFERED);
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    CHECK(talk_give(&talk, lines[i]) == MAILC_E_NOT_OFFERED);
  }
  config.is_lmtp = true;
  CHECK(mailc_smtp_init(&talk.session, sizeof talk.session, &config) ==
        MAILC_E_NOT_OFFERED);
}

static void test_one_command_waits_at_a_time(void) {
  struct talk talk;
  struct mailc_smtp_slot queue[4];
  struct mailc_smtp_config config = talk_config(&talk);

  config.queue = queue;
  config.queue_cap = 4;
  talk_begin_with(&talk, &config);
  CHECK(mailc_smtp_connected(&talk.session) == MAILC_OK);
  CHECK(talk_receive(&talk, "220 ready\r\n") == MAILC_OK);
  ask(&talk, "EHLO a.example", "250-x\r\n250 PIPELINING\r\n");
  CHECK(talk_give(&talk, "MAIL FROM:<a@x>") == MAILC_OK);
  CHECK(talk_give(&talk, "RCPT TO:<b@y>") == MAILC_E_QUEUE_FULL);
  talk_sent(&talk, "MAIL FROM:<a@x>");
  CHECK(talk_receive(&talk, "250 ok\r\n") == MAILC_OK);
  ask(&talk, "RCPT TO:<b@y>", "250 ok\r\n");
}

int main(void) {
  test_a_message_is_sent();
  test_login_works();
  test_ehlo_that_is_refused_becomes_helo();
  test_extensions_are_not_there_whatever_the_server_says();
  test_one_command_waits_at_a_time();
  return check_status();
}
