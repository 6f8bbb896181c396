/* AUTH in a POP3 session: the line, challenges, who answers, what is believed.
 */
#include "pop3_talk.h"

#include <mailc/hash.h>

#define CAPA(mechs) "+OK\r\nSASL " mechs "\r\n.\r\n"

/* The tokens of RFC 7677 section 3. */
#define SCRAM_FIRST "biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8="
#define SCRAM_CHALLENGE                                                        \
  "cj1yT3ByTkdmd0ViZVJXZ2JORWtxTyVodllEcFdVYTJSYVRDQWZ1eEZJbGopaE5s"           \
  "RiRrMCxzPVcyMlphSjBTTlk3c29Fc1VFamI2Z1E9PSxpPTQwOTY="
#define SCRAM_FINAL                                                            \
  "Yz1iaXdzLHI9ck9wck5HZndFYmVSV2diTkVrcU8laHZZRHBXVWEyUmFUQ0FmdXhG"           \
  "SWxqKWhObEYkazAscD1kSHpiWmFwV0lrNGpVaE4rVXRlOXl0YWc5empmTUhnc3Ft"           \
  "bWl6N0FuZFZRPQ=="
#define SCRAM_PROOF                                                            \
  "dj02cnJpVFJCaTIzV3BSUi93dHVwK21NaFVaVW4vZEI1bkxUSlJzamw5NUc0PQ=="

static uint8_t scratch[512];

static struct mailc_login make(const char *mech, const char *user,
                               const char *secret) {
  return (struct mailc_login){.mech = talk_span(mech),
                              .user = talk_span(user),
                              .secret = talk_span(secret),
                              .scratch = {scratch, sizeof scratch}};
}

/* A session that was told what CAPA answers, NULL: not asked; the log empty. */
static void begin(struct talk *talk, const char *capa) {
  struct mailc_pop3_config config = talk_config(talk);

  config.hash = &mailc_hash_openssl;
  talk_greeted_with(talk, &config);
  if (capa != NULL) {
    CHECK(talk_exchange(talk, "CAPA", capa, 999) == MAILC_OK);
  }
  talk->log_len = 0;
}

static enum mailc_status receive(struct talk *talk, const char *octets,
                                 size_t step) {
  return talk_receive(talk, octets, strlen(octets), step);
}

static bool is_silent(const struct talk *talk) {
  size_t len = 0;

  return mailc_pop3_tx_buf(&talk->session, &len) == NULL && len == 0;
}

/* RFC 5034 section 6, both examples of PLAIN. */
static void test_the_response_goes_along_where_capa_said_sasl(void) {
  struct mailc_login login = make("PLAIN", "test", "test");
  struct talk talk;

  login.authzid = talk_span("test");
  begin(&talk, CAPA("PLAIN"));
  CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q=");
  CHECK(receive(&talk, "+OK in\r\n", 3) == MAILC_OK);
  TALK_LOG(&talk, "AUTHORIZATION CMD_AUTH WAIT_AUTH\n"
                  "WAIT_AUTH REPLY_OK TRANSACTION\n"
                  "OK 0 0 [+OK in] []\n");
  CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_E_STATE);
  login.initial = MAILC_INITIAL_YES;
  begin(&talk, NULL);
  CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH PLAIN");
  CHECK(receive(&talk, "+\r\n", 1) == MAILC_OK);
  talk_sent(&talk, "dGVzdAB0ZXN0AHRlc3Q=");
  CHECK(receive(&talk, "+OK\r\n", 9) == MAILC_OK);
  CHECK(talk_give(&talk, "STAT") == MAILC_OK);
}

static void test_a_line_above_255_octets_waits_for_the_challenge(void) {
  static char secret[200];
  struct mailc_login login = make("PLAIN", "u", secret);
  struct talk talk;
  size_t len = 0;

  memset(secret, 'x', sizeof secret - 1);
  for (size_t i = 170; i < sizeof secret; i++) {
    login.secret.len = i;
    begin(&talk, CAPA("PLAIN"));
    CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_OK);
    (void)mailc_pop3_tx_buf(&talk.session, &len);
    CHECK(len == (i <= 177 ? 13 + (i + 5) / 3 * 4 : 12));
  }
}

