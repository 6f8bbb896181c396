/* STLS, UTF8, LANG, and what CAPA says of them. */
#include "pop3_talk.h"

static const char capa[] = "+OK\r\nSTLS\r\nSASL PLAIN\r\npipelining\r\n"
                           "UTF8 USER\r\nLANG\r\nAUTH-RESP-CODE\r\nX\r\n.\r\n";

/* A session that has asked for CAPA, with the log empty. */
static void ask(struct talk *talk, const char *answer) {
  talk_greeted(talk);
  CHECK(talk_exchange(talk, "CAPA", answer, 999) == MAILC_OK);
  talk->log_len = 0;
}

static bool is_silent(const struct talk *talk) {
  size_t len = 0;

  return mailc_pop3_tx_buf(&talk->session, &len) == NULL && len == 0;
}

static void test_the_last_answer_to_capa_counts(void) {
  struct talk talk;

  talk_greeted(&talk);
  CHECK(mailc_pop3_offers(&talk.session) == 0);
  ask(&talk, capa);
  CHECK(mailc_pop3_offers(&talk.session) == 0xff);
  CHECK(mailc_pop3_mechs(&talk.session) != 0);
  CHECK(talk_exchange(&talk, "CAPA", "+OK\r\nUTF8\r\n.\r\n", 9) == MAILC_OK);
  CHECK(mailc_pop3_offers(&talk.session) ==
        (MAILC_POP3_CAPA_ANSWERED | MAILC_POP3_OFFER_UTF8));
  CHECK(talk_exchange(&talk, "CAPA", "-ERR\r\n", 9) == MAILC_OK);
  CHECK(mailc_pop3_offers(&talk.session) == MAILC_POP3_CAPA_ANSWERED);
}

static void test_after_stls_nothing_learned_before_counts(void) {
  for (size_t step = 1; step <= 12; step++) {
    struct talk talk;

    ask(&talk, capa);
    CHECK(talk_exchange(&talk, "STLS", "+OK begin\r\n", step) == MAILC_OK);
    CHECK(mailc_pop3_want(&talk.session) == MAILC_WANT_TLS);
    CHECK(mailc_pop3_deadline_ms(&talk.session) == 1400);
    CHECK(talk_give(&talk, "CAPA") == MAILC_E_STATE);
    CHECK(mailc_pop3_tls_up(&talk.session) == MAILC_OK);
    CHECK(mailc_pop3_tls_up(&talk.session) == MAILC_E_STATE);
    CHECK(talk_take(&talk) == MAILC_OK);
    TALK_LOG(&talk, "AUTHORIZATION CMD_STLS WAIT_STLS\n"
                    "WAIT_STLS REPLY_OK START_TLS\n"
                    "OK... 0 0 [+OK begin] []\n"
                    "START_TLS TLS_UP AUTHORIZATION\n"
                    "end\n");
    CHECK(mailc_pop3_offers(&talk.session) == 0);
    CHECK(talk_give(&talk, "APOP mrose") == MAILC_E_TIMESTAMP);
    CHECK(talk_give(&talk, "STLS") == MAILC_E_STATE);
    talk.session.policy = MAILC_POLICY_TLS;
    CHECK(talk_give(&talk, "USER mrose") == MAILC_OK);
  }
}

static void test_octets_behind_the_reply_to_stls_end_the_session(void) {
  static const char reply[] = "+OK\r\n+OK\r\n";

  for (size_t step = 1; step <= sizeof reply - 1; step++) {
    struct talk talk;

    ask(&talk, capa);
    CHECK(talk_exchange(&talk, "STLS", reply, step) == MAILC_E_SURPLUS);
    CHECK(mailc_pop3_want(&talk.session) == MAILC_WANT_CLOSED);
  }
}

/* The handshake was done, and then octets from before it are found. */
static void test_octets_from_before_the_handshake_never_count(void) {
  struct talk talk;
  size_t room = 0;

  ask(&talk, capa);
  CHECK(talk_exchange(&talk, "STLS", "+OK\r\n", 9) == MAILC_OK);
  memcpy(mailc_pop3_rx_buf(&talk.session, &room), "+", 1);
  CHECK(mailc_pop3_rx_ack(&talk.session, 1) == MAILC_OK);
  CHECK(mailc_pop3_tls_up(&talk.session) == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_E_SURPLUS);
}

