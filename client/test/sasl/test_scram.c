/* SCRAM against the examples of RFC 5802 and 7677, and what a server may do
 * wrong in it. */
#include "sasl_talk.h"

#define MAX MAILC_SMTP_COMMAND_MAX
#define NONCE "fyko+d2lbbFgONRv9qkxdawL"
#define EXTENDED NONCE "3rfcNHYJY1ZVvWVs7j"
#define SALT "QSXCR+Q6sek8bf92"

static struct mailc_login scram(void) {
  struct mailc_login login = sasl_login("SCRAM-SHA-1", "user", "pencil");

  login.nonce = MAILC_SPAN(NONCE);
  return login;
}

/* A login whose first message is out. */
static void begin(struct sasl_talk *talk, struct mailc_login *login) {
  size_t len = 0;

  CHECK(sasl_begin(talk, login, MAX) == MAILC_OK);
  (void)mailc_link_tx_buf(&talk->link, &len);
  CHECK(mailc_link_tx_ack(&talk->link, len) == MAILC_OK);
}

static void test_sha_1_of_rfc_5802(void) {
  struct mailc_login login = scram();
  struct sasl_talk talk;

  CHECK(sasl_begin(&talk, &login, MAX) == MAILC_OK);
  sasl_sent(&talk, "AUTH SCRAM-SHA-1 "
                   "biwsbj11c2VyLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdM");
  CHECK(sasl_challenge(&talk, MAILC_SPAN("r=" EXTENDED ",s=" SALT ",i=4096")) ==
        MAILC_SASL_RESPONSE);
  sasl_sent(&talk, "Yz1iaXdzLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdMM3JmY05IWUpZMV"
                   "pWdldWczdqLHA9djBYOHYzQnoyVDBDSkdiSlF5RjBYK0hJNFRzPQ==");
  CHECK(mailc_sasl_check_success(&talk.sasl) == MAILC_E_PROOF);
  CHECK(sasl_challenge(&talk, MAILC_SPAN("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=")) ==
        MAILC_SASL_RESPONSE);
  sasl_sent(&talk, "");
  CHECK(mailc_sasl_check_success(&talk.sasl) == MAILC_OK);
  CHECK(sasl_raw(&talk, "") == MAILC_SASL_CANCEL);
}

static void test_sha_256_of_rfc_7677(void) {
  struct mailc_login login = sasl_login("scram-sha-256", "user", "pencil");
  struct sasl_talk talk;

  login.nonce = MAILC_SPAN("rOprNGfwEbeRWgbNEkqO");
  login.initial = MAILC_INITIAL_NO;
  CHECK(sasl_begin(&talk, &login, MAX) == MAILC_OK);
  sasl_sent(&talk, "AUTH scram-sha-256");
  CHECK(sasl_raw(&talk, "") == MAILC_SASL_RESPONSE);
  sasl_sent(&talk, "biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8=");
  CHECK(sasl_raw(&talk, "cj1yT3ByTkdmd0ViZVJXZ2JORWtxTyVodllEcFdVYTJSYVRDQWZ1e"
                        "EZJbGopaE5sRiRrMCxzPVcyMlphSjBTTlk3c29Fc1VFamI2Z1E9PS"
                        "xpPTQwOTY=") == MAILC_SASL_RESPONSE);
  sasl_sent(&talk,
            "Yz1iaXdzLHI9ck9wck5HZndFYmVSV2diTkVrcU8laHZZRHBXVWEyUmFUQ0FmdXhGS"
            "WxqKWhObEYkazAscD1kSHpiWmFwV0lrNGpVaE4rVXRlOXl0YWc5empmTUhnc3FtbW"
            "l6N0FuZFZRPQ==");
  CHECK(sasl_raw(&talk, "dj02cnJpVFJCaTIzV3BSUi93dHVwK21NaFVaVW4vZEI1bkxUSlJza"
                        "mw5NUc0PQ==") == MAILC_SASL_RESPONSE);
  CHECK(mailc_sasl_check_success(&talk.sasl) == MAILC_OK);
}

