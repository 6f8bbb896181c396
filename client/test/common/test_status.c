/* Each status has a name, a sentence, and the band of its hundred. */
#include "check.h"

#include <mailc/status.h>

static const enum mailc_status all[] = {
#define VALUE(name, number, sentence) MAILC_##name,
    MAILC_STATUS_LIST(VALUE)
#undef VALUE
};

#define COUNT (sizeof all / sizeof all[0])

static void test_each_status_is_in_the_band_of_its_hundred(void) {
  for (size_t i = 0; i < COUNT; i++) {
    CHECK((int)mailc_status_band(all[i]) == -(int)all[i] / 100);
  }
  CHECK(mailc_status_band(MAILC_E_STATE) == MAILC_BAND_CALLER);
  CHECK(mailc_status_band(MAILC_E_BUFFER) == MAILC_BAND_LIMIT);
  CHECK(mailc_status_band(MAILC_E_REPLY) == MAILC_BAND_PEER);
  CHECK(mailc_status_band(MAILC_E_AUTH) == MAILC_BAND_REFUSED);
  CHECK(mailc_status_band(MAILC_E_TIMEOUT) == MAILC_BAND_LINK);
  CHECK(mailc_status_band(MAILC_E_CLEAR_SECRET) == MAILC_BAND_POLICY);
}

static void test_names_and_sentences_are_there_and_differ(void) {
  for (size_t i = 0; i < COUNT; i++) {
    const char *text = mailc_status_text(all[i]);

    CHECK(text[0] != '\0' && text[strlen(text) - 1] != '.');
    for (size_t j = 0; j < i; j++) {
      CHECK(strcmp(mailc_status_name(all[i]), mailc_status_name(all[j])) != 0);
      CHECK(strcmp(text, mailc_status_text(all[j])) != 0);
    }
  }
  CHECK(strcmp(mailc_status_name(MAILC_E_TIMEOUT), "E_TIMEOUT") == 0);
}

static void test_a_number_that_is_none_has_a_name_too(void) {
  enum mailc_status none = (enum mailc_status)(-999);

  CHECK(strcmp(mailc_status_name(none), "?") == 0);
  CHECK(strcmp(mailc_status_text(none), "no such status") == 0);
  CHECK(mailc_status_band(none) == MAILC_BAND_PEER);
}

int main(void) {
  test_each_status_is_in_the_band_of_its_hundred();
  test_names_and_sentences_are_there_and_differ();
  test_a_number_that_is_none_has_a_name_too();
  return check_status();
}
