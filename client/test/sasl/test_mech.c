/* What the library says of its mechanisms. */
#include "check.h"

#include <mailc/sasl.h>

static void test_each_mechanism_has_its_name(void) {
  for (int mech = MAILC_MECH_PLAIN; mech < MAILC_MECH_COUNT; mech++) {
    const char *name = mailc_mech_name((enum mailc_mech)mech);
    struct mailc_span span = {(const uint8_t *)name, strlen(name)};

    CHECK(span.len >= 5);
    CHECK(mailc_mech_of(span) == (enum mailc_mech)mech);
    CHECK(mailc_mechs_of(span) == 1u << mech);
  }
  CHECK(mailc_mech_of(MAILC_SPAN("cram-md5")) == MAILC_MECH_CRAM_MD5);
  CHECK(mailc_mech_of(MAILC_SPAN("GSSAPI")) == MAILC_MECH_CALLER);
  CHECK(mailc_mech_of((struct mailc_span){NULL, 0}) == MAILC_MECH_CALLER);
  CHECK(strcmp(mailc_mech_name(MAILC_MECH_CALLER), "") == 0);
  CHECK(strcmp(mailc_mech_name(MAILC_MECH_COUNT), "") == 0);
}

static void test_a_list_of_names_is_a_set(void) {
  CHECK(mailc_mechs_of(MAILC_SPAN("PLAIN GSSAPI login")) ==
        (1u << MAILC_MECH_PLAIN | 1u << MAILC_MECH_LOGIN));
  CHECK(mailc_mechs_of(MAILC_SPAN("")) == 0);
  CHECK(mailc_mechs_of((struct mailc_span){NULL, 0}) == 0);
}

static void test_what_shows_a_secret_and_what_needs_a_hash(void) {
  const uint32_t clear = 1u << MAILC_MECH_CALLER | 1u << MAILC_MECH_PLAIN |
                         1u << MAILC_MECH_LOGIN | 1u << MAILC_MECH_OAUTHBEARER |
                         1u << MAILC_MECH_XOAUTH2;
  const uint32_t hashing = 1u << MAILC_MECH_CRAM_MD5 |
                           1u << MAILC_MECH_SCRAM_SHA_1 |
                           1u << MAILC_MECH_SCRAM_SHA_256;

  for (int mech = MAILC_MECH_CALLER; mech < MAILC_MECH_COUNT; mech++) {
    CHECK(mailc_mech_is_clear((enum mailc_mech)mech) ==
          ((clear >> mech & 1u) != 0));
    CHECK(mailc_mech_needs_hash((enum mailc_mech)mech) ==
          ((hashing >> mech & 1u) != 0));
  }
}

int main(void) {
  test_each_mechanism_has_its_name();
  test_a_list_of_names_is_a_set();
  test_what_shows_a_secret_and_what_needs_a_hash();
  return check_status();
}
