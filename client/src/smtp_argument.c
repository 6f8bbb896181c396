#include "smtp_argument.h"

#include "text.h"

static bool is_visible(uint8_t octet) { return octet > ' ' && octet <= '~'; }

static bool is_domain_octet(uint8_t octet) {
  return mailc_text_is_alnum(octet) || octet == '-' || octet == '.';
}

/* An address literal: visible octets without brackets between brackets. */
static bool is_literal(struct mailc_span name) {
  if (name.len < 3 || name.data[0] != '[' || name.data[name.len - 1] != ']') {
    return false;
  }
  for (size_t i = 1; i < name.len - 1; i++) {
    uint8_t octet = name.data[i];
    if (!is_visible(octet) || (octet >= '[' && octet <= ']')) {
      return false;
    }
  }
  return true;
}

bool mailc_smtp_is_domain(struct mailc_span name) {
  for (size_t i = 0; i < name.len; i++) {
    if (!is_domain_octet(name.data[i])) {
      return is_literal(name);
    }
  }
  return name.len != 0;
}

bool mailc_smtp_is_path(struct mailc_span path, bool is_utf8) {
  bool is_quoted = false;
  bool is_escaped = false;

  for (size_t i = 0; i < path.len; i++) {
    uint8_t octet = path.data[i];
    if (octet < ' ' || octet == 127 || (octet > 127 && !is_utf8)) {
      return false;
    }
    if (!is_quoted && (octet == ' ' || octet == '<' || octet == '>')) {
      return false;
    }
    if (octet == '"' && !is_escaped) {
      is_quoted = !is_quoted;
    }
    is_escaped = is_quoted && octet == '\\' && !is_escaped;
  }
  return !is_quoted &&
         (!is_utf8 || (mailc_text_kinds(path) & MAILC_TEXT_NOT_UTF8) == 0);
}

bool mailc_smtp_is_text(struct mailc_span text) {
  return (mailc_text_kinds(text) &
          ~(unsigned)(MAILC_TEXT_VISIBLE | MAILC_TEXT_BLANK)) == 0;
}
