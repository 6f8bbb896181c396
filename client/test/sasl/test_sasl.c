/* The mechanisms against the examples of RFC 2195, 2554, 4505, 4616, 4954,
 * 7628. SCRAM has a test of its own. */
#include "sasl_talk.h"

#define MAX MAILC_SMTP_COMMAND_MAX

/* A port whose library refuses, as one in FIPS mode refuses MD5. */
static bool refuse(enum mailc_hash_kind kind, const void *key, size_t key_len,
                   const void *octets, size_t len, uint8_t *digest) {
  (void)kind, (void)key, (void)key_len, (void)octets, (void)len, (void)digest;
  return false;
}

static const struct mailc_hash refusing = {.hmac = refuse};

static void test_plain_joins_three_fields(void) {
  struct mailc_login login = sasl_login("plain", "tim", "tanstaaftanstaaf");
  struct sasl_talk talk;

  CHECK(sasl_begin(&talk, &login, MAX) == MAILC_OK);
  sasl_sent(&talk, "AUTH plain AHRpbQB0YW5zdGFhZnRhbnN0YWFm");
  CHECK(sasl_challenge(&talk, MAILC_SPAN("")) == MAILC_SASL_CANCEL &&
        talk.why == MAILC_E_CHALLENGE);
  sasl_sent(&talk, "*");
}

static void test_plain_with_an_authzid_answers_the_empty_challenge(void) {
  struct mailc_login login = sasl_login("PLAIN", "test", "1234");
  struct sasl_talk talk;

  login.authzid = MAILC_SPAN("test");
  login.initial = MAILC_INITIAL_NO;
  CHECK(sasl_begin(&talk, &login, MAX) == MAILC_OK);
  sasl_sent(&talk, "AUTH PLAIN");
  CHECK(sasl_raw(&talk, "") == MAILC_SASL_RESPONSE);
  sasl_sent(&talk, "dGVzdAB0ZXN0ADEyMzQ=");
  CHECK(sasl_raw(&talk, "") == MAILC_SASL_CANCEL);
}

static void test_an_initial_response_has_to_fit_the_line(void) {
  struct mailc_login login = sasl_login("PLAIN", "test", "1234");
  struct sasl_talk talk;

  CHECK(sasl_begin(&talk, &login, 29) == MAILC_OK);
  sasl_sent(&talk, "AUTH PLAIN AHRlc3QAMTIzNA==");
  CHECK(sasl_begin(&talk, &login, 28) == MAILC_OK);
  for (size_t i = talk.link.tx_len; i < sizeof talk.tx; i++) {
    CHECK(talk.tx[i] == 0);
  }
  sasl_sent(&talk, "AUTH PLAIN");
  CHECK(sasl_raw(&talk, "") == MAILC_SASL_RESPONSE);
  sasl_sent(&talk, "AHRlc3QAMTIzNA==");
}

static void test_login_answers_two_prompts(void) {
  struct mailc_login login = sasl_login("LOGIN", "tim", "tanstaaftanstaaf");
  struct sasl_talk talk;

  CHECK(sasl_begin(&talk, &login, MAX) == MAILC_OK);
  sasl_sent(&talk, "AUTH LOGIN");
  CHECK(sasl_challenge(&talk, MAILC_SPAN("User Name\0")) ==
        MAILC_SASL_RESPONSE);
  sasl_sent(&talk, "dGlt");
  CHECK(sasl_challenge(&talk, MAILC_SPAN("Password\0")) == MAILC_SASL_RESPONSE);
  sasl_sent(&talk, "dGFuc3RhYWZ0YW5zdGFhZg==");
  CHECK(sasl_challenge(&talk, MAILC_SPAN("Again:")) == MAILC_SASL_CANCEL);
}

static void test_login_sends_the_name_at_once_if_asked(void) {
  struct mailc_login login = sasl_login("LOGIN", "tim", "tanstaaftanstaaf");
  struct sasl_talk talk;

  login.initial = MAILC_INITIAL_YES;
  CHECK(sasl_begin(&talk, &login, MAX) == MAILC_OK);
  sasl_sent(&talk, "AUTH LOGIN dGlt");
  CHECK(sasl_challenge(&talk, MAILC_SPAN("Password:")) == MAILC_SASL_RESPONSE);
  sasl_sent(&talk, "dGFuc3RhYWZ0YW5zdGFhZg==");
}

