/* Enhanced status codes, and xtext. */
#include "common/number.h"
#include "common/text.h"

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
  struct mailc_enhanced found = {.class_no = 0};
  uint16_t numbers[2] = {0, 0};
  size_t at = 1;

  if (text.len == 0 || text.data[0] != (uint8_t)('0' + code / 100u) ||
      (text.data[0] != '2' && text.data[0] != '4' && text.data[0] != '5')) {
    return found;
  }
  for (size_t i = 0; i < 2; i++) {
    size_t len = at < text.len && text.data[at] == '.'
                     ? scan(text, at + 1, &numbers[i])
                     : 0;
    if (len == 0) {
      return found;
    }
    at += 1 + len;
  }
  if (at == text.len || text.data[at] == ' ') {
    found.class_no = (uint8_t)(text.data[0] - '0');
    found.subject = numbers[0];
    found.detail = numbers[1];
  }
  return found;
}

static uint8_t digit(unsigned value) {
  return mailc_text_upper((uint8_t)mailc_text_hex[value]);
}

size_t mailc_smtp_xtext(struct mailc_span text, struct mailc_buffer out) {
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
      out.data[len++] = digit(octet >> 4);
      out.data[len++] = digit(octet & 15);
    }
  }
  return len;
}