static void test_a_handshake_that_fails_ends_the_session(void) {
  struct talk talk;

  ask(&talk, capa);
  CHECK(mailc_pop3_tls_failed(&talk.session, MAILC_E_TLS) == MAILC_E_STATE);
  CHECK(talk_exchange(&talk, "STLS", "+OK\r\n", 9) == MAILC_OK);
  CHECK(mailc_pop3_tls_failed(&talk.session, MAILC_E_LINK) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_tls_failed(&talk.session, MAILC_E_CERTIFICATE) == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_E_CERTIFICATE);
  CHECK(strstr(talk.log, "START_TLS TLS_FAILED FAILED\n") != NULL);
  CHECK(talk_give(&talk, "QUIT") == MAILC_E_CERTIFICATE);
  ask(&talk, capa);
  CHECK(talk_exchange(&talk, "STLS", "+OK\r\n", 9) == MAILC_OK);
  CHECK(mailc_pop3_rx_eof(&talk.session) == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_E_CLOSED);
  ask(&talk, capa);
  CHECK(talk_exchange(&talk, "STLS", "+OK\r\n", 9) == MAILC_OK);
  CHECK(mailc_pop3_tick(&talk.session, 1400) == MAILC_OK);
  CHECK(talk_take(&talk) == MAILC_E_TIMEOUT);
  CHECK(mailc_pop3_tls_up(&talk.session) == MAILC_E_TIMEOUT);
  CHECK(mailc_pop3_tls_failed(&talk.session, MAILC_E_TLS) == MAILC_E_TIMEOUT);
}

static void test_a_refused_stls_leaves_the_session_usable(void) {
  struct talk talk;

  ask(&talk, capa);
  CHECK(talk_exchange(&talk, "STLS", "-ERR\r\n", 9) == MAILC_OK);
  TALK_LOG(&talk, "AUTHORIZATION CMD_STLS WAIT_STLS\n"
                  "WAIT_STLS REPLY_ERR AUTHORIZATION\n"
                  "E_REFUSED 0 0 [-ERR] []\n");
  CHECK(talk_give(&talk, "QUIT") == MAILC_OK);
}

static void test_what_is_not_offered_is_not_sent(void) {
  struct talk talk;

  talk_greeted(&talk);
  CHECK(talk_give(&talk, "UTF8") == MAILC_E_NOT_OFFERED);
  ask(&talk, "+OK\r\nSTLSX\r\nUTF\r\nLANG/\r\n.\r\n");
  CHECK(talk_give(&talk, "STLS") == MAILC_E_NOT_OFFERED);
  CHECK(talk_give(&talk, "UTF8") == MAILC_E_NOT_OFFERED);
  CHECK(talk_give(&talk, "LANG") == MAILC_E_NOT_OFFERED);
  CHECK(talk_give(&talk, "LANG de") == MAILC_E_NOT_OFFERED);
  CHECK(is_silent(&talk));
}

static void test_without_an_answer_to_capa_stls_and_lang_are_tried(void) {
  struct talk talk;

  talk_greeted(&talk);
  CHECK(talk_exchange(&talk, "LANG de", "+OK de\r\n", 9) == MAILC_OK);
  CHECK(talk_give(&talk, "STLS") == MAILC_OK);
}

static void test_no_stls_after_utf8(void) {
  struct talk talk;

  ask(&talk, capa);
  CHECK(talk_exchange(&talk, "UTF8", "-ERR\r\n", 9) == MAILC_OK);
  CHECK(talk_exchange(&talk, "UTF8", "+OK\r\n", 9) == MAILC_OK);
  CHECK(talk_give(&talk, "STLS") == MAILC_E_STATE);
  TALK_LOG(&talk, "AUTHORIZATION CMD_UTF8 WAIT_UTF8\n"
                  "WAIT_UTF8 REPLY_ERR AUTHORIZATION\n"
                  "E_REFUSED 0 0 [-ERR] []\n"
                  "AUTHORIZATION CMD_UTF8 WAIT_UTF8\n"
                  "WAIT_UTF8 REPLY_OK AUTHORIZATION\n"
                  "OK 0 0 [+OK] []\n");
}