static void test_names_are_escaped_and_an_authzid_is_sent(void) {
  struct mailc_login login = scram();
  struct sasl_talk talk;

  login.user = MAILC_SPAN("=u,ser=");
  login.authzid = MAILC_SPAN("a,z");
  login.nonce = MAILC_SPAN("N");
  CHECK(sasl_begin(&talk, &login, MAX) == MAILC_OK);
  /* n,a=a=2Cz,n==3Du=2Cser=3D,r=N */
  sasl_sent(&talk, "AUTH SCRAM-SHA-1 "
                   "bixhPWE9MkN6LG49PTNEdT0yQ3Nlcj0zRCxyPU4=");
  CHECK(sasl_challenge(&talk, MAILC_SPAN("r=Nx,s=" SALT ",i=4096")) ==
        MAILC_SASL_RESPONSE);
  /* c= is base64 of n,a=a=2Cz, */
  CHECK_OCTETS(talk.tx, 32, "Yz1iaXhoUFdFOU1rTjZMQT09LHI9Tngs");
}

static void test_the_servers_first_message_is_checked(void) {
  static const struct {
    const char *text;
    enum mailc_status why;
  } wrong[] = {
      {"", MAILC_E_CHALLENGE},
      {"r=" NONCE ",s=" SALT ",i=4096", MAILC_E_CHALLENGE},
      {"r=x" EXTENDED ",s=" SALT ",i=4096", MAILC_E_CHALLENGE},
      {"r=fyko,s=" SALT ",i=4096", MAILC_E_CHALLENGE},
      {"r=" EXTENDED " x,s=" SALT ",i=4096", MAILC_E_CHALLENGE},
      {"m=x,r=" EXTENDED ",s=" SALT ",i=4096", MAILC_E_CHALLENGE},
      {"s=" SALT ",r=" EXTENDED ",i=4096", MAILC_E_CHALLENGE},
      {"r=" EXTENDED ",i=4096", MAILC_E_CHALLENGE},
      {"r=" EXTENDED ",s=,i=4096", MAILC_E_CHALLENGE},
      {"r=" EXTENDED ",s=A,i=4096", MAILC_E_CHALLENGE},
      {"r=" EXTENDED ",s=!!!!,i=4096", MAILC_E_CHALLENGE},
      {"r=" EXTENDED ",s=" SALT, MAILC_E_CHALLENGE},
      {"r=" EXTENDED ",s=" SALT ",i=", MAILC_E_CHALLENGE},
      {"r=" EXTENDED ",s=" SALT ",i=-1", MAILC_E_CHALLENGE},
      {"r=" EXTENDED ",s=" SALT ",i=4096x", MAILC_E_CHALLENGE},
      {"r=" EXTENDED ",r=" EXTENDED ",s=" SALT ",i=4096", MAILC_E_CHALLENGE},
      {"r=" EXTENDED ",s=" SALT ",i=0", MAILC_E_ITERATIONS},
      {"r=" EXTENDED ",s=" SALT ",i=4095", MAILC_E_ITERATIONS},
      {"r=" EXTENDED ",s=" SALT ",i=1000001", MAILC_E_ITERATIONS},
      {"r=" EXTENDED ",s=" SALT ",i=4294967296", MAILC_E_ITERATIONS},
  };
  struct mailc_login login = scram();
  struct sasl_talk talk;

  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    begin(&talk, &login);
    CHECK(sasl_challenge(&talk, sasl_span(wrong[i].text)) == MAILC_SASL_CANCEL);
    check_that(talk.why == wrong[i].why, wrong[i].text, __FILE__, __LINE__);
    sasl_sent(&talk, "*");
    CHECK(mailc_sasl_check_success(&talk.sasl) == MAILC_E_PROOF);
  }
}