static void test_no_octets_are_an_equals_sign_and_then_an_empty_line(void) {
  struct mailc_login login = {.mech = MAILC_SPAN("EXTERNAL")};
  struct talk talk;

  begin(&talk, CAPA("EXTERNAL"));
  CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH EXTERNAL =");
  begin(&talk, NULL);
  CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH EXTERNAL");
  CHECK(receive(&talk, "+ \r\n", 9) == MAILC_OK);
  talk_sent(&talk, "");
}

static void test_a_proof_comes_before_success_is_believed(void) {
  struct mailc_login login = make("SCRAM-SHA-256", "user", "pencil");
  struct talk talk;

  login.nonce = talk_span("rOprNGfwEbeRWgbNEkqO");
  for (size_t step = 1; step < 200; step += 7) {
    begin(&talk, CAPA("SCRAM-SHA-256"));
    CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_OK);
    talk_sent(&talk, "AUTH SCRAM-SHA-256 " SCRAM_FIRST);
    CHECK(receive(&talk, "+ " SCRAM_CHALLENGE "\r\n", step) == MAILC_OK);
    talk_sent(&talk, SCRAM_FINAL);
    CHECK(receive(&talk, "+ " SCRAM_PROOF "\r\n", step) == MAILC_OK);
    talk_sent(&talk, "");
    CHECK(receive(&talk, "+OK\r\n", step) == MAILC_OK);
    CHECK(strstr(talk.log, "WAIT_AUTH REPLY_OK TRANSACTION\n") != NULL);
  }
  begin(&talk, CAPA("SCRAM-SHA-256"));
  CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH SCRAM-SHA-256 " SCRAM_FIRST);
  CHECK(receive(&talk, "+OK\r\n", 9) == MAILC_E_PROOF);
  for (size_t i = 0; i < sizeof scratch; i++) {
    CHECK(scratch[i] == 0);
  }
  begin(&talk, CAPA("SCRAM-SHA-256"));
  CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH SCRAM-SHA-256 " SCRAM_FIRST);
  CHECK(receive(&talk, "+ " SCRAM_CHALLENGE "\r\n", 9) == MAILC_OK);
  talk_sent(&talk, SCRAM_FINAL);
  CHECK(receive(&talk, "+ dj1BQUFB\r\n", 9) == MAILC_OK);
  talk_sent(&talk, "*");
  CHECK(receive(&talk, "-ERR\r\n", 9) == MAILC_OK);
  talk.log[talk.log_len] = '\0';
  CHECK(strstr(talk.log, "WAIT_CANCEL REPLY_ERR AUTHORIZATION\nE_PROOF ") !=
        NULL);
}