static void test_names_in_utf8_need_utf8_user(void) {
  struct talk talk;

  ask(&talk, "+OK\r\nUTF8\r\n.\r\n");
  CHECK(talk_give(&talk, "USER m\xc3\xbcller") == MAILC_E_TEXT);
  CHECK(mailc_pop3_apop(&talk.session, talk_span("m\xc3\xbcller"),
                        talk_span("a")) == MAILC_E_TEXT);
  ask(&talk, capa);
  CHECK(talk_give(&talk, "USER m\xfcller") == MAILC_E_TEXT);
  CHECK(mailc_pop3_apop(&talk.session, talk_span("m\xc3\xbcller"),
                        talk_span("a")) == MAILC_E_UNPREPARED);
  CHECK(mailc_pop3_apop(&talk.session, talk_span("a"), talk_span("\xc3\xbc")) ==
        MAILC_E_UNPREPARED);
  talk.session.is_prepared = true;
  CHECK(mailc_pop3_apop(&talk.session, talk_span("a"), talk_span("\xfc")) ==
        MAILC_E_TEXT);
  CHECK(mailc_pop3_apop(&talk.session, talk_span("a"), talk_span("\xc3\xbc")) ==
        MAILC_E_NO_HASH);
  CHECK(is_silent(&talk));
  CHECK(talk_exchange(&talk, "USER m\xc3\xbcller", "+OK\r\n", 9) == MAILC_OK);
  CHECK(talk_give(&talk, "PASS \xff") == MAILC_E_TEXT);
  CHECK(talk_give(&talk, "PASS \xe2\x82\xac") == MAILC_OK);
}

static void test_languages_before_and_after_the_login(void) {
  static const char list[] = "+OK list\r\nen English\r\nde Deutsch "
                             "(\xc3\xb6)\r\nx\r\n.\r\n";
  static const char expected[] = "OK... 0 0 [+OK list] []\n"
                                 "OK 0 0 [en] [English]\n"
                                 "OK 0 0 [de] [Deutsch (\xc3\xb6)]\n"
                                 "OK 0 0 [x] []\n";
  struct talk talk;

  for (size_t step = 1; step < sizeof list; step++) {
    ask(&talk, capa);
    CHECK(talk_exchange(&talk, "LANG", list, step) == MAILC_OK);
    talk.log[talk.log_len] = '\0';
    CHECK(strstr(talk.log, expected) != NULL);
    CHECK(strstr(talk.log, "IN_LANG TERMINATOR AUTHORIZATION\n") != NULL);
    talk_logged_in(&talk);
    CHECK(talk_exchange(&talk, "LANG", list, step) == MAILC_OK);
    talk.log[talk.log_len] = '\0';
    CHECK(strstr(talk.log, expected) != NULL);
    CHECK(strstr(talk.log, "IN_LANG_AGAIN TERMINATOR TRANSACTION\n") != NULL);
  }
  CHECK(talk_exchange(&talk, "LANG *", "+OK es\r\n", 9) == MAILC_OK);
  CHECK(talk_exchange(&talk, "LANG uga", "-ERR no\r\n", 9) == MAILC_OK);
  CHECK(talk_give(&talk, "LANG a b") == MAILC_E_TEXT);
  CHECK(mailc_pop3_lang_to(&talk.session, talk_span("")) == MAILC_E_ARGUMENT);
  CHECK(talk_exchange(&talk, "LANG", "+OK\r\n en\r\n.\r\n", 9) ==
        MAILC_E_REPLY);
}

int main(void) {
  test_the_last_answer_to_capa_counts();
  test_after_stls_nothing_learned_before_counts();
  test_octets_behind_the_reply_to_stls_end_the_session();
  test_octets_from_before_the_handshake_never_count();
  test_a_handshake_that_fails_ends_the_session();
  test_a_refused_stls_leaves_the_session_usable();
  test_what_is_not_offered_is_not_sent();
  test_without_an_answer_to_capa_stls_and_lang_are_tried();
  test_no_stls_after_utf8();
  test_names_in_utf8_need_utf8_user();
  test_languages_before_and_after_the_login();
  return check_status();
}