static void test_the_callers_bounds_of_the_iterations(void) {
  struct mailc_login login = scram();
  struct sasl_talk talk;

  login.iterations_min = 2;
  login.iterations_max = 3;
  begin(&talk, &login);
  CHECK(sasl_challenge(
            &talk, MAILC_SPAN("r=" EXTENDED ",s=" SALT ",i=3,x=extension")) ==
        MAILC_SASL_RESPONSE);
  begin(&talk, &login);
  CHECK(sasl_challenge(&talk, MAILC_SPAN("r=" EXTENDED ",s=" SALT ",i=4")) ==
        MAILC_SASL_CANCEL);
  begin(&talk, &login);
  CHECK(sasl_challenge(&talk, MAILC_SPAN("r=" EXTENDED ",s=" SALT ",i=1")) ==
        MAILC_SASL_CANCEL);
}

static void test_a_server_without_the_secret_is_not_believed(void) {
  static const struct {
    const char *text;
    enum mailc_status why;
  } wrong[] = {
      {"v=smF9pqV8S7suAoZWja4dJRkFsKQ=", MAILC_E_PROOF},
      {"v=rmF9pqV8S7suAoZWja4dJRkFsA==", MAILC_E_PROOF},
      {"v=", MAILC_E_PROOF},
      {"", MAILC_E_PROOF},
      {"x=rmF9pqV8S7suAoZWja4dJRkFsKQ=", MAILC_E_PROOF},
      {"v=rmF9pqV8S7suAoZWja4dJRkFsKQ", MAILC_E_PROOF},
      {"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", MAILC_E_PROOF},
      {"e=other-error", MAILC_E_AUTH},
  };
  struct mailc_login login = scram();
  struct sasl_talk talk;
  size_t len = 0;

  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    begin(&talk, &login);
    CHECK(sasl_challenge(&talk, MAILC_SPAN("r=" EXTENDED ",s=" SALT
                                           ",i=4096")) == MAILC_SASL_RESPONSE);
    (void)mailc_link_tx_buf(&talk.link, &len);
    CHECK(mailc_link_tx_ack(&talk.link, len) == MAILC_OK);
    CHECK(sasl_challenge(&talk, sasl_span(wrong[i].text)) == MAILC_SASL_CANCEL);
    check_that(talk.why == wrong[i].why, wrong[i].text, __FILE__, __LINE__);
    CHECK(mailc_sasl_check_success(&talk.sasl) == MAILC_E_PROOF);
    mailc_sasl_end(&talk.sasl);
    for (size_t j = 0; j < sizeof talk.scratch; j++) {
      CHECK(talk.scratch[j] == 0);
    }
  }
}

/* With every size of the scratch buffer the login works or says why not. */
static void test_the_scratch_buffer_is_never_overrun(void) {
  struct mailc_login login = scram();
  struct sasl_talk talk;
  uint8_t scratch[256];
  unsigned ok_count = 0;

  for (size_t cap = 0; cap <= 200; cap++) {
    memset(scratch, 0xA5, sizeof scratch);
    login.scratch = (struct mailc_buffer){scratch, cap};
    if (sasl_begin(&talk, &login, MAX) != MAILC_OK) {
      CHECK(sasl_begin(&talk, &login, MAX) == MAILC_E_BUFFER);
      continue;
    }
    begin(&talk, &login);
    if (sasl_challenge(&talk, MAILC_SPAN("r=" EXTENDED ",s=" SALT ",i=4096")) ==
        MAILC_SASL_RESPONSE) {
      ok_count++;
    } else {
      CHECK(talk.why == MAILC_E_BUFFER && ok_count == 0);
    }
    for (size_t i = cap; i < sizeof scratch; i++) {
      CHECK(scratch[i] == 0xA5);
    }
  }
  CHECK(ok_count != 0 && ok_count < 100);
}

static void test_a_response_has_to_fit_the_transmit_buffer(void) {
  char challenge[900];
  struct mailc_login login = scram();
  uint8_t scratch[2048];
  struct sasl_talk talk;

  login.scratch = (struct mailc_buffer){scratch, sizeof scratch};
  memset(challenge, 'x', sizeof challenge);
  memcpy(challenge, "r=" NONCE, sizeof "r=" NONCE - 1);
  memcpy(challenge + 800, ",s=" SALT ",i=4096", sizeof ",s=" SALT ",i=4096");
  begin(&talk, &login);
  CHECK(sasl_challenge(&talk, sasl_span(challenge)) == MAILC_SASL_CANCEL &&
        talk.why == MAILC_E_BUFFER);
  sasl_sent(&talk, "*");
}

