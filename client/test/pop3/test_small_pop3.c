/* The core without extensions: what it knows works, what it does not is
 * refused, and what a server says of it counts for nothing. */
#include "pop3_talk.h"

/* Gives a command, sees it sent, and plays the answer. */
static void ask(struct talk *talk, const char *line, const char *answer) {
  CHECK(talk_give(talk, line) == MAILC_OK);
  talk_sent(talk, line);
  CHECK(talk_receive(talk, answer, strlen(answer), 7) == MAILC_OK);
}

static void begin(struct talk *talk) {
  talk_begin(talk);
  CHECK(mailc_pop3_connected(&talk->session) == MAILC_OK);
  CHECK(talk_receive(talk, TALK_GREETING, strlen(TALK_GREETING), 7) ==
        MAILC_OK);
}

static void test_the_commands_of_rfc_1939_work(void) {
  struct talk talk;

  begin(&talk);
  ask(&talk, "USER mrose", "+OK\r\n");
  ask(&talk, "PASS tanstaaf", "+OK\r\n");
  talk.log_len = 0;
  ask(&talk, "STAT", "+OK 2 320\r\n");
  ask(&talk, "LIST", "+OK\r\n1 120\r\n.\r\n");
  ask(&talk, "UIDL 2", "+OK 2 abc\r\n");
  ask(&talk, "RETR 1", "+OK\r\na\r\n..b\r\n.\r\n");
  ask(&talk, "TOP 1 0", "-ERR [SYS/TEMP] no\r\n");
  ask(&talk, "QUIT", "+OK\r\n");
  CHECK(mailc_pop3_want(&talk.session) == MAILC_WANT_CLOSED);
  CHECK(strstr(talk.log, "OK 2 320 [+OK 2 320] []\n") != NULL);
  CHECK(strstr(talk.log, "OK 1 120 [] []\n") != NULL);
  CHECK(strstr(talk.log, "OK 2 0 [+OK 2 abc] [abc]\n") != NULL);
  CHECK(strstr(talk.log, "data a\r\n.b\r\n") != NULL);
  CHECK(strstr(talk.log, "E_REFUSED 0 0 [-ERR [SYS/TEMP] no] []\n") != NULL);
}

static void test_plain_works(void) {
  static const char answer[] = "+OK\r\n";
  struct mailc_login login = {.mech = talk_span("PLAIN"),
                              .user = talk_span("test"),
                              .secret = talk_span("test")};
  struct talk talk;

  begin(&talk);
  ask(&talk, "CAPA", "+OK\r\nSASL PLAIN\r\n.\r\n");
  CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH PLAIN AHRlc3QAdGVzdA==");
  CHECK(talk_receive(&talk, answer, strlen(answer), 7) == MAILC_OK);
  ask(&talk, "NOOP", "+OK\r\n");
}

static void test_extensions_are_not_there_whatever_the_server_says(void) {
  static const char *const lines[] = {"STLS", "UTF8", "LANG", "LANG de"};
  struct talk talk;

  begin(&talk);
  ask(&talk, "CAPA", "+OK\r\nSTLS\r\nUTF8 USER\r\nLANG\r\nPIPELINING\r\n.\r\n");
  CHECK((mailc_pop3_offers(&talk.session) &
         (MAILC_POP3_OFFER_UTF8_USER | MAILC_POP3_OFFER_LANG)) == 0);
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    CHECK(talk_give(&talk, lines[i]) == MAILC_E_NOT_OFFERED);
  }
  CHECK(talk_give(&talk, "USER \303\244") == MAILC_E_TEXT);
}

static void test_one_command_waits_at_a_time(void) {
  struct talk talk;

  begin(&talk);
  ask(&talk, "USER mrose", "+OK\r\n");
  ask(&talk, "PASS tanstaaf", "+OK\r\n");
  CHECK(talk_give(&talk, "STAT") == MAILC_OK);
  CHECK(talk_give(&talk, "NOOP") == MAILC_E_QUEUE_FULL);
  talk_sent(&talk, "STAT");
  CHECK(talk_receive(&talk, "+OK 0 0\r\n", 9, 7) == MAILC_OK);
  ask(&talk, "NOOP", "+OK\r\n");
}

int main(void) {
  test_the_commands_of_rfc_1939_work();
  test_plain_works();
  test_extensions_are_not_there_whatever_the_server_says();
  test_one_command_waits_at_a_time();
  return check_status();
}