static void test_the_caller_answers_what_the_library_does_not_know(void) {
  struct mailc_login login = {.mech = MAILC_SPAN("KERBEROS_V4")};
  struct talk talk;
  struct mailc_span none = {NULL, 0};

  begin(&talk, NULL);
  CHECK(mailc_pop3_answer(&talk.session, MAILC_SPAN("a")) == MAILC_E_STATE);
  CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH KERBEROS_V4");
  CHECK(mailc_pop3_cancel(&talk.session) == MAILC_E_STATE);
  CHECK(receive(&talk, "+ AmFYig==\r\n", 5) == MAILC_OK);
  CHECK(mailc_pop3_want(&talk.session) == (MAILC_WANT_CALLER | MAILC_WANT_RX));
  CHECK(mailc_pop3_deadline_ms(&talk.session) == MAILC_NEVER);
  CHECK(talk_give(&talk, "QUIT") == MAILC_E_STATE);
  CHECK(mailc_pop3_answer(&talk.session, none) == MAILC_E_ARGUMENT);
  CHECK(mailc_pop3_answer(&talk.session, (struct mailc_span){talk.rx, 400}) ==
        MAILC_E_TOO_LONG);
  CHECK(mailc_pop3_answer(&talk.session, MAILC_SPAN("abc")) == MAILC_OK);
  talk_sent(&talk, "YWJj");
  CHECK(receive(&talk, "+ b3I=\r\n", 5) == MAILC_OK);
  CHECK(mailc_pop3_cancel(&talk.session) == MAILC_OK);
  talk_sent(&talk, "*");
  CHECK(receive(&talk, "-ERR\r\n", 5) == MAILC_OK);
  TALK_LOG(&talk, "AUTHORIZATION CMD_AUTH WAIT_AUTH\n"
                  "WAIT_AUTH REPLY_CONTINUE CHALLENGED\n"
                  "OK 0 0 [\x02"
                  "aX\x8a] []\n"
                  "CHALLENGED RESPONSE WAIT_AUTH\n"
                  "WAIT_AUTH REPLY_CONTINUE CHALLENGED\n"
                  "OK 0 0 [or] []\n"
                  "CHALLENGED CANCEL WAIT_CANCEL\n"
                  "WAIT_CANCEL REPLY_ERR AUTHORIZATION\n"
                  "E_AUTH 0 0 [-ERR] []\n");
}

static void test_octets_while_the_caller_answers_are_surplus(void) {
  struct mailc_login login = {.mech = MAILC_SPAN("X")};
  struct talk talk;
  struct mailc_pop3_event event;
  size_t room = 0;

  begin(&talk, NULL);
  CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH X");
  CHECK(talk_take(&talk) == MAILC_OK);
  memcpy(mailc_pop3_rx_buf(&talk.session, &room), "+ \r\n", 4);
  CHECK(mailc_pop3_rx_ack(&talk.session, 4) == MAILC_OK);
  CHECK(mailc_pop3_next(&talk.session, &event) == MAILC_OK);
  CHECK(mailc_pop3_rx_buf(&talk.session, &room) == NULL);
  CHECK(mailc_pop3_next(&talk.session, &event) == MAILC_OK);
  CHECK(event.kind == MAILC_POP3_EVENT_CHALLENGE);
  memcpy(mailc_pop3_rx_buf(&talk.session, &room), "+", 1);
  CHECK(mailc_pop3_rx_ack(&talk.session, 1) == MAILC_OK);
  CHECK(mailc_pop3_answer(&talk.session, MAILC_SPAN("")) == MAILC_E_EVENTS);
  CHECK(talk_take(&talk) == MAILC_E_SURPLUS);
}

/* A server that says yes together with its challenge has not read the answer.
 */
static void test_octets_behind_a_challenge_are_surplus(void) {
  struct mailc_login login = make("CRAM-MD5", "u", "s");
  struct talk talk;

  begin(&talk, CAPA("CRAM-MD5"));
  CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH CRAM-MD5");
  CHECK(receive(&talk, "+ YQ==\r\n+OK\r\n", 99) == MAILC_E_SURPLUS);
  TALK_LOG(&talk, "AUTHORIZATION CMD_AUTH WAIT_AUTH\n"
                  "WAIT_AUTH REPLY_CONTINUE CHALLENGED\n"
                  "CHALLENGED BAD_REPLY FAILED\n");
}

static void test_what_is_no_challenge_is_cancelled(void) {
  static const char *const bad[] = {"+ !\r\n", "+ YQ\r\n", "+ YQ==YQ==\r\n"};
  struct mailc_login login = make("CRAM-MD5", "u", "s");
  struct talk talk;

  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    begin(&talk, CAPA("CRAM-MD5"));
    CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_OK);
    talk_sent(&talk, "AUTH CRAM-MD5");
    CHECK(receive(&talk, bad[i], 2) == MAILC_OK);
    talk_sent(&talk, "*");
    CHECK(receive(&talk, "-ERR\r\n", 2) == MAILC_OK);
    talk.log[talk.log_len] = '\0';
    CHECK(strstr(talk.log, "\nE_CHALLENGE 0 0 [-ERR] []\n") != NULL);
    CHECK(talk_give(&talk, "QUIT") == MAILC_OK);
  }
}

