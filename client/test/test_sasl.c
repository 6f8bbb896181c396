/* The mechanisms against the examples of RFC 2195, 2554, 4616, 4954. */
#include "check.h"
#include "sasl.h"

static char text[512];
static struct mailc_base64 out;

/* A port whose library refuses, as one in FIPS mode refuses MD5. */
static bool refuse(enum mailc_hash_kind kind, const void *key, size_t key_len,
                   const void *octets, size_t len, uint8_t *digest) {
  (void)kind, (void)key, (void)key_len, (void)octets, (void)len, (void)digest;
  return false;
}

static const struct mailc_hash refusing = {.hmac = refuse};

static struct mailc_sasl begin(const struct mailc_login *login) {
  struct mailc_sasl sasl;

  CHECK(mailc_sasl_begin(&sasl, login, &mailc_hash_openssl) == MAILC_OK);
  mailc_base64_begin(&out, text, sizeof text);
  return sasl;
}

static enum mailc_status answer(struct mailc_sasl *sasl,
                                struct mailc_span challenge) {
  enum mailc_status status;

  mailc_base64_begin(&out, text, sizeof text);
  status = mailc_sasl_answer(sasl, challenge, &out);
  CHECK(mailc_base64_end(&out));
  return status;
}

static struct mailc_login login_of(struct mailc_span mech,
                                   struct mailc_span user,
                                   struct mailc_span secret) {
  return (struct mailc_login){.mech = mech, .user = user, .secret = secret};
}

static void test_plain_joins_three_fields(void) {
  struct mailc_login login = login_of(MAILC_SPAN("plain"), MAILC_SPAN("tim"),
                                      MAILC_SPAN("tanstaaftanstaaf"));
  struct mailc_sasl sasl = begin(&login);

  CHECK(mailc_sasl_has_initial(&sasl) && mailc_sasl_is_clear(&sasl));
  CHECK(mailc_sasl_initial_len(&sasl) == 21);
  mailc_sasl_initial(&sasl, &out);
  CHECK(mailc_base64_end(&out));
  CHECK_OCTETS(text, out.len, "AHRpbQB0YW5zdGFhZnRhbnN0YWFm");
  CHECK(answer(&sasl, MAILC_SPAN("")) == MAILC_E_CHALLENGE);
}

static void test_plain_with_an_authzid(void) {
  struct mailc_login login =
      login_of(MAILC_SPAN("PLAIN"), MAILC_SPAN("test"), MAILC_SPAN("1234"));
  struct mailc_sasl sasl;

  login.authzid = MAILC_SPAN("test");
  login.initial = MAILC_INITIAL_NO;
  sasl = begin(&login);
  CHECK(!mailc_sasl_has_initial(&sasl));
  CHECK(answer(&sasl, MAILC_SPAN("")) == MAILC_OK);
  CHECK_OCTETS(text, out.len, "dGVzdAB0ZXN0ADEyMzQ=");
  CHECK(answer(&sasl, MAILC_SPAN("")) == MAILC_E_CHALLENGE);
}

static void test_login_answers_two_prompts(void) {
  struct mailc_login login = login_of(MAILC_SPAN("LOGIN"), MAILC_SPAN("tim"),
                                      MAILC_SPAN("tanstaaftanstaaf"));
  struct mailc_sasl sasl = begin(&login);

  CHECK(!mailc_sasl_has_initial(&sasl) && mailc_sasl_is_clear(&sasl));
  CHECK(answer(&sasl, MAILC_SPAN("User Name\0")) == MAILC_OK);
  CHECK_OCTETS(text, out.len, "dGlt");
  CHECK(answer(&sasl, MAILC_SPAN("Password\0")) == MAILC_OK);
  CHECK_OCTETS(text, out.len, "dGFuc3RhYWZ0YW5zdGFhZg==");
  CHECK(answer(&sasl, MAILC_SPAN("Again:")) == MAILC_E_CHALLENGE);
}

static void test_login_sends_the_name_at_once_if_asked(void) {
  struct mailc_login login = login_of(MAILC_SPAN("LOGIN"), MAILC_SPAN("tim"),
                                      MAILC_SPAN("tanstaaftanstaaf"));
  struct mailc_sasl sasl;

  login.initial = MAILC_INITIAL_YES;
  sasl = begin(&login);
  CHECK(mailc_sasl_has_initial(&sasl) && mailc_sasl_initial_len(&sasl) == 3);
  mailc_sasl_initial(&sasl, &out);
  CHECK(mailc_base64_end(&out));
  CHECK_OCTETS(text, out.len, "dGlt");
  CHECK(answer(&sasl, MAILC_SPAN("Password:")) == MAILC_OK);
  CHECK_OCTETS(text, out.len, "dGFuc3RhYWZ0YW5zdGFhZg==");
  CHECK(answer(&sasl, MAILC_SPAN("Again:")) == MAILC_E_CHALLENGE);
}