static void test_a_name_outside_ascii_has_to_be_prepared(void) {
  struct mailc_login login = scram();
  struct sasl_talk talk;

  login.user = MAILC_SPAN("us\xc3\xa9r");
  CHECK(sasl_begin(&talk, &login, MAX) == MAILC_E_UNPREPARED);
  login.is_prepared = true;
  CHECK(sasl_begin(&talk, &login, MAX) == MAILC_OK);
  login.user = MAILC_SPAN("us\xc3r");
  CHECK(sasl_begin(&talk, &login, MAX) == MAILC_E_TEXT);
  login = scram();
  login.secret = MAILC_SPAN("\xc3\xa9");
  CHECK(sasl_begin(&talk, &login, MAX) == MAILC_E_UNPREPARED);
  login = scram();
  login.authzid = MAILC_SPAN("\xc3\xa9");
  CHECK(sasl_begin(&talk, &login, MAX) == MAILC_E_UNPREPARED);
}

static void test_nonce_and_scratch_are_needed(void) {
  static const struct mailc_span wrong[] = {{NULL, 0},
                                            {(const uint8_t *)"a,b", 3},
                                            {(const uint8_t *)"a b", 3},
                                            {(const uint8_t *)"\x7f", 1}};
  struct mailc_login login = scram();
  struct mailc_sasl sasl;
  uint8_t scratch[64];

  CHECK(mailc_sasl_begin(&sasl, &login, &mailc_hash_openssl) ==
        MAILC_E_ARGUMENT);
  login.scratch = (struct mailc_buffer){scratch, sizeof scratch};
  CHECK(mailc_sasl_begin(&sasl, &login, &mailc_hash_openssl) == MAILC_OK);
  CHECK(mailc_sasl_begin(&sasl, &login, NULL) == MAILC_E_NO_HASH);
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    login.nonce = wrong[i];
    CHECK(mailc_sasl_begin(&sasl, &login, &mailc_hash_openssl) ==
          MAILC_E_ARGUMENT);
  }
}

static bool refuse(enum mailc_hash_kind kind, struct mailc_span secret,
                   struct mailc_span salt, uint32_t iterations, uint8_t *out) {
  (void)kind, (void)secret, (void)salt, (void)iterations, (void)out;
  return false;
}

static bool refuse_hmac(enum mailc_hash_kind kind, const void *key,
                        size_t key_len, const void *text, size_t text_len,
                        uint8_t *out) {
  (void)kind, (void)key, (void)key_len, (void)text, (void)text_len, (void)out;
  return false;
}

static void test_a_hash_library_that_refuses_ends_the_login(void) {
  struct mailc_login login = scram();
  struct mailc_hash hash = mailc_hash_openssl;
  struct sasl_talk talk;

  hash.pbkdf2 = refuse;
  for (unsigned i = 0; i < 2; i++) {
    begin(&talk, &login);
    talk.sasl.hash = &hash;
    CHECK(sasl_challenge(&talk, MAILC_SPAN("r=" EXTENDED ",s=" SALT
                                           ",i=4096")) == MAILC_SASL_CANCEL &&
          talk.why == MAILC_E_NO_HASH);
    hash = mailc_hash_openssl;
    hash.hmac = refuse_hmac;
  }
}

int main(void) {
  test_sha_1_of_rfc_5802();
  test_sha_256_of_rfc_7677();
  test_names_are_escaped_and_an_authzid_is_sent();
  test_the_servers_first_message_is_checked();
  test_the_callers_bounds_of_the_iterations();
  test_a_server_without_the_secret_is_not_believed();
  test_the_scratch_buffer_is_never_overrun();
  test_a_response_has_to_fit_the_transmit_buffer();
  test_a_name_outside_ascii_has_to_be_prepared();
  test_nonce_and_scratch_are_needed();
  test_a_hash_library_that_refuses_ends_the_login();
  return check_status();
}