static void cram(const char *user, const char *secret, const char *challenge,
                 const char *expected) {
  struct mailc_login login = sasl_login("Cram-Md5", user, secret);
  struct sasl_talk talk;

  CHECK(sasl_begin(&talk, &login, MAX) == MAILC_OK);
  sasl_sent(&talk, "AUTH Cram-Md5");
  CHECK(sasl_challenge(&talk, sasl_span(challenge)) == MAILC_SASL_RESPONSE);
  sasl_sent(&talk, expected);
  CHECK(sasl_challenge(&talk, MAILC_SPAN("<again@x>")) == MAILC_SASL_CANCEL);
}

static void test_cram_md5_of_three_rfcs(void) {
  cram("tim", "tanstaaftanstaaf", "<1896.697170952@postoffice.reston.mci.net>",
       "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw");
  cram("fred", "flintstone", "<CByLEDBhSCgnhMZ+N23F6w@elwood.innosoft.com>",
       "ZnJlZCA5ZTk1YWVlMDljNDBhZjJiODRhMGMyYjNiYmFlNzg2ZQ==");
  cram("rjs3", "1234", "<4192942341.12828472@sourcefour.andrew.cmu.edu>",
       "cmpzMyBlYzNhNTlmZWQzOTVhYmExZWM2MzY3YzRmNGI0MWFjMA==");
}

static void test_cram_md5_needs_a_challenge_and_a_hash(void) {
  struct mailc_login login = sasl_login("CRAM-MD5", "tim", "x");
  struct sasl_talk talk;

  CHECK(sasl_begin(&talk, &login, MAX) == MAILC_OK);
  CHECK(mailc_link_tx_ack(&talk.link, 15) == MAILC_OK);
  CHECK(sasl_raw(&talk, "") == MAILC_SASL_CANCEL);
  CHECK(mailc_sasl_begin(&talk.sasl, &login, NULL) == MAILC_E_NO_HASH);
  sasl_open(&talk);
  CHECK(mailc_sasl_begin(&talk.sasl, &login, &refusing) == MAILC_OK);
  CHECK(sasl_challenge(&talk, MAILC_SPAN("<a@b>")) == MAILC_SASL_CANCEL &&
        talk.why == MAILC_E_NO_HASH);
}

static void test_oauthbearer_of_rfc_7628(void) {
  struct mailc_login login =
      sasl_login("OAUTHBEARER", "user@example.com",
                 "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==");
  struct sasl_talk talk;

  login.host = MAILC_SPAN("server.example.com");
  login.port = 587;
  CHECK(sasl_begin(&talk, &login, MAX) == MAILC_OK);
  sasl_sent(&talk, "AUTH OAUTHBEARER bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2Vy"
                   "dmVyLmV4YW1wbGUuY29tAXBvcnQ9NTg3AWF1dGg9QmVhcmVyIHZGOWRmd"
                   "DRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB");
  /* Why it failed is answered with ^A (section 3.2.3). */
  CHECK(sasl_challenge(&talk, MAILC_SPAN("{\"status\":\"invalid_token\"}")) ==
        MAILC_SASL_RESPONSE);
  sasl_sent(&talk, "AQ==");
  CHECK(sasl_challenge(&talk, MAILC_SPAN("{}")) == MAILC_SASL_CANCEL);
}

static void test_oauthbearer_names_the_identity_to_act_as(void) {
  struct mailc_login login = sasl_login("OAUTHBEARER", "me", "t");
  struct sasl_talk talk;

  login.authzid = MAILC_SPAN("a,b=c");
  CHECK(sasl_begin(&talk, &login, MAX) == MAILC_OK);
  sasl_sent(&talk, "AUTH OAUTHBEARER "
                   "bixhPWE9MkNiPTNEYywBYXV0aD1CZWFyZXIgdAEB");
}