static void test_cram_md5_of_three_rfcs(void) {
  struct mailc_login tim = login_of(MAILC_SPAN("CRAM-MD5"), MAILC_SPAN("tim"),
                                    MAILC_SPAN("tanstaaftanstaaf"));
  struct mailc_login fred = login_of(MAILC_SPAN("Cram-Md5"), MAILC_SPAN("fred"),
                                     MAILC_SPAN("flintstone"));
  struct mailc_login rjs3 =
      login_of(MAILC_SPAN("CRAM-MD5"), MAILC_SPAN("rjs3"), MAILC_SPAN("1234"));
  struct mailc_sasl sasl = begin(&tim);

  CHECK(!mailc_sasl_has_initial(&sasl) && !mailc_sasl_is_clear(&sasl));
  CHECK(
      answer(&sasl, MAILC_SPAN("<1896.697170952@postoffice.reston.mci.net>")) ==
      MAILC_OK);
  CHECK_OCTETS(text, out.len,
               "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw");
  sasl = begin(&fred);
  CHECK(answer(&sasl,
               MAILC_SPAN("<CByLEDBhSCgnhMZ+N23F6w@elwood.innosoft.com>")) ==
        MAILC_OK);
  CHECK_OCTETS(text, out.len,
               "ZnJlZCA5ZTk1YWVlMDljNDBhZjJiODRhMGMyYjNiYmFlNzg2ZQ==");
  sasl = begin(&rjs3);
  CHECK(answer(&sasl,
               MAILC_SPAN("<4192942341.12828472@sourcefour.andrew.cmu.edu>")) ==
        MAILC_OK);
  CHECK_OCTETS(text, out.len,
               "cmpzMyBlYzNhNTlmZWQzOTVhYmExZWM2MzY3YzRmNGI0MWFjMA==");
  CHECK(answer(&sasl, MAILC_SPAN("<again@x>")) == MAILC_E_CHALLENGE);
}

static void test_cram_md5_needs_a_challenge_and_a_hash(void) {
  struct mailc_login login =
      login_of(MAILC_SPAN("CRAM-MD5"), MAILC_SPAN("tim"), MAILC_SPAN("x"));
  struct mailc_sasl sasl = begin(&login);

  CHECK(answer(&sasl, MAILC_SPAN("")) == MAILC_E_CHALLENGE);
  CHECK(mailc_sasl_begin(&sasl, &login, NULL) == MAILC_E_NO_HASH);
  CHECK(mailc_sasl_begin(&sasl, &login, &refusing) == MAILC_OK);
  CHECK(answer(&sasl, MAILC_SPAN("<a@b>")) == MAILC_E_NO_HASH);
}

static void test_other_mechanisms_are_the_callers(void) {
  struct mailc_login login = {.mech = MAILC_SPAN("XOAUTH2")};
  struct mailc_sasl sasl = begin(&login);

  CHECK(sasl.mech == MAILC_MECH_CALLER && mailc_sasl_is_clear(&sasl));
  CHECK(!mailc_sasl_has_initial(&sasl));
  login.is_raw = true;
  login.mech = MAILC_SPAN("PLAIN");
  sasl = begin(&login);
  CHECK(sasl.mech == MAILC_MECH_CALLER);
  login.first = MAILC_SPAN("");
  CHECK(mailc_sasl_has_initial(&sasl) && mailc_sasl_initial_len(&sasl) == 0);
  login.first = MAILC_SPAN("n,a=u,");
  mailc_sasl_initial(&sasl, &out);
  CHECK(mailc_base64_end(&out));
  CHECK_OCTETS(text, out.len, "bixhPXUs");
}

static void test_wrong_fields_are_refused(void) {
  const struct mailc_login wrong[] = {
      {.mech = MAILC_SPAN("")},
      {.mech = MAILC_SPAN("ABCDEFGHIJKLMNOPQRSTU")},
      {.mech = MAILC_SPAN("A B")},
      {.mech = MAILC_SPAN("PLAIN\r\nQUIT")},
      {.mech = MAILC_SPAN("PLAIN"), .secret = MAILC_SPAN("s")},
      {.mech = MAILC_SPAN("LOGIN"), .user = MAILC_SPAN("u")},
      {.mech = MAILC_SPAN("LOGIN"),
       .user = MAILC_SPAN("u"),
       .secret = MAILC_SPAN("s"),
       .authzid = MAILC_SPAN("a")},
  };
  const struct mailc_login unclean[] = {
      {.mech = MAILC_SPAN("PLAIN"),
       .authzid = MAILC_SPAN("a\0"),
       .user = MAILC_SPAN("u"),
       .secret = MAILC_SPAN("s")},
      {.mech = MAILC_SPAN("LOGIN"),
       .user = MAILC_SPAN("u\r"),
       .secret = MAILC_SPAN("s")},
      {.mech = MAILC_SPAN("CRAM-MD5"),
       .user = MAILC_SPAN("u"),
       .secret = MAILC_SPAN("s\n")},
  };
  struct mailc_sasl sasl;

  CHECK(mailc_sasl_begin(&sasl, NULL, NULL) == MAILC_E_ARGUMENT);
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    CHECK(mailc_sasl_begin(&sasl, &wrong[i], &refusing) == MAILC_E_ARGUMENT);
  }
  for (size_t i = 0; i < sizeof unclean / sizeof unclean[0]; i++) {
    CHECK(mailc_sasl_begin(&sasl, &unclean[i], &refusing) == MAILC_E_TEXT);
  }
}

int main(void) {
  test_plain_joins_three_fields();
  test_plain_with_an_authzid();
  test_login_answers_two_prompts();
  test_login_sends_the_name_at_once_if_asked();
  test_cram_md5_of_three_rfcs();
  test_cram_md5_needs_a_challenge_and_a_hash();
  test_other_mechanisms_are_the_callers();
  test_wrong_fields_are_refused();
  return check_status();
}
