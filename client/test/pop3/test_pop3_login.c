/* APOP, and what the policy lets out. */
#include "pop3_talk.h"

#include <mailc/hash.h>

static void begin(struct talk *talk, const struct mailc_pop3_config *config,
                  const char *greeting) {
  memset(talk, 0, sizeof *talk);
  CHECK(mailc_pop3_init(&talk->session, sizeof talk->session, config) ==
        MAILC_OK);
  CHECK(mailc_pop3_connected(&talk->session) == MAILC_OK);
  CHECK(talk_receive(talk, greeting, strlen(greeting), 7) == MAILC_OK);
}

static struct mailc_pop3_config hashing_config(struct talk *talk) {
  struct mailc_pop3_config config = talk_config(talk);

  config.hash = &mailc_hash_openssl;
  return config;
}

/* The example of RFC 1939 section 7. */
static void test_apop_sends_the_digest_of_timestamp_and_secret(void) {
  struct talk talk;
  struct mailc_pop3_config config = hashing_config(&talk);

  begin(&talk, &config, TALK_GREETING);
  CHECK(talk_give(&talk, "APOP mrose") == MAILC_OK);
  talk_sent(&talk, "APOP mrose c4c9334bac560ecc979e58001b3e22fb");
  CHECK(talk_receive(&talk, "+OK\r\n", 5, 1) == MAILC_OK);
  CHECK(talk_give(&talk, "STAT") == MAILC_OK);
}

static void test_apop_needs_a_timestamp_and_a_hash(void) {
  struct talk talk;
  struct mailc_pop3_config config = hashing_config(&talk);

  begin(&talk, &config, "+OK ready\r\n");
  CHECK(talk_give(&talk, "APOP mrose") == MAILC_E_TIMESTAMP);
  config.timestamp.cap = 3;
  begin(&talk, &config, TALK_GREETING);
  CHECK(talk_give(&talk, "APOP mrose") == MAILC_E_TIMESTAMP);
  config = talk_config(&talk);
  begin(&talk, &config, TALK_GREETING);
  CHECK(talk_give(&talk, "APOP mrose") == MAILC_E_NO_HASH);
  CHECK(mailc_pop3_apop(&talk.session, talk_span("a"), talk_span("")) ==
        MAILC_E_ARGUMENT);
}

static void test_the_longest_greeting_has_a_usable_timestamp(void) {
  static char greeting[513];
  struct talk talk;
  struct mailc_pop3_config config = hashing_config(&talk);

  memset(greeting, 'x', 512);
  memcpy(greeting, "+OK <", 5);
  memcpy(greeting + 504, "@a.bc>\r\n", 8);
  begin(&talk, &config, greeting);
  CHECK(talk_give(&talk, "APOP mrose") == MAILC_OK);
}

static void test_no_password_goes_out_in_clear_unless_allowed(void) {
  struct talk talk;
  struct mailc_pop3_config config = hashing_config(&talk);

  config.policy = MAILC_POLICY_OWN;
  begin(&talk, &config, TALK_GREETING);
  CHECK(talk_give(&talk, "USER mrose") == MAILC_E_CLEAR_SECRET);
  CHECK(talk_give(&talk, "APOP mrose") == MAILC_OK);
  config.policy = MAILC_POLICY_TLS;
  begin(&talk, &config, TALK_GREETING);
  CHECK(talk_give(&talk, "USER mrose") == MAILC_E_CLEAR_SECRET);
  CHECK(talk_give(&talk, "APOP mrose") == MAILC_E_CLEAR_SECRET);
  CHECK(talk_give(&talk, "QUIT") == MAILC_OK);
}

static void test_no_password_follows_a_refused_apop_unless_allowed(void) {
  struct talk talk;
  struct mailc_pop3_config config = hashing_config(&talk);

  for (int is_allowed = 0; is_allowed < 2; is_allowed++) {
    config.allow_pass_after_apop = is_allowed != 0;
    begin(&talk, &config, TALK_GREETING);
    CHECK(talk_give(&talk, "APOP mrose") == MAILC_OK);
    talk_sent(&talk, "APOP mrose c4c9334bac560ecc979e58001b3e22fb");
    CHECK(talk_receive(&talk, "-ERR\r\n", 6, 1) == MAILC_OK);
    CHECK(talk_give(&talk, "USER mrose") ==
          (is_allowed != 0 ? MAILC_OK : MAILC_E_AFTER_APOP));
  }
}

static void test_an_apop_that_is_too_long_is_refused(void) {
  static char name[256];
  const size_t longest = 255 - strlen("APOP  \r\n") - 32;
  struct talk talk;
  struct mailc_pop3_config config = hashing_config(&talk);

  memset(name, 'x', longest + 1);
  begin(&talk, &config, TALK_GREETING);
  CHECK(mailc_pop3_apop(&talk.session, talk_span(name), talk_span("a")) ==
        MAILC_E_TOO_LONG);
  name[longest] = '\0';
  CHECK(mailc_pop3_apop(&talk.session, talk_span(name), talk_span("a")) ==
        MAILC_OK);
}

int main(void) {
  test_apop_sends_the_digest_of_timestamp_and_secret();
  test_apop_needs_a_timestamp_and_a_hash();
  test_the_longest_greeting_has_a_usable_timestamp();
  test_no_password_goes_out_in_clear_unless_allowed();
  test_no_password_follows_a_refused_apop_unless_allowed();
  test_an_apop_that_is_too_long_is_refused();
  return check_status();
}
