#include "pop3/pop3_names.h"

#include "common/text.h"

#define NAME(name) #name "\0"

const char *mailc_pop3_state_name(uint8_t state) {
  return mailc_names_at(MAILC_POP3_STATES(NAME), state, "?");
}

const char *mailc_pop3_event_name(uint8_t event) {
  return mailc_names_at(MAILC_POP3_EVENTS(NAME), event, "?");
}
