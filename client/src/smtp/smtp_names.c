#include "smtp/smtp_names.h"

#include "common/text.h"

#define NAME(name) #name "\0"

const char *mailc_smtp_state_name(uint8_t state) {
  return mailc_names_at(MAILC_SMTP_STATES(NAME), state, "?");
}

const char *mailc_smtp_event_name(uint8_t event) {
  return mailc_names_at(MAILC_SMTP_EVENTS(NAME), event, "?");
}