static void test_xoauth2_answers_its_error_with_nothing(void) {
  struct mailc_login login =
      sasl_login("XOAUTH2", "someuser@example.com",
                 "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg");
  struct sasl_talk talk;

  CHECK(sasl_begin(&talk, &login, MAX) == MAILC_OK);
  sasl_sent(&talk, "AUTH XOAUTH2 dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJl"
                   "YXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHR"
                   "XVZMjl0Q2cBAQ==");
  CHECK(sasl_challenge(&talk, MAILC_SPAN("{\"status\":\"401\"}")) ==
        MAILC_SASL_RESPONSE);
  sasl_sent(&talk, "");
  CHECK(sasl_challenge(&talk, MAILC_SPAN("{}")) == MAILC_SASL_CANCEL);
}

static void test_external_and_anonymous_say_who_they_are(void) {
  struct mailc_login external = {.mech = MAILC_SPAN("EXTERNAL")};
  struct mailc_login anonymous = {.mech = MAILC_SPAN("ANONYMOUS"),
                                  .user = MAILC_SPAN("sirhc"),
                                  .initial = MAILC_INITIAL_NO};
  struct sasl_talk talk;

  CHECK(sasl_begin(&talk, &external, MAX) == MAILC_OK);
  sasl_sent(&talk, "AUTH EXTERNAL =");
  external.authzid = MAILC_SPAN("fred@example.com");
  CHECK(sasl_begin(&talk, &external, MAX) == MAILC_OK);
  sasl_sent(&talk, "AUTH EXTERNAL ZnJlZEBleGFtcGxlLmNvbQ==");
  CHECK(sasl_begin(&talk, &anonymous, MAX) == MAILC_OK);
  sasl_sent(&talk, "AUTH ANONYMOUS");
  CHECK(sasl_raw(&talk, "") == MAILC_SASL_RESPONSE);
  sasl_sent(&talk, "c2lyaGM=");
}

static void test_other_mechanisms_are_the_callers(void) {
  struct mailc_login login = {.mech = MAILC_SPAN("GSSAPI"), .rounds_max = 2};
  struct sasl_talk talk;

  CHECK(sasl_begin(&talk, &login, MAX) == MAILC_OK);
  CHECK(talk.sasl.mech == MAILC_MECH_CALLER);
  sasl_sent(&talk, "AUTH GSSAPI");
  login.is_raw = true;
  login.mech = MAILC_SPAN("PLAIN");
  login.first = MAILC_SPAN("n,a=u,");
  CHECK(sasl_begin(&talk, &login, MAX) == MAILC_OK);
  sasl_sent(&talk, "AUTH PLAIN bixhPXUs");
  CHECK(sasl_raw(&talk, "YWJj") == MAILC_SASL_CALLER);
  CHECK_OCTETS(talk.rx, 3, "abc");
  CHECK(mailc_sasl_write_answer(&talk.link, MAILC_SPAN("")) == MAILC_OK);
  sasl_sent(&talk, "");
  CHECK(sasl_raw(&talk, "YWJj") == MAILC_SASL_CALLER);
  CHECK(mailc_sasl_write_answer(&talk.link, MAILC_SPAN("abc")) == MAILC_OK);
  sasl_sent(&talk, "YWJj");
  CHECK(sasl_raw(&talk, "YWJj") == MAILC_SASL_CANCEL &&
        talk.why == MAILC_E_TOO_MANY_ROUNDS);
}

static void test_answers_have_to_fit(void) {
  static const uint8_t octets[800];
  struct mailc_login login = {.mech = MAILC_SPAN("X"), .first = {octets, 800}};
  struct sasl_talk talk;

  CHECK(sasl_begin(&talk, &login, MAX) == MAILC_OK);
  sasl_sent(&talk, "AUTH X");
  login = sasl_login("LOGIN", "u", "s");
  login.secret = (struct mailc_span){(const uint8_t *)talk.rx, 760};
  sasl_open(&talk);
  memset(talk.rx, 's', 760);
  CHECK(mailc_sasl_begin(&talk.sasl, &login, NULL) == MAILC_OK);
  CHECK(mailc_sasl_write_auth(&talk.sasl, &talk.link, MAX) == MAILC_E_TOO_LONG);
  CHECK(mailc_sasl_write_answer(&talk.link, (struct mailc_span){octets, 767}) ==
        MAILC_E_TOO_LONG);
  CHECK(mailc_sasl_write_answer(&talk.link, (struct mailc_span){NULL, 0}) ==
        MAILC_E_ARGUMENT);
  CHECK(mailc_sasl_write_answer(&talk.link, (struct mailc_span){octets, 765}) ==
        MAILC_OK);
  CHECK(mailc_sasl_write_answer(&talk.link, (struct mailc_span){octets, 1}) ==
        MAILC_E_TOO_LONG);
}