static void test_a_login_has_so_many_rounds(void) {
  struct mailc_login login = {.mech = MAILC_SPAN("X"), .rounds_max = 2};
  struct talk talk;

  begin(&talk, NULL);
  CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH X");
  for (unsigned i = 0; i < 2; i++) {
    CHECK(receive(&talk, "+ YQ==\r\n", 99) == MAILC_OK);
    CHECK(mailc_pop3_answer(&talk.session, MAILC_SPAN("")) == MAILC_OK);
    talk_sent(&talk, "");
  }
  CHECK(receive(&talk, "+ YQ==\r\n", 99) == MAILC_OK);
  talk_sent(&talk, "*");
  CHECK(receive(&talk, "-ERR\r\n", 99) == MAILC_OK);
  talk.log[talk.log_len] = '\0';
  CHECK(strstr(talk.log, "\nE_TOO_MANY_ROUNDS 0 0 ") != NULL);
}

static void test_a_plus_is_for_auth_alone(void) {
  struct mailc_login login = make("PLAIN", "u", "s");
  struct talk talk;

  begin(&talk, NULL);
  CHECK(talk_exchange(&talk, "CAPA", "+ \r\n", 9) == MAILC_E_REPLY);
  begin(&talk, CAPA("PLAIN"));
  CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH PLAIN AHUAcw==");
  CHECK(receive(&talk, "+YQ==\r\n", 9) == MAILC_E_REPLY);
  begin(&talk, CAPA("PLAIN"));
  CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH PLAIN AHUAcw==");
  CHECK(receive(&talk, "+ YQ==\r\n", 9) == MAILC_OK);
  talk_sent(&talk, "*");
  CHECK(receive(&talk, "+OK\r\n", 9) == MAILC_E_REPLY);
}

static void test_the_policy_comes_before_an_octet_leaves(void) {
  struct mailc_login plain = make("PLAIN", "u", "s");
  struct mailc_login cram = make("CRAM-MD5", "u", "s");
  struct talk talk;

  begin(&talk, "+OK\r\nUIDL\r\n.\r\n");
  CHECK(mailc_pop3_auth(&talk.session, &plain) == MAILC_E_NOT_OFFERED);
  begin(&talk, CAPA("PLAIN"));
  CHECK(mailc_pop3_auth(&talk.session, &cram) == MAILC_E_NOT_OFFERED);
  CHECK(mailc_pop3_auth(&talk.session, NULL) == MAILC_E_ARGUMENT);
  begin(&talk, CAPA("PLAIN CRAM-MD5"));
  talk.session.policy = MAILC_POLICY_OWN;
  CHECK(mailc_pop3_auth(&talk.session, &plain) == MAILC_E_CLEAR_SECRET);
  talk.session.policy = MAILC_POLICY_TLS;
  CHECK(mailc_pop3_auth(&talk.session, &cram) == MAILC_E_CLEAR_SECRET);
  talk.session.policy = MAILC_POLICY_CLEAR;
  talk.session.has_refused_apop = true;
  CHECK(mailc_pop3_auth(&talk.session, &plain) == MAILC_E_AFTER_APOP);
  talk.session.hash = NULL;
  CHECK(mailc_pop3_auth(&talk.session, &cram) == MAILC_E_NO_HASH);
  CHECK(is_silent(&talk));
  talk.session.hash = &mailc_hash_openssl;
  CHECK(talk_give(&talk, "CAPA") == MAILC_OK);
  CHECK(mailc_pop3_auth(&talk.session, &cram) == MAILC_E_QUEUE_FULL);
}

