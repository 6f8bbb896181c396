#include "common/text.h"

#include <mailc/status.h>

enum mailc_band mailc_status_band(enum mailc_status status) {
  switch ((int)status / -100) {
  case 0:
    return MAILC_BAND_OK;
  case 1:
    return MAILC_BAND_CALLER;
  case 2:
    return MAILC_BAND_LIMIT;
  case 4:
    return MAILC_BAND_REFUSED;
  case 5:
    return MAILC_BAND_LINK;
  case 6:
    return MAILC_BAND_POLICY;
  default:
    return MAILC_BAND_PEER;
  }
}

/* The place of a status in the list; after its end if it is unknown. */
static size_t place_of(enum mailc_status status) {
  static const int16_t numbers[] = {
#define NUMBER(name, number, sentence) (number),
      MAILC_STATUS_LIST(NUMBER)
#undef NUMBER
  };
  size_t at = 0;

  while (at < sizeof numbers / sizeof numbers[0] &&
         numbers[at] != (int)status) {
    at++;
  }
  return at;
}

const char *mailc_status_name(enum mailc_status status) {
#define NAME(name, number, sentence) #name "\0"
  return mailc_names_at(MAILC_STATUS_LIST(NAME), place_of(status), "?");
#undef NAME
}

const char *mailc_status_text(enum mailc_status status) {
#define SENTENCE(name, number, sentence) sentence "\0"
  return mailc_names_at(MAILC_STATUS_LIST(SENTENCE), place_of(status),
                        "no such status");
#undef SENTENCE
}