static void test_wrong_fields_are_refused(void) {
  const struct mailc_span u = MAILC_SPAN("u");
  const struct mailc_login wrong[] = {
      {.mech = MAILC_SPAN("")},
      {.mech = MAILC_SPAN("ABCDEFGHIJKLMNOPQRSTU")},
      {.mech = MAILC_SPAN("A B")},
      {.mech = MAILC_SPAN("PLAIN\r\nQUIT")},
      {.mech = MAILC_SPAN("PLAIN"), .secret = u},
      {.mech = MAILC_SPAN("LOGIN"), .user = u},
      {.mech = MAILC_SPAN("XOAUTH2"), .user = u},
      {.mech = MAILC_SPAN("LOGIN"), .user = u, .secret = u, .authzid = u},
      {.mech = MAILC_SPAN("ANONYMOUS"), .authzid = u},
  };
  const struct mailc_login unclean[] = {
      {.mech = MAILC_SPAN("PLAIN"),
       .authzid = MAILC_SPAN("a\0"),
       .user = u,
       .secret = u},
      {.mech = MAILC_SPAN("LOGIN"), .user = MAILC_SPAN("u\r"), .secret = u},
      {.mech = MAILC_SPAN("CRAM-MD5"), .user = u, .secret = MAILC_SPAN("s\n")},
      {.mech = MAILC_SPAN("PLAIN"), .user = u, .secret = MAILC_SPAN("\xff")},
      {.mech = MAILC_SPAN("XOAUTH2"), .user = MAILC_SPAN("a\x01"), .secret = u},
      {.mech = MAILC_SPAN("XOAUTH2"), .user = u, .secret = MAILC_SPAN("a\x01")},
      {.mech = MAILC_SPAN("OAUTHBEARER"),
       .secret = u,
       .host = MAILC_SPAN("a\x01")},
      {.mech = MAILC_SPAN("ANONYMOUS"), .user = MAILC_SPAN("a\x07")},
      {.mech = MAILC_SPAN("SCRAM-SHA-1"),
       .user = u,
       .secret = MAILC_SPAN("\x7f")},
  };
  uint8_t trace[257];
  struct mailc_login anonymous = {.mech = MAILC_SPAN("ANONYMOUS"),
                                  .user = {trace, 256}};
  struct mailc_sasl sasl;

  CHECK(mailc_sasl_begin(&sasl, NULL, NULL) == MAILC_E_ARGUMENT);
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    CHECK(mailc_sasl_begin(&sasl, &wrong[i], &refusing) == MAILC_E_ARGUMENT);
  }
  for (size_t i = 0; i < sizeof unclean / sizeof unclean[0]; i++) {
    CHECK(mailc_sasl_begin(&sasl, &unclean[i], &refusing) == MAILC_E_TEXT);
  }
  memset(trace, 't', sizeof trace);
  CHECK(mailc_sasl_begin(&sasl, &anonymous, NULL) == MAILC_E_TEXT);
  memcpy(trace, "\xc3\xa9", 2);
  CHECK(mailc_sasl_begin(&sasl, &anonymous, NULL) == MAILC_OK);
}

static enum mailc_status check(const char *mech, const char *offered,
                               enum mailc_policy policy, bool has_tls) {
  struct mailc_login login = {.mech = sasl_span(mech), .is_raw = true};
  struct mailc_sasl sasl;

  CHECK(mailc_sasl_begin(&sasl, &login, NULL) == MAILC_OK);
  sasl.mech = (uint8_t)mailc_mech_of(login.mech);
  return mailc_sasl_check(&sasl, mailc_mechs_of(sasl_span(offered)), policy,
                          has_tls);
}

