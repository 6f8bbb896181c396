/* Enhanced status codes, and xtext. */
#include "number.h"

#include <mailc/smtp.h>

/* Reads a number of one to three digits; its length, or 0 if there is none. */
static size_t scan(struct mailc_span text, size_t at, uint16_t *number) {
  uint64_t value = 0;
  size_t len = mailc_number_scan(text.data + at, text.len - at, 999, &value);

  *number = (uint16_t)value;
  return len > 3 ? 0 : len;
}

struct mailc_enhanced mailc_smtp_enhanced(uint16_t code,
                                          struct mailc_span text) {
  static const struct mailc_enhanced none = {.class_no = 0};
  struct mailc_enhanced found = none;
  size_t at = 2;
  size_t len = 0;

  if (text.len < 5 || text.data[1] != '.' ||
      text.data[0] != (uint8_t)('0' + code / 100u) ||
      (text.data[0] != '2' && text.data[0] != '4' && text.data[0] != '5')) {
    return none;
  }
  found.class_no = (uint8_t)(text.data[0] - '0');
  len = scan(text, at, &found.subject);
  at += len;
  if (len == 0 || at >= text.len || text.data[at] != '.') {
    return none;
  }
  at++;
  len = scan(text, at, &found.detail);
  at += len;
  return len != 0 && (at == text.len || text.data[at] == ' ') ? found : none;
}

size_t mailc_smtp_xtext(struct mailc_span text, struct mailc_buffer out) {
  static const char hex_digits[] = "0123456789ABCDEF";
  size_t len = 0;

  for (size_t i = 0; i < text.len; i++) {
    uint8_t octet = text.data[i];
    bool is_itself =
        octet > ' ' && octet <= '~' && octet != '+' && octet != '=';
    if (out.cap - len < (is_itself ? 1u : 3u)) {
      return 0;
    }
    if (is_itself) {
      out.data[len++] = octet;
    } else {
      out.data[len++] = '+';
      out.data[len++] = (uint8_t)hex_digits[octet >> 4];
      out.data[len++] = (uint8_t)hex_digits[octet & 15];
    }
  }
  return len;
}