static void test_what_a_mechanism_cannot_send_is_refused(void) {
  static uint8_t secret[MAILC_TX_CAP_MIN];
  struct mailc_login plain = make("PLAIN", "u", "s");
  struct mailc_login scram = make("SCRAM-SHA-1", "\xc3\xbc", "s");
  struct talk talk;

  begin(&talk, NULL);
  plain.user = talk_span("u\r\nQUIT");
  CHECK(mailc_pop3_auth(&talk.session, &plain) == MAILC_E_TEXT);
  plain.user = (struct mailc_span){NULL, 0};
  CHECK(mailc_pop3_auth(&talk.session, &plain) == MAILC_E_ARGUMENT);
  scram.nonce = talk_span("abc");
  CHECK(mailc_pop3_auth(&talk.session, &scram) == MAILC_E_UNPREPARED);
  CHECK(mailc_pop3_auth(&talk.session, NULL) == MAILC_E_ARGUMENT);
  memset(secret, 's', sizeof secret);
  plain = make("PLAIN", "u", "");
  plain.secret = (struct mailc_span){secret, sizeof secret};
  CHECK(mailc_pop3_auth(&talk.session, &plain) == MAILC_E_TOO_LONG);
  CHECK(is_silent(&talk));
}

static void test_the_best_of_what_is_allowed_is_chosen(void) {
  const uint32_t clear = 1u << MAILC_MECH_PLAIN | 1u << MAILC_MECH_LOGIN;
  struct talk talk;

  begin(&talk, CAPA("LOGIN PLAIN CRAM-MD5 X-OTHER"));
  CHECK(mailc_pop3_best_mech(&talk.session, MAILC_MECHS_PASSWORD) ==
        MAILC_MECH_CRAM_MD5);
  CHECK(mailc_pop3_best_mech(&talk.session, clear) == MAILC_MECH_PLAIN);
  CHECK(mailc_pop3_best_mech(&talk.session, 1u << MAILC_MECH_SCRAM_SHA_256) ==
        MAILC_MECH_CALLER);
  talk.session.has_refused_apop = true;
  CHECK(mailc_pop3_best_mech(&talk.session, clear) == MAILC_MECH_CALLER);
  CHECK(mailc_pop3_best_mech(&talk.session, MAILC_MECHS_PASSWORD) ==
        MAILC_MECH_CRAM_MD5);
  CHECK(mailc_pop3_best_mech(NULL, clear) == MAILC_MECH_CALLER);
}

static void test_an_end_in_the_middle_of_a_login_ends_the_session(void) {
  struct mailc_login login = {.mech = MAILC_SPAN("X")};
  struct talk talk;

  begin(&talk, NULL);
  CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_OK);
  talk_sent(&talk, "AUTH X");
  CHECK(receive(&talk, "+ YQ==\r\n", 99) == MAILC_OK);
  CHECK(mailc_pop3_rx_eof(&talk.session) == MAILC_OK);
  CHECK(mailc_pop3_answer(&talk.session, MAILC_SPAN("")) == MAILC_E_EVENTS);
  CHECK(talk_take(&talk) == MAILC_E_CLOSED);
  CHECK(mailc_pop3_answer(&talk.session, MAILC_SPAN("")) == MAILC_E_CLOSED);
  CHECK(mailc_pop3_cancel(NULL) == MAILC_E_ARGUMENT);
}

int main(void) {
  test_the_response_goes_along_where_capa_said_sasl();
  test_a_line_above_255_octets_waits_for_the_challenge();
  test_no_octets_are_an_equals_sign_and_then_an_empty_line();
  test_a_proof_comes_before_success_is_believed();
  test_the_caller_answers_what_the_library_does_not_know();
  test_octets_while_the_caller_answers_are_surplus();
  test_octets_behind_a_challenge_are_surplus();
  test_what_is_no_challenge_is_cancelled();
  test_a_login_has_so_many_rounds();
  test_a_plus_is_for_auth_alone();
  test_the_policy_comes_before_an_octet_leaves();
  test_what_a_mechanism_cannot_send_is_refused();
  test_the_best_of_what_is_allowed_is_chosen();
  test_an_end_in_the_middle_of_a_login_ends_the_session();
  return check_status();
}
