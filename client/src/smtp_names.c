#include "smtp_fsm.h"

static const char *const states[] = {
#define NAME(name) #name,
    MAILC_SMTP_STATES(NAME)};

static const char *const events[] = {MAILC_SMTP_EVENTS(NAME)
#undef NAME
};

const char *mailc_smtp_state_name(uint8_t state) {
  return state < sizeof states / sizeof states[0] ? states[state] : "?";
}

const char *mailc_smtp_event_name(uint8_t event) {
  return event < sizeof events / sizeof events[0] ? events[event] : "?";
}
