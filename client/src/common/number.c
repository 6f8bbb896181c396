#include "common/number.h"

#include <string.h>

size_t mailc_number_scan(const void *text, size_t len, uint64_t max,
                         uint64_t *value) {
  const uint8_t *in = text;
  uint64_t sum = 0;
  size_t used = 0;

  for (; used < len && in[used] >= '0' && in[used] <= '9'; used++) {
    unsigned digit = in[used] - (unsigned)'0';

    if (sum > (max - digit) / 10) {
      return 0;
    }
    sum = sum * 10 + digit;
  }
  if (used != 0) {
    *value = sum;
  }
  return used;
}

size_t mailc_number_print(size_t value, char out[MAILC_NUMBER_CAP]) {
  char digits[MAILC_NUMBER_CAP];
  size_t at = MAILC_NUMBER_CAP;

  do {
    digits[--at] = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  memcpy(out, digits + at, MAILC_NUMBER_CAP - at);
  return MAILC_NUMBER_CAP - at;
}