static void test_the_policy_keeps_secrets_from_the_wire(void) {
  CHECK(check("PLAIN", "LOGIN", MAILC_POLICY_CLEAR, true) ==
        MAILC_E_NOT_OFFERED);
  CHECK(check("GSSAPI", "LOGIN", MAILC_POLICY_CLEAR, false) == MAILC_OK);
  CHECK(check("PLAIN", "plain", MAILC_POLICY_OWN, false) ==
        MAILC_E_CLEAR_SECRET);
  CHECK(check("PLAIN", "PLAIN", MAILC_POLICY_CLEAR, false) == MAILC_OK);
  CHECK(check("PLAIN", "PLAIN", MAILC_POLICY_TLS, true) == MAILC_OK);
  CHECK(check("CRAM-MD5", "CRAM-MD5", MAILC_POLICY_OWN, false) == MAILC_OK);
  CHECK(check("CRAM-MD5", "CRAM-MD5", MAILC_POLICY_TLS, false) ==
        MAILC_E_CLEAR_SECRET);
  CHECK(check("GSSAPI", "", MAILC_POLICY_OWN, false) == MAILC_E_CLEAR_SECRET);
}

static void test_the_strongest_mechanism_is_chosen(void) {
  uint32_t offered = mailc_mechs_of(MAILC_SPAN(
      "LOGIN PLAIN FOO CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 ANONYMOUS"));
  const struct mailc_hash *hash = &mailc_hash_openssl;

  CHECK(mailc_sasl_choose(offered, MAILC_MECHS_PASSWORD, MAILC_POLICY_CLEAR,
                          false, hash) == MAILC_MECH_SCRAM_SHA_256);
  CHECK(mailc_sasl_choose(offered, MAILC_MECHS_PASSWORD, MAILC_POLICY_CLEAR,
                          false, NULL) == MAILC_MECH_PLAIN);
  CHECK(mailc_sasl_choose(offered, MAILC_MECHS_PASSWORD, MAILC_POLICY_OWN,
                          false, NULL) == MAILC_MECH_CALLER);
  CHECK(mailc_sasl_choose(offered, 1u << MAILC_MECH_LOGIN, MAILC_POLICY_OWN,
                          true, hash) == MAILC_MECH_LOGIN);
  CHECK(mailc_sasl_choose(offered, 0, MAILC_POLICY_CLEAR, true, hash) ==
        MAILC_MECH_CALLER);
  CHECK(strcmp(mailc_mech_name(MAILC_MECH_OAUTHBEARER), "OAUTHBEARER") == 0);
  CHECK(strcmp(mailc_mech_name(MAILC_MECH_COUNT), "") == 0);
  CHECK(mailc_mech_needs_hash(MAILC_MECH_SCRAM_SHA_1) &&
        !mailc_mech_needs_hash(MAILC_MECH_PLAIN));
  CHECK(mailc_mech_is_clear(MAILC_MECH_XOAUTH2) &&
        !mailc_mech_is_clear(MAILC_MECH_EXTERNAL));
}

int main(void) {
  test_plain_joins_three_fields();
  test_plain_with_an_authzid_answers_the_empty_challenge();
  test_an_initial_response_has_to_fit_the_line();
  test_login_answers_two_prompts();
  test_login_sends_the_name_at_once_if_asked();
  test_cram_md5_of_three_rfcs();
  test_cram_md5_needs_a_challenge_and_a_hash();
  test_oauthbearer_of_rfc_7628();
  test_oauthbearer_names_the_identity_to_act_as();
  test_xoauth2_answers_its_error_with_nothing();
  test_external_and_anonymous_say_who_they_are();
  test_other_mechanisms_are_the_callers();
  test_answers_have_to_fit();
  test_wrong_fields_are_refused();
  test_the_policy_keeps_secrets_from_the_wire();
  test_the_strongest_mechanism_is_chosen();
  return check_status();
}
