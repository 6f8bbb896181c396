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

const char *mailc_status_name(enum mailc_status status) {
  switch (status) {
#define CASE(name, number, sentence)                                           \
  case MAILC_##name:                                                           \
    return #name;
    MAILC_STATUS_LIST(CASE)
#undef CASE
  }
  return "?";
}

const char *mailc_status_text(enum mailc_status status) {
  switch (status) {
#define CASE(name, number, sentence)                                           \
  case MAILC_##name:                                                           \
    return sentence;
    MAILC_STATUS_LIST(CASE)
#undef CASE
  }
  return "no such status";
}
